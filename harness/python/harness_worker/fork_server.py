"""Forks the workers of a run, so that not each of them starts Python anew.

The harness asks for one worker at a time, in a line of JSON, and is told the id of
its process. No example runs in this process, so each worker is what Python and the
driver are after a fresh start. Of Linux, for `/proc`.
"""

import gc
import json
import os

from harness_worker import driver

# What the driver loads when it is first needed, in one of the workers: here, it is
# there for all of them.
import __future__  # noqa: F401
import linecache  # noqa: F401
import traceback  # noqa: F401


def main():
    """Answers the harness until it has no more to say."""
    # The objects so far are never looked through again, so their pages stay shared.
    gc.collect()
    gc.freeze()
    requests = open(0, "rb", closefd=False)
    for line in requests:
        os.write(1, json.dumps(fork(json.loads(line))).encode("ascii") + b"\n")
    os._exit(0)


def fork(request):
    """Starts a worker. The process between here and there ends at once, so that the
    worker becomes a child of the harness, which adopts its orphans."""
    source, target = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            if os.fork() == 0:
                os.close(source)
                work(request, target)
        finally:
            os._exit(1)
    os.close(target)
    with open(source, "rb") as told:
        answer = told.read()
    os.waitpid(between, 0)
    return json.loads(answer or '{"error": "no answer from the worker"}')


def work(request, told):
    """In the new process: makes it what is asked for, and goes to work."""
    try:
        prepare(request)
        answer = {"pid": os.getpid()}
    except Exception as error:
        answer = {"error": str(error)}
    os.write(told, json.dumps(answer).encode("ascii"))
    os.close(told)
    if "pid" in answer:
        driver.main()


def prepare(request):
    """A session, descriptors, a directory and an environment of its own."""
    os.setsid()
    descriptors = [
        (request["stdin"], os.O_RDONLY),
        (request["stdout"], os.O_WRONLY),
        (request["log"], os.O_RDWR | os.O_APPEND),
    ]
    for number, (path, flags) in enumerate(descriptors):
        descriptor = os.open(path, flags)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["directory"].encode("latin-1"))
    entries = request["environment"].encode("latin-1").split(b"\0")
    os.environ.clear()
    for name, _, value in (entry.partition(b"=") for entry in entries):
        os.environb[name] = value
    show_in_table(request["mark"].encode("latin-1"))


def show_in_table(name):
    """Makes the table of processes tell this variable as it is now. It tells the
    environment that a process was started with, and the harness finds what belongs
    to a spec by it. This process was started with a value that leaves room."""
    with open("/proc/self/stat", "rb") as file:
        # After the name, which may hold anything, the third field is first.
        start = int(file.read().rpartition(b")")[2].split()[50 - 3])
    with open("/proc/self/environ", "rb") as file:
        old = next(entry for entry in file.read().split(b"\0") if entry.startswith(name + b"="))
        file.seek(0)
        at = start + file.read().index(old)
    new = name + b"=" + os.environb[name]
    if len(new) > len(old):
        raise ValueError(f"no room for {name}")
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(at)
        memory.write(new.ljust(len(old), b"\0"))
