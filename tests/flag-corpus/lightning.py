"""Stands for a library that adds arguments of its own to a parser."""


class Trainer:
    def __init__(self, **kw):
        self.settings = kw

    @staticmethod
    def add_argparse_args(parser):
        group = parser.add_argument_group("trainer")
        group.add_argument("--max_epochs", type=int, default=1000)
        group.add_argument("--accelerator", default="auto")
        return parser

    def fit(self, model):
        raise SystemExit("training has started")


class LightningModule:
    @classmethod
    def add_model_specific_args(cls, parser):
        parser.add_argument("--hidden_dim", type=int, default=128)
        return parser
