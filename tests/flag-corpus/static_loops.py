import argparse

OPTIONS = [
    ("batch-size", 32, "examples of a step"),
    ("rate", 0.01, None),
    ("name", "first", "of the run"),
]
SWITCHES = {"shuffle": "mix examples", "resume": "go on"}
EXTRA = dict(type=int, default=4)
EXTRA.update(help="processes")

parser = argparse.ArgumentParser()
for option, value, about in OPTIONS:
    parser.add_argument(f"--{option}", type=type(value), default=value, help=about)
for option, about in SWITCHES.items():
    parser.add_argument("--" + option, action="store_true", help="whether to {}".format(about))
for n, part in enumerate(["encoder", "decoder"]):
    if part != "encoder":
        parser.add_argument("--%s-width" % part, type=int, default=64 * (n + 1))
    else:
        parser.add_argument("--%s-width" % part, type=int, default=64)
parser.add_argument("--workers", **EXTRA)
parser.add_argument("--sizes", nargs="+", type=int, default=[8 * n for n in (1, 2, 3)])
args = parser.parse_args()
print(args)
