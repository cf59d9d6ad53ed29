import argparse

parser = argparse.ArgumentParser()
parser.add_argument("data", help="where the data is")
parser.add_argument("extra", nargs="*")
parser.add_argument("--seed", type=int, default=0)
print(parser.parse_args())
