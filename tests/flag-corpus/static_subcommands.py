# base-args: train
# base-args: --verbose eval
# base-args: t deep
import argparse


def add_train(commands):
    parser = commands.add_parser("train", aliases=["t"], help="train a model")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.set_defaults(action=train)
    inner = parser.add_subparsers(dest="kind")
    deep = inner.add_parser("deep")
    deep.add_argument("--depth", type=int, default=12)
    return parser


def add_eval(commands):
    parser = commands.add_parser("eval")
    parser.add_argument("--top", type=int, default=5)
    parser.add_argument("--threshold", type=float)


def train(args):
    print("train", args)


def main():
    parser = argparse.ArgumentParser(prog="model")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--home", default="~/models")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in (add_train, add_eval):
        add(commands)
    args = parser.parse_args()
    print(args)


if __name__ == "__main__":
    main()
