import argparse


def truth(text):
    return text.lower() in ("yes", "true", "1")


parser = argparse.ArgumentParser()
parser.add_argument("--shuffle", type=truth, default=True)
parser.add_argument("--debug", type=truth, default="no")
print(parser.parse_args())
