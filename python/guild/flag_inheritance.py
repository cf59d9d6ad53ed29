"""Hands preset globals on to processes that load the main module again.

A process that multiprocessing spawns imports the main module of its parent. It
is told a file, or where `__main__.__spec__` is set, a module name. Loaded from
its file the script would have its own defaults again, so it is given a
specification that names `guild.main_with_flags`, and that module finds here,
in the environment, what it needs.
"""

import os

from importlib.machinery import ModuleSpec, SourceFileLoader

NAME = "guild.main_with_flags"

# A Python literal: path, package and directory of the script, FLAGS_DEST, and
# the arguments. The arguments rather than the values: they are text by nature,
# and the other process decodes them as this one did.
VARIABLE = "GUILD_MAIN_WITH_FLAGS"


class MainSpec(ModuleSpec):
    """`__main__.__spec__`: where the script is, by a name that loads its flags too."""

    def __init__(self, script):
        loader = SourceFileLoader(NAME, script.path)
        super().__init__(NAME, loader, origin=script.path)
        self.has_location = True
        self._parent = script.package or ""

    @property
    def parent(self):
        """The script's package, which relative imports start from."""
        return self._parent


def publish(script, dest, args):
    """Lets the processes that this one starts read what it was given."""
    described = (script.path, script.package, script.directory, dest, args)
    text = ascii(described)
    # Linux starts no process at all with a longer variable than 128 KiB. Left
    # out, it is missed only where the script is to be loaded again.
    if len(text) < 120_000:
        os.environ[VARIABLE] = text
    else:
        os.environ.pop(VARIABLE, None)


def read(script_type):
    """What the run's first process published: its script, and the values."""
    from ast import literal_eval

    from guild import flag_args

    described = os.environ.get(VARIABLE)
    if not described:
        raise ImportError(
            "%s is for processes that a run starts: %s is not set" % (NAME, VARIABLE)
        )
    path, package, directory, dest, args = literal_eval(described)
    loader = SourceFileLoader("__main__", path)
    script = script_type(path, loader, None, package, directory)
    return script, flag_args.split(dest, args)[1]
