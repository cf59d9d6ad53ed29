import argparse


class Upper(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values.upper())


parser = argparse.ArgumentParser()
parser.add_argument("--version", action="version", version="1.0")
parser.add_argument("--verbose", "-v", action="count", default=0)
parser.add_argument("--add", action="append", default=[])
parser.add_argument("--quick", action="store_const", const=1, default=5)
parser.add_argument("--upper", action=Upper)
parser.add_argument("--more", action="extend", nargs="+")
parser.add_argument("--plain", action="store", default="x")
parser.add_argument("--maybe", nargs="?", const="yes", default="no")
parser.add_argument("--kind", type=lambda text: text.strip(), default="a")
parser.add_argument("--flag", type=bool, default=True)
parser.add_argument("--empty", default="")
parser.add_argument("--big", type=float, default=1e10)
parser.add_argument("--tiny", type=float, default=-2.5e-8)
parser.add_argument("--ratio", type=float, default=1 / 3)
parser.add_argument("--count", type=int, default=10 * 1000)
parser.add_argument("--text", default="a 'quoted' \"text\", with: signs\nand lines")
parser.add_argument("--no", default="no")
parser.add_argument("--number-text", default="012")
parser.add_argument("--items", nargs="+", default=[1, 2.5, "three", None, True, "a b"])
parser.parse_args()
