"""What evaluates the examples of a spec, and the helpers that specs have.

The harness unpacks these files once for each of its runs. Whatever is here is
loaded at the start of every spec, so modules of the standard library that only
some helpers need are imported by those.
"""

import sys
from importlib.machinery import PathFinder


class OwnModules:
    """Finds the modules of the harness. Their folder is not in `sys.path`, which
    an example may hand on to a Python with a `yaml` or `psutil` of its own."""

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, name, path=None, target=None):
        return PathFinder.find_spec(name, [self.folder], target) if path is None else None


# The harness has put it there.
sys.meta_path.append(OwnModules(sys.path.pop()))
