import argparse

rate = 0.1


def helper():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr")
    return parser


print(rate)
