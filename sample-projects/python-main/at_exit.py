"""Leaves work for the end: a thread still running, and a function to call."""

import atexit
import threading
import time

fails = False


def slow():
    time.sleep(0.3)
    print("the thread is done")


atexit.register(print, "the exit function ran")
threading.Thread(target=slow).start()
print("the script is done")
if fails:
    raise SystemExit(5)
