import argparse

parser = argparse.ArgumentParser(description="One argument of each type.")
parser.add_argument("--count", type=int, default=3, help="how many")
parser.add_argument("--rate", type=float, default=1e-3)
parser.add_argument("--name", type=str, default="cell")
parser.add_argument("--truth", type=bool, default=True)
parser.add_argument("--plain", default="as it is")
parser.add_argument("--nothing")
args = parser.parse_args()
print(args)
