import argparse

from sklearn.svm import SVC


def run(kernel, c, gamma):
    return SVC(kernel=kernel, C=c, gamma=gamma)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel", choices=("linear", "poly", "rbf"), default="rbf")
    parser.add_argument("--c", type=float, default=1.0)
    parser.add_argument("--gamma", type=float, default=0.1)
    run(**vars(parser.parse_args()))
