"""What a command of click takes, told at the moment it is called."""

import sys

from guild import probe_answer, probe_options, probe_owner

import click


def listen(answer, owner, base):
    """Answers when a command that counts is called."""
    listener = _Listener(answer, owner, base)
    cls = click.Command
    for name in ("__call__", "main"):
        setattr(cls, name, listener.wrapped(getattr(cls, name)))
    _remember_places(owner)


class _Listener(probe_options.Listener):
    why_outer = "it belongs to the command before the sub-command"

    def wrapped(self, original):
        def call(command, *args, **kw):
            frame = probe_owner.outside(sys._getframe(1), "click")
            rank = self.owner.rank(frame)
            place = self.owner.place(frame)
            if rank == probe_owner.NEVER:
                self.pass_over(str(command.name), place, "a command")
                return original(command, *args, **kw)
            self.keep(rank, _chosen(command, self.base), place)
            self.answer.finish(None)

        return call

    def options(self, command):
        return command.params

    def strings(self, parameter):
        return parameter.opts

    def own_name(self, parameter):
        return str(parameter.name)

    def why_skipped(self, parameter, name):
        if not isinstance(parameter, click.Option):
            return "it is a positional argument"
        if not name:
            return "it has no long name"
        if name == "help" or (parameter.is_eager and not parameter.expose_value):
            # Such as --version: it is done at once and passes nothing on.
            return ""
        if getattr(parameter, "count", False):
            return "it counts how often it is given"
        return None

    def describe(self, parameter, flag):
        flag["how"] = "click option --" + flag["name"]
        _describe(parameter, flag)


def _chosen(command, base):
    """The commands that the base arguments lead to, the outermost first."""
    chain = [command]
    words = list(base)
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            # Its value is no command.
            if "=" not in word:
                del words[: _values_of(chain[-1], word)]
            continue
        inner = _inner(chain[-1], word)
        if inner is None:
            break
        chain.append(inner)
    return chain


def _inner(command, name):
    if not hasattr(command, "get_command"):
        return None
    try:
        context = click.Context(command, info_name=command.name)
        return command.get_command(context, name)
    except Exception:
        return None


def _values_of(command, option):
    for parameter in command.params:
        if option in parameter.opts or option in parameter.secondary_opts:
            if getattr(parameter, "is_flag", False) or getattr(
                parameter, "count", False
            ):
                return 0
            return max(parameter.nargs, 0)
    return 0


def _remember_places(owner):
    """Has each parameter remember where the project defines it."""
    original = click.Parameter.__init__

    def init(self, *args, **kw):
        original(self, *args, **kw)
        frame = probe_owner.outside(sys._getframe(1), "click")
        self.guild_place = owner.place(frame)

    click.Parameter.__init__ = init


def _describe(parameter, flag):
    if parameter.help:
        flag["description"] = str(parameter.help)
    default = _default(parameter)
    _set_default(flag, parameter, default)
    if isinstance(parameter.type, click.Choice):
        flag["choices"] = probe_answer.choices(
            [getattr(choice, "name", choice) for choice in parameter.type.choices]
        )
    if parameter.required:
        flag["required"] = True
    if parameter.is_flag:
        _set_switch(flag, parameter, default)
    kind = _type_name(parameter.type)
    if kind:
        flag["type"] = kind


def _default(parameter):
    """Its default; None where there is none, which click tells in several ways."""
    default = parameter.default
    if type(default).__name__ in ("Sentinel", "_Missing", "UnsetType"):
        return None
    return default


def _set_default(flag, parameter, default):
    takes_list = parameter.nargs != 1
    if takes_list:
        flag["arg-split"] = True
    if default is None:
        return
    if isinstance(default, (list, tuple)):
        if parameter.multiple or not takes_list:
            return probe_options.leave(flag)
        default = list(default)
    elif hasattr(default, "name") and isinstance(parameter.type, click.Choice):
        default = default.name
    probe_options.set_default(flag, default)


def _set_switch(flag, parameter, default):
    flag["arg-switch"] = not default
    off = [option for option in parameter.secondary_opts if option.startswith("--")]
    if default and off:
        flag["arg-switch"] = False
        flag["arg-name"] = off[0][2:]


def _type_name(kind):
    types = click.types
    for cls, name in (
        (types.BoolParamType, "boolean"),
        (types.IntParamType, "int"),
        (types.FloatParamType, "float"),
        (types.StringParamType, "string"),
    ):
        if isinstance(kind, cls):
            return name
    return None
