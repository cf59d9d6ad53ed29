"""Loads and dumps with PyYAML what tests/pyyaml.rs asks for: a JSON list of
questions on stdin, a JSON list of answers on stdout.

    {"load": TEXT}                  {"value": VALUE} or {"problem": TEXT}
    {"dump": VALUE, "flow": BOOL}   {"text": TEXT}

A VALUE is a list of its kind and its content, so that nothing is lost in JSON.
"""

import datetime
import json
import re
import struct
import sys

import yaml

# What Guild AI adds: an exponent makes a float without a point or a sign in it,
# and so do a point and underscores.
FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?[eE][-+]?[0-9]+$"
    r"|\.[0-9_]+(?:[eE][-+][0-9]+)?$"
)
yaml.resolver.Resolver.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, list("-+.0123456789"))


class Odd(Exception):
    """A value that guild does not have."""


def encode(value, above=()):
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", "nan" if value != value else struct.pack(">d", value).hex()]
    if isinstance(value, str):
        if any(0xD800 <= ord(c) < 0xE000 for c in value):
            raise Odd("half a character")
        return ["str", value]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, datetime.date):
        return ["time", str(value)]
    if id(value) in above:
        raise Odd("contains itself")
    above += (id(value),)
    if isinstance(value, (list, tuple)):
        return ["list", [encode(item, above) for item in value]]
    if isinstance(value, set):
        # A set has no order to compare.
        if len(value) > 1:
            raise Odd("set")
        return ["set", [encode(key, above) for key in value]]
    return ["map", [[encode(k, above), encode(v, above)] for k, v in value.items()]]


def decode(value):
    kind, content = value[0], value[1] if len(value) > 1 else None
    if kind == "int":
        return int(content)
    if kind == "float":
        return float("nan") if content == "nan" else struct.unpack(">d", bytes.fromhex(content))[0]
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "time":
        of = datetime.datetime if " " in content else datetime.date
        return of.fromisoformat(content)
    if kind == "list":
        return [decode(item) for item in content]
    if kind == "set":
        return {decode(key) for key in content}
    if kind == "map":
        return {decode(k): decode(v) for k, v in content}
    return content


class Strict:
    """Within it, `y` and `n` are quoted, as in the files of attributes."""

    def __enter__(self):
        pattern = re.compile("[yYnN]$")
        yaml.resolver.Resolver.add_implicit_resolver("tag:yaml.org,2002:bool", pattern, list("yYnN"))

    def __exit__(self, *_):
        for first in "yYnN":
            yaml.resolver.Resolver.yaml_implicit_resolvers[first].pop()


def dump(value, flow):
    text = yaml.safe_dump(value, default_flow_style=flow, indent=2).strip()
    return text[:-4] if text.endswith("\n...") else text


def answer(question):
    if "load" in question:
        try:
            return {"value": encode(yaml.safe_load(question["load"]))}
        except Odd as odd:
            return {"odd": str(odd)}
        except yaml.MarkedYAMLError as error:
            return {"problem": error.problem}
        except Exception:
            return {"problem": None}
    value = decode(question["dump"])
    if question["flow"]:
        return {"text": dump(value, True)}
    with Strict():
        return {"text": dump(value, False)}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
