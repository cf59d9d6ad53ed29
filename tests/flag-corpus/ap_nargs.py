import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--sizes", nargs="+", type=int, default=[64, 32])
parser.add_argument("--tags", nargs="*", default=["a b", "c"])
parser.add_argument("--pair", nargs=2, type=float, default=(0.9, 0.999))
parser.add_argument("--one", nargs=1, default=["x"])
parser.add_argument("--maybe", nargs="?", const="yes", default="no")
print(parser.parse_args())
