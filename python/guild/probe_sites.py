"""Where a module calls parsers, as its text says.

Only asked for where a parser has read some arguments and another may read the
rest, such as after `parse_known_args`, and where a script takes its time.
"""

import ast

PARSE_NAMES = frozenset(
    [
        "parse_args",
        "parse_known_args",
        "parse_intermixed_args",
        "parse_known_intermixed_args",
    ]
)


class Sites:
    """Calls of parsers in the modules of the project that are loaded."""

    def __init__(self, owner):
        self._owner = owner
        self._modules = {}

    def another(self, rank_of, rank, final, seen, current):
        """Whether a module has a call of a parser that can still come, and counts
        more than one of `rank`, or as much if that one is not `final`.

        `seen` has the places of calls that were made, `current` that of the last.
        """
        for path, module in self._read():
            other = rank_of(path)
            if other > rank or (other == rank and not final):
                if self._another_in(path, module, seen, current):
                    return True
        return False

    def _another_in(self, path, module, seen, current):
        here = None
        if current[0] == path:
            here = next((s for s in module.sites if s.covers(current[1])), None)
        for site in module.sites:
            if any(place[0] == path and site.covers(place[1]) for place in seen):
                continue
            if site.guarded and path != self._owner.script:
                continue
            if here is not None and site.function == here.function:
                if site.first <= here.last or not site.goes_with(here):
                    continue
            elif not self._is_reached(site) or (here and not site.goes_with(here)):
                continue
            return True
        return False

    def left(self, frame):
        """Whether something of the project may still read arguments, by the names
        in it, for a script that is at `frame`."""
        for path, module in self._read():
            line = _module_line(frame, path)
            for site in module.mentions:
                if site.guarded and path != self._owner.script:
                    continue
                if self._is_reached(site) if site.function else site.last >= line:
                    return True
        return False

    def _read(self):
        for path in self._owner.modules():
            if path not in self._modules:
                self._modules[path] = _read(path)
        return list(self._modules.items())

    def _is_reached(self, site):
        return all(
            name.startswith("__")
            or any(name in module.names for module in self._modules.values())
            for name in site.function
        )


def _module_line(frame, path):
    """The line of a module's own level that is run; past all if it is through."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename == path and code.co_name == "<module>":
            return frame.f_lineno
        frame = frame.f_back
    return float("inf")


def _may_parse(name):
    return name == "argv" or ("parse" in name and name != "argparse")


class _Site:
    def __init__(self, node, function, branches, guarded):
        self.first = node.lineno
        self.last = max(
            getattr(part, "lineno", 0) or 0 for part in ast.walk(node)
        )
        # The functions around the call, the innermost last.
        self.function = function
        # The conditions around it with the side that it is on.
        self.branches = branches
        # Whether it is only for when the module is the main one.
        self.guarded = guarded

    def covers(self, line):
        return self.first <= line <= self.last

    def goes_with(self, other):
        """Whether no condition stands between the two."""
        for condition, side in self.branches:
            if (condition, not side) in other.branches:
                return False
        return True


def _read(path):
    finder = _Finder()
    try:
        with open(path, "rb") as f:
            tree = ast.parse(f.read())
        finder.visit(tree)
    except (OSError, SyntaxError, ValueError, RecursionError):
        pass
    return finder


class _Finder(ast.NodeVisitor):
    def __init__(self):
        # Calls of parsers, and what may lead to such a call elsewhere.
        self.sites = []
        self.mentions = []
        # Every name that is used.
        self.names = set()
        self._function = ()
        self._branches = ()
        self._guarded = False

    def visit_Name(self, node):
        self._name(node.id, node)

    def visit_Attribute(self, node):
        self._name(node.attr, node)
        self.generic_visit(node)

    def _name(self, name, node):
        self.names.add(name)
        if _may_parse(name):
            self.mentions.append(self._site(node))

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in PARSE_NAMES:
            self.sites.append(self._site(node))
        self.generic_visit(node)

    def _site(self, node):
        return _Site(node, self._function, self._branches, self._guarded)

    def visit_FunctionDef(self, node):
        around, self._function = self._function, self._function + (node.name,)
        self.generic_visit(node)
        self._function = around

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_If(self, node):
        self.visit(node.test)
        around = self._branches, self._guarded
        self._guarded = self._guarded or "__main__" in ast.dump(node.test)
        for side, nodes in ((True, node.body), (False, node.orelse)):
            self._branches = around[0] + ((id(node), side),)
            for child in nodes if isinstance(nodes, list) else [nodes]:
                self.visit(child)
        self._branches, self._guarded = around

    visit_IfExp = visit_If
