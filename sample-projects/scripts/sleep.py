"""Sleeps, and says when it starts and when it is done."""

import time

seconds = 30

print("sleeping", flush=True)
time.sleep(seconds)
print("awake")
