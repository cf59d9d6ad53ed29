"""Compiles a script so that its globals start with the values of flags.

The assignment that defines a global keeps its place and gets another value:

    learning_rate = 0.1      runs as      learning_rate = 0.5

so what comes before it, comes after it, or is computed from it, works as if
the script had been edited. Line numbers stay.

Which assignments define a global:

- Those at the top of the module, and in the bodies of `if`, `try`, `with` and
  `match` there. Never those in functions and classes, which have names of
  their own, and never those in loops, which change a value rather than define
  one.
- The first on each way through the module: both of `if ...: x = 1` and
  `else: x = 2`, but not the second of `x = 1` and `x = 2`.
- Not those that read the name itself: `x = x + 1` and `x += 1` are changes.

Of `a, b = 1, 2` and `a = b = 1` only the named part is replaced. A name that
no assignment defines is a preset global only; that is done by who executes
the code.
"""

import _ast as ast

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def compile_with(source, path, values):
    """The code of the module with `values` (by name) put in place."""
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, True)
    _Definitions(values).replace_in(tree.body, frozenset())
    return compile(tree, path, "exec", 0, True)


class _Definitions:
    def __init__(self, values):
        self.values = values

    def replace_in(self, body, defined):
        """Works on a list of statements in place.

        `defined` are the names that have a definition on every way to here;
        the result is the same for the way on.
        """
        index = 0
        while index < len(body):
            statement = body[index]
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                new, names = self.assignment(statement, defined)
                body[index : index + 1] = new
                defined = defined | names
                index += len(new)
                continue
            defined = self.block(statement, defined)
            index += 1
        return defined

    def block(self, statement, defined):
        """Statements with bodies: the names that they define however they end."""
        if isinstance(statement, ast.If):
            return _common(
                self.replace_in(statement.body, defined),
                self.replace_in(statement.orelse, defined),
            )
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            return self.replace_in(statement.body, defined)
        if isinstance(statement, (ast.Try, getattr(ast, "TryStar", ast.Try))):
            return self.try_block(statement, defined)
        if isinstance(statement, getattr(ast, "Match", ())):
            # Whether any case matches is not known, so one more way is past all.
            ways = [self.replace_in(case.body, defined) for case in statement.cases]
            return _common(defined, *ways)
        return defined

    def try_block(self, statement, defined):
        way = self.replace_in(statement.body, defined)
        ways = [self.replace_in(statement.orelse, way)]
        for handler in statement.handlers:
            # The body may have failed before it defined anything.
            handled = self.replace_in(handler.body, defined)
            if not _leaves(handler.body):
                ways.append(handled)
        return self.replace_in(statement.finalbody, _common(*ways))

    def assignment(self, statement, defined):
        """The statements to put in its place, and the names it defines."""
        if statement.value is None:
            # `x: int` defines nothing.
            return [statement], frozenset()
        targets = getattr(statement, "targets", None) or [statement.target]
        names = {name for target in targets for name in _names(target)}
        names = names.intersection(self.values).difference(defined)
        names = {name for name in names if not _reads(statement.value, name)}
        if not names:
            return [statement], frozenset()
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            statement.value = self.expression(targets[0].id, statement.value)
            return [statement], frozenset(names)
        kept = self.replace_in_pairs(targets, statement.value, names)
        # What could not be replaced is assigned once more, on the same line.
        again = [self.assign(name, statement) for name in sorted(kept)]
        return [statement] + again, frozenset(names)

    def replace_in_pairs(self, targets, value, names):
        """Replaces the parts of `a, b = 1, 2`. Returns the names left over."""
        sequences = (ast.Tuple, ast.List)
        if len(targets) != 1 or not isinstance(targets[0], sequences):
            return names
        elements = targets[0].elts
        if not isinstance(value, sequences) or len(value.elts) != len(elements):
            return names
        if any(isinstance(e, ast.Starred) for e in elements + value.elts):
            return names
        left = set(names)
        for index, element in enumerate(elements):
            if isinstance(element, ast.Name) and element.id in left:
                value.elts[index] = self.expression(element.id, value.elts[index])
                left.discard(element.id)
        return left

    def assign(self, name, at):
        target = _at(ast.Name(id=name, ctx=ast.Store()), at)
        value = self.expression(name, at)
        return _at(ast.Assign(targets=[target], value=value, type_comment=None), at)

    def expression(self, name, at):
        """The flag's value as an expression, at the position of another node."""
        literal = _literal(self.values[name], at)
        if literal is None:
            # Not expressible: the preset global of that name has the value.
            literal = _at(ast.Name(id=name, ctx=ast.Load()), at)
        return literal


def _common(*ways):
    return frozenset.intersection(*ways)


def _leaves(body):
    """Whether the statements surely end by leaving the module."""
    return bool(body) and isinstance(body[-1], ast.Raise)


def _names(target):
    """The names that an assignment target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _names(element)


def _reads(node, name):
    """Whether evaluating the expression reads the global `name`."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, _FUNCTIONS):
        # Reads it when called, if at all.
        return False
    return any(_reads(child, name) for child in _children(node))


def _children(node):
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, ast.AST))


def _literal(value, at):
    """An expression for a value, or None if no literal has that value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return _at(ast.Constant(value=value, kind=None), at)
    if isinstance(value, list):
        items = [_literal(item, at) for item in value]
        if None in items:
            return None
        return _at(ast.List(elts=items, ctx=ast.Load()), at)
    if type(value) is dict:
        keys = [_literal(key, at) for key in value]
        items = [_literal(item, at) for item in value.values()]
        if None in keys or None in items:
            return None
        return _at(ast.Dict(keys=keys, values=items), at)
    return None


def _at(node, other):
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        setattr(node, name, getattr(other, name, None))
    return node
