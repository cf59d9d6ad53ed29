import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
parser.add_argument("--gpus", type=int, default=torch.cuda.device_count())
print(parser.parse_args())
