"""A module beside `beside.py`."""

here = "in tools/helper.py"
