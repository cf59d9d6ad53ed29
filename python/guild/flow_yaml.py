"""Decodes flag values: a single value in the flow style of YAML 1.1.

This reads what Guild writes for a flag value on a command line: scalars, quoted
strings, `[a, b]`, `{a: b}` and `!!set {a, b}`. It is no YAML parser: there are no
blocks, other tags or comments, and text that it cannot read is the value itself.

Plain scalars resolve as PyYAML resolves them, with one addition of Guild's:
floats need no dot (`1e3`).

There are no regular expressions here, as the module that compiles them takes
longer to import than all the rest of a run's start.
"""

_NAMED = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
}
_DIGITS = frozenset("0123456789")
_BREAKS = "\r\n\x85\u2028\u2029"
_ESCAPES = {
    "0": "\0",
    "a": "\x07",
    "b": "\x08",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\x0b",
    "f": "\x0c",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_ESCAPES_HEX = {"x": 2, "u": 4, "U": 8}


def decode(text):
    """The value that `text` stands for, or `text` itself if that is unclear."""
    parser = _Parser(text)
    try:
        value = parser.document()
    except (_Unreadable, ValueError, OverflowError, TypeError, RecursionError):
        # TypeError: a key that is a list, a map or a set.
        return text
    return value


class _Unreadable(Exception):
    pass


class _Parser:
    """Recursive descent over one text, one character at a time."""

    def __init__(self, text):
        self.text = text
        self.at = 0
        self.anchors = {}

    def document(self):
        self.skip_space()
        if self.at == len(self.text):
            return None
        value = self.value(in_flow=False)
        self.skip_space()
        if self.at != len(self.text):
            raise _Unreadable()
        return value

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def skip_space(self):
        while self.at < len(self.text) and self.text[self.at] in " " + _BREAKS:
            self.at += 1

    def value(self, in_flow):
        character = self.peek()
        if character == "[":
            return self.sequence()
        if character == "{":
            return self.mapping()
        if self.text.startswith("!!set ", self.at):
            self.at += len("!!set ")
            self.skip_space()
            if self.peek() != "{":
                raise _Unreadable()
            return set(self.mapping())
        if character == "'":
            return self.single_quoted()
        if character == '"':
            return self.double_quoted()
        if character == "&":
            name = self.anchor_name()
            self.skip_space()
            value = self.anchors[name] = self.value(in_flow)
            return value
        if character == "*":
            name = self.anchor_name()
            if name not in self.anchors:
                raise _Unreadable()
            return self.anchors[name]
        return _resolve(self.plain(in_flow))

    def anchor_name(self):
        start = self.at + 1
        self.at = start
        while self.peek().isalnum() or self.peek() in ("-", "_"):
            self.at += 1
        if self.at == start:
            raise _Unreadable()
        return self.text[start : self.at]

    def sequence(self):
        items = []
        self.at += 1
        self.skip_space()
        while self.peek() != "]":
            items.append(self.value(in_flow=True))
            self.end_of_item("]")
        self.at += 1
        return items

    def mapping(self):
        items = {}
        self.at += 1
        self.skip_space()
        while self.peek() != "}":
            if self.peek() == "?" and self.text[self.at + 1 : self.at + 2].isspace():
                # Written for keys that are empty or long.
                self.at += 1
                self.skip_space()
            key = self.value(in_flow=True)
            self.skip_space()
            value = None
            if self.peek() == ":":
                self.at += 1
                self.skip_space()
                if self.peek() not in (",", "}"):
                    value = self.value(in_flow=True)
            items[key] = value
            self.end_of_item("}")
        self.at += 1
        return items

    def end_of_item(self, closing):
        self.skip_space()
        if self.peek() == ",":
            self.at += 1
            self.skip_space()
        elif self.peek() != closing:
            raise _Unreadable()

    def single_quoted(self):
        parts = []
        self.at += 1
        while True:
            character = self.peek()
            if character == "":
                raise _Unreadable()
            if character == "'":
                self.at += 1
                if self.peek() != "'":
                    return "".join(parts)
                parts.append("'")
                self.at += 1
            elif character in " \t" + _BREAKS:
                parts.append(self.white_space())
            else:
                parts.append(character)
                self.at += 1

    def double_quoted(self):
        parts = []
        self.at += 1
        while True:
            character = self.peek()
            if character == "":
                raise _Unreadable()
            if character == '"':
                self.at += 1
                return "".join(parts)
            if character == "\\":
                parts.append(self.escape())
            elif character in " \t" + _BREAKS:
                parts.append(self.white_space())
            else:
                parts.append(character)
                self.at += 1

    def escape(self):
        self.at += 1
        character = self.peek()
        if character in _ESCAPES:
            self.at += 1
            return _ESCAPES[character]
        if character in _ESCAPES_HEX:
            start = self.at + 1
            self.at = start + _ESCAPES_HEX[character]
            digits = self.text[start : self.at]
            if len(digits) != self.at - start or not digits.isalnum():
                raise _Unreadable()
            return chr(int(digits, 16))
        if character and character in _BREAKS:
            # The line break is escaped: only empty lines after it count.
            return self.line_breaks(joined="")
        raise _Unreadable()

    def white_space(self):
        """Space in a scalar, where lines are folded."""
        start = self.at
        while self.peek() and self.peek() in " \t":
            self.at += 1
        if self.peek() and self.peek() in _BREAKS:
            return self.line_breaks(joined=" ")
        return self.text[start : self.at]

    def line_breaks(self, joined):
        """One line break is `joined`, of several the first does not count."""
        breaks = []
        while self.peek() and self.peek() in " \t" + _BREAKS:
            if self.text.startswith("\r\n", self.at):
                self.at += 1
            if self.peek() in _BREAKS:
                character = self.peek()
                breaks.append(character if character in "\u2028\u2029" else "\n")
            self.at += 1
        first, others = breaks[0], "".join(breaks[1:])
        if first != "\n":
            return first + others
        return others or joined

    def plain(self, in_flow):
        first = self.peek()
        if not first or first in ",[]{}#&*!|>'\"%@`":
            raise _Unreadable()
        if first in "-?:" and self.ends_plain(self.at + 1, in_flow):
            raise _Unreadable()
        if not in_flow and self.text.startswith(("---", "...")):
            raise _Unreadable()
        parts = []
        while True:
            character = self.peek()
            if character == "" or in_flow and character in ",[]{}":
                break
            if character == ":" and self.ends_plain(self.at + 1, in_flow):
                if not in_flow:
                    # A block mapping.
                    raise _Unreadable()
                break
            if character == "\t":
                # Quoted wherever it is meant.
                raise _Unreadable()
            if character in " " + _BREAKS:
                space = self.white_space()
                if self.peek() == "#":
                    # A comment.
                    raise _Unreadable()
                parts.append(space)
            else:
                parts.append(character)
                self.at += 1
        return "".join(parts).rstrip(" \n")

    def ends_plain(self, at, in_flow):
        following = self.text[at : at + 1]
        return following in " \t" + _BREAKS or in_flow and following in ",[]{}"


def _resolve(text):
    """The value of a scalar without quotes."""
    if text in _NAMED or text in (text.upper(), text.capitalize()):
        name = text.lower()
        if name in _NAMED:
            return _NAMED[name]
    if text[0] not in "+-.0123456789":
        return text
    for resolver in (_integer, _decimal, _timestamp):
        value = resolver(text)
        if value is not None:
            return value
    return text


def _sign(text):
    if text[:1] in ("+", "-"):
        return (-1 if text[0] == "-" else 1), text[1:]
    return 1, text


def _consists_of(text, characters):
    return text != "" and all(character in characters for character in text)


def _integer(text):
    sign, digits = _sign(text)
    if digits == "0":
        return 0
    if digits[:2] == "0b":
        base, digits, allowed = 2, digits[2:], "01_"
    elif digits[:2] == "0x":
        base, digits, allowed = 16, digits[2:], "0123456789abcdefABCDEF_"
    elif digits[:1] == "0":
        base, digits, allowed = 8, digits[1:], "01234567_"
    else:
        return _base_60(sign, digits, int) or _base_10(sign, digits)
    bare = digits.replace("_", "")
    if not _consists_of(digits, allowed) or not bare:
        return None
    return sign * int(bare, base)


def _base_10(sign, digits):
    if digits[:1] not in _DIGITS or not _consists_of(digits, "0123456789_"):
        return None
    return sign * int(digits.replace("_", ""))


def _base_60(sign, text, last_type):
    """`1:30` is 90: times and angles, of YAML 1.1."""
    head, *others = text.split(":")
    if not others or head[:1] not in _DIGITS:
        return None
    if not _consists_of(head, "0123456789_"):
        return None
    total = int(head.replace("_", ""))
    for index, part in enumerate(others):
        whole = part
        if index == len(others) - 1 and last_type is float:
            whole, dot, fraction = part.partition(".")
            if not dot or fraction and not _consists_of(fraction, "0123456789_"):
                return None
        if not _consists_of(whole, _DIGITS) or len(whole) > 2 or int(whole) > 59:
            return None
        is_last = index == len(others) - 1
        number = last_type(part.replace("_", "")) if is_last else int(whole)
        total = total * 60 + number
    return sign * total


def _decimal(text):
    sign, number = _sign(text)
    if number in (".inf", ".Inf", ".INF"):
        return sign * float("inf")
    if text in (".nan", ".NaN", ".NAN"):
        return float("nan")
    if ":" in number:
        return _base_60(sign, number, float)
    mantissa, exponent_mark, exponent = number.lower().partition("e")
    if exponent_mark and not _consists_of(_sign(exponent)[1], _DIGITS):
        return None
    whole, dot, fraction = mantissa.partition(".")
    if not dot and not exponent_mark:
        return None
    if whole[:1] == "_":
        return None
    if not whole and not _starts_with_dot(text, fraction, exponent):
        return None
    if not _consists_of(whole + fraction, "0123456789_"):
        return None
    return sign * float(number.replace("_", ""))


def _starts_with_dot(text, fraction, exponent):
    """`.5` and `.5e+3` are numbers, but `-.5` and `.5e3` are text."""
    if text[0] != "." or fraction[:1] not in _DIGITS:
        return False
    return not exponent or exponent[0] in "+-"


def _timestamp(text):
    """A date, or a date with a time of day."""
    if len(text) < 8 or text[4] != "-" or not _consists_of(text[:4], _DIGITS):
        return None
    from guild import timestamps

    return timestamps.parse(text)
