"""Prints and warns before it reads its arguments."""

import argparse
import sys
import warnings

print("loading")
sys.stderr.write("a note\n")
warnings.warn("old")
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
open("left-behind.txt", "w").close()
