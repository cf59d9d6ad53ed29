import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--momentum", type=float)
parser.set_defaults(lr=0.2, momentum=0.9, func=print)
print(parser.parse_args())
