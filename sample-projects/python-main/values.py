"""Prints values and their types."""

number = 1
fraction = 0.5
switch = False
text = "some text"
several = [1, 2]

for value in (number, fraction, switch, text, several):
    print(type(value).__name__, repr(value))
