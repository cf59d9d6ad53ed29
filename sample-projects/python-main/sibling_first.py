"""Has the name of a script in `tools`."""

print("this is the one at the top")
