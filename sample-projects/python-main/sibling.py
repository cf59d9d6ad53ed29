"""A module beside the scripts."""

here = "in sibling.py"
