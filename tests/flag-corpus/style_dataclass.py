"""A parser made of the fields of a class."""

import argparse
import dataclasses


@dataclasses.dataclass
class Config:
    lr: float = 0.1
    steps: int = 100
    name: str = "base"


parser = argparse.ArgumentParser()
for field in dataclasses.fields(Config):
    parser.add_argument("--" + field.name, type=field.type, default=field.default)
config = Config(**vars(parser.parse_args()))
print(config)
