"""Helpers that run commands and deal with processes.

What starts, waits for or ends processes asks the harness to do it.
"""

import os
import re

from harness_worker.channel import call

__all__ = ["RunError", "kill", "quiet", "run", "run_capture", "shlex_quote", "sleep", "which"]


class RunError(Exception):
    """A command that `run_capture` ran ended with a code that is not zero."""

    # As specs know it, so that reports name it so.
    __module__ = "__main__"

    def __init__(self, cmd, returncode, output):
        super().__init__(cmd, returncode, output)
        self.cmd = cmd
        self.returncode = returncode
        self.output = output

    def __str__(self):
        text = f"`{self.cmd}` exited with {self.returncode}"
        return f"{text}\n{self.output}" if self.output else text


def run(cmd, quiet=False, ignore=None, timeout=None, cut=None, cwd=None, env=None):
    """Runs a shell command; prints its output and then its exit code.

    With `quiet`, only a failure prints. Lines that a pattern of `ignore` is found
    in are left out; `cut` is the list of columns to keep.
    """
    code, output = _run(cmd, timeout, cwd, env)
    if quiet and code == 0:
        return
    output = _shape(output, ignore, cut)
    if output:
        print(output)
    print(f"<exit {code}>")


def run_capture(cmd, ignore=None, timeout=None, cut=None, cwd=None, env=None):
    """Runs a shell command and returns its output. A failure raises `RunError`."""
    code, output = _run(cmd, timeout, cwd, env)
    output = _shape(output, ignore, cut)
    if code != 0:
        raise RunError(cmd, code, output)
    return output


def quiet(cmd, **options):
    """Runs a shell command that should print nothing unless it fails."""
    run(cmd, quiet=True, **options)


def _run(cmd, timeout, cwd, env):
    result = call("run", **command_arguments(cmd, timeout, cwd, env))
    return result["code"], result["output"].strip(" \t\n\r\v\f")


def command_arguments(cmd, timeout, cwd, env):
    """What the harness is told of a command."""
    environment = dict(os.environb)
    for name, value in (env or {}).items():
        environment[os.fsencode(name)] = os.fsencode(value)
    entries = [name + b"=" + value for name, value in environment.items()]
    if any(b"\0" in entry for entry in entries):
        raise ValueError("null byte in the environment")
    return {
        "command": _bytes(cmd),
        "directory": _bytes(os.path.abspath(cwd or ".")),
        "environment": b"\0".join(entries).decode("latin-1"),
        "timeout": timeout,
    }


def _bytes(text):
    """A string for the system, each byte as one character."""
    return os.fsencode(text).decode("latin-1")


def _shape(output, ignore, cut):
    if ignore:
        patterns = [ignore] if isinstance(ignore, str) else list(ignore)
        lines = output.split("\n")
        lines = [line for line in lines if not any(re.search(p, line) for p in patterns)]
        output = "\n".join(lines)
    if cut is not None:
        rows = [line.split() for line in output.split("\n")]
        lines = [" ".join(word for i in cut for word in row[i : i + 1]) for row in rows]
        output = "\n".join(lines)
    return output


def sleep(seconds):
    """Waits."""
    call("sleep", seconds=seconds)


def kill(pid, signal=15):
    """Sends a signal to a process."""
    call("kill", pid=int(pid), signal=int(signal))


def which(cmd):
    """The file that a command name stands for on `PATH`, or nothing."""
    import shutil

    return shutil.which(cmd)


def shlex_quote(text):
    """A string as one word of a shell command."""
    import shlex

    return shlex.quote(text or "")
