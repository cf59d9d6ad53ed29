"""A trainer and a module that bring arguments of their own."""

from argparse import ArgumentParser

import lightning


class Model(lightning.LightningModule):
    pass


def main():
    parser = ArgumentParser()
    parser.add_argument("--batch_size", default=32, type=int)
    parser = lightning.Trainer.add_argparse_args(parser)
    parser = Model.add_model_specific_args(parser)
    args = parser.parse_args()
    lightning.Trainer(max_epochs=args.max_epochs).fit(Model())


if __name__ == "__main__":
    main()
