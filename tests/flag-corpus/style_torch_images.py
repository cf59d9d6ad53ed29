"""An image classifier with its parser at module level."""

import argparse

import torch

names = sorted(["resnet18", "resnet50", "vgg16"])
parser = argparse.ArgumentParser(description="Images")
parser.add_argument("data", metavar="DIR", nargs="?", default="imagenet")
parser.add_argument("-a", "--arch", metavar="ARCH", default="resnet18", choices=names,
                    help="model architecture: " + " | ".join(names))
parser.add_argument("-j", "--workers", default=4, type=int)
parser.add_argument("--lr", "--learning-rate", default=0.1, type=float, dest="lr")
parser.add_argument("--wd", "--weight-decay", default=1e-4, type=float, dest="weight_decay")
parser.add_argument("--resume", default="", type=str, help="path to latest checkpoint")
parser.add_argument("--gpu", default=None, type=int)
parser.add_argument("--multiprocessing-distributed", action="store_true")


def main():
    args = parser.parse_args()
    torch.manual_seed(0)
    print(args)


if __name__ == "__main__":
    main()
