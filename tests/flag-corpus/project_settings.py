import argparse

_parser = argparse.ArgumentParser()
_parser.add_argument("--lr", type=float, default=0.3)
_parser.add_argument("--tag", default="t")
args = _parser.parse_args()
