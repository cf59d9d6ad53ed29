import argparse

common = argparse.ArgumentParser(add_help=False)
common.add_argument("--seed", type=int, default=0)
common.add_argument("--log", default="info", choices=("info", "debug"))
common.set_defaults(name="base")

limits = argparse.ArgumentParser(add_help=False, argument_default="none")
limits.add_argument("--steps")
limits.add_argument("--hours", default=None)
limits.add_argument("--fast", action="store_true", default=False)

parser = argparse.ArgumentParser(
    parents=[common, limits], conflict_handler="resolve", allow_abbrev=False
)
parser.add_argument("--name", help="who")
parser.add_argument("--log", "--log-level", default="debug")
parser.set_defaults(seed=7, steps=100)
args, rest = parser.parse_known_args()
print(args, rest)
