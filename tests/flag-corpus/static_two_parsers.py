import argparse
import sys


def config_parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-c", "--config", default=None, metavar="FILE")
    return parser


def main(argv):
    first = config_parser()
    known, rest = first.parse_known_args(argv)
    defaults = {"lr": 0.1, "steps": 10}
    parser = argparse.ArgumentParser(parents=[first])
    parser.set_defaults(**defaults)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--steps", type=int)
    args = parser.parse_args(rest)
    print(args)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
