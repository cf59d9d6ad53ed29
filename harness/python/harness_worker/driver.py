"""Evaluates the examples of one spec for the harness.

Everything here comes from the standard library: Python is started without the
user's packages.
"""

import io
import os
import sys

from harness_worker import channel, helpers


class Kept(io.BytesIO):
    """Bytes in memory, up to a limit, and in a file that outlives this process."""

    limit = 1 << 26
    dropped = 0
    journal = None

    def open_journal(self, path):
        self.journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.register_at_fork(after_in_child=self.drop_journal)

    def drop_journal(self, *_):
        """Goes on without: an example may close or limit what it likes."""
        self.journal = None

    def write(self, data):
        data = memoryview(data).cast("B")
        taken = data[: max(0, self.limit - self.tell())]
        super().write(taken)
        self.dropped += len(data) - len(taken)
        if self.journal is not None and taken:
            try:
                os.write(self.journal, taken)
            except OSError:
                self.drop_journal()
        return len(data)

    def reset(self):
        if self.tell() and self.journal is not None:
            try:
                os.truncate(self.journal, 0)
            except OSError:
                self.drop_journal()
        self.seek(0)
        self.truncate()
        self.dropped = 0


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
        self.kept.reset()
        return text


class Captured(str):
    """Text that a capture bound to the name of a helper, which still works."""

    def __call__(self, *arguments, **options):
        return self.helper(*arguments, **options)


class Evaluator:
    """One namespace, and the future statements in force in it."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.flags = 0

    def run_script(self, source, filename, line):
        """Runs source that starts on a line of a file; returns as `evaluate`."""
        try:
            source = "\n" * (line - 1) + source
            remember_source(source, filename)
            code = compile(source, filename, "exec", self.flags, True)
            self.flags |= code.co_flags & FUTURES
            exec(code, self.namespace)
        except BaseException as error:
            return describe(error)
        return None

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


    def bind(self, values):
        """Sets variables to what captures took."""
        for name, text in values.items():
            known = self.namespace.get(name)
            helper = known.helper if isinstance(known, Captured) else known
            if callable(helper):
                text = Captured(text)
                text.helper = helper
            self.namespace[name] = text


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
    """JSON for other readers than Python cannot hold half a surrogate pair. A text
    past the limit of output is cut. Where the worker is unpacked is nobody's
    concern, and new in each run."""
    more = len(text) - Kept.limit
    if more > 0:
        text = text[: Kept.limit] + f"\n[cut: {more} characters more]\n"
    text = text.replace(FOLDER, "<harness>")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


FOLDER = os.path.dirname(os.path.dirname(__file__))


def set_up(message):
    """The namespace of the spec: builtin helpers first, then the preludes."""
    channel.settings.update(message["settings"])
    # A module for real, so that classes made in examples can be pickled.
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    namespace = main.__dict__
    namespace.update(helpers.namespace())
    namespace["__name__"] = "__main__"
    for prelude in message["preludes"]:
        exec(compile(prelude["source"], prelude["name"], "exec", 0, True), namespace)
    return Evaluator(namespace)


def examine(source, namespace):
    """What the source of an example tells: the names that it binds, those that it
    reads, which of them are not bound yet or stand for objects that it may change,
    and the modules that it imports."""
    import builtins
    from harness_worker import names

    used = sorted(names.used(source))
    return {
        "bound": sorted(names.bound(source)),
        "used": used,
        "missing": [name for name in used if name not in namespace and not hasattr(builtins, name)],
        "changeable": [name for name in used if is_changeable(namespace.get(name))],
        "imports": sorted(names.imports(source)),
    }


def is_changeable(value):
    """Whether a value is a collection, or another object of the standard library
    that can be made to hold something else."""
    kind = type(value)
    if kind.__module__ == "builtins":
        return kind in (list, dict, set, bytearray)
    return kind.__module__ != "__main__" and not kind.__module__.startswith("harness_worker")


def main():
    """Answers the harness until it has no more to say."""
    harness = channel.open_channel()
    sys.argv = [""]
    sys.stdout = output = Output()
    evaluator = None
    # Whoever is done with an example is next to speak again.
    while True:
        message = harness.receive()
        if message is None:
            break
        if "examine" in message:
            harness.send({"names": examine(message["examine"], evaluator.namespace)})
            continue
        harness.turn.release()
        failure = None
        if "source" in message:
            failure = evaluator.evaluate(message["source"], message["filename"])
        elif "bind" in message:
            evaluator.bind(message["bind"])
        elif "script" in message:
            failure = evaluator.run_script(
                message["script"], message["filename"], message["line"]
            )
        else:
            Kept.limit = message["keep"]
            output.kept.open_journal(message["journal"])
            try:
                evaluator = set_up(message)
            except BaseException as error:
                failure = describe(error)
        harness.turn.acquire()
        harness.send({"done": {"output": output.take(), "exception": failure}})

    # Not by way of the interpreter's own end: threads and exit handlers of the
    # spec have nothing more to say.
    os._exit(0)
