"""Prints its arguments, and where modules come from."""

import argparse
import os
import sys

import sibling

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.5)
parser.add_argument("--text", default="some text")
args = parser.parse_args()

print(os.path.relpath(sys.argv[0]), sys.argv[1:])
print("rate is %s and text is %r" % (args.rate, args.text))
print("first on the path:", os.path.relpath(sys.path[0]))
print("sibling:", os.path.relpath(sibling.__file__))
print("working directory is the run's:", os.getcwd() == os.environ["RUN_DIR"])
