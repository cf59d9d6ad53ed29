# arguments: train
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--verbose", action="store_true")
commands = parser.add_subparsers(dest="command")
train = commands.add_parser("train", help="fit")
train.add_argument("--lr", type=float, default=0.1)
train.add_argument("--epochs", type=int, default=2)
test = commands.add_parser("test")
test.add_argument("--split", default="val")
print(parser.parse_args())
