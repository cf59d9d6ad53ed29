"""Notes what a script reads before it parses its arguments.

An answer holds for as long as all of that is as it was: files of the project,
variables of the environment, and the folders that libraries come from.
"""

import os
import sys

_MOST_FILES = 2000


class Reads:
    def __init__(self, owner):
        self._owner = owner
        self.files = {}
        self.variables = {}
        self.complete = True

    def file(self, path):
        if len(self.files) >= _MOST_FILES:
            self.complete = False
        elif isinstance(path, (str, bytes)):
            path = os.path.abspath(os.fsdecode(path))
            if path not in self.files and self._owner.is_project(path):
                if not path.endswith((".pyc", os.sep)):
                    self.files[path] = True

    def told(self):
        for path in self._owner.modules():
            self.file(path)
        return {
            "reads": sorted(self.files),
            "variables": sorted(self.variables),
            "folders": [
                os.path.abspath(path)
                for path in sys.path
                if isinstance(path, str) and not self._owner.is_project(os.path.join(path, ""))
            ],
            "complete": self.complete,
            "version": sys.version.replace("\n", " "),
        }


def record(owner):
    """Starts to note what is read."""
    reads = Reads(owner)
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(_hook(reads))
    else:
        _wrap_open(reads)
    _watch_environment(reads, owner)
    return reads


def _hook(reads):
    def hook(event, args):
        if event == "open" and _is_reading(args[1], args[2]):
            reads.file(args[0])

    return hook


def _is_reading(mode, flags):
    if isinstance(mode, str):
        return not any(letter in mode for letter in "wax")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_CREAT) == 0


def _wrap_open(reads):
    """For Python 3.7, which has no audit hooks."""
    import builtins
    import io

    original = io.open

    def opened(file, mode="r", *args, **kw):
        if _is_reading(mode, 0):
            reads.file(os.fspath(file) if hasattr(file, "__fspath__") else file)
        return original(file, mode, *args, **kw)

    io.open = builtins.open = opened


def _watch_environment(reads, owner):
    """Notes the variables that the project's code asks for, by name."""
    environment = type(os.environ)
    original = environment.__getitem__
    between = ("os", "collections.abc", "_collections_abc", __name__)

    def get(self, key):
        frame = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") in between:
            frame = frame.f_back
        if frame is not None and isinstance(key, str):
            if owner.is_project(frame.f_code.co_filename):
                reads.variables[key] = True
        return original(self, key)

    environment.__getitem__ = get
