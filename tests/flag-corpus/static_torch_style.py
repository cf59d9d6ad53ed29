from __future__ import print_function

import argparse
import math
import time

try:
    import json5 as json
except ImportError:
    import json

BEST = 0.0


class Net:
    def __init__(self, width):
        self.width = width

    def forward(self, x):
        return math.tanh(x) * self.width


def train(args, model, epoch):
    global BEST
    for step in range(args.batches):
        loss = 1.0 / (step + epoch + 1)
        if step % args.log_interval == 0:
            print("step: %i loss: %f" % (step, loss))
            if args.dry_run:
                break
    BEST = max(BEST, loss)


def main():
    # Training settings
    parser = argparse.ArgumentParser(description="A digit example")
    parser.add_argument('--batch-size', type=int, default=64, metavar='N',
                        help='input batch size for training (default: 64)')
    parser.add_argument('--batches', type=int, default=3)
    parser.add_argument('--epochs', type=int, default=1, metavar='N')
    parser.add_argument('--lr', type=float, default=1.0, metavar='LR')
    parser.add_argument('--no-cuda', action='store_true', default=False,
                        help='disables CUDA training')
    parser.add_argument('--dry-run', action='store_true', default=False)
    parser.add_argument('--log-interval', type=int, default=10, metavar='N')
    parser.add_argument('--save-model', action='store_true', default=False)
    args = parser.parse_args()
    started = time.time()
    model = Net(args.batch_size)
    for epoch in range(1, args.epochs + 1):
        train(args, model, epoch)
    print(json.dumps({"best": BEST, "seconds": round(time.time() - started)}))


if __name__ == '__main__':
    main()
