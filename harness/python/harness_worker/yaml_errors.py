"""The exceptions of the `yaml` module, called as in PyYAML."""


class YAMLError(Exception):
    """Base of the exceptions of this module."""

    __module__ = "yaml.error"


class Mark:
    """A place in a text: line, column and character, counted from zero."""

    def __init__(self, name, place, text):
        self.name = name
        self.line, self.column, self.index = place
        self._text = text

    def get_snippet(self):
        """The line, and a caret below the place."""
        lines = self._text.split("\n")
        if self.line >= len(lines):
            lines.append("")
        line = lines[min(self.line, len(lines) - 1)]
        return f"    {line}\n    {' ' * self.column}^"

    def __str__(self):
        place = f'  in "{self.name}", line {self.line + 1}, column {self.column + 1}'
        return f"{place}:\n{self.get_snippet()}"


class MarkedYAMLError(YAMLError):
    """What is wrong with a text, and where."""

    __module__ = "yaml.error"

    def __init__(self, context=None, context_mark=None, problem=None, problem_mark=None):
        super().__init__(context, context_mark, problem, problem_mark)
        self.context = context
        self.context_mark = context_mark
        self.problem = problem
        self.problem_mark = problem_mark

    def __str__(self):
        parts = (self.context, self.context_mark, self.problem, self.problem_mark)
        return "\n".join(str(part) for part in parts if part is not None)


class ScannerError(MarkedYAMLError):
    """A text that is no YAML."""

    __module__ = "yaml.scanner"


class ComposerError(MarkedYAMLError):
    """An alias without an anchor, or more than one document."""

    __module__ = "yaml.composer"


class ConstructorError(MarkedYAMLError):
    """A value that cannot be made."""

    __module__ = "yaml.constructor"


class RepresenterError(YAMLError):
    """A Python value that YAML has no form for."""

    __module__ = "yaml.representer"


def error_of(told, name, text):
    """The exception for what the harness tells to be wrong."""
    return ScannerError(None, None, told["problem"], Mark(name, told["mark"], text))
