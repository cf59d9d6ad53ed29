import argparse

lr = 0.1
steps = 5


def show(args: argparse.Namespace) -> None:
    print(args.lr, args.steps)


show(argparse.Namespace(lr=lr, steps=steps))
