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
- All up to the first use of the name: both of `x = 1` and `x = 2` where nothing
  reads `x` between them. A function uses what it names where the function is
  named. But a flag that has the value of the first changes none of the others:
  with the values that it has by itself, a script runs as it is.
- The first on each way through the module: both of `if ...: x = 1` and
  `else: x = 2`. But not one on some ways only that comes after a definition:
  in `x = 1` and `if fast: x = 2` the second is the script's own change. The
  body of `if __name__ == "__main__"` is always on the way.
- Not those that read the name itself: `x = x + 1` and `x += 1` are changes.
- Not those that take arguments apart: `x, y = sys.argv[1:]` has what the command
  line says, where the operation gives flags a place of their own.

Of `a, b = 1, 2` and `a = b = 1` only the named part is replaced. A name that
no assignment defines is a preset global only; that is done by who executes
the code.
"""

import _ast as ast

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFERRED = _FUNCTIONS + (ast.Lambda, ast.ClassDef)

# What may read any global, by a name that is not in the text.
_READS_ALL = {"globals", "locals", "vars", "eval", "exec"}


def compile_with(source, path, values):
    """The code of the module with `values` (by name) put in place."""
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, True)
    nothing = frozenset()
    _Definitions(values).replace_in(tree.body, _State(nothing, nothing), nothing)
    return compile(tree, path, "exec", 0, True)


class _State:
    """What is known where a statement starts, on every way to there."""

    def __init__(self, defined, used):
        # The names that have the values of their flags.
        self.defined = defined
        # The names that may have been read.
        self.used = used

    def reading(self, names):
        return _State(self.defined, self.used | names)

    def defining(self, names):
        return _State(self.defined | names, self.used)


def _join(states):
    defined = frozenset.intersection(*[state.defined for state in states])
    used = frozenset.union(*[state.used for state in states])
    return _State(defined, used)


class _Definitions:
    def __init__(self, values):
        self.values = values
        self.reads = _Reads(values)
        # The names whose flags have the value of their first definition.
        self.unchanged = set()

    def replace_in(self, body, state, kept):
        """Works on a list of statements in place, and returns the state after it.

        Assignments to the names in `kept` stay as they are: the way through
        this body is one of several, and they are defined before it.
        """
        index = 0
        while index < len(body):
            statement = body[index]
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                state = state.reading(self.reads.of(statement))
                new, names = self.assignment(statement, state, kept)
                body[index : index + 1] = new
                state = state.defining(names)
                index += len(new)
                continue
            state = self.block(statement, state, kept)
            index += 1
        return state

    def block(self, statement, state, kept):
        """A statement that is no assignment, and those in its bodies."""
        if isinstance(statement, ast.If):
            state = state.reading(self.reads.of(statement.test))
            if _is_main_guard(statement.test):
                return self.replace_in(statement.body, state, kept)
            return self.ways([statement.body, statement.orelse], state, kept)
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                state = state.reading(self.reads.of(item))
            return self.replace_in(statement.body, state, kept)
        if isinstance(statement, (ast.Try, getattr(ast, "TryStar", ast.Try))):
            return self.try_block(statement, state, kept)
        if isinstance(statement, getattr(ast, "Match", ())):
            state = state.reading(self.reads.of(statement.subject))
            # Whether any case matches is not known, so one more way is past all.
            return self.ways([case.body for case in statement.cases] + [[]], state, kept)
        return state.reading(self.reads.of(statement))

    def ways(self, bodies, state, kept):
        """Bodies of which one is executed."""
        on_all = frozenset.intersection(*[_assigned(body) for body in bodies])
        kept = kept | (state.defined - on_all)
        return _join([self.replace_in(body, state, kept) for body in bodies])

    def try_block(self, statement, state, kept):
        handlers = [h.body for h in statement.handlers if not _leaves(h.body)]
        on_all = _assigned(statement.body + statement.orelse)
        on_all = on_all.intersection(*[_assigned(body) for body in handlers])
        inner = kept | (state.defined - on_all)
        way = self.replace_in(statement.body, state, inner)
        ends = [self.replace_in(statement.orelse, way, inner)]
        for handler in statement.handlers:
            # The body may have failed before it defined anything, and after it
            # has read all it reads.
            failed = _State(state.defined, way.used)
            end = self.replace_in(handler.body, failed, inner)
            if not _leaves(handler.body):
                ends.append(end)
        return self.replace_in(statement.finalbody, _join(ends), kept)

    def assignment(self, statement, state, kept):
        """The statements to put in its place, and the names it defines."""
        if statement.value is None:
            # `x: int` defines nothing.
            return [statement], frozenset()
        names = _targets(statement).intersection(self.values)
        names -= kept | (state.defined & state.used)
        names = {name for name in names if not _reads(statement.value, name)}
        names -= self.unchanged & state.defined
        self.unchanged.update(n for n in names if _has(statement.value, self.values[n]))
        if not names:
            return [statement], frozenset()
        targets = getattr(statement, "targets", None) or [statement.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            statement.value = self.expression(targets[0].id, statement.value)
            return [statement], frozenset(names)
        if any(map(_is_sequence, targets)) and _reads_arguments(statement.value):
            return [statement], frozenset()
        kept = self.replace_in_pairs(targets, statement.value, names)
        # What could not be replaced is assigned once more, on the same line.
        again = [self.assign(name, statement) for name in sorted(kept)]
        return [statement] + again, frozenset(names)

    def replace_in_pairs(self, targets, value, names):
        """Replaces the parts of `a, b = 1, 2`. Returns the names left over."""
        if len(targets) != 1 or not _is_sequence(targets[0]):
            return names
        elements = targets[0].elts
        if not _is_sequence(value) or len(value.elts) != len(elements):
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


def _has(node, value):
    """Whether an expression is a literal with the value."""
    if isinstance(value, list):
        items = getattr(node, "elts", None)
        if not isinstance(node, ast.List) or len(items) != len(value):
            return False
        return all(map(_has, items, value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return type(value) in (int, float) and _has(node.operand, -value)
    # Before 3.8 each kind of literal has a node and a field of its own.
    for field in ("value", "n", "s"):
        literal = getattr(node, field, node)
        if literal is not node and not isinstance(literal, ast.AST):
            return type(literal) is type(value) and literal == value
    return False


class _Reads:
    """Which of some names a piece of code reads when it is executed."""

    def __init__(self, names):
        self.names = frozenset(names)
        # What the code behind a name reads, by that name.
        self.behind = {}

    def of(self, node):
        found = set()
        self.add(node, found)
        pending, seen = list(found), set()
        while pending:
            name = pending.pop()
            if name in _READS_ALL:
                return self.names
            if name not in seen:
                seen.add(name)
                pending.extend(self.behind.get(name, ()))
        return self.names.intersection(seen)

    def add(self, node, found, owner=None):
        """Adds all names read; those in functions to what is behind `owner`."""
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Store):
                found.add(node.id)
        elif isinstance(node, _FUNCTIONS):
            later = self.behind.setdefault(owner or node.name, set())
            for child in _children(node):
                is_later = any(child is statement for statement in node.body)
                self.add(child, later if is_later else found, owner or node.name)
        elif isinstance(node, ast.ClassDef):
            for child in _children(node):
                self.add(child, found, owner or node.name)
        else:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            for child in _children(node):
                self.add(child, found, owner)


def _assigned(body):
    """The names that the statements assign on every way through them."""
    names = set()
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            if statement.value is not None:
                names |= _targets(statement)
        elif isinstance(statement, ast.If):
            inner = _assigned(statement.body)
            if not _is_main_guard(statement.test):
                inner = inner & _assigned(statement.orelse)
            names |= inner
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            names |= _assigned(statement.body)
    return frozenset(names)


def _is_main_guard(test):
    """Whether it is `__name__ == "__main__"`, which holds in a run."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    sides = [test.left, test.comparators[0]]
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    values = [getattr(side, "value", getattr(side, "s", None)) for side in sides]
    return named and isinstance(test.ops[0], ast.Eq) and "__main__" in values


def _leaves(body):
    """Whether the statements surely end by leaving the module."""
    return bool(body) and isinstance(body[-1], ast.Raise)


def _targets(statement):
    """The names that an assignment binds."""
    targets = getattr(statement, "targets", None) or [statement.target]
    return frozenset(name for target in targets for name in _names(target))


def _names(target):
    """The names that an assignment target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
    elif _is_sequence(target):
        for element in target.elts:
            yield from _names(element)


def _reads(node, name):
    """Whether evaluating the expression reads the global `name`."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, _DEFERRED):
        # Reads it when called, if at all.
        return False
    return any(_reads(child, name) for child in _children(node))


def _is_sequence(node):
    return isinstance(node, (ast.Tuple, ast.List))


def _reads_arguments(node):
    """Whether the expression has `sys.argv` in it."""
    if "argv" in (getattr(node, "attr", None), getattr(node, "id", None)):
        return True
    return any(map(_reads_arguments, _children(node)))


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
    if type(value) is set and value:
        items = [_literal(item, at) for item in value]
        if None in items:
            return None
        return _at(ast.Set(elts=items), at)
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
