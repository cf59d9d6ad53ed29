"""The names that every spec has in its namespace."""

import json
import os
import re
import sys

from harness_worker import commands, contexts, files, services


def namespace():
    """The helpers and modules, by name."""
    import yaml

    names = {"PLATFORM": os.uname().sysname, "json": json, "os": os, "re": re, "sys": sys}
    names.update(yaml=yaml, normlf=normlf, pprint=pprint, printl=printl)
    for module in (commands, contexts, files, services):
        names.update((name, getattr(module, name)) for name in module.__all__)
    return names


def printl(values):
    """Prints values, each on a line."""
    for value in values:
        print(value)


def pprint(value, *arguments, **options):
    """Prints a value over as many lines as it needs: see Python's `pprint`."""
    from pprint import pprint as print_value

    print_value(value, *arguments, **options)


def normlf(text):
    """Text whose lines end as on Unix."""
    return text.replace("\r", "")
