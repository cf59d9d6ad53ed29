"""Fails, in the way that the flag says."""

kind = "plain"


def inner():
    raise ValueError("not a value")


def outer():
    if kind == "plain":
        inner()
    elif kind == "cause":
        try:
            inner()
        except ValueError as e:
            raise RuntimeError("because of that") from e
    elif kind == "context":
        try:
            inner()
        except ValueError:
            {}["missing"]


outer()
