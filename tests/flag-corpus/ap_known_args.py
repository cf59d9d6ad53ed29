import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args, rest = parser.parse_known_args()
print(args, rest)
