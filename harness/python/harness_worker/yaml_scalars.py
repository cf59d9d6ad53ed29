"""What plain scalars are in YAML 1.1, as PyYAML resolves them."""

import re

PREFIX = "tag:yaml.org,2002:"

# In the order in which they are tried.
FORMS = [
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
    (
        "float",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?"
        r"|\.[0-9][0-9_]*([eE][-+][0-9]+)?"
        r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    ),
    (
        "int",
        r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
        r"|[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+",
    ),
    ("merge", r"<<"),
    ("null", r"~|null|Null|NULL|"),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?"
        r"([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?",
    ),
    ("value", r"="),
]
PATTERNS = [(PREFIX + name, re.compile(f"(?:{form})\\Z")) for name, form in FORMS]


def resolve(text):
    """The tag of a plain scalar."""
    for tag, pattern in PATTERNS:
        if pattern.match(text):
            return tag
    return PREFIX + "str"


def to_bool(text):
    return {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}[
        text.lower()
    ]


def to_int(text):
    text = text.replace("_", "")
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if digits == "0":
        return 0
    if digits.startswith("0b"):
        return sign * int(digits[2:], 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:], 16)
    if digits.startswith("0"):
        return sign * int(digits, 8)
    return sign * _by_sixty(digits, int)


def to_float(text):
    text = text.replace("_", "").lower()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if digits in (".inf", ".nan"):
        return sign * float(digits[1:])
    return sign * _by_sixty(digits, float)


def _by_sixty(digits, number):
    total = 0
    for part in digits.split(":"):
        total = total * 60 + number(part)
    return total


TIMESTAMP = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d*))?"
    r"(?:[ \t]*(?P<zone>Z|(?P<sign>[-+])(?P<hours>\d\d?)(?::(?P<minutes>\d\d))?))?)?\Z"
)


def to_timestamp(text):
    """A date, or a date and time, in its zone if it names one."""
    import datetime

    found = TIMESTAMP.match(text)
    if found is None:
        raise ValueError(f"not a date or time: {text}")
    day = [int(found[name]) for name in ("year", "month", "day")]
    if found["hour"] is None:
        return datetime.date(*day)
    time = [int(found[name]) for name in ("hour", "minute", "second")]
    micros = int((found["fraction"] or "")[:6].ljust(6, "0"))
    zone = None
    if found["zone"] == "Z":
        zone = datetime.timezone.utc
    elif found["zone"]:
        offset = datetime.timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        zone = datetime.timezone(-offset if found["sign"] == "-" else offset)
    return datetime.datetime(*day, *time, micros, zone)
