"""Runs a script as the `__main__` module of this process.

The aim is that a script cannot tell this from `python script.py`, except for
the flag values it is given. The namespace of the real `__main__` module is
reused, so pickling, multiprocessing and everything else that looks the main
module up in `sys.modules` finds the script.

This is on the start-up path of every Python run: it imports nothing that the
interpreter has not loaded by then, and what only some runs need is imported
where it is needed.
"""

import os
import sys

from importlib.machinery import PathFinder, SourceFileLoader


class Script:
    """A module found on the path, not yet loaded."""

    def __init__(self, path, loader, spec=None, package=None, directory=None):
        self.path = path
        self.loader = loader
        # None for a plain script, as in `python script.py`; set for a module
        # of a package, as in `python -m package.module`.
        self.spec = spec
        self.package = package
        # The DIRECTORY of a DIRECTORY/MODULE, which is on the path for it.
        self.directory = directory

    @property
    def has_source(self):
        return self.path is not None and self.path.endswith((".py", ".pyw"))


def main():
    """Runs the module that the command line names."""
    code = _guarded(_run_command)
    if code:
        raise SystemExit(code)


def rerun(namespace):
    """Runs the script of the process that started this one, with its flags.

    `namespace` is where the script is to be executed, see
    `guild.main_with_flags`.
    """
    if namespace["__name__"] != "__main__":
        _run_inherited(namespace)
        return
    _configure_sys_path()
    _silence_warnings()
    code = _guarded(_run_inherited, namespace)
    if code:
        raise SystemExit(code)


def own_module(name):
    """A module of this package, which is compiled once.

    Compiling it anew for each run takes longer than all else here. It is in a
    folder of the user's cache: whoever wants no such files means others.
    """
    sys.dont_write_bytecode, kept = False, sys.dont_write_bytecode
    try:
        return getattr(__import__("guild." + name), name)
    finally:
        sys.dont_write_bytecode = kept


def _run_inherited(namespace):
    script, values = own_module("flag_inheritance").read(Script)
    if script.directory and script.directory not in sys.path:
        sys.path.insert(1, script.directory)
    sys.argv[0] = script.path
    _execute(script, namespace, values)


def _run_command():
    if len(sys.argv) < 2:
        sys.stderr.write("guild.op_main: missing required arg\n")
        return 2
    module, args = sys.argv[1], sys.argv[2:]
    _debug("cwd: " + os.getcwd())
    _configure_sys_path()
    _silence_warnings()
    _report_interpreter()
    _debug("sys.path: " + os.pathsep.join(sys.path))
    try:
        script_args, values = _split_flags(args)
        _debug("finding module %r" % module)
        script = _find(module)
    except _Refused as e:
        sys.stderr.write("guild: %s\n" % e)
        return 1
    sys.argv = [script.path] + script_args
    _debug("argv: %r" % sys.argv)
    _start_plugins()
    if values and script.has_source:
        own_module("flag_inheritance").publish(script, os.environ["FLAGS_DEST"], args)
    _debug("loading module from %r" % script.path)
    breaks = os.environ.pop("PDB_BREAKS", "")
    _execute(script, sys.modules["__main__"].__dict__, values, breaks)
    return 0


class _Refused(Exception):
    """The command cannot be carried out; the message is for the user."""


# Surroundings: what differs between `-m guild.op_main` and a plain script.


def _configure_sys_path():
    """Replaces the entry that `-m` put first: the script is found by PYTHONPATH."""
    if os.environ.get("NO_SYS_PATH_MODIFY") == "1":
        return
    script_dir = os.environ.get("SCRIPT_DIR")
    if getattr(sys.flags, "safe_path", False) or sys.flags.isolated:
        # No entry was put there.
        if script_dir:
            sys.path.insert(0, script_dir)
    elif script_dir:
        sys.path[0] = script_dir
    else:
        del sys.path[0]


def _silence_warnings():
    """Does what `-W ignore` would, unless someone asked for warnings.

    Like that option it is passed on to the processes that multiprocessing
    spawns.
    """
    if _debugging() or sys.warnoptions:
        return
    sys.warnoptions.append("ignore")
    # The module `warnings` reads the options when it is imported, and that
    # takes as long as all else here. Until then its filters are a list in C.
    filters = getattr(sys.modules.get("_warnings"), "filters", None)
    if "warnings" in sys.modules or not isinstance(filters, list):
        import warnings

        warnings.simplefilter("ignore")
    else:
        filters.insert(0, ("ignore", None, Warning, None, 0))


def _debugging():
    try:
        return int(os.environ["LOG_LEVEL"]) <= 10
    except (KeyError, ValueError):
        return False


def _debug(message):
    if _debugging():
        sys.stderr.write("DEBUG: [guild] %s\n" % message)


def _report_interpreter():
    """Tells the starter of the run which Python this is and where it imports from.

    The starter reads the list of installed packages from that, which would take
    this process, or one more, a good part of a second.
    """
    path = os.environ.pop("GUILD_INTERPRETER_FILE", None)
    if path is None:
        return
    try:
        with open(path + ".part", "wb") as f:
            lines = [sys.version.replace("\n", " ")] + sys.path
            f.write("\n".join(lines).encode("utf-8", "surrogateescape"))
        # The starter looks for it while this process runs.
        os.rename(path + ".part", path)
    except OSError:
        # A note for the run's record, and no reason to fail.
        pass


def _start_plugins():
    """Starts what GUILD_PLUGINS names.

    Names that are not known are not an error: runs of other versions name plugins
    of theirs.
    """
    plugins = os.environ.get("GUILD_PLUGINS", "").split(",")
    measures = [name for name in ("cpu", "disk", "gpu", "memory", "perf") if name in plugins]
    if measures:
        from guild import scalar_listeners

        scalar_listeners.listen(measures)


def _split_flags(args):
    """The script's own arguments, and its preset globals, by FLAGS_DEST."""
    dest = os.environ.get("FLAGS_DEST", "args")
    if dest == "args" or dest.startswith("args:"):
        if "--" in args:
            last = len(args) - 1 - args[::-1].index("--")
            args = args[:last] + args[last + 1 :]
        return args, {}
    if not args or args[-1] == "--":
        # There are no flags, and what decodes them is not needed.
        return args[:-1], {}
    try:
        return own_module("flag_args").split(dest, args)
    except ValueError as e:
        raise _Refused(str(e))


# Finding the script.


def _find(module):
    directory, _, name = module.replace(os.sep, "/").rpartition("/")
    if not directory:
        return _find_module(name, None)
    directory = _locate_directory(directory, name)
    # After the first entry, which is the root of the run's source code.
    sys.path.insert(1, directory)
    script = _find_module(name, [directory])
    script.directory = directory
    return script


def _find_module(name, search):
    if "." in name:
        return _find_file_with_dots(name, search or sys.path) or _find_in_package(name)
    spec = _search(name, search)
    if spec is None:
        raise _not_found(name)
    if spec.submodule_search_locations is not None:
        return _find_in_package(name)
    path = os.path.abspath(spec.origin)
    if isinstance(spec.loader, SourceFileLoader):
        return Script(path, SourceFileLoader("__main__", path))
    return Script(path, spec.loader, spec, "")


def _locate_directory(directory, name):
    for entry in sys.path:
        candidate = os.path.abspath(os.path.join(entry, directory))
        if os.path.isdir(candidate):
            return candidate
    raise _not_found(name)


def _find_file_with_dots(name, search):
    """A script named like `train.v2.py`, which is no module of a package."""
    for entry in search:
        path = os.path.abspath(os.path.join(entry, name + ".py"))
        if os.path.isfile(path):
            return Script(path, SourceFileLoader("__main__", path))
    return None


def _find_in_package(name):
    spec = _find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        main_name = name + ".__main__"
        spec = _find_spec(main_name)
        if spec is None:
            raise _not_found(
                "%s (%r is a package and cannot be directly executed)"
                % (main_name, name)
            )
    if spec is None or spec.loader is None:
        raise _not_found(name)
    path = spec.origin if spec.origin is None else os.path.abspath(spec.origin)
    return Script(path, spec.loader, spec, spec.parent)


def _find_spec(name):
    """The specification of a module. Imports the packages that it is in.

    Nothing but packages is imported: `train.py` is no reason to run `train`.
    """
    parent = name.rpartition(".")[0]
    if not parent:
        return _search(name, None)
    parent_spec = _find_spec(parent)
    if parent_spec is None or parent_spec.submodule_search_locations is None:
        return None
    __import__(parent)
    return _search(name, sys.modules[parent].__path__)


def _search(name, path):
    """Asks the path first, so that a script may be named like a built-in module."""
    spec = PathFinder.find_spec(name, path)
    # What other finders know is on no path: packages installed for editing,
    # for one.
    for finder in sys.meta_path:
        if spec is None and hasattr(finder, "find_spec"):
            spec = finder.find_spec(name, path)
    return spec


def _not_found(name):
    return _Refused("No module named " + name)


# Executing it.


def _execute(script, namespace, values, breaks=""):
    code = _compile(script, values)
    spec = script.spec
    if values and script.has_source:
        spec = own_module("flag_inheritance").MainSpec(script)
    _become(script, spec, namespace)
    namespace.update(values)
    if breaks:
        _debug_from(breaks, code, namespace, script)
    else:
        exec(code, namespace)


def _debug_from(breaks, code, namespace, script):
    import shlex

    from guild import debugger

    try:
        debugger.run(code, namespace, script.path, shlex.split(breaks))
    except debugger.UnknownLocation as e:
        sys.stderr.write("guild: %s\n" % e)
        raise SystemExit(1)


def _compile(script, values):
    if not script.has_source:
        code = script.loader.get_code(script.spec.name)
        if code is None:
            raise ImportError("no code object available for " + script.spec.name)
        return code
    source = script.loader.get_data(script.path)
    if values:
        return own_module("flag_globals").compile_with(source, script.path, values)
    return compile(source, script.path, "exec", 0, True)


def _become(script, spec, namespace):
    """Gives the namespace the attributes that the interpreter gives a main module.

    Whether some of these exist depends on the version: those that the
    interpreter made are kept, in their order.
    """
    attributes = {
        "__name__": namespace["__name__"],
        "__doc__": None,
        "__package__": script.package,
        "__loader__": script.loader,
        "__spec__": spec,
        "__annotations__": {},
        "__builtins__": sys.modules["builtins"],
        "__file__": script.path,
        "__cached__": getattr(script.spec, "cached", None),
    }
    for name in list(namespace):
        if name in attributes:
            namespace[name] = attributes[name]
        else:
            del namespace[name]


# How it ends.


def _guarded(function, *args):
    """Calls `function`, and reports what it raises as the interpreter would.

    The result is an exit code. SystemExit passes: the interpreter knows best
    what to do about it. A keyboard interrupt is an error like others, while
    the interpreter alone would end by the signal: this is the contract for
    runs.
    """
    try:
        return function(*args)
    except SystemExit:
        raise
    except BaseException as e:
        error = e
    # Out of the handler, so that the hook sees no exception being handled.
    try:
        _report(error)
        _maybe_look_around(error)
    finally:
        del error
    return 1


def _maybe_look_around(error):
    """Starts the debugger where the error came from, if that is asked for."""
    asked = os.environ.get("BREAK_ON_ERROR") == "1" and isinstance(error, Exception)
    if asked and error.__traceback__ is not None:
        from guild import debugger

        debugger.after_error(error.__traceback__)


def _report(error):
    traceback = error.__traceback__
    if not _debugging():
        traceback = _without_own_frames(error, traceback)
        error.__traceback__ = traceback
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        sys.stderr.write("sys.excepthook is missing\n")
        hook = sys.__excepthook__
    try:
        hook(type(error), error, traceback)
        return
    except SystemExit:
        raise
    except BaseException as e:
        hook_error = e
    _show("Error in sys.excepthook:", hook_error, hook_error.__traceback__.tb_next)
    _show("\nOriginal exception was:", error, traceback)


def _show(heading, error, traceback):
    if sys.stderr is not None:
        sys.stderr.write(heading + "\n")
        sys.__excepthook__(type(error), error.with_traceback(traceback), traceback)


def _without_own_frames(error, traceback):
    """The traceback from the first frame on that is the script's."""
    kept = traceback
    while kept is not None and _is_own(kept.tb_frame.f_code.co_filename):
        kept = kept.tb_next
    if kept is None and not isinstance(error, (SyntaxError, KeyboardInterrupt)):
        # Not from the script but from here: hiding where helps nobody.
        return traceback
    return kept


def _is_own(filename):
    return os.path.dirname(filename) == os.path.dirname(_is_own.__code__.co_filename)
