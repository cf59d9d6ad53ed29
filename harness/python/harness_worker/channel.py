"""The conversation with the harness: JSON, one value a line.

It goes over what starts as standard input and output. Both are moved aside
before anything else runs, so that no example can write into the conversation:
inside examples, descriptor 0 is empty, and 1 goes where 2 goes, to the log of
the spec.
"""

import _thread
from json import dumps, loads
import os

# What the suite says, for the helpers; filled in before they are loaded.
settings = {}


def call(name, **arguments):
    """Has the harness do something, and returns what it answers."""
    return _channel.call(name, arguments)


def open_channel():
    """Moves the conversation aside. Returns the channel, which `call` uses."""
    global _channel
    _channel = Channel()
    return _channel


class CallError(Exception):
    """The harness could not do what was asked of it."""


class Channel:
    """The conversation with the harness."""

    def __init__(self):
        self.source = os.fdopen(os.dup(0), "rb")
        self.target = os.dup(1)
        self.owner = os.getpid()
        # Held by whoever may speak: the main loop between examples, and one
        # call at a time while an example runs.
        self.turn = _thread.allocate_lock()
        self.turn.acquire()
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)
        os.dup2(2, 1)
        os.register_at_fork(after_in_child=self.close)

    def close(self):
        """A forked child is no part of the conversation."""
        os.close(self.target)
        self.source.close()

    def send(self, message):
        data = dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.target, data) :]

    def receive(self):
        line = self.source.readline()
        return loads(line) if line else None

    def call(self, name, arguments):
        if os.getpid() != self.owner:
            raise RuntimeError(f"{name} cannot be used in a forked process")
        with self.turn:
            self.send({"call": name, "arguments": arguments})
            reply = self.receive()
        if reply is None:
            raise SystemExit("the harness has gone")
        if "error" in reply:
            number, text = reply["error"]["errno"], reply["error"]["message"]
            raise CallError(text) if number is None else OSError(number, text)
        return reply["value"]


_channel = None
