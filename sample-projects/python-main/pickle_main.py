"""Pickles what it defines: pickle looks classes up in the module `__main__`."""

import dataclasses
import enum
import inspect
import pickle
import typing


class Plain:
    def __init__(self, value):
        self.value = value


@dataclasses.dataclass
class Settings:
    rate: float = 0.1
    names: typing.List[str] = dataclasses.field(default_factory=list)


class Color(enum.Enum):
    RED = 1


def double(x):
    return 2 * x


def copy(thing):
    return pickle.loads(pickle.dumps(thing))


print(copy(Plain(3)).value)
print(copy(Settings(names=["a"])))
print(copy(Color.RED) is Color.RED)
print(copy(double)(4))
print(Plain.__module__)
print(inspect.getsource(double))
print(typing.get_type_hints(Settings)["rate"])
