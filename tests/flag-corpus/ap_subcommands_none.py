import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--verbose", action="store_true")
commands = parser.add_subparsers(dest="command")
commands.add_parser("train").add_argument("--lr", type=float, default=0.1)
print(parser.parse_args())
