"""Runs one spec with the reference's own runner and notes each verdict.

Runs in the Python that has the reference installed: `python equality_recorder.py
SPEC NOTES`. The folder of SPEC is a copy of the folder of the reference's specs.
NOTES gets one JSON value a line, as things happen, so that a spec which is ended
from outside leaves what it had come to:

    {"examples": [LINE, ...]}                    the spec was read
    {"start": INDEX}                             an example starts
    {"end": INDEX, "verdict": "pass" | "fail", "got": TEXT}
    {"finished": SKIPPED}                        whether the file was skipped

The runner, its checker and its options are used as they are, by way of its own
command; only the places where it reports are listened at.
"""

import json
import os
import sys
import traceback

from guild import _test
from guild import main as reference


class Notes:
    """The file of notes."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", errors="backslashreplace")
        self.was_read = False

    def add(self, **note):
        self.file.write(json.dumps(note) + "\n")
        self.file.flush()


def listening(notes):
    """The reference's test runner with notes taken where it reports."""

    class Listening(_test.TestRunner):
        def run(self, test, *args, **options):
            notes.was_read = True
            notes.add(examples=[example.lineno + 1 for example in test.examples])
            self.numbers = {id(example): i for i, example in enumerate(test.examples)}
            return super().run(test, *args, **options)

        def end(self, example, verdict, got):
            notes.add(end=self.numbers[id(example)], verdict=verdict, got=got)

        def report_start(self, out, test, example):
            notes.add(start=self.numbers[id(example)])
            super().report_start(out, test, example)

        def report_success(self, out, test, example, got):
            self.end(example, "pass", got)
            super().report_success(out, test, example, got)

        def report_failure(self, out, test, example, got):
            self.end(example, "fail", got)
            super().report_failure(out, test, example, got)

        def report_unexpected_exception(self, out, test, example, exc_info):
            self.end(example, "fail", "".join(traceback.format_exception(*exc_info)))
            super().report_unexpected_exception(out, test, example, exc_info)

    return Listening


def main():
    spec, notes = os.path.abspath(sys.argv[1]), Notes(sys.argv[2])
    _test.TestRunner = listening(notes)
    # Samples are written to by some specs: they are to write to the copy.
    folder = os.path.dirname(spec)
    _test.tests_dir = lambda: folder
    # What a spec does to the current directory and the exit must not lose notes.
    sys.argv = ["guild", "check", "--no-chrome", "--no-info", "--test", spec]
    try:
        reference.main()
    except SystemExit:
        pass
    notes.add(finished=not notes.was_read)


main()
