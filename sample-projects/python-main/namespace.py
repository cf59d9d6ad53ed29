"""Keeps its settings as attributes of one global."""

import types

settings = types.SimpleNamespace(rate=0.1, size=10)

print(settings.rate, settings.size)
