import argparse


def add_options(parser):
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--depth", type=int, default=4)


def read():
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args()
