import argparse

parser = argparse.ArgumentParser(prefix_chars="+-", allow_abbrev=False)
parser.add_argument("+x", "++extra", default=1)
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--learning-rate-decay", type=float, default=0.9)
print(parser.parse_args())
