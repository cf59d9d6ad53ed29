"""An operation that does nothing but show its arguments, quoted for a shell."""

import shlex
import sys

if __name__ == "__main__" and sys.argv[1:]:
    print(*map(shlex.quote, sys.argv[1:]))
