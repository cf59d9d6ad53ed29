import argparse
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))

import nosy_library

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=nosy_library.level / 10)
print(parser.parse_args())
