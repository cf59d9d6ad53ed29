import argparse
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out"))
parser.add_argument("--log", type=argparse.FileType("w"))
parser.add_argument("--items", type=lambda text: text.split(","), default=["a", "b"])
print(parser.parse_args())
