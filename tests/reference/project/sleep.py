import time

seconds = 600

print("asleep", flush=True)
time.sleep(seconds)
