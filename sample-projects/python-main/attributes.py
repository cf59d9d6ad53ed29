"""Prints what the main module knows of itself."""

import os
import sys

main = sys.modules["__main__"]
print("is the main module:", vars(main) is globals())
print("name:", __name__)
print("file:", os.path.relpath(__file__))
print("package:", __package__)
print("spec:", __spec__)
print("loader:", type(__loader__).__name__, __loader__.name)
print("doc:", __doc__)
print("builtins:", __builtins__.__name__)
print("others:", [name for name in globals() if not name.startswith("__")])
