"""Writes to both streams what a terminal may see and a text decoder may not.

There are pauses, so that the order in which the parts arrive is the order here.
"""

import os
import time


def main():
    write(1, b"plain line\n")
    write(2, b"line on stderr\n")
    write(1, b"not UTF-8: \xff\xfe\xe9\n")
    write(2, b"nul and bell: \x00\x07\n")
    write(1, b"carriage 10%\rcarriage 100%\n")
    write(1, "caf\u00e9 \u65e5\u672c \U0001f600\n".encode("utf-8"))
    write(1, b"\x1b[31mred\x1b[0m\n")
    write(1, b"\n")
    write(1, b"half a line, ")
    write(1, b"and the other half\n")
    write(1, b"no newline at the end")


def write(stream, data):
    os.write(stream, data)
    time.sleep(0.05)


main()
