import argparse
from project_options import add_options

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
add_options(parser)
print(parser.parse_args())
