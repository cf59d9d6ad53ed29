"""Helpers for `with`: what holds for some statements, and is undone after them."""

import os
import re
import sys

__all__ = ["Chdir", "Env", "Ignore", "PrintStderr", "StderrCapture"]


class Chdir:
    """Another current directory."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self._before = os.getcwd()
        os.chdir(self.path)

    def __exit__(self, *_):
        os.chdir(self._before)


class Env:
    """Other environment variables: these beside those there are, or with `replace`
    these alone."""

    def __init__(self, vals, replace=False):
        self.vals = vals
        self.replace = replace

    def __enter__(self):
        # What else the statements set is theirs, unless they had none of it.
        names = list(os.environ) if self.replace else self.vals
        self._before = {name: os.environ.get(name) for name in names}
        if self.replace:
            os.environ.clear()
        os.environ.update(self.vals)

    def __exit__(self, *_):
        if self.replace:
            os.environ.clear()
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Capture:
    """Stands for a stream, and keeps what is written to it."""

    stream = None
    closed = True

    def __init__(self):
        self._parts = []

    def __enter__(self):
        self._parts = []
        self._before = getattr(sys, self.stream)
        setattr(sys, self.stream, self)
        self.closed = False
        return self

    def __exit__(self, *_):
        setattr(sys, self.stream, self._before)
        self.closed = True

    def write(self, text):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "backslashreplace")
        self._parts.append(text)
        return len(text)

    def flush(self):
        """Nothing is held back."""

    def get_value(self):
        return "".join(self._parts)


class StderrCapture(_Capture):
    """Keeps what Python code writes to standard error, to `print` it or to have it
    by `get_value`. With `autoprint` it is printed at once too."""

    stream = "stderr"

    def __init__(self, autoprint=False):
        super().__init__()
        self._autoprint = autoprint

    def write(self, text):
        count = super().write(text)
        if self._autoprint:
            sys.stdout.write(self._parts[-1])
        return count

    def print(self):
        sys.stdout.write(self.get_value())


def PrintStderr():
    """Has standard error of Python code printed with standard output."""
    return StderrCapture(autoprint=True)


class Ignore(_Capture):
    """Drops the printed lines that a pattern is found in."""

    stream = "stdout"

    def __init__(self, patterns):
        super().__init__()
        patterns = [patterns] if isinstance(patterns, str) else patterns
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def __exit__(self, *_):
        super().__exit__()
        lines = self.get_value().split("\n")
        kept = [line for line in lines if not any(p.search(line) for p in self._patterns)]
        sys.stdout.write("\n".join(kept))
