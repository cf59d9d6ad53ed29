import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="a folder")
parser.add_argument("--steps", type=int, required=True)
parser.add_argument("--note")
print(parser.parse_args())
