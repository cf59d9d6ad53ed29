"""Times commands side by side:

    side_by_side.py [--rounds N] [--settle] NAME COMMAND BEFORE [NAME COMMAND BEFORE...]

Each round runs every command once, first in this order, then in the other, so that
what the machine does besides falls on all of them. BEFORE is shell text that is run
ahead of the command and not timed; it may be empty. With --settle what is written
reaches the disk before each command starts. A first round is not counted.

Prints JSON: for each name the median and the least of its times on the clock, and
the median and the least of the CPU time of it and all that it waited for, in
milliseconds.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--settle", action="store_true")
    parser.add_argument("words", nargs="+", metavar="NAME COMMAND BEFORE")
    args = parser.parse_args()
    if len(args.words) % 3:
        parser.error("expected NAME COMMAND BEFORE for each command")
    commands = list(zip(*[iter(args.words)] * 3))
    times = {name: [] for name, _, _ in commands}
    for number in range(args.rounds + 1):
        for name, command, before in commands if number % 2 else commands[::-1]:
            taken = measure(command, before, args.settle)
            if number:
                times[name].append(taken)
    json.dump({name: summary(taken) for name, taken in times.items()}, sys.stdout)


def measure(command, before, settle):
    if before:
        subprocess.run(before, shell=True, check=True, **QUIET)
    if settle:
        os.sync()
    words = shlex.split(command)
    begun = time.perf_counter()
    # The output of a command that fails says why.
    process = subprocess.Popen(words, stderr=subprocess.PIPE, **QUIET)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    if status:
        sys.stderr.buffer.write(errors)
        sys.exit("failed: " + command)
    return taken * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def summary(taken):
    clock, cpu = zip(*taken)
    return {
        "clock": statistics.median(clock),
        "least_clock": min(clock),
        "cpu": statistics.median(cpu),
        "least_cpu": min(cpu),
    }


if __name__ == "__main__":
    main()
