"""Prints what the operation `labelled` puts into its environment."""

import os

color = "red"

print("color is %s" % color)
for name in ("PAINT", "MODE", "FLAG_COLOR"):
    print("%s=%s" % (name, os.environ.get(name)))
