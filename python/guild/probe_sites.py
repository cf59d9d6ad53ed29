"""Where a module calls parsers, as its text says.

Only asked for where a parser has read some arguments and another may read the
rest, such as after `parse_known_args`.
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


def another(path, seen, current, is_main):
    """Whether the module has a call of a parser that can still come.

    `seen` has the places of calls that were made, `current` that of the last.
    """
    sites = _sites(path)
    here = None
    if current[0] == path:
        here = next((site for site in sites if site.covers(current[1])), None)
    for site in sites:
        if any(place[0] == path and site.covers(place[1]) for place in seen):
            continue
        if site.guarded and not is_main:
            continue
        if here is not None and not site.can_follow(here):
            continue
        if here is None and not site.is_reached:
            continue
        return True
    return False


class _Site:
    def __init__(self, call, function, branches, guarded):
        self.first = call.lineno
        self.last = max(
            getattr(node, "lineno", 0) or 0 for node in ast.walk(call)
        )
        # The functions around the call, the innermost last.
        self.function = function
        # The conditions around it with the side that it is on.
        self.branches = branches
        # Whether it is only for when the module is the main one.
        self.guarded = guarded
        self.is_reached = True

    def covers(self, line):
        return self.first <= line <= self.last

    def can_follow(self, other):
        for condition, side in self.branches:
            if (condition, not side) in other.branches:
                return False
        if self.function == other.function:
            return self.first > other.last
        return self.is_reached


def _sites(path):
    try:
        with open(path, "rb") as f:
            tree = ast.parse(f.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    finder = _Finder()
    finder.visit(tree)
    for site in finder.sites:
        site.is_reached = all(
            name in finder.names or name.startswith("__") for name in site.function
        )
    return finder.sites


class _Finder(ast.NodeVisitor):
    def __init__(self):
        self.sites = []
        # Every name that is used.
        self.names = set()
        self._function = ()
        self._branches = ()
        self._guarded = False

    def visit_Name(self, node):
        self.names.add(node.id)

    def visit_Attribute(self, node):
        self.names.add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in PARSE_NAMES:
            site = _Site(node, self._function, self._branches, self._guarded)
            self.sites.append(site)
        self.generic_visit(node)

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
