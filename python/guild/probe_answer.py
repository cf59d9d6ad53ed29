"""The answer of a probe: what a script's parser takes, and how it was learned."""

import json
import os
import signal
import threading

# How long a script may go on after a parser that may not be the last one.
_SECONDS_FOR_ANOTHER = 5


class Answer:
    def __init__(self, channel):
        self.reads = None
        self._channel = channel
        self._process = os.getpid()
        self._lock = threading.Lock()
        # Of the best parser yet: its rank, flags and what it has beside.
        self._rank = 0
        self._flags = []
        self._skipped = []
        # Parsers that do not count.
        self._others = []

    def keep(self, rank, flags, skipped):
        """Takes what a parser has, unless that of a better owner is there."""
        if rank < self._rank:
            self._others.extend(skipped)
            return
        self._rank, self._flags, self._skipped = rank, flags, skipped

    def pass_over(self, name, place, why):
        """Notes a parser that does not count."""
        self._others.append(skip(name, place, why))

    def go_on(self):
        """Lets the script run to its next parser, for some seconds."""
        timer = threading.Timer(_SECONDS_FOR_ANOTHER, self.finish, [None])
        timer.daemon = True
        timer.start()

    @property
    def has_parser(self):
        """Whether a parser that counts is there."""
        return self._rank > 0

    def finish(self, error, out_of_time=False):
        """Writes the answer and ends the process."""
        if os.getpid() != self._process:
            # A child of the script came this far; the script goes on.
            os._exit(0)
        # Whoever is first; the process ends before the lock is free again.
        self._lock.acquire()
        if self.has_parser and out_of_time:
            error = None
        answer = {
            "flags": self._flags,
            "skipped": self._skipped + self._others,
            "error": error,
            "ended": out_of_time,
        }
        answer.update(self.reads.told())
        text = json.dumps(answer).encode("utf-8", "replace")
        while text:
            text = text[os.write(self._channel, text) :]
        if os.getpgrp() == os.getpid():
            # Processes that the script started go with it.
            os.killpg(0, signal.SIGKILL)
        os._exit(0)


def skip(name, place, why):
    return {"name": name, "file": place[0], "line": place[1], "why": why}


class Unknown(Exception):
    """A value that cannot be written on a command line."""


def encode(value):
    """A value in JSON that keeps what it is: see `_number` for numbers."""
    if value is None or isinstance(value, (bool, str)):
        return _text(value) if isinstance(value, str) else value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, os.PathLike):
        path = os.fspath(value)
        if isinstance(path, str):
            return _text(path)
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        # A number of numpy, or a tensor of one.
        return encode(value.item())
    raise Unknown()


def _number(value):
    """Numbers that JSON has not are `{"int": DIGITS}` and `{"float": NAME}`."""
    if isinstance(value, int):
        value = int(value)
        return value if -(2**63) <= value < 2**63 else {"int": str(value)}
    value = float(value)
    if value - value != 0:
        return {"float": repr(value)}
    return value


def _text(value):
    """Without what no UTF-8 has."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def choices(values):
    """A list of choices; None for what has no end or too many."""
    try:
        if len(values) > 1000:
            return None
        items = list(values)
    except TypeError:
        return None
    shown = []
    for item in items:
        try:
            shown.append(encode(item))
        except Unknown:
            shown.append(_text(item))
    if isinstance(values, (set, frozenset)):
        shown.sort(key=str)
    return shown
