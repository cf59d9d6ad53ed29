"""Prints the ids of four running processes, its own first, and waits.

Nothing here ends the children when the main process ends: whoever stops the
run has to find them.
"""

import multiprocessing
import os
import time


def wait(started):
    started.set()
    time.sleep(300)


def main():
    # Forked children are exactly these: other methods start helpers.
    context = multiprocessing.get_context("fork")
    events = [context.Event() for _ in range(3)]
    children = [context.Process(target=wait, args=(event,)) for event in events]
    for child in children:
        child.start()
    for event in events:
        event.wait()
    for pid in [os.getpid()] + [child.pid for child in children]:
        print(pid, flush=True)
    for child in children:
        child.join()


if __name__ == "__main__":
    main()
