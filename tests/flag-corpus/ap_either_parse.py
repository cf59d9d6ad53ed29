import argparse


def options(known=False):
    parser = argparse.ArgumentParser()
    parser.add_argument("--img", type=int, default=640)
    parser.add_argument("--weights", default="w.pt")
    return parser.parse_known_args()[0] if known else parser.parse_args()


if __name__ == "__main__":
    print(options(True))
