"""Tells which names an example binds, which it reads, and what it imports.

This is about source text alone: nothing is run. Source that does not compile
binds, reads and imports nothing.
"""

import ast

__all__ = ["ALL", "bound", "imports", "used"]

# What `bound` tells of `from module import *`: names that nobody can know.
ALL = "*"


def bound(source):
    """The names that running an example may bind in the namespace of the spec.

    Those that its functions declare `global` count, and `*` is among them if it
    imports names that cannot be known.
    """
    tree = _parse(source)
    names = _Bindings.of(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            names.update(node.names)
    return names


def used(source):
    """The names whose values an example takes from what came before it.

    Names of builtin functions are among them. A function that the example
    defines reads its names where it is defined.
    """
    reads = _Reads()
    reads.visit(_parse(source))
    return reads.names


def imports(source):
    """The modules that an example imports, each with those above it.

    An import whose failure the example handles itself does not count, nor does
    one that is relative to a package.
    """
    found = _Imports()
    found.visit(_parse(source))
    return found.modules


def _parse(source):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module(body=[])


def _parameters(arguments):
    listed = getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs
    listed += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return {argument.arg for argument in listed}


class _Bindings(ast.NodeVisitor):
    """Collects the names that statements bind in the scope they stand in."""

    def __init__(self):
        self.names = set()
        self.elsewhere = set()

    @classmethod
    def of(cls, nodes):
        found = cls()
        for node in nodes:
            found.visit(node)
        return found.names - found.elsewhere

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)

    def visit_alias(self, node):
        self.names.add(node.asname or node.name.split(".")[0])

    def visit_ExceptHandler(self, node):
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    def visit_Global(self, node):
        self.elsewhere.update(node.names)

    visit_Nonlocal = visit_Global

    def visit_MatchAs(self, node):
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node):
        if node.rest:
            self.names.add(node.rest)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.names.add(node.name)
        for outer in node.decorator_list + [node.args]:
            self.visit(outer)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.names.add(node.name)
        for outer in node.decorator_list + node.bases + node.keywords:
            self.visit(outer)

    def visit_Lambda(self, node):
        self.visit(node.args)

    def visit_comprehension(self, node):
        # Its targets are its own; a `:=` in it is not.
        for part in [node.iter] + node.ifs:
            self.visit(part)


class _Reads(ast.NodeVisitor):
    """Collects the names that are read before they are bound, in the order in
    which Python evaluates."""

    def __init__(self):
        self.names = set()
        # One set of known names for each scope, innermost last, and which of
        # them are bodies of classes: what is nested in those does not see them.
        self.scopes = [set()]
        self.classes = [False]

    def bind(self, *names):
        self.scopes[-1].update(names)

    def read(self, name):
        hidden = [is_class for is_class in self.classes[:-1]] + [False]
        if not any(name in scope for scope, skip in zip(self.scopes, hidden) if not skip):
            self.names.add(name)

    def visit_all(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    def within(self, names, nodes, is_class=False):
        self.scopes.append(set(names))
        self.classes.append(is_class)
        self.visit_all(nodes)
        self.scopes.pop()
        self.classes.pop()

    def perhaps(self, nodes):
        """Visits what may not be run: what it binds need not be bound after it."""
        before = set(self.scopes[-1])
        self.visit_all(nodes)
        self.scopes[-1] = before

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
            return
        self.read(node.id)
        if isinstance(node.ctx, ast.Del):
            self.scopes[-1].discard(node.id)

    def visit_alias(self, node):
        self.bind(node.asname or node.name.split(".")[0])

    def visit_Assign(self, node):
        self.visit_all([node.value] + node.targets)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.visit_all([node.value, node.target])

    def visit_AnnAssign(self, node):
        self.visit_all([node.annotation, node.value])
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self.bind(node.target.id)

    def visit_If(self, node):
        self.visit(node.test)
        self.perhaps(node.body)
        self.perhaps(node.orelse)

    visit_While = visit_If

    def visit_For(self, node):
        self.visit(node.iter)
        self.perhaps([node.target] + node.body)
        self.perhaps(node.orelse)

    visit_AsyncFor = visit_For

    def visit_Try(self, node):
        self.perhaps(node.body + node.orelse)
        for handler in node.handlers:
            self.perhaps([handler])
        self.visit_all(node.finalbody)

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node):
        self.visit_all([node.type])
        if node.name:
            self.bind(node.name)
        self.visit_all(node.body)

    def visit_Match(self, node):
        self.visit(node.subject)
        for case in node.cases:
            names = _Bindings.of([case.pattern])
            self.visit(case.pattern)
            before = set(self.scopes[-1])
            self.bind(*names)
            self.visit_all([case.guard] + case.body)
            self.scopes[-1] = before

    def visit_FunctionDef(self, node):
        self.visit_all(node.decorator_list)
        self.signature(node.args)
        self.visit_all([node.returns])
        self.bind(node.name)
        self.body(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self.signature(node.args)
        self.body(node, [node.body])

    def signature(self, arguments):
        self.visit_all(arguments.defaults + arguments.kw_defaults)
        for node in ast.walk(arguments):
            self.visit_all([node.annotation] if isinstance(node, ast.arg) else [])

    def body(self, node, statements):
        names = _Bindings.of(statements) | _parameters(node.args)
        self.within(names | _type_parameters(node), statements)

    def visit_ClassDef(self, node):
        own = _type_parameters(node)
        self.visit_all(node.decorator_list)
        self.within(own, node.bases + node.keywords)
        self.within(own, node.body, is_class=True)
        self.bind(node.name)

    def comprehension(self, node):
        first = node.generators[0]
        self.visit(first.iter)
        self.scopes.append(set())
        self.classes.append(False)
        for generator in node.generators:
            self.visit_all([] if generator is first else [generator.iter])
            self.visit_all([generator.target] + generator.ifs)
        self.visit_all(getattr(node, part, None) for part in ("key", "value", "elt"))
        self.scopes.pop()
        self.classes.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension


def _type_parameters(node):
    return {parameter.name for parameter in getattr(node, "type_params", [])}


class _Imports(ast.NodeVisitor):
    """Collects the modules that are imported."""

    def __init__(self):
        self.modules = set()

    def add(self, name):
        parts = name.split(".")
        self.modules.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))

    def visit_Import(self, node):
        for alias in node.names:
            self.add(alias.name)

    def visit_ImportFrom(self, node):
        if not node.level:
            self.add(node.module)

    def visit_Call(self, node):
        """`__import__("module")` and `import_module("module")`."""
        called = getattr(node.func, "id", getattr(node.func, "attr", None))
        if called in ("__import__", "import_module") and node.args:
            name = getattr(node.args[0], "value", getattr(node.args[0], "s", None))
            if isinstance(name, str) and name and not name.startswith("."):
                self.add(name)
        self.generic_visit(node)

    def visit_Try(self, node):
        handled = any(_handles_imports(handler.type) for handler in node.handlers)
        for part in ([] if handled else node.body) + node.handlers + node.orelse + node.finalbody:
            self.visit(part)

    visit_TryStar = visit_Try


def _handles_imports(kind):
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {getattr(one, "id", getattr(one, "attr", None)) for one in kinds}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
