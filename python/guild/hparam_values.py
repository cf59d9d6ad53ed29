"""What TensorBoard's page for parameters reads: experiments, and the sessions of each."""

import time

from guild.event_wire import bytes_field, double_field, number_field, text_field

_TEXT, _BOOL, _NUMBER = 1, 2, 3

# By the statuses of runs.
_STATUSES = {"completed": 1, "terminated": 1, "error": 2, "running": 3}


def experiment(hparams, metrics):
    """The parameters by name, each with a list of its values, and the tags of scalars."""
    infos = b"".join(bytes_field(4, _info(name, hparams[name])) for name in sorted(hparams))
    tags = (bytes_field(5, bytes_field(1, text_field(2, tag))) for tag in sorted(metrics))
    return _value("experiment", bytes_field(2, infos + b"".join(tags)))


def session_start(name, hparams):
    """A session with the parameters by name, in the group `name`."""
    values = {key: _plain(value) for key, value in hparams.items()}
    entries = b"".join(
        bytes_field(1, text_field(1, key) + bytes_field(2, _wrapped(values[key])))
        for key in sorted(values)
    )
    info = entries + text_field(4, name) + double_field(5, time.time())
    return _value("session_start_info", bytes_field(3, info))


def session_end(status):
    """The end of a session by the status of a run."""
    return _value("session_end_info", bytes_field(4, number_field(1, _STATUSES.get(status, 0))))


def _value(kind, data):
    # All is in the metadata; the tensor has no elements.
    tensor = number_field(1, 1) + bytes_field(2, bytes_field(2, b""))
    plugin = text_field(1, "hparams") + bytes_field(2, data)
    metadata = bytes_field(1, plugin)
    return text_field(1, "_hparams_/" + kind) + bytes_field(8, tensor) + bytes_field(9, metadata)


def _info(name, values):
    """A parameter, with what it may be where all its values are of one type."""
    values = [_plain(value) for value in values]
    kinds = {_kind(value) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    info = text_field(1, name)
    if kind is None:
        return info
    info += number_field(4, kind)
    if kind == _NUMBER:
        return info + bytes_field(6, double_field(1, -float("inf")) + double_field(2, float("inf")))
    values = [False, True] if kind == _BOOL else sorted(set(values))
    return info + bytes_field(5, b"".join(bytes_field(1, _wrapped(value)) for value in values))


def _kind(value):
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, (int, float)):
        return _NUMBER
    return _TEXT if isinstance(value, str) else None


def _wrapped(value):
    kind = _kind(value)
    if kind == _BOOL:
        return number_field(4, int(value))
    if kind == _NUMBER:
        return double_field(2, float(value))
    return text_field(3, "" if value is None else value)


def _plain(value):
    """Numbers of NumPy are those of Python."""
    if isinstance(value, (bool, int, float, str)) or getattr(value, "shape", None) != ():
        return value
    return value.item()
