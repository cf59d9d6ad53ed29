"""Has the name of a script of the project, `sibling_first.py`."""

print("this is the one in tools")
