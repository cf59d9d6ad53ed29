import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--cuda", action="store_true", help="use the GPU")
parser.add_argument("--no-log", dest="log", action="store_false")
parser.add_argument("--fast", action="store_true", default=True)
print(parser.parse_args())
