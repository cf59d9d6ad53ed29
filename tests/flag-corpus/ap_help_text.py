import argparse

parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--lr", type=float, default=0.1, help="rate (default: %(default)s)")
parser.add_argument("--frac", type=float, default=0.5, help="100%% of nothing")
parser.add_argument("--long", default="", help="first line\nsecond line")
print(parser.parse_args())
