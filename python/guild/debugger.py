"""Breakpoints for the script of a run, and a look around after an error.

`guild run --break LOCATION` and `--break-on-error` lead here. A location is

    LINE                    of the script
    FILE:LINE, MODULE:LINE  of any source file of the run
    [MODULE.]FUNCTION       where MODULE may be left out for the script
    [MODULE.]CLASS.METHOD

A line on which nothing happens stands for the next one that does something.
"""

import ast
import bdb
import dis
import os
import pdb
import re
import sys


class UnknownLocation(Exception):
    """A location that means no place; the message is for the user."""


def run(code, namespace, script_path, locations):
    """Executes `code` in `namespace` and stops where `locations` says.

    The user quitting the debugger ends the run as failed.
    """
    debugger = _Debugger()
    for location in locations:
        path, line, function = _place(location, script_path)
        problem = debugger.set_break(path, line, funcname=function)
        if problem:
            raise UnknownLocation(_cannot(location, problem))
        count = len(bdb.Breakpoint.bpbynumber) - 1
        debugger.message("Breakpoint %i at %s:%i" % (count, path, line))
    debugger.reset()
    sys.settrace(debugger.trace_dispatch)
    try:
        exec(code, namespace)
    except bdb.BdbQuit:
        raise SystemExit(1)
    finally:
        debugger.quitting = True
        sys.settrace(None)


def after_error(traceback):
    """Lets the user look around where the error came from."""
    sys.stderr.write("Entering post mortem debug session\n")
    debugger = pdb.Pdb(skip=_OWN)
    debugger.reset()
    try:
        debugger.interaction(None, traceback)
    except bdb.BdbQuit:
        pass


_OWN = ["guild", "guild.*"]


class _Debugger(pdb.Pdb):
    """A debugger that runs to the first breakpoint."""

    def __init__(self):
        pdb.Pdb.__init__(self, skip=_OWN)
        self._is_started = False

    def user_line(self, frame):
        if not self._is_started:
            self._is_started = True
            # The script's own frame is the oldest that users see.
            self.botframe = frame
            if not self.break_here(frame):
                self.set_continue()
                return
        pdb.Pdb.user_line(self, frame)


# Locations.


def _place(location, script_path):
    """The file, line and function (or None) that a location means."""
    if location.isdigit():
        return (script_path, _breakable_line(location, script_path, int(location)), None)
    match = re.match(r"(.+):([0-9]+)$", location)
    if match:
        path = _source_file(match.group(1), script_path)
        if path is None:
            raise UnknownLocation(_cannot(location, "there is no such source file"))
        return path, _breakable_line(location, path, int(match.group(2))), None
    parts = location.split(".")
    for count in range(len(parts) - 1, -1, -1):
        module = ".".join(parts[:count])
        path = _source_file(module, script_path) if module else script_path
        found = path and _find_function(_tree(location, path), parts[count:])
        if found:
            return (path,) + found
    raise UnknownLocation(_cannot(location, "there is no such function"))


def _cannot(location, reason):
    return "cannot set a breakpoint at '%s': %s" % (location, reason)


def _source_file(name, script_path):
    """The file of the run that a path or a module's name means."""
    stem = os.path.splitext(os.path.basename(script_path))[0]
    if name in (stem, os.path.basename(script_path)):
        return script_path
    if os.path.isabs(name):
        return _copy_in_run(name) or _existing(name)
    as_path = name.replace(".", os.sep)
    for folder in [os.getcwd(), os.path.dirname(script_path)] + sys.path:
        for candidate in (name, name + ".py", as_path + ".py", os.path.join(as_path, "__init__.py")):
            found = _existing(os.path.join(folder, candidate))
            if found:
                return found
    return None


def _copy_in_run(path):
    """The run's copy of a file of the project."""
    project = os.environ.get("PROJECT_DIR")
    if not project or not path.startswith(project + os.sep):
        return None
    source = os.environ.get("GUILD_SOURCECODE") or "."
    return _existing(os.path.join(source, os.path.relpath(path, project)))


def _existing(path):
    return os.path.abspath(path) if os.path.isfile(path) else None


def _source(location, path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as e:
        raise UnknownLocation(_cannot(location, str(e)))


def _tree(location, path):
    try:
        return ast.parse(_source(location, path), path)
    except (SyntaxError, ValueError) as e:
        raise UnknownLocation(_cannot(location, str(e)))


def _breakable_line(location, path, line):
    """The first line from `line` on that does something."""
    tree = _tree(location, path)
    after = _docstring_end(tree)
    lines = _lines(compile(tree, path, "exec", 0, True))
    found = [number for number in lines if number >= line and number > after]
    if not found:
        reason = "%s has no code at or after line %i" % (os.path.basename(path), line)
        raise UnknownLocation(_cannot(location, reason))
    return min(found)


def _docstring_end(tree):
    """The last line of a module's docstring, which is code of no interest."""
    if ast.get_docstring(tree, clean=False) is None:
        return 0
    node = tree.body[0]
    return getattr(node, "end_lineno", None) or node.lineno


def _lines(code):
    """The lines of a code object and of those inside it."""
    lines = set(line for _, line in dis.findlinestarts(code) if line)
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            lines |= _lines(constant)
    return lines


def _find_function(tree, names):
    """The line and the name of the function that is called by its names."""
    kinds = (ast.FunctionDef, ast.ClassDef, getattr(ast, "AsyncFunctionDef", ast.FunctionDef))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for child in body if isinstance(body, list) else []:
            if not isinstance(child, kinds) or child.name != names[0]:
                continue
            if len(names) > 1:
                found = _find_function(child, names[1:])
                if found:
                    return found
            elif not isinstance(child, ast.ClassDef):
                # Where the function's code begins: at its decorators.
                lines = [child.lineno] + [each.lineno for each in child.decorator_list]
                return min(lines), child.name
    return None
