"""The helpers that every spec has in its namespace.

What starts, waits for or ends processes asks the harness to do it, through
`_call`; what is about files and text is done here. `_settings` holds what the
suite says.
"""

import json
import os
import re
import sys

from os import getcwd as cwd
from os import mkdir, symlink
from os.path import abspath, basename, dirname, exists, isdir, isfile, islink, realpath, relpath
from os.path import join as path
from os.path import join as join_path

__all__ = [
    "RunError",
    "abspath",
    "basename",
    "cat",
    "cd",
    "copyfile",
    "copytree",
    "cwd",
    "dirname",
    "ensure_dir",
    "exists",
    "find",
    "isdir",
    "isfile",
    "islink",
    "join_path",
    "json",
    "kill",
    "ls",
    "mkdir",
    "mkdtemp",
    "os",
    "path",
    "quiet",
    "re",
    "realpath",
    "relpath",
    "rm",
    "rmdir",
    "run",
    "run_capture",
    "sample",
    "samples_dir",
    "sleep",
    "symlink",
    "sys",
    "touch",
    "write",
]


class RunError(Exception):
    """A command that `run_capture` ran ended with a code that is not zero."""

    def __init__(self, cmd, returncode, output):
        super().__init__(cmd, returncode, output)
        self.cmd = cmd
        self.returncode = returncode
        self.output = output

    def __str__(self):
        text = f"`{self.cmd}` exited with {self.returncode}"
        return f"{text}\n{self.output}" if self.output else text


def run(cmd, quiet=False, ignore=None, timeout=None, cut=None, cwd=None, env=None):
    """Runs a shell command; prints its output and then its exit code.

    With `quiet`, only a failure prints. Lines that a pattern of `ignore` is found
    in are left out; `cut` is the list of columns to keep.
    """
    code, output = _run(cmd, timeout, cwd, env)
    if quiet and code == 0:
        return
    output = _shape(output, ignore, cut)
    if output:
        print(output)
    print(f"<exit {code}>")


def run_capture(cmd, ignore=None, timeout=None, cut=None, cwd=None, env=None):
    """Runs a shell command and returns its output. A failure raises `RunError`."""
    code, output = _run(cmd, timeout, cwd, env)
    output = _shape(output, ignore, cut)
    if code != 0:
        raise RunError(cmd, code, output)
    return output


def quiet(cmd, **options):
    """Runs a shell command that should print nothing unless it fails."""
    run(cmd, quiet=True, **options)


def _run(cmd, timeout, cwd, env):
    environment = dict(os.environ)
    environment.update(env or {})
    result = _call(
        "run",
        command=_bytes(cmd),
        directory=_bytes(abspath(cwd or ".")),
        environment=[[_bytes(name), _bytes(value)] for name, value in environment.items()],
        timeout=timeout,
    )
    return result["code"], result["output"].strip(" \t\n\r\v\f")


def _bytes(text):
    """A string for the system, each byte as one character."""
    return os.fsencode(text).decode("latin-1")


def _shape(output, ignore, cut):
    if ignore:
        patterns = [ignore] if isinstance(ignore, str) else list(ignore)
        lines = output.split("\n")
        lines = [line for line in lines if not any(re.search(p, line) for p in patterns)]
        output = "\n".join(lines)
    if cut is not None:
        rows = [line.split() for line in output.split("\n")]
        lines = [" ".join(word for i in cut for word in row[i : i + 1]) for row in rows]
        output = "\n".join(lines)
    return output


def sleep(seconds):
    """Waits."""
    _call("sleep", seconds=seconds)


def kill(pid, signal=15):
    """Sends a signal to a process."""
    _call("kill", pid=int(pid), signal=int(signal))


def cd(path):
    """Changes the directory that later commands run in; variables are expanded."""
    os.chdir(os.path.expanduser(os.path.expandvars(path)))


def samples_dir():
    """The folder that the suite keeps its samples in."""
    if not _settings["samples"]:
        raise RuntimeError("the suite names no samples folder")
    return _settings["samples"]


def sample(*parts):
    """A path below the samples folder."""
    return path(samples_dir(), *parts)


def mkdtemp(prefix="tmp-"):
    """A new folder in the sandbox."""
    parent = os.environ.get("TMPDIR", _settings["temporary"])
    for number in range(1, sys.maxsize):
        folder = path(parent, f"{prefix}{number}")
        try:
            mkdir(folder, 0o700)
        except FileExistsError:
            continue
        return folder


def copytree(source, target):
    """Copies a folder with what is in it."""
    _call("copy_tree", source=_bytes(abspath(source)), target=_bytes(abspath(target)))


def copyfile(source, target):
    """Copies a file with its permissions and times."""
    import shutil

    shutil.copy2(source, target)


def ensure_dir(path):
    """Makes a folder and those above it, if they are not there."""
    os.makedirs(path, exist_ok=True)


def touch(path):
    """Makes an empty file, or sets the time of one that exists."""
    with open(path, "a"):
        os.utime(path)


def write(path, contents, append=False):
    """Writes text or bytes to a file."""
    if isinstance(contents, str):
        contents = contents.encode()
    with open(path, "ab" if append else "wb") as file:
        file.write(contents)


def cat(*parts):
    """Prints a file."""
    with open(path(*parts), encoding="utf-8", errors="backslashreplace") as file:
        print(file.read() or "<empty>")


def rm(path, force=False):
    """Removes a file. With `force`, none need be there."""
    if not force or os.path.lexists(path):
        os.remove(path)


def rmdir(path):
    """Removes a folder with what is in it."""
    import shutil

    shutil.rmtree(path)


def ls(path=".", all=False):
    """Prints the names in a folder; those with a leading dot only with `all`."""
    _print_paths(name for name in os.listdir(path) if all or not name.startswith("."))


def find(root=".", followlinks=False, includedirs=False, ignore=None):
    """Prints the files below a folder, in natural order.

    Paths that a shell pattern of `ignore` matches are left out.
    """
    from fnmatch import fnmatch

    patterns = [ignore] if isinstance(ignore, str) else list(ignore or [])
    found = []
    for folder, folders, files in os.walk(root, followlinks=followlinks):
        linked = [name for name in folders if islink(path(folder, name))]
        names = files + (folders if includedirs else [] if followlinks else linked)
        found.extend(relpath(path(folder, name), root) for name in names)
    _print_paths(name for name in found if not any(fnmatch(name, p) for p in patterns))


def _print_paths(paths):
    paths = sorted(paths, key=_natural)
    print("\n".join(paths) if paths else "<empty>")


def _natural(text):
    """Sorts `a2` before `a10`."""
    return [(int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", text)]
