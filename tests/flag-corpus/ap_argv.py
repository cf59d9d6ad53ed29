import argparse
import sys


def main(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    return parser.parse_args(argv)


if __name__ == "__main__":
    print(main(sys.argv[1:]))
