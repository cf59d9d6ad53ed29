"""Serves a log directory with the TensorBoard of this Python, for as long as
somebody holds the other end of standard input.

Answers are lines of JSON on standard output, requests such lines on standard
input. The first answer tells TensorBoard's version, or why there is none. A
request `{"plugins": true}` is answered with the names of plugins, and ends it;
`{"arguments": [...], "dark": ...}` starts the server and is answered with its
port and the path of its page, or with what is wrong.
"""

import importlib
import json
import os
import sys
from urllib.parse import urlsplit

# The oldest major version that works.
OLDEST = 2


def main():
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    # What TensorBoard and its plugins print is for the user, and the server for
    # data that they start must not keep what is held.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]

    def tell(**told):
        try:
            answer.write(json.dumps(told) + "\n")
            answer.flush()
        except BrokenPipeError:
            # Nobody wants to know any more.
            os._exit(1)

    try:
        version = importlib.import_module("tensorboard.version").VERSION
        if int(version.split(".")[0]) < OLDEST:
            tell(too_old=version)
            return 1
        program = import_program()
    except ImportError as error:
        tell(error="%s: %s" % (type(error).__name__, error), missing=error.name)
        return 1
    tell(version=version)
    request = requests.readline()
    if not request:
        return 0
    request = json.loads(request)
    if request.get("plugins"):
        tell(plugins=sorted(name_of(plugin) for plugin in plugins()))
        return 0
    try:
        tell(**serve(program, request["arguments"], request["dark"]))
    except SystemExit:
        # Wrong options: TensorBoard has said so.
        tell(error="see above")
        return 1
    except Exception as error:
        tell(error=getattr(error, "msg", None) or str(error) or type(error).__name__)
        return 1
    requests.read()
    return 0


def import_program():
    """The module that starts TensorBoard, after all that it will need."""
    # TensorFlow takes seconds to import, and is not needed.
    importlib.import_module("tensorboard.compat").notf = True
    importlib.import_module("tensorboard.default")
    return importlib.import_module("tensorboard.program")


def plugins():
    """All plugins, those of other packages included."""
    default = importlib.import_module("tensorboard.default")
    found = []
    for plugin in default.get_plugins() + default.get_dynamic_plugins():
        if plugin not in found:
            found.append(plugin)
    return found


def name_of(plugin):
    kind = plugin if isinstance(plugin, type) else type(plugin)
    return "%s.%s" % (kind.__module__, kind.__name__)


def serve(program, arguments, dark):
    """Starts the server on a thread of its own; tells where it is."""
    # Which way data is loaded is of no interest to users.
    program._DATA_SERVER_ADVISORY_MESSAGE = ""
    server_class = dark_server(program) if dark else program.WerkzeugServer
    board = program.TensorBoard(plugins(), server_class=server_class)
    board.configure(["tensorboard"] + arguments)
    port = urlsplit(board.launch()).port
    return {"path_prefix": board.flags.path_prefix, "port": port}


def dark_server(program):
    """A server whose page asks for its dark colours."""

    class Dark(program.WerkzeugServer):
        def __init__(self, app, flags):
            page = flags.path_prefix.rstrip("/") + "/"

            def dark_app(environ, start_response):
                query = environ.get("QUERY_STRING", "")
                if environ.get("PATH_INFO") != page or "darkMode=" in query:
                    return app(environ, start_response)
                query = "&".join(filter(None, [query, "darkMode=true"]))
                start_response("302 Found", [("Location", page + "?" + query)])
                return [b""]

            super().__init__(dark_app, flags)

    return Dark


if __name__ == "__main__":
    # TensorBoard leaves threads behind that nobody waits for.
    code = main()
    sys.stderr.flush()
    os._exit(code)
