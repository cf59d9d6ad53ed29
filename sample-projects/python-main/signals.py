"""Sends a signal to itself."""

import os
import signal
import time

name = "SIGTERM"

os.kill(os.getpid(), getattr(signal, name))
time.sleep(5)
