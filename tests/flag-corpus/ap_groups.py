import argparse

parser = argparse.ArgumentParser()
data = parser.add_argument_group("data")
data.add_argument("--root", default="data")
data.add_argument("--workers", type=int, default=4)
model = parser.add_argument_group("model", "what is trained")
model.add_argument("--width", type=int, default=128)
print(parser.parse_args())
