"""A module of a package: it imports relative to the package."""

from . import part

size = 1

print("name:", __name__)
print("package:", __package__)
print("imports:", part.name)
print("size:", size)
