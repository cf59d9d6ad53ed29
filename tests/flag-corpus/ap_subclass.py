import argparse


class Parser(argparse.ArgumentParser):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.add_argument("--seed", type=int, default=0)


parser = Parser()
parser.add_argument("--lr", type=float, default=0.1)
print(parser.parse_args())
