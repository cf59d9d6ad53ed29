"""Runs a script as far as it reads its arguments, and tells which it takes.

    python -B probe.py REQUEST

REQUEST is a JSON object:

    script      the script, as an absolute path
    package     the package that it is a module of, or ""
    arguments   arguments that come before those of flags
    path        folders to import from, before all others
    roots       the folders of the project
    click       whether the arguments are read with click instead of argparse
    seconds     how long the script may take; see `probe_time`

The answer is a JSON object on standard output. What the script itself prints
goes to standard error. The script ends where it reads its arguments: nothing
after that happens, no cleanup either.
"""

import os
import sys

# The folder of this file is on the path for nothing but this start.
del sys.path[0]


def main():
    import json

    request = json.loads(sys.argv[1])
    channel = os.dup(1)
    os.dup2(2, 1)
    from guild import probe_answer, probe_owner, probe_reads, probe_time

    answer = probe_answer.Answer(channel)
    owner = probe_owner.Owner(request["script"], request["roots"])
    reads = probe_reads.record(owner)
    answer.reads = reads
    namespace = _main_module(request["script"], request["package"])
    owner.namespace = namespace
    probe_time.limit(answer, owner, request["seconds"])
    sys.path[:0] = request["path"]
    sys.argv = [request["script"]] + request["arguments"] + ["--help"]
    try:
        if request["package"]:
            __import__(request["package"])
        if request["click"]:
            from guild import probe_click as parsers
        else:
            from guild import probe_argparse as parsers
        parsers.listen(answer, owner, request["arguments"])
        with open(request["script"], "rb") as f:
            code = compile(f.read(), request["script"], "exec", 0, True)
        exec(code, namespace)
    except SystemExit as e:
        answer.finish(_exit_error(e.code))
    except BaseException as e:
        answer.finish(_error_line(e))
    answer.finish(None)


def _main_module(script, package):
    """The namespace of a new main module, which takes the place of this one."""
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from types import ModuleType

    module = ModuleType("__main__")
    loader = SourceFileLoader("__main__", script)
    spec = None
    if package:
        name = os.path.splitext(os.path.basename(script))[0]
        spec = ModuleSpec(package + "." + name, loader, origin=script)
        spec.has_location = True
    module.__dict__.update(
        __builtins__=sys.modules["builtins"],
        __file__=script,
        __loader__=loader,
        __package__=package or None,
        __spec__=spec,
    )
    sys.modules["__main__"] = module
    return module.__dict__


def _exit_error(code):
    """What a script that exits by itself says; None where that is no failure."""
    if code is None or code == 0:
        return None
    if isinstance(code, int):
        # What it printed tells more, which whoever reads the answer has.
        return ""
    return str(code)


def _error_line(error):
    """The last line of what Python prints of an error, all of which is printed."""
    try:
        import traceback

        # The first frame is of this file.
        frames = error.__traceback__ and error.__traceback__.tb_next
        traceback.print_exception(type(error), error, frames)
        lines = traceback.format_exception_only(type(error), error)
        return lines[-1].strip()
    except Exception:
        return type(error).__name__


if __name__ == "__main__":
    main()
