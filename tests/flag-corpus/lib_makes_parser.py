import argparse
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))

import nosy_library

parser = nosy_library.make_parser()
parser.add_argument("--own", type=int, default=2)
print(parser.parse_args())
