import argparse as ap
from argparse import ArgumentParser

parser = ArgumentParser(formatter_class=ap.RawTextHelpFormatter)
parser.add_argument("--lr", type=float, default=0.1)
print(parser.parse_args())
