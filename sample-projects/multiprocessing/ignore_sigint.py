"""Does not end on request: only SIGKILL ends it, or a minute.

Prints a line every few seconds.
"""

import signal
import time

seconds = 5


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        print("still here", flush=True)
        time.sleep(seconds)


if __name__ == "__main__":
    main()
