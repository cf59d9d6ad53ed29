import argparse

config = argparse.ArgumentParser(add_help=False)
config.add_argument("-c", "--config", default="")
first, rest = config.parse_known_args()
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--name", default="net")
args = parser.parse_args(rest)
print(first, args)
