import argparse

RATE = 0.25
SIZES = [8, 16]
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=RATE)
parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
parser.add_argument("--double", type=float, default=RATE * 2)
parser.add_argument("--name", default="run-%d" % len(SIZES))
print(parser.parse_args())
