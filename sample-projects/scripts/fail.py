"""Exits with a given code, after saying so on both streams."""

import sys

code = 3

print("about to exit with %s" % code)
print("this went to stderr", file=sys.stderr)
sys.exit(code)
