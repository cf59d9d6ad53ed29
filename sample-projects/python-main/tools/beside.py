"""Imports a module of its own directory, and one of the project's."""

import os
import sys

import helper
import sibling

print(os.path.relpath(__file__), os.path.relpath(sys.argv[0]))
print(helper.here)
print(sibling.here)
