import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="cnn")
known, _ = parser.parse_known_args()
if known.model == "cnn":
    parser.add_argument("--kernel", type=int, default=3)
else:
    parser.add_argument("--hidden", type=int, default=64)
print(parser.parse_args())
