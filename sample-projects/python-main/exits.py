"""Exits with a code, or with a message."""

import sys

code = 0
message = ""

sys.exit(message or code)
