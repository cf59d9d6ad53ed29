import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--include", action="append", default=[])
parser.add_argument("--deep", action="store_const", const=3, default=1)
parser.add_argument("-v", "--verbose", action="count", default=0)
parser.add_argument("--fold", dest="folds", action="append_const", const=1)
parser.add_argument("--version", action="version", version="1.0")
parser.add_argument("--lr", type=float, default=0.5)
print(parser.parse_args())
