import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--augment", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("--amp", action=argparse.BooleanOptionalAction, default=False)
parser.add_argument("--ema", action=argparse.BooleanOptionalAction)
print(parser.parse_args())
