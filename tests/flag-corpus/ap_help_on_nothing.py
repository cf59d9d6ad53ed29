import argparse
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
if len(sys.argv) == 1:
    parser.print_help()
    sys.exit(1)
print(parser.parse_args())
