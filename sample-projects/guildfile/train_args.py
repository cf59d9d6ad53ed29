"""Takes settings as arguments, and prints them."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--base-dir")
parser.add_argument("--learning-rate", type=float)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()

print("base dir is %s" % args.base_dir)
print("learning rate is %s" % args.learning_rate)
print("verbose is %s" % args.verbose)
