"""Reading YAML: from the events that the harness tells to Python values."""

from harness_worker import yaml_scalars as scalars
from harness_worker.channel import call
from harness_worker.yaml_errors import ComposerError, ConstructorError, Mark, error_of
from harness_worker.yaml_scalars import PREFIX


class BaseLoader:
    """Reads every scalar as a string."""

    plain_strings = True


class SafeLoader:
    """Reads plain data."""

    plain_strings = False


FullLoader = Loader = CFullLoader = CLoader = CSafeLoader = SafeLoader


def load(stream, Loader):
    """The value of the one document of a text or file; nothing if it is empty."""
    source = _Source(stream)
    documents = source.documents()
    first = next(documents, None)
    if first is None:
        return None
    second = next(documents, None)
    if second is not None:
        raise ComposerError(
            "expected a single document in the stream",
            first.mark,
            "but found another document",
            second.mark,
        )
    return _Maker(Loader).make(first)


def load_all(stream, Loader):
    """The values of the documents of a text or file, one after another."""
    for node in _Source(stream).documents():
        yield _Maker(Loader).make(node)


def safe_load(stream):
    return load(stream, SafeLoader)


def safe_load_all(stream):
    return load_all(stream, SafeLoader)


full_load = safe_load
full_load_all = safe_load_all


class _Node:
    """A scalar with its text, a sequence with its items, or a mapping with its pairs."""

    def __init__(self, kind, tag, value, mark):
        self.kind = kind
        self.tag = tag
        self.value = value
        self.mark = mark


class _Source:
    """A text, and the documents in it."""

    def __init__(self, stream):
        self.name = "<unicode string>"
        if hasattr(stream, "read"):
            self.name = getattr(stream, "name", "<file>")
            stream = stream.read()
        if isinstance(stream, bytes):
            self.name = "<byte string>" if self.name == "<unicode string>" else self.name
            utf16 = stream.startswith((b"\xff\xfe", b"\xfe\xff"))
            stream = stream.decode("utf-16" if utf16 else "utf-8")
        self.text = stream[1:] if stream.startswith("\ufeff") else stream

    def mark(self, event):
        return Mark(self.name, event["mark"], self.text)

    def documents(self):
        told = call("yaml_parse", text=self.text)
        if "error" in told:
            raise error_of(told["error"], self.name, self.text)
        events = iter(told["events"])
        for event in events:
            if event["event"] == "document":
                self.anchors = {}
                yield self.compose(next(events), events)

    def compose(self, event, events):
        kind, mark = event["event"], self.mark(event)
        anchor = event.get("anchor")
        if kind == "alias":
            if anchor not in self.anchors:
                raise ComposerError(None, None, f"found undefined alias '{anchor}'", mark)
            return self.anchors[anchor]
        if anchor in self.anchors:
            raise ComposerError(
                f"found duplicate anchor '{anchor}'; first occurrence",
                self.anchors[anchor].mark,
                "second occurrence",
                mark,
            )
        node = _Node(kind, _tag(event), event.get("value"), mark)
        if anchor is not None:
            self.anchors[anchor] = node
        if kind != "scalar":
            node.value = []
            for inner in events:
                if inner["event"] == f"{kind}-end":
                    break
                item = self.compose(inner, events)
                if kind == "mapping":
                    item = (item, self.compose(next(events), events))
                node.value.append(item)
        return node


def _tag(event):
    if event["tag"] not in (None, "!"):
        return event["tag"]
    if event["event"] != "scalar":
        return PREFIX + {"sequence": "seq", "mapping": "map"}[event["event"]]
    return scalars.resolve(event["value"]) if event["plain"] else PREFIX + "str"


class _Maker:
    """Makes the values of one document; a node that is met twice is one value."""

    def __init__(self, loader):
        self.plain_strings = getattr(loader, "plain_strings", False)
        self.made = {}

    def make(self, node):
        if id(node) in self.made:
            return self.made[id(node)]
        if self.plain_strings:
            how = {"scalar": str, "sequence": self.seq, "mapping": self.map}[node.kind]
            return self.filled(node, how)
        name = node.tag[len(PREFIX) :] if node.tag.startswith(PREFIX) else None
        kind, how = self.kinds.get(name, (None, None))
        if kind is None:
            tag = f"could not determine a constructor for the tag '{node.tag}'"
            raise ConstructorError(None, None, tag, node.mark)
        if kind != node.kind:
            wanted = f"expected a {kind} node, but found {node.kind}"
            raise ConstructorError(None, None, wanted, node.mark)
        return self.filled(node, how if callable(how) else getattr(self, how))

    def filled(self, node, how):
        if node.kind != "scalar":
            return how(node)
        self.made[id(node)] = value = how(node.value)
        return value

    def seq(self, node):
        # Known before it is filled, since it may be part of itself.
        self.made[id(node)] = values = []
        values.extend(self.make(item) for item in node.value)
        return values

    def map(self, node):
        self.made[id(node)] = values = {}
        for key, value in self.merged(node):
            values[self.key(key, node)] = self.make(value)
        return values

    def set(self, node):
        self.made[id(node)] = values = set()
        values.update(self.key(key, node) for key, _ in self.merged(node))
        return values

    def pairs(self, node):
        self.made[id(node)] = values = []
        for item in node.value:
            if item.kind != "mapping" or len(item.value) != 1:
                wanted = "expected a mapping of length 1"
                raise ConstructorError(
                    "while constructing an ordered map", node.mark, wanted, item.mark
                )
            values.append(tuple(self.make(part) for part in item.value[0]))
        return values

    def key(self, node, mapping):
        key = self.make(node)
        try:
            hash(key)
        except TypeError:
            context = "while constructing a mapping"
            raise ConstructorError(
                context, mapping.mark, "found unhashable key", node.mark
            ) from None
        return key

    def merged(self, node):
        """The pairs of a mapping; those that `<<` takes from others come first, so
        that its own hold."""
        own, others = [], []
        for key, value in node.value:
            if key.tag == PREFIX + "merge" and not self.plain_strings:
                others = self.taken(node, value) + others
            else:
                if key.tag == PREFIX + "value":
                    key.tag = PREFIX + "str"
                own.append((key, value))
        return others + own

    def taken(self, node, value):
        nodes = value.value[::-1] if value.kind == "sequence" else [value]
        for other in nodes:
            if other.kind != "mapping":
                raise ConstructorError(
                    "while constructing a mapping",
                    node.mark,
                    f"expected a mapping for merging, but found {other.kind}",
                    other.mark,
                )
        return [pair for other in nodes for pair in self.merged(other)]

    kinds = {
        "null": ("scalar", lambda text: None),
        "bool": ("scalar", scalars.to_bool),
        "int": ("scalar", scalars.to_int),
        "float": ("scalar", scalars.to_float),
        "timestamp": ("scalar", scalars.to_timestamp),
        "str": ("scalar", str),
        "binary": ("scalar", lambda text: _binary(text)),
        "seq": ("sequence", "seq"),
        "map": ("mapping", "map"),
        "set": ("mapping", "set"),
        "omap": ("sequence", "pairs"),
        "pairs": ("sequence", "pairs"),
    }


def _binary(text):
    import base64

    return base64.b64decode(text)
