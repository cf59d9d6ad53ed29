import argparse

parser = argparse.ArgumentParser()
group = parser.add_mutually_exclusive_group()
group.add_argument("--gpu", type=int, default=0)
group.add_argument("--cpu", action="store_true")
print(parser.parse_args())
