"""Options in a class that asks several times."""

import argparse


class Options:
    def __init__(self):
        self.parser = argparse.ArgumentParser()

    def gather(self):
        self.parser.add_argument("--model", default="cycle")
        options, _ = self.parser.parse_known_args()
        if options.model == "cycle":
            self.parser.add_argument("--lambda-a", type=float, default=10.0)
        options, _ = self.parser.parse_known_args()
        self.parser.add_argument("--phase", default="train")
        return self.parser.parse_args()

    def parse(self):
        options = self.gather()
        options.is_train = True
        return options


if __name__ == "__main__":
    print(Options().parse())
