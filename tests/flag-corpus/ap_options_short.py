import argparse

parser = argparse.ArgumentParser()
parser.add_argument("-b", "--batch-size", type=int, default=32)
parser.add_argument("--epochs", "-e", type=int, default=10)
parser.add_argument("-q")
parser.add_argument("--lr", "--learning-rate", type=float, default=0.1, dest="rate")
print(parser.parse_args())
