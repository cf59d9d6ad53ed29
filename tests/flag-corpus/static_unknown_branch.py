import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--always", default=1)
if os.path.exists("/nowhere/at/all"):
    parser.add_argument("--sometimes", default=2)
parser.parse_args()
