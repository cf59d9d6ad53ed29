"""Notes what a script reads before it parses its arguments.

An answer holds for as long as all of that is as it was: files of the project,
folders of it that are listed, modules of it that are not there, variables of the
environment, and the folders that libraries come from.
"""

import os
import sys

_MOST_FILES = 2000


class Reads:
    def __init__(self, owner):
        self._owner = owner
        self.files = {}
        self.folders = {}
        self.missing = {}
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

    def folder(self, path):
        path = "." if path is None else path
        if isinstance(path, (str, bytes)):
            path = os.path.abspath(os.fsdecode(path))
            if self._is_in_project(path):
                self.folders[path] = True

    def _is_in_project(self, folder):
        return self._owner.is_project(os.path.join(folder, "__init__.py"))

    def told(self):
        # The script may go on meanwhile, so that what is listed is a copy.
        path = [os.path.abspath(folder) for folder in sys.path if isinstance(folder, str)]
        for name in list(self.missing):
            # It may come to be.
            for folder in filter(self._is_in_project, path):
                module = os.path.join(folder, *name.split("."))
                self.file(module + ".py")
                self.file(os.path.join(module, "__init__.py"))
        for file in self._owner.modules():
            self.file(file)
        libraries = [folder for folder in path if not self._is_in_project(folder)]
        return {
            "reads": sorted(list(self.files)),
            "variables": sorted(list(self.variables)),
            "folders": libraries + sorted(list(self.folders)),
            "complete": self.complete,
            "version": sys.version.replace("\n", " "),
        }


def record(owner):
    """Starts to note what is read."""
    reads = Reads(owner)
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(_hook(reads))
    else:
        _wrap(reads)
    sys.meta_path.append(_Missing(reads))
    _watch_environment(reads, owner)
    return reads


class _Missing:
    """The last finder of modules: what it is asked for is not there."""

    def __init__(self, reads):
        self._reads = reads

    def find_spec(self, name, path=None, target=None):
        self._reads.missing[name] = True
        return None


def _hook(reads):
    def hook(event, args):
        if event == "open":
            if _is_reading(args[1], args[2]):
                reads.file(args[0])
        elif event == "os.listdir" or event == "os.scandir":
            # Python itself lists folders to find modules.
            if not sys._getframe(1).f_code.co_filename.startswith("<frozen"):
                reads.folder(args[0])

    return hook


def _is_reading(mode, flags):
    if isinstance(mode, str):
        return not any(letter in mode for letter in "wax")
    return isinstance(flags, int) and flags & (os.O_WRONLY | os.O_CREAT) == 0


def _wrap(reads):
    """For Python 3.7, which has no audit hooks."""
    import builtins
    import io

    original = io.open

    def opened(file, mode="r", *args, **kw):
        if _is_reading(mode, 0):
            reads.file(os.fspath(file) if hasattr(file, "__fspath__") else file)
        return original(file, mode, *args, **kw)

    io.open = builtins.open = opened

    def listing(listed):
        def listing(path=None):
            reads.folder(os.fspath(path) if hasattr(path, "__fspath__") else path)
            return listed(path)

        return listing

    os.listdir, os.scandir = listing(os.listdir), listing(os.scandir)


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
