import math
import os

lr = 0.1
epochs: int = 10
name = "first" "second"
sizes = [1, 2.5, "three", True, None]
nested = [[1, 2], [3]]
empty = []
on = False
nothing = None
negative = -3
exponent = 1e-5
big = 123456789012345678901234567890
octal = 0o17
raw = r"a\b"
first = second = "both"
lr = 0.2
late = math.pi
late = 3
_hidden = 1
table = {"a": 1}
pair = (1, 2)
x, y = 1, 2
home = os.getcwd()
if True:
    inside = 1
