# arguments: fit
"""Commands that are functions."""

import argparse


def fit(args):
    print("fit", args.alpha)


def score(args):
    print("score", args.metric)


def build():
    parser = argparse.ArgumentParser(prog="tool")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("fit")
    one.add_argument("--alpha", type=float, default=0.5, help="weight")
    one.set_defaults(run=fit)
    two = commands.add_parser("score")
    two.add_argument("--metric", choices=["f1", "auc"], default="f1")
    two.set_defaults(run=score)
    return parser


if __name__ == "__main__":
    args = build().parse_args()
    args.run(args)
