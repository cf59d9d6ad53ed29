import argparse

parser = argparse.ArgumentParser()
for name, value in [("alpha", 0.1), ("beta", 0.2), ("gamma", 0.3)]:
    parser.add_argument("--" + name, type=float, default=value)
print(parser.parse_args())
