"""Defaults from a file beside the script."""

import argparse
import json
import os

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "defaults.json")) as f:
    defaults = json.load(f)
parser = argparse.ArgumentParser()
for name, value in defaults.items():
    parser.add_argument("--" + name, type=type(value), default=value)
print(parser.parse_args())
