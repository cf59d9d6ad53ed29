# arguments: --lr 0.5 --data here
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=7)
print(parser.parse_args())
