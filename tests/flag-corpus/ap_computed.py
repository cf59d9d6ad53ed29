import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=max(1, min(4, 2)))
parser.add_argument("--cache", default=os.environ.get("GUILD_CORPUS_CACHE", "none"))
parser.add_argument("--here", default=os.path.basename(__file__))
print(parser.parse_args())
