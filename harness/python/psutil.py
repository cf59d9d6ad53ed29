"""The `psutil` module that specs see: the part of it that asks about processes.

The harness answers, so nothing need be installed.
"""

import os as _os
import signal as _signal
import time as _time

from harness_worker.channel import call as _call


class Error(Exception):
    """Base of the exceptions of this module."""


class NoSuchProcess(Error):
    """The process does not exist, or no more."""

    def __init__(self, pid, name=None, msg=None):
        super().__init__(msg or f"process PID not found (pid={pid})")
        self.pid = pid
        self.name = name
        self.msg = msg


class ZombieProcess(NoSuchProcess):
    """The process has ended and its parent has not asked how."""


class AccessDenied(Error):
    """The system does not tell us."""

    def __init__(self, pid=None, name=None, msg=None):
        super().__init__(msg or f"permission denied (pid={pid})")
        self.pid = pid
        self.name = name
        self.msg = msg


class TimeoutExpired(Error):
    """The process has not ended in time."""

    def __init__(self, seconds, pid=None, name=None):
        super().__init__(f"timeout after {seconds} seconds (pid={pid})")
        self.seconds = seconds
        self.pid = pid
        self.name = name


STATUS_RUNNING = "running"
STATUS_SLEEPING = "sleeping"
STATUS_DISK_SLEEP = "disk-sleep"
STATUS_STOPPED = "stopped"
STATUS_TRACING_STOP = "tracing-stop"
STATUS_ZOMBIE = "zombie"
STATUS_DEAD = "dead"
STATUS_IDLE = "idle"


def pid_exists(pid):
    """Whether a process exists; one that has ended but is not reaped does."""
    return _call("pid_exists", pid=int(pid))


def pids():
    """The ids of all processes, in order."""
    return _call("pids")


def process_iter(attrs=None):
    """All processes; those that end meanwhile are left out."""
    for pid in pids():
        try:
            yield Process(pid)
        except NoSuchProcess:
            pass


def wait_procs(procs, timeout=None, callback=None):
    """Waits for processes; returns those that ended and those that did not."""
    deadline = None if timeout is None else _time.monotonic() + timeout
    gone, alive = [], []
    for process in procs:
        left = None if deadline is None else max(0, deadline - _time.monotonic())
        try:
            process.wait(left)
        except TimeoutExpired:
            alive.append(process)
        else:
            gone.append(process)
            if callback:
                callback(process)
    return gone, alive


class Process:
    """One process. The id alone does not name it for good, so the time it
    started is kept with it."""

    def __init__(self, pid=None):
        self._pid = _os.getpid() if pid is None else pid
        if not isinstance(self._pid, int):
            raise TypeError(f"pid must be an integer (got {pid!r})")
        if self._pid < 0:
            raise ValueError(f"pid must be a positive integer (got {pid})")
        self._started = None
        self._started = self._ask("started")

    @property
    def pid(self):
        return self._pid

    def _ask(self, method):
        answer = _call("process", pid=self._pid, method=method, started=self._started)
        if answer["failure"] is None:
            return answer["value"]
        kind, message = answer["failure"]
        if kind == "Error":
            raise Error(message)
        raise {"NoSuchProcess": NoSuchProcess, "AccessDenied": AccessDenied}[kind](self._pid)

    def __repr__(self):
        return f"psutil.Process(pid={self._pid})"

    def __eq__(self, other):
        if not isinstance(other, Process):
            return NotImplemented
        return (self._pid, self._started) == (other._pid, other._started)

    def __hash__(self):
        return hash((self._pid, self._started))

    def is_running(self):
        return self._ask("is_running")

    def status(self):
        return self._ask("status")

    def name(self):
        return self._ask("name")

    def cmdline(self):
        return self._ask("cmdline")

    def create_time(self):
        return self._ask("create_time")

    def ppid(self):
        return self._ask("ppid")

    def parent(self):
        parent = self.ppid()
        return Process(parent) if parent else None

    def children(self, recursive=False):
        found = []
        for pid in self._ask("descendants" if recursive else "children"):
            try:
                found.append(Process(pid))
            except NoSuchProcess:
                pass
        return found

    def send_signal(self, sig):
        if not self.is_running():
            raise NoSuchProcess(self._pid)
        _call("kill", pid=self._pid, signal=int(sig))

    def terminate(self):
        self.send_signal(_signal.SIGTERM)

    def kill(self):
        self.send_signal(_signal.SIGKILL)

    def suspend(self):
        self.send_signal(_signal.SIGSTOP)

    def resume(self):
        self.send_signal(_signal.SIGCONT)

    def wait(self, timeout=None):
        deadline = None if timeout is None else _time.monotonic() + timeout
        while self.is_running():
            if deadline is not None and _time.monotonic() >= deadline:
                raise TimeoutExpired(timeout, self._pid)
            _time.sleep(0.01)
