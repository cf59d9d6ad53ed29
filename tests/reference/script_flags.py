"""Asks Guild AI which flags it finds in scripts. Reads JSON from stdin, prints JSON.

A question has the path of a script and the arguments that come before those of
flags. Its answer is what Guild AI keeps of the script, or an object with `error`.

Guild AI starts a Python for each script that it imports. Here a copy of this
process does the same, which takes a hundredth of the time.
"""

import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

from guild import python_util  # noqa: E402
from guild.plugins import click_flags, import_argparse_flags_main  # noqa: E402,F401
from guild.plugins import python_script  # noqa: E402

# Some scripts go on where Guild AI imports them, for as long as they like.
SECONDS = 20


def check_output(cmd, env, **_kw):
    """What `subprocess.check_output` gives for `python -m MODULE ...`."""
    output, child_output = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(output)
        run_module(cmd[2], cmd[3:], env, child_output)
    os.close(child_output)
    with os.fdopen(output, "rb") as f:
        told = f.read()
    status = os.waitpid(pid, 0)[1]
    if status:
        raise subprocess.CalledProcessError(status, cmd, told)
    return told


def run_module(module, args, env, output):
    code = 1
    try:
        signal.alarm(SECONDS)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = [module] + args
        sys.path[:] = [""] + env["PYTHONPATH"].split(os.pathsep)
        importlib.import_module(module).main()
        code = 0
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else int(e.code is not None)
        if code and not isinstance(e.code, int):
            print(e.code, file=sys.stderr)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(path, arguments, log):
    try:
        script = python_util.Script(path, "", os.path.dirname(path))
        return python_script._flags_data_for_script(script, arguments, None, log)
    except SyntaxError:
        return {"error": "syntax"}
    except python_script.DataLoadError:
        return {"error": "import"}


def plain(value):
    """A value without numbers that JSON readers take for floats."""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return {"big int": str(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def main():
    subprocess.check_output = check_output
    log = logging.getLogger("guild")
    log.setLevel(logging.CRITICAL)
    questions = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        # Scripts that go on may write files.
        os.chdir(folder)
        answers = [answer(path, arguments, log) for path, arguments in questions]
    json.dump(plain(answers), sys.stdout)


main()
