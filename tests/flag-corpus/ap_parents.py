import argparse

common = argparse.ArgumentParser(add_help=False)
common.add_argument("--seed", type=int, default=1)
common.add_argument("--out", default="out")
parser = argparse.ArgumentParser(parents=[common])
parser.add_argument("--lr", type=float, default=0.01)
print(parser.parse_args())
