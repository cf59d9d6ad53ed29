import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--big", type=int, default=10**20)
parser.add_argument("--limit", type=float, default=float("inf"))
parser.add_argument("--tiny", type=float, default=1e-12)
parser.add_argument("--neg", type=int, default=-1)
print(parser.parse_args())
