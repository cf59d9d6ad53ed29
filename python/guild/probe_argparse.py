"""What a parser of argparse takes, told at the moment it parses."""

import argparse
import enum
import sys

from guild import probe_answer, probe_options, probe_owner

# By name, since the third is not in all versions, and a script may have its own.
_STORED = ("_StoreAction", "_StoreTrueAction", "_StoreFalseAction")
_BOOLEAN = "BooleanOptionalAction"

_TYPES = {str: "string", int: "int", float: "float", bool: "boolean"}

_OTHERS = {
    "_AppendAction": "append",
    "_AppendConstAction": "append_const",
    "_CountAction": "count",
    "_ExtendAction": "extend",
    "_StoreConstAction": "store_const",
    "_VersionAction": "version",
}


class _Described(BaseException):
    """The parser came to `--help`: it is the one that the arguments lead to."""


def listen(answer, owner, base):
    """Answers when a parser that counts is to parse."""
    listener = _Listener(answer, owner, base)
    cls = argparse.ArgumentParser
    for name, final in (
        ("parse_args", True),
        ("parse_known_args", False),
        ("parse_intermixed_args", True),
        ("parse_known_intermixed_args", False),
    ):
        if hasattr(cls, name):
            setattr(cls, name, listener.wrapped(getattr(cls, name), final))
    _remember_places(owner)


class _Listener(probe_options.Listener):
    why_outer = "it belongs to the parser before the sub-command"

    def __init__(self, answer, owner, base):
        super().__init__(answer, owner, base)
        self.inside = False
        # The parsers that the arguments have led to, the main one first.
        self.chain = []

    def wrapped(self, original, final):
        def parse(parser, args=None, namespace=None):
            if self.inside:
                return original(parser, args, namespace)
            self.inside = True
            try:
                frame = probe_owner.outside(sys._getframe(1), "argparse")
                args = self._called(original, final, parser, args, frame)
                return original(parser, args, namespace)
            finally:
                self.inside = False

        return parse

    def _called(self, original, final, parser, args, frame):
        """Answers, or returns the arguments to go on with."""
        rank = self.owner.rank(frame)
        place = self.owner.place(frame)
        own_args = self.base if args is None else [a for a in args if a != "--help"]
        if rank == probe_owner.NEVER:
            self.pass_over(parser.prog, place, "a parser")
            return own_args
        # One that knows --help ends the script there, whatever it leaves.
        final = final or parser.add_help
        again = self.owner.may_parse_again(frame, rank, final)
        self._descend(original, parser, args)
        self.keep(rank, self.chain, place)
        if not again:
            self.answer.finish(None)
        self.answer.go_on()
        return own_args

    def _descend(self, original, parser, args):
        """Has argparse itself find the parser that the arguments choose."""
        self.chain = [parser]
        args = list(sys.argv[1:] if args is None else args)
        if "--help" not in args:
            args.append("--help")
        help_call = argparse._HelpAction.__call__
        choose_call = argparse._SubParsersAction.__call__
        chain = self.chain

        def described(*_args, **_kw):
            raise _Described()

        def choose(action, outer, namespace, values, option_string=None):
            chosen = action._name_parser_map.get(values[0])
            if chosen is not None:
                chain.append(chosen)
            return choose_call(action, outer, namespace, values, option_string)

        argparse._HelpAction.__call__ = described
        argparse._SubParsersAction.__call__ = choose
        try:
            original(parser, args, None)
        except (_Described, Exception, SystemExit):
            # Wrong arguments end it as well: the parser that refused them is it.
            pass
        finally:
            argparse._HelpAction.__call__ = help_call
            argparse._SubParsersAction.__call__ = choose_call

    def options(self, parser):
        return parser._actions

    def strings(self, action):
        return action.option_strings

    def own_name(self, action):
        return str(action.dest)

    def why_skipped(self, action, name):
        kind = type(action).__name__
        if kind == "_HelpAction":
            return ""
        if kind == "_SubParsersAction":
            return "it is a sub-command"
        if kind in _OTHERS:
            return "its action is '%s'" % _OTHERS[kind]
        if kind not in _STORED and kind != _BOOLEAN:
            return "its action is a class of the script"
        if not action.option_strings:
            return "it is a positional argument"
        return None if name else "it has no long name"

    def describe(self, action, flag):
        flag["how"] = "argparse option --" + flag["name"]
        _describe(action, flag)


def _remember_places(owner):
    """Has each action remember where the project adds it."""
    for cls, name in (
        (argparse._ActionsContainer, "add_argument"),
        (argparse.ArgumentParser, "add_subparsers"),
    ):
        setattr(cls, name, _remembering(owner, getattr(cls, name)))


def _remembering(owner, original):
    def add(self, *args, **kw):
        action = original(self, *args, **kw)
        if not hasattr(action, "guild_place"):
            frame = probe_owner.outside(sys._getframe(1), "argparse")
            try:
                action.guild_place = owner.place(frame)
            except AttributeError:
                pass
        return action

    return add


def _describe(action, flag):
    if action.help and action.help is not argparse.SUPPRESS:
        flag["description"] = str(action.help)
    _set_default(flag, action)
    if action.choices is not None:
        choices = action.choices
        if isinstance(action.type, enum.EnumMeta):
            choices = [getattr(choice, "value", choice) for choice in choices]
        flag["choices"] = probe_answer.choices(choices)
    if action.required:
        flag["required"] = True
    _set_type(flag, action)
    kind = type(action).__name__
    if kind in ("_StoreTrueAction", "_StoreFalseAction"):
        flag["arg-switch"] = kind == "_StoreTrueAction"
        flag["choices"] = [True, False]
    elif kind == _BOOLEAN:
        _set_boolean_option(flag, action)


def _set_default(flag, action):
    default = action.default
    takes_list = _takes_several(action)
    if takes_list:
        flag["arg-split"] = True
    if default is None or default is argparse.SUPPRESS:
        return
    if isinstance(default, enum.Enum) and isinstance(action.type, enum.EnumMeta):
        default = default.value
    if isinstance(default, (list, tuple)):
        if action.nargs == 1 and len(default) == 1:
            flag["arg-split"] = takes_list = True
        if not takes_list:
            return probe_options.leave(flag)
        default = list(default)
    probe_options.set_default(flag, default)


def _takes_several(action):
    return action.nargs in ("+", "*") or (
        isinstance(action.nargs, int) and action.nargs > 1
    )


def _set_type(flag, action):
    if action.type is None:
        return
    try:
        kind = _TYPES.get(action.type)
    except TypeError:
        kind = None
    if "lightning" in (getattr(action.type, "__module__", None) or ""):
        kind = _set_lightning_type(flag, action, kind)
    if kind:
        flag["type"] = kind


def _set_lightning_type(flag, action, kind):
    """The type functions of the parsers that Lightning makes."""
    name = getattr(action.type, "__name__", "")
    if name.startswith("str_to_bool"):
        if isinstance(action.default, bool):
            flag["default"] = "yes" if action.default else "no"
        return None
    if name == "_int_or_float_type":
        return "number"
    if name == "_gpus_allowed_type":
        return "string"
    if name == "_precision_allowed_type":
        flag["choices"] = [16, 32, 64]
        return "int"
    return kind


def _set_boolean_option(flag, action):
    """One of `--x` and `--no-x` is given, whichever is not the default."""
    options = [option for option in action.option_strings if option.startswith("--")]
    off = [option for option in options if option.startswith("--no-")]
    on = [option for option in options if option not in off]
    if not on or not off:
        return
    flag["choices"] = [True, False]
    flag["arg-switch"] = not action.default
    flag["arg-name"] = (off if action.default else on)[0][2:]
