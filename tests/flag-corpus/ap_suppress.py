import argparse

parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)
parser.add_argument("--shown", help="in the help")
parser.add_argument("--hidden", help=argparse.SUPPRESS, default=1)
parser.add_argument("--absent", default=argparse.SUPPRESS)
print(parser.parse_args())
