import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
try:
    args = parser.parse_args()
except SystemExit:
    args = parser.parse_args([])
print(args)
