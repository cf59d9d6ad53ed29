import argparse


class Options:
    steps = 1000

    def __init__(self):
        self.parser = argparse.ArgumentParser()
        self.initialized = False

    def initialize(self):
        self.parser.add_argument("--name", type=str, default="experiment")
        self.parser.add_argument("--steps", type=int, default=self.steps)
        self.initialized = True

    def parse(self):
        if not self.initialized:
            self.initialize()
        self.options = self.parser.parse_args()
        return self.options


class TrainOptions(Options):
    def initialize(self):
        super().initialize()
        self.parser.add_argument("--lr", type=float, default=2e-4, help="first rate")
        self.parser.add_argument("--policy", choices=["linear", "step"], default="linear")


if __name__ == "__main__":
    options = TrainOptions().parse()
    print(options)
