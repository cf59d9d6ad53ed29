"""Separates a script's own arguments from the flag values meant for globals.

For the destinations other than `args`: see `split`. Values arrive as flow
YAML, which `guild.flow_yaml` decodes.
"""

from guild import flow_yaml


def split(dest, args):
    """Returns the script's arguments, and its preset globals by name.

    ``globals``                     each flag is a global
    ``global:A.B`` or ``dict:A.B``  the global A is {"B": {flags}}
    ``namespace:A.B``               the same in namespaces
    any other                       flags do not reach the script
    """
    own, flag_part = _split_at_last_separator(args)
    kind, _, path = dest.partition(":")
    presets_globals = dest == "globals"
    if not presets_globals and kind not in ("global", "dict", "namespace"):
        return own, {}
    unnamed, flags = _parse(flag_part)
    own = own + unnamed
    if not flags or presets_globals:
        return own, flags
    nested = {}
    for name, value in flags.items():
        _set_nested(nested, name, value)
    names = [name for name in path.split(".") if name]
    for name in reversed(names):
        nested = {name: nested}
    if kind == "namespace":
        nested = {name: _namespace(value) for name, value in nested.items()}
    return own, nested


def _split_at_last_separator(args):
    if "--" not in args:
        return [], args
    last = len(args) - 1 - args[::-1].index("--")
    return args[:last], args[last + 1 :]


def _parse(args):
    """Arguments before the first name, and decoded values by name.

    A name without a value is True, one with several values, or given several
    times, is a list.
    """
    unnamed = []
    texts = {}
    current = None
    takes_dashed = False
    for arg in args:
        if arg.startswith("--") and len(arg) > 2:
            current = texts.setdefault(arg[2:], [])
            takes_dashed = True
        elif _is_short_name(arg) and not takes_dashed:
            current = texts.setdefault(arg[1], [])
            if len(arg) > 2:
                current.append(arg[2:])
        elif current is None:
            unnamed.append(arg)
        else:
            # Directly after a long name `-text` is a value: it is what
            # `name=-text` turns into, and short names are never written for
            # flags.
            current.append(arg)
            takes_dashed = False
    return unnamed, {name: _value(values) for name, values in texts.items()}


def _is_short_name(arg):
    """Whether it is `-x` or `-xVALUE`, and neither `-` nor a negative number."""
    return len(arg) > 1 and arg[0] == "-" and arg[1] not in "-.0123456789"


def _value(texts):
    if not texts:
        return True
    values = [flow_yaml.decode(text) for text in texts]
    return values[0] if len(values) == 1 else values


def _set_nested(target, name, value):
    """Sets `a.b.c` in a nested dict, where keys may contain dots themselves.

    The longest part of the name that is a key decides.
    """
    if name in target:
        target[name] = value
        return
    head = name.rpartition(".")[0]
    while head:
        if head in target:
            if not isinstance(target[head], dict):
                raise ValueError(
                    "%r cannot be nested: conflicts with %r"
                    % (name, {head: target[head]})
                )
            _set_nested(target[head], name[len(head) + 1 :], value)
            return
        head = head.rpartition(".")[0]
    head, separator, rest = name.partition(".")
    if separator:
        target[head] = {}
        _set_nested(target[head], rest, value)
    else:
        target[name] = value


def _namespace(value):
    if not isinstance(value, dict):
        return value
    from types import SimpleNamespace

    return SimpleNamespace(**{str(k): _namespace(v) for k, v in value.items()})
