"""Writing YAML: from Python values to text, laid out as PyYAML lays it out."""

import re

from harness_worker import yaml_scalars as scalars
from harness_worker.yaml_errors import RepresenterError
from harness_worker.yaml_scalars import PREFIX


class SafeDumper:
    """Writes plain data."""


Dumper = CDumper = CSafeDumper = SafeDumper


def safe_dump(data, stream=None, **layout):
    """Writes a value, to a stream or as the text that is returned."""
    return dump_all([data], stream, **layout)


def safe_dump_all(documents, stream=None, **layout):
    return dump_all(documents, stream, **layout)


def dump(data, stream=None, Dumper=Dumper, **layout):
    return dump_all([data], stream, Dumper, **layout)


def dump_all(
    documents,
    stream=None,
    Dumper=Dumper,
    default_style=None,
    default_flow_style=False,
    indent=None,
    width=None,
    allow_unicode=None,
    line_break=None,
    encoding=None,
    explicit_start=None,
    explicit_end=None,
    sort_keys=True,
):
    """Writes values, each as a document."""
    if default_style not in (None, "", "'", '"', "|"):
        raise ValueError(f"cannot write in the style {default_style}")
    step = indent if indent and 1 < indent < 10 else 2
    width = width if width and width > step * 2 else 80
    text = ""
    for number, value in enumerate(documents):
        page = _Page(step, width, bool(allow_unicode), default_style or "")
        page.flow_style = default_flow_style
        page.sort_keys = sort_keys
        page.document(value, bool(explicit_start) or number > 0)
        if explicit_end or (page.is_open and number == 0):
            page.line("...")
        text += page.text + "\n"
    text = text.replace("\n", line_break) if line_break in ("\r", "\r\n") else text
    data = text if encoding is None else text.encode(encoding)
    if stream is None:
        return data
    stream.write(data)


class _Page:
    """The text of one document as it grows."""

    flow_style = False
    sort_keys = True
    # Whether the document is a scalar that would go on without an end mark.
    is_open = False

    def __init__(self, step, width, unicode, style):
        self.text = ""
        self.step = step
        self.width = width
        self.unicode = unicode
        self.style = style
        # Of each collection; none of those that are met but once.
        self.anchors = {}
        self.last_anchor = 0
        self.written = set()

    @property
    def column(self):
        return len(self.text) - self.text.rfind("\n") - 1

    def line(self, text="", indent=0):
        if self.text and not self.text.endswith("\n"):
            self.text += "\n"
        self.text += " " * indent + text

    def put(self, text):
        """Adds a word, apart from what is before it unless that is a bracket."""
        if self.text and self.text[-1] not in " \n[{":
            self.text += " "
        self.text += text

    def document(self, value, explicit):
        self.look(value)
        if explicit:
            self.text = "---"
        if _is_scalar(value):
            self.scalar(value, self.step, is_root=True)
        else:
            self.collection(value, 0, inline=not explicit, inner=self.step)

    def look(self, value):
        """Finds the collections that need an anchor."""
        if _is_scalar(value) or value == ():
            return
        if id(value) not in self.anchors:
            self.anchors[id(value)] = None
            for part in self.parts(value):
                self.look(part)
        elif self.anchors[id(value)] is None:
            self.last_anchor += 1
            self.anchors[id(value)] = f"id{self.last_anchor:03}"

    def parts(self, value):
        if isinstance(value, dict):
            return [part for pair in self.pairs(value) for part in pair]
        return self.pairs(dict.fromkeys(value)) if isinstance(value, set) else list(value)

    def pairs(self, value):
        pairs = list((dict.fromkeys(value) if isinstance(value, set) else value).items())
        if self.sort_keys:
            try:
                pairs.sort(key=lambda pair: pair[0])
            except TypeError:
                # Keys that have no order stay as they are.
                pass
        return pairs

    def node(self, value, indent, inline, in_flow=False, is_key=False, inner=None):
        """A value: where a block may start at once (`inline`), or not."""
        if _is_scalar(value):
            self.scalar(value, indent, in_flow=in_flow, is_key=is_key)
        else:
            self.collection(value, indent, inline, in_flow, inner)

    def collection(self, value, indent, inline, in_flow=False, inner=None):
        """A list, a mapping or a set. In brackets, its lines are `inner` deep."""
        anchor = self.anchors.get(id(value))
        if anchor and id(value) in self.written:
            self.put(f"*{anchor}")
            return
        self.written.add(id(value))
        if anchor:
            self.put(f"&{anchor}")
            inline = False
        if isinstance(value, set):
            self.put("!!set")
            inline = False
        keyed = isinstance(value, (dict, set))
        if in_flow or not value or self.on_one_line(value):
            self.flow(value, keyed, indent if inner is None else inner)
        elif keyed:
            self.mapping(value, indent, inline)
        else:
            self.sequence(value, indent, inline)

    def on_one_line(self, value):
        if self.flow_style is not None:
            return self.flow_style
        parts = self.parts(value)
        return not self.style and all(_is_scalar(part) for part in parts)

    def sequence(self, values, indent, inline):
        for number, value in enumerate(values):
            if number or not inline:
                self.line("-", indent)
            else:
                self.put("-")
            self.text += " " * (self.step - 1) if not _is_scalar(value) and value else ""
            self.node(value, indent + self.step, inline=True)

    def mapping(self, value, indent, inline):
        for number, (key, item) in enumerate(self.pairs(value)):
            if number or not inline:
                self.line("", indent)
            if self.is_simple(key):
                self.node(key, indent + self.step, inline=True, is_key=True)
                self.text += " :" if self.text[-1] != "'" and self.is_alias(key) else ":"
            else:
                self.text += "?"
                self.text += " " * (self.step - 1) if not _is_scalar(key) and key else ""
                self.node(key, indent + self.step, inline=True)
                self.line(":", indent)
            # A sequence needs no more indent: its dashes set it apart.
            deeper = isinstance(item, (list, tuple)) and self.is_simple(key)
            inner = indent + self.step
            self.node(item, indent if deeper else inner, inline=False, inner=inner)

    def is_alias(self, key):
        return not _is_scalar(key) and id(key) in self.written and self.anchors.get(id(key))

    def is_simple(self, key):
        if not _is_scalar(key):
            return not key or bool(self.is_alias(key))
        kind, text = _scalar(key)
        return "\n" not in text and len(text) + len(self.tag(kind, text, True)) < 128

    def flow(self, value, keyed, indent):
        self.put("{" if keyed else "[")
        inner = indent + self.step
        parts = self.pairs(value) if keyed else value
        for number, part in enumerate(parts):
            if number:
                self.text += ","
            if self.column > self.width:
                self.line("", indent)
            if number and not self.text.endswith("\n" + " " * indent):
                self.text += " "
            key = part[0] if keyed else part
            if not keyed:
                self.node(key, inner, inline=False, in_flow=True)
                continue
            if self.is_simple(key):
                self.node(key, inner, inline=False, in_flow=True, is_key=True)
                if part[1] is None and isinstance(value, set):
                    self.text += ": null"
                    continue
                self.text += ":"
            else:
                self.text += "? "
                self.node(key, inner, inline=False, in_flow=True)
                self.text += " :"
            self.node(part[1], inner, inline=False, in_flow=True)
        self.text += "}" if keyed else "]"

    def tag(self, kind, text, is_plain):
        needed = scalars.resolve(text) != PREFIX + kind if is_plain else kind != "str"
        return f"!!{kind}" if needed else ""

    def scalar(self, value, indent, in_flow=False, is_key=False, is_root=False):
        kind, text = _scalar(value)
        allowed = _styles(text, self.unicode)
        style = self.style if kind != "binary" else "|"
        implicit = scalars.resolve(text) == PREFIX + kind
        plain = "flow" if in_flow else "block"
        if not style and implicit and plain in allowed and not (is_key and "\n" in text):
            chosen = ""
        elif style == '"' or ("'" not in allowed and not (style == "|" and "|" in allowed)):
            chosen = '"'
        elif style == "|" and "|" in allowed and not in_flow and not is_key:
            chosen = "|"
        else:
            chosen = '"' if "'" not in allowed or (is_key and "\n" in text) else "'"
        tag = self.tag(kind, text, chosen == "")
        if tag:
            self.put(tag)
        self.put("")
        if chosen == "|":
            self.literal(text, indent)
        elif chosen == '"':
            self.double(text, indent, not is_key)
        else:
            self.folded(text, indent, chosen, not is_key)
            self.is_open = is_root and not chosen

    def folded(self, text, indent, quote, splits):
        """Text that is broken at single blanks past the width."""
        self.text += quote
        pieces = re.split(r"( +|\n+)", text.replace(quote, quote * 2) if quote else text)
        # Blanks at either end, where one of these is empty, stay where they are.
        ends = (pieces[0], pieces[-1])
        for number, piece in enumerate(pieces):
            if piece.startswith("\n"):
                self.text += "\n" + piece + " " * indent
            elif (
                piece == " "
                and splits
                and self.column > self.width
                and (ends[0] or number > 1)
                and (ends[1] or number < len(pieces) - 2)
            ):
                self.line("", indent)
            else:
                self.text += piece
        self.text += quote

    def double(self, text, indent, splits):
        self.text += '"'
        start = 0
        for end in range(len(text) + 1):
            char = text[end] if end < len(text) else None
            escape = char is None or not (
                " " <= char <= "~" and char not in '"\\' or self.unicode and _is_wide(char)
            )
            if escape:
                self.text += text[start:end]
                start = end
                if char is not None:
                    self.text += _escaped(char)
                    start = end + 1
            if (
                splits
                and 0 < end < len(text) - 1
                and (char == " " or start >= end)
                and self.column + (end - start) > self.width
            ):
                self.text += text[start:end] + "\\"
                start = max(start, end)
                self.line("", indent)
                if text[start] == " ":
                    self.text += "\\"
        self.text += '"'

    def literal(self, text, indent):
        hint = str(self.step) if text[:1] in (" ", "\n") else ""
        chomp = "" if text.endswith("\n") else "-"
        if text.endswith("\n\n") or text == "\n":
            chomp = "+"
        self.text += "|" + hint + chomp
        lines = text.split("\n")
        for line in lines[:-1] if text.endswith("\n") else lines:
            self.text += "\n" + (" " * indent + line if line else "")
        self.is_open = chomp == "+"


SHORT = dict(zip("\0\a\b\t\n\v\f\r\x1b\"\\\x85\xa0\u2028\u2029", "0abtnvfre\"\\N_LP"))


def _escaped(char):
    if char in SHORT:
        return "\\" + SHORT[char]
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


def _is_wide(char):
    """Whether a character beyond ASCII is one to print."""
    return char != "\ufeff" and (
        char == "\x85" or "\xa0" <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
    )


BLANK = "[ \t\r\n\x85\u2028\u2029]"
# What would be read as something else, anywhere and in brackets.
BLOCK = re.compile(
    rf"---|\.\.\.|[#,\[\]{{}}&*!|>'\"%@`]|[-?:]({BLANK}|\Z)|.*?(:({BLANK}|\Z)|{BLANK}#)", re.S
)
FLOW = re.compile(r"[?:]|.*[,?\[\]{}:]", re.S)


def _styles(text, unicode):
    """The ways in which a scalar can be written, beside double quotes."""
    if not text:
        return {"block", "'"}
    special = any(
        not (char == "\n" or " " <= char <= "~" or _is_wide(char) and unicode) for char in text
    )
    if special or re.search(r" \n", text):
        return set()
    allowed = {"block", "flow", "'", "|"}
    if text[0] in " \n" or text[-1] in " \n" or re.search("[\n\x85\u2028\u2029]", text):
        allowed -= {"block", "flow"}
    if text[-1] == " ":
        allowed -= {"|"}
    if re.search(r"\n ", text):
        allowed -= {"'"}
    if BLOCK.match(text):
        allowed -= {"block", "flow"}
    if FLOW.match(text):
        allowed -= {"flow"}
    return allowed


def _is_scalar(value):
    return not isinstance(value, (list, tuple, dict, set))


def _scalar(value):
    """The kind and the text of a scalar."""
    if value is None:
        return "null", "null"
    if isinstance(value, bool):
        return "bool", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, float):
        return "float", _float(value)
    if isinstance(value, str):
        return "str", value
    if isinstance(value, bytes):
        import base64

        return "binary", base64.encodebytes(value).decode("ascii")
    if type(value).__module__ == "datetime" and hasattr(value, "year"):
        return "timestamp", str(value)
    raise RepresenterError("cannot represent an object", value)


def _float(value):
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value).lower()
    # Else it would be no number of YAML 1.1.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text
