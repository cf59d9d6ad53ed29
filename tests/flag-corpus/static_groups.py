"""Trains a small classifier."""

import argparse
import os
from pathlib import Path

DATA_DIR = "data"
OPTIMIZERS = {"sgd": 0.1, "adam": 1e-3}
WIDTHS = [2**n for n in range(4, 8)]


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be positive")
    return number


def add_data_options(parser):
    group = parser.add_argument_group("data", "Where examples come from")
    group.add_argument("--data", default=os.path.join(DATA_DIR, "train.csv"), help="examples")
    group.add_argument("--cache", type=Path, default=Path(DATA_DIR) / "cache")
    group.add_argument("--split", type=float, nargs=2, default=[0.8, 0.2])
    return group


def get_parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_data_options(parser).add_argument("--columns", nargs="*", default=["a", "b c"])
    model = parser.add_argument_group("model")
    model.add_argument("--width", type=int, choices=WIDTHS, default=WIDTHS[1])
    model.add_argument("--layers", type=positive, default=len(WIDTHS) // 2)
    model.add_argument("-o", "--optimizer", choices=sorted(OPTIMIZERS), default="sgd")
    model.add_argument("--lr", type=float, default=OPTIMIZERS["sgd"], help="rate (%(default)s)")
    device = parser.add_mutually_exclusive_group()
    device.add_argument("--cpu", action="store_true", help="no GPU")
    device.add_argument("--no-cuda", dest="cuda", action="store_false")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("name", nargs="?", default="run")
    parser.add_argument("-q", action="store_true")
    return parser


def main(argv=None):
    args = get_parser().parse_args(argv)
    print(vars(args))


if __name__ == "__main__":
    main()
