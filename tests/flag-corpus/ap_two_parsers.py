import argparse

unused = argparse.ArgumentParser()
unused.add_argument("--bar")
used = argparse.ArgumentParser()
used.add_argument("--foo", type=int, default=123)
print(used.parse_args())
