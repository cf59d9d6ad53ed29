import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=len(os.path.basename("/a/four")))
parser.parse_args()
