"""Keeps its settings in one global."""

settings = {"rate": 0.1, "layers": {"size": 10}}

print(sorted(settings.items()))
