import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
parser.add_argument("--depth", type=int, choices=(18, 34, 50), default=18)
parser.add_argument("--level", type=int, choices=range(1, 4))
parser.add_argument("--mode", choices={"b": 1, "a": 2}, default="a")
print(parser.parse_args())
