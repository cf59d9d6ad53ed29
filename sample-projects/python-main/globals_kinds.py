"""Defines globals in many ways, and prints what they are in the end."""

import os

plain = 1
annotated: int = 2
first, second = 3, 4
chained = both = 5
if os.environ.get("GLOBALS_KINDS_TEST"):
    either = 6
else:
    either = 7
try:
    import no_such_module

    tried = 8
except ImportError:
    tried = 9
changed = 10
changed = changed + 1
again = 12
again = 13
half = plain / 2


def function(inside=14):
    local = 15
    return inside, local


class Class:
    attribute = 16


if __name__ == "__main__":
    guarded = 17

print("plain=%r half=%r" % (plain, half))
print("annotated=%r" % annotated)
print("first=%r second=%r" % (first, second))
print("chained=%r both=%r" % (chained, both))
print("either=%r" % either)
print("tried=%r" % tried)
print("changed=%r again=%r" % (changed, again))
print("function=%r attribute=%r" % (function(), Class.attribute))
print("guarded=%r" % guarded)
