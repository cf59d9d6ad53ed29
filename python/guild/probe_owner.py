"""Whose call a call is: the script's, its project's or a library's.

A parser counts by who has it parse:

    3  the script itself
    2  another module of the project
    1  a library that the script calls, such as one that makes the parser
    0  a library that is being imported: never

Where a better one can still come, the script goes on to it.
"""

import os
import sys

NEVER, BY_LIBRARY, BY_PROJECT, BY_SCRIPT = range(4)


class Owner:
    def __init__(self, script, roots):
        self.script = script
        self.namespace = None
        self._roots = tuple(os.path.join(root, "") for root in roots)
        self._not_ours = tuple(_library_folders())
        self._known = {}
        self._seen = set()
        self._sites = None

    def is_project(self, path):
        """Whether a file is the project's, by its absolute path."""
        known = self._known.get(path)
        if known is None:
            full = os.path.abspath(path)
            known = full.startswith(self._roots) and not (
                full.startswith(self._not_ours)
                or "%ssite-packages%s" % (os.sep, os.sep) in full
                or "%sdist-packages%s" % (os.sep, os.sep) in full
            )
            self._known[path] = known
        return known

    def modules(self):
        """Files of the project's modules that are loaded, the script first."""
        found = [self.script]
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and path.endswith(".py"):
                if self.is_project(path) and path not in found:
                    found.append(path)
        return found

    def rank(self, frame):
        """How much a call from `frame` counts."""
        if self._is_script(frame):
            return BY_SCRIPT
        if self.is_project(frame.f_code.co_filename):
            return BY_PROJECT
        while frame is not None:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return NEVER
            if self._is_script(frame) or self.is_project(frame.f_code.co_filename):
                return BY_LIBRARY
            frame = frame.f_back
        return NEVER

    def place(self, frame):
        """File and line of the project's part in a call, else of the call."""
        outer = frame
        while outer is not None:
            path = outer.f_code.co_filename
            if path.startswith("<frozen importlib"):
                break
            if self._is_script(outer) or self.is_project(path):
                return path, outer.f_lineno
            outer = outer.f_back
        return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)

    def may_parse_again(self, frame, rank, final):
        """Whether a parser that counts more may come after this call.

        `final` is whether the call takes all arguments, or fails: after one
        that leaves some, the same owner may go on to another parser.
        """
        if rank == BY_SCRIPT and final:
            return False
        place = frame.f_code.co_filename, frame.f_lineno
        self._seen.add(place)
        return self.sites().another(self._rank_of, rank, final, self._seen, place)

    def sites(self):
        """Where the modules of the project call parsers."""
        if self._sites is None:
            from guild import probe_sites

            self._sites = probe_sites.Sites(self)
        return self._sites

    def _rank_of(self, path):
        return BY_SCRIPT if path == self.script else BY_PROJECT

    def _is_script(self, frame):
        return (
            frame.f_globals is self.namespace or frame.f_code.co_filename == self.script
        )


def _library_folders():
    import sysconfig

    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        path = sysconfig.get_path(name)
        if path:
            yield os.path.join(path, "")
    yield os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def outside(frame, package):
    """The first frame from `frame` outwards that is not of `package`'s files."""
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if name != package and not name.startswith(package + "."):
            return frame
        frame = frame.f_back
    return None
