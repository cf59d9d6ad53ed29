import argparse


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=5)
    return parser.parse_args()


def main():
    args = get_args()
    print(args)


if __name__ == "__main__":
    main()
