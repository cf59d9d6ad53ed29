"""Helpers for files and folders."""

import json
import os
import re
import sys

from os import getcwd as cwd
from os import mkdir, symlink
from os.path import abspath, basename, dirname, exists, isdir, isfile, islink, realpath, relpath
from os.path import join as join_path
from os.path import join as path

from harness_worker.channel import call, settings

__all__ = """
    TempFile abspath basename cat cat_json cd compare_dirs compare_paths copyfile copytree cwd
    diff dir dirname ensure_dir exists find findl isdir isfile islink join_path ls
    make_executable mkdir mkdtemp path realpath relpath rm rmdir sample samples_dir sha256
    symlink touch write
""".split()


def cd(path):
    """Changes the directory that later commands run in; variables are expanded."""
    os.chdir(os.path.expanduser(os.path.expandvars(path)))


def samples_dir():
    """The folder that the suite keeps its samples in."""
    if not settings["samples"]:
        raise RuntimeError("the suite names no samples folder")
    if not os.path.isdir(settings["samples"]):
        raise RuntimeError(f"{settings['samples']}: no such samples folder")
    return settings["samples"]


def sample(*parts):
    """A path below the samples folder."""
    return path(samples_dir(), *parts)


def _new_path(prefix, suffix, make):
    """Makes the first of the numbered paths in the sandbox that is free."""
    parent = os.environ.get("TMPDIR", settings["temporary"])
    for number in range(1, sys.maxsize):
        new = path(parent, f"{prefix}{number}{suffix}")
        try:
            make(new)
        except FileExistsError:
            continue
        return new


def mkdtemp(prefix="tmp-"):
    """A new folder in the sandbox."""
    return _new_path(prefix, "", lambda new: mkdir(new, 0o700))


class TempFile:
    """A new empty file in the sandbox, whose `path` is removed at the end of a
    `with` unless it is kept."""

    def __init__(self, prefix="tmp-", suffix="", keep=False):
        self.path = _new_path(prefix, suffix, lambda new: open(new, "x").close())
        self._kept = keep

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self._kept:
            self.delete()

    def keep(self):
        self._kept = True

    def delete(self):
        os.remove(self.path)


def copytree(source, target):
    """Copies a folder with what is in it."""
    names = (os.fsencode(abspath(name)).decode("latin-1") for name in (source, target))
    call("copy_tree", **dict(zip(("source", "target"), names)))


def copyfile(source, target, **options):
    """Copies a file with its permissions and times."""
    import shutil

    shutil.copy2(source, target, **options)


def ensure_dir(path):
    """Makes a folder and those above it, if they are not there."""
    os.makedirs(path, exist_ok=True)


def touch(path):
    """Makes an empty file, or sets the time of one that exists."""
    with open(path, "ab"):
        os.utime(path)


def write(path, contents, append=False):
    """Writes text or bytes to a file."""
    if isinstance(contents, str):
        contents = contents.encode()
    with open(path, "ab" if append else "wb") as file:
        file.write(contents)


def make_executable(path):
    """Lets the owner of a file execute it."""
    os.chmod(path, os.stat(path).st_mode | 0o100)


def _read(*parts):
    with open(path(*parts), encoding="utf-8", errors="backslashreplace") as file:
        return file.read()


def cat(*parts):
    """Prints a file."""
    print(_read(*parts) or "<empty>")


def cat_json(*parts):
    """Prints a file of JSON with its keys in order."""
    value = json.loads(_read(*parts))
    print(json.dumps(value, indent=4, sort_keys=True))


def rm(path, force=False):
    """Removes a file. With `force`, none need be there."""
    if not force or os.path.lexists(path):
        os.remove(path)


def rmdir(path, force=False):
    """Removes a folder with what is in it, or a file. With `force`, neither need
    be there."""
    import shutil

    top = abspath(path)
    if dirname(dirname(top)) == dirname(top) or top == os.path.expanduser("~"):
        raise ValueError(f"not removing {top}: too much depends on it")
    if isdir(path) and not islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)
    elif not force:
        raise FileNotFoundError(f"{path} does not exist")


def _without(names, ignore):
    """Names that no shell pattern of `ignore` matches."""
    if not ignore:
        return list(names)
    from fnmatch import fnmatch

    patterns = [ignore] if isinstance(ignore, str) else ignore
    return [name for name in names if not any(fnmatch(name, p) for p in patterns)]


def dir(path=".", ignore=None):
    """The sorted names in a folder but those that a pattern of `ignore` matches."""
    return sorted(_without(os.listdir(path), ignore))


def ls(path=".", all=False):
    """Prints the names in a folder; those with a leading dot only with `all`."""
    _print_paths(name for name in os.listdir(path) if all or not name.startswith("."))


def findl(root, followlinks=False, includedirs=False, unsorted=False):
    """The files below a folder, and links to folders; folders with `includedirs`."""
    found = []
    for folder, folders, files in os.walk(root, followlinks=followlinks):
        linked = [name for name in folders if includedirs or islink(path(folder, name))]
        found.extend(relpath(path(folder, name), root) for name in linked + files)
    return found if unsorted else sorted(found)


def find(root=".", followlinks=False, includedirs=False, ignore=None):
    """Prints what `findl` finds, in natural order.

    Paths that a shell pattern of `ignore` matches are left out.
    """
    _print_paths(_without(findl(root, followlinks, includedirs), ignore))


def _print_paths(paths):
    paths = sorted(paths, key=_natural)
    print("\n".join(paths) if paths else "<empty>")


def _natural(text):
    """Sorts `a2` before `a10`."""
    parts = enumerate(re.split(r"(\d+)", text))
    return [(int(part) if index % 2 else 0, part) for index, part in parts]


def sha256(path):
    """The SHA-256 digest of a file, in hexadecimal."""
    import hashlib

    with open(path, "rb") as file:
        digest = hashlib.sha256()
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def diff(first, second):
    """Prints the unified diff of two files; white space at line ends is the same."""
    import difflib

    before, after = (_stripped_lines(file) for file in (first, second))
    for line in difflib.unified_diff(before, after, first, second, lineterm=""):
        print(line)


def _stripped_lines(path):
    with open(path, encoding="utf-8", errors="backslashreplace") as file:
        return [line.rstrip() for line in file]


def compare_paths(first, second):
    """Whether two paths lead to the same place."""
    return realpath(os.path.expanduser(first)) == realpath(os.path.expanduser(second))


def compare_dirs(first, second):
    """Prints how two folders differ, and the folders that both have. Each is a pair
    of a path and what to call it."""
    import contextlib
    import filecmp
    import io

    for pair in (first, second):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"not a pair of a path and a name: {pair!r}")
    folder = mkdtemp()
    links = [path(folder, name) for _, name in (first, second)]
    for link, (place, _) in zip(links, (first, second)):
        symlink(realpath(place), link)
    with contextlib.redirect_stdout(io.StringIO()) as report:
        filecmp.dircmp(*links).report_full_closure()
    print(report.getvalue().replace(folder, ""), end="")
