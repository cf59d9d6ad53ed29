"""A training script that takes its settings as arguments, and only prints them."""

import argparse


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
    parser.add_argument("--epochs", type=int, default=3, help="passes over the data")
    parser.add_argument("--name", default="model", help="name of the model")
    args = parser.parse_args()
    print("lr: %s" % args.lr)
    print("epochs: %s" % args.epochs)
    print("name=%r" % args.name)


if __name__ == "__main__":
    main()
