from . import part

print("the package runs, with", part.name)
