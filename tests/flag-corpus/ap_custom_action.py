import argparse


class Pairs(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, dict(v.split("=") for v in values))


parser = argparse.ArgumentParser()
parser.add_argument("--set", nargs="*", action=Pairs, default={})
parser.add_argument("--lr", type=float, default=0.1)
print(parser.parse_args())
