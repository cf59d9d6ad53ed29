"""A process, its child and its grandchild: prints their ids and waits.

The grandchild is in a session of its own, so that ending the process group
does not end it.
"""

import os
import subprocess
import sys
import time


def main():
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    print(os.getpid(), flush=True)
    if depth > 0:
        command = [sys.executable, "-u", os.path.abspath(__file__), str(depth - 1)]
        child = subprocess.Popen(command, start_new_session=depth == 1)
        child.wait()
    else:
        time.sleep(300)


if __name__ == "__main__":
    main()
