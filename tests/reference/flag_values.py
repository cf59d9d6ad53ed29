"""Asks Guild AI what it makes of flag values. Reads JSON from stdin, prints JSON.

Each question is a text, the type of its flag and how it is split. The answer is an
object of what Guild AI has for the value at each place, as text; what it fails at is
missing.
"""

import datetime
import json
import logging
import sys
import types
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from guild import flag_util, op_cmd, op_util, yaml_util  # noqa: E402

DESTS = {"args": "args", "globals": "globals"}


def plain(value):
    """A value as a Python literal, whose maps are sorted."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return repr(str(value))
    if isinstance(value, set):
        return plain({item: None for item in value})
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(plain(item) for item in value) + "]"
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: str(item[0]))
        return "{" + ", ".join(f"{plain(k)}: {plain(v)}" for k, v in items) + "}"
    return repr(value)


def answers(text, flag_type, split, template):
    value = flag_util.decode_flag_val(text, flag_type)
    yield "value", lambda: plain(value)
    yield "shown", lambda: flag_util.encode_flag_val(value)
    yield "label", lambda: op_util.run_label(None, {"x": value})
    yield "template", lambda: op_util.run_label(template, {"x": value})
    yield "function", lambda: flag_util.is_flag_function(text)
    yield "env", lambda: op_cmd._encode_env_val(value, op_cmd.CmdFlag(arg_split=split))
    for name, dest in DESTS.items():
        flag = op_cmd.CmdFlag(arg_split=split)
        yield name, lambda dest=dest: op_cmd._args_for_flag("x", value, flag, dest, [])
    flag = types.SimpleNamespace(name="x", type=flag_type, arg_split=split)

    def coerced():
        try:
            return plain(op_util.coerce_flag_value(value, flag))
        except (ValueError, TypeError):
            return "refused"

    yield "coerced", coerced


def answer(question):
    found = {}
    for name, make in answers(*question):
        try:
            found[name] = make()
        except Exception:
            pass
    return found


def safe(question):
    try:
        return answer(question)
    except Exception:
        return {}


json.dump([safe(question) for question in json.load(sys.stdin)], sys.stdout)
