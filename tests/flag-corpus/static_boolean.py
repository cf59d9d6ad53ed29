import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--cache", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--trace", action=argparse.BooleanOptionalAction, default=False)
parser.add_argument("--unset", action=argparse.BooleanOptionalAction)
parser.parse_args()
