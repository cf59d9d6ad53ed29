import argparse
import enum


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


parser = argparse.ArgumentParser()
parser.add_argument("--color", type=Color, choices=list(Color), default=Color.RED)
print(parser.parse_args())
