# arguments: --log x.log data make
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--log")
outer = parser.add_subparsers()
data = outer.add_parser("data", aliases=["d"])
data.add_argument("--root", default=".")
inner = data.add_subparsers()
make = inner.add_parser("make")
make.add_argument("--size", type=int, default=100)
print(parser.parse_args())
