"""Options of a parser as flags: what argparse and click have in common."""

from guild import probe_answer


class Listener:
    """Tells what the parsers of a library take, which a subclass knows."""

    # Why an option of a parser before the one that was chosen is no flag.
    why_outer = ""

    def __init__(self, answer, owner, base):
        self.answer = answer
        self.owner = owner
        self.base = base

    def options(self, parser):
        """What the parser takes."""
        raise NotImplementedError()

    def strings(self, option):
        """What an option is given by, such as `-x` and `--xyz`."""
        raise NotImplementedError()

    def why_skipped(self, option, name):
        """Why it is no flag; None for a flag, "" for what nobody would take for one."""
        raise NotImplementedError()

    def describe(self, option, flag):
        """Fills the flag in."""
        raise NotImplementedError()

    def pass_over(self, name, place, what):
        """Notes a parser that does not count."""
        self.answer.pass_over(name, place, what + " of a library that is imported")

    def keep(self, rank, chain, place):
        """Takes the last of `chain`, to which the arguments have led by the others."""
        flags, skipped = [], []
        for option in self.options(chain[-1]):
            self._read(option, place, flags, skipped)
        for parser in chain[:-1]:
            for option in self.options(parser):
                name = self._long_name(option)
                if name and self.why_skipped(option, name) != "":
                    where = _place(option, place)
                    skipped.append(probe_answer.skip(name, where, self.why_outer))
        self.answer.keep(rank, flags, skipped)

    def _read(self, option, place, flags, skipped):
        where = _place(option, place)
        name = self._long_name(option)
        why = self.why_skipped(option, name)
        if why is None:
            flag = {"name": name, "file": where[0], "line": where[1]}
            self.describe(option, flag)
            flags.append(flag)
        elif why:
            shown = name or (self.strings(option) or [self.own_name(option)])[0]
            skipped.append(probe_answer.skip(shown, where, why))

    def own_name(self, option):
        """What an option is called that is given by no string."""
        raise NotImplementedError()

    def _long_name(self, option):
        for string in self.strings(option):
            if string.startswith("--"):
                return string[2:]
        return None


def _place(option, place):
    return getattr(option, "guild_place", place)


def set_default(flag, default):
    try:
        flag["default"] = probe_answer.encode(default)
    except probe_answer.Unknown:
        leave(flag)


def leave(flag):
    """The script's default is nothing that could be given as an argument."""
    flag["how"] += ", whose default is left to the script"
