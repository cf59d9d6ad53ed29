"""Evaluates the examples of one spec for the harness.

Runs as `python3 -I -S -c`, so everything here comes from the standard library.
The harness talks over what starts as standard input and output, one JSON value
a line. Both are moved aside before anything else runs, so that no example can
write into the conversation: inside examples, descriptor 0 is empty, and 1 goes
where 2 goes, to the log of the spec.
"""

import _thread
import io
import json
import os
import sys


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
        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.target, data) :]

    def receive(self):
        line = self.source.readline()
        return json.loads(line) if line else None

    def call(self, name, **arguments):
        """Has the harness do something, and returns what it answers."""
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


class CallError(Exception):
    """The harness could not do what was asked of it."""


class Kept(io.BytesIO):
    """Bytes in memory, up to a limit."""

    limit = 1 << 26
    dropped = 0

    def write(self, data):
        data = memoryview(data).cast("B")
        taken = data[: max(0, self.limit - self.tell())]
        super().write(taken)
        self.dropped += len(data) - len(taken)
        return len(data)


class Output(io.TextIOWrapper):
    """What takes the place of standard output."""

    def __init__(self):
        self.kept = Kept()
        super().__init__(
            self.kept, encoding="utf-8", errors="backslashreplace", newline="", write_through=True
        )

    def close(self):
        """Later examples print too."""

    def take(self):
        """What was printed since the last time, with its last line ended."""
        self.flush()
        text = self.kept.getvalue().decode("utf-8", "backslashreplace")
        if text and not text.endswith("\n"):
            text += "\n"
        if self.kept.dropped:
            text += f"[output cut: {self.kept.dropped} bytes more]\n"
        self.kept.seek(0)
        self.kept.truncate()
        self.kept.dropped = 0
        return text


class Evaluator:
    """One namespace, and the future statements in force in it."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.flags = 0

    def evaluate(self, source, filename):
        """Runs one example; returns the exception that ended it, described."""
        try:
            remember_source(source, filename)
            code = compile(source, filename, "single", self.flags, True)
            self.flags |= code.co_flags & FUTURES
            sys.displayhook = sys.__displayhook__
            exec(code, self.namespace)
        except BaseException as error:
            return describe(error)
        return None


def remember_source(source, filename):
    """Lets tracebacks and `inspect` show the lines of an example."""
    linecache = sys.modules.get("linecache")
    if linecache is None:
        import linecache
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)


def future_flags():
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


FUTURES = future_flags()


def describe(error):
    """The message of an exception, and its traceback without our own frames."""
    import traceback

    kind = type(error)
    try:
        lines = traceback.format_exception_only(kind, error)
        below = error.__traceback__
        while below is not None and below.tb_frame.f_globals is globals():
            below = below.tb_next
        whole = traceback.format_exception(kind, error, below)
    except Exception as inner:
        # An exception whose own code fails, as a broken `__str__` does.
        lines = whole = [f"{kind.__name__}: <{type(inner).__name__} while formatting>\n"]
    if isinstance(error, SyntaxError):
        # The place and the carets are about our copy of the source.
        starts = [i for i, line in enumerate(lines) if not line.startswith(" ")]
        lines = lines[starts[0] if starts else 0 :]
    return {"message": clean("".join(lines)), "traceback": clean("".join(whole))}


def clean(text):
    """JSON for other readers than Python cannot hold half a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def load(name, source, values):
    """Makes a module of source that the harness carries."""
    module = type(sys)(name)
    module.__file__ = f"<{name}>"
    module.__dict__.update(values)
    exec(compile(source, module.__file__, "exec"), module.__dict__)
    sys.modules[name] = module
    return module


def set_up(channel, message):
    """The namespace of the spec: builtin helpers first, then the prelude."""
    load("psutil", message["psutil"], {"_call": channel.call})
    values = {"_call": channel.call, "_settings": message["settings"]}
    helpers = load("harness_helpers", message["helpers"], values)
    # A module for real, so that classes made in examples can be pickled.
    main = type(sys)("__main__")
    sys.modules["harness_driver"] = sys.modules["__main__"]
    sys.modules["__main__"] = main
    namespace = main.__dict__
    namespace.update({name: getattr(helpers, name) for name in helpers.__all__})
    namespace["__name__"] = "__main__"
    if message["prelude"] is not None:
        code = compile(message["prelude"], message["prelude_file"], "exec", 0, True)
        exec(code, namespace)
    return Evaluator(namespace)


def main():
    channel = Channel()
    sys.argv = [""]
    sys.stdout = output = Output()
    evaluator = None
    # Whoever is done with an example is next to speak again.
    while True:
        message = channel.receive()
        if message is None:
            break
        channel.turn.release()
        failure = None
        if "source" in message:
            failure = evaluator.evaluate(message["source"], message["filename"])
        else:
            Kept.limit = message["keep"]
            try:
                evaluator = set_up(channel, message)
            except BaseException as error:
                failure = describe(error)
        channel.turn.acquire()
        channel.send({"done": {"output": output.take(), "exception": failure}})


main()
# Not by way of the interpreter's own end: threads and exit handlers of the spec
# have nothing more to say.
os._exit(0)
