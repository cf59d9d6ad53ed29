"""Answers what Python's own doctest says: one JSON question a line, one answer.

Where the harness differs on purpose (docs/spec-language.md lists it), the
question is put so that doctest is asked about the rest.
"""

import builtins
import doctest
import json
import re
import sys

OPTIONS = json.loads(sys.argv[1])
for option in OPTIONS:
    doctest.register_optionflag(option)


class Checker(doctest.OutputChecker):
    """Doctest's own, but characters that are not ASCII stay themselves.

    Doctest puts their escapes in their place, so that e acute is equal to the four
    characters `\\xe9`. None of them counts as white space, so stand-ins that are
    not white space take their places.
    """

    stand_ins = {code: 0xE000 + code for code in range(0x80, 0x3100) if chr(code).isspace()}

    def _toAscii(self, text):
        return text.translate(self.stand_ins)

    def check_output(self, want, got, flags):
        names = {name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items() if flag & flags}
        if "STRICT" in names:
            return super().check_output(want, got, flags & ~doctest.ELLIPSIS)
        if want.startswith("???"):
            want = "..." + want[3:]
        if "STRIP_EXIT_0" in names:
            want, got = (re.sub(r"(?<=\n)<exit 0>\n\Z", "", text) for text in (want, got))
        if (want + got).isascii():
            return doctest.OutputChecker().check_output(want, got, flags)
        return super().check_output(want, got, flags)


class Runner(doctest.DocTestRunner):
    """Doctest's own, which notes the lines of examples that ran and failed."""

    def __init__(self, flags):
        super().__init__(Checker(), verbose=False, optionflags=flags)
        self.lines = {"ran": [], "failed": []}

    def report_start(self, out, test, example):
        self.lines["ran"].append(example.lineno + 1)

    def report_failure(self, out, test, example, got):
        self.lines["failed"].append(example.lineno + 1)

    def report_unexpected_exception(self, out, test, example, exc_info):
        self.lines["failed"].append(example.lineno + 1)


class Boom(Exception):
    """An exception that is not one of Python's."""


def flags_of(names):
    flags = 0
    for name in names:
        flags |= doctest.OPTIONFLAGS_BY_NAME[name]
    return flags


def run(examples, flags):
    # What the last value shown was is kept there, across documents.
    vars(builtins).pop("_", None)
    runner = Runner(flags)
    test = doctest.DocTest(examples, {"__name__": "__main__", "Boom": Boom}, "name", None, 0, "")
    runner.run(test, out=lambda text: None)
    return runner.lines


def output(question):
    return Checker().check_output(question["want"], question["got"], flags_of(question["options"]))


def message_of(want):
    found = doctest.DocTestParser._EXCEPTION_RE.match(want)
    return found and found["msg"]


def without_module(message):
    head = re.match(r"[\w.]*", message)[0]
    return message if "..." in head else message[head.rfind(".") + 1 :]


def exception(question):
    message = message_of(question["want"])
    message = message and without_module(message)
    source = f"print({question['printed']!r}, end=''); raise {question['type']}({question['message']!r})"
    example = doctest.Example(source, question["want"], message)
    return not run([example], flags_of(question["options"]))["failed"]


def parsed(text):
    # As doctest does where it reads a file.
    text = text.replace("\r\n", "\n")
    return doctest.DocTestParser().get_doctest(text, {}, "name", None, 0).examples


def document(question):
    names = {flag: name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items()}
    try:
        examples = parsed(question["text"])
    except ValueError as error:
        return {"fault": str(error)}
    return {
        "examples": [
            {
                "line": example.lineno + 1,
                "indent": example.indent,
                "source": example.source,
                "want": example.want,
                "message": example.exc_msg,
                "options": {names[flag]: on for flag, on in example.options.items()},
            }
            for example in examples
        ]
    }


def execution(question):
    examples = parsed(question["text"])
    for example in examples:
        example.exc_msg = example.exc_msg and without_module(example.exc_msg)
    return run(examples, flags_of(question["options"]))


KINDS = {f.__name__: f for f in (output, exception, document, execution)}
ANSWERS = sys.stdout
for line in sys.stdin:
    question = json.loads(line)
    json.dump(KINDS[question.pop("kind")](question), ANSWERS)
    ANSWERS.write("\n")
    ANSWERS.flush()
