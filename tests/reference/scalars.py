"""Asks Guild AI's index for the scalars of runs. Reads JSON from stdin: folders, each a
run directory. Prints for each its scalars: prefix, tag, and all that is kept of them.
Numbers are as Python writes them in hex; what is no number is null, as in the index.

With the words FILE and SEED it writes an event file with tensors instead.
"""

import json
import random
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")


def told(number):
    return None if number is None else float(number).hex()


def scalars(dirs):
    from guild import index, run

    with tempfile.TemporaryDirectory() as cache:
        runs = [run.Run(str(number), dir) for number, dir in enumerate(dirs)]
        runs_index = index.RunIndex(cache)
        runs_index.refresh(runs, ["scalar"])
        for run in runs:
            rows = runs_index.run_scalars(run)
            for row in rows:
                del row["run"]
                for name in row:
                    if name.endswith("_val") or name == "total":
                        row[name] = told(row[name])
            yield sorted(rows, key=lambda row: (row["prefix"], row["tag"]))


def make(path, seed):
    import numpy as np
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter
    from tensorboard.util import tensor_util

    draw = random.Random(seed)

    def value():
        tag = draw.choice("abc")
        number = draw.choice([draw.random(), float("nan"), float("inf"), -1.5])
        shape = draw.choice([(), (1,), (1, 1), (2,), (0,)])
        kind = draw.choice(["float32", "float64"])
        tensor = tensor_util.make_tensor_proto(np.full(shape, number, dtype=kind))
        if shape == (0,):
            tensor = tensor_util.make_tensor_proto("text")
        return summary_pb2.Summary.Value(tag=tag, tensor=tensor)

    with open(path, "wb") as file:
        writer = RecordWriter(file)
        for _ in range(30):
            event = event_pb2.Event(step=draw.randrange(-2, 9), wall_time=1.0)
            event.summary.value.extend(value() for _ in range(draw.randrange(3)))
            writer.write(event.SerializeToString())


if len(sys.argv) > 1:
    make(sys.argv[1], int(sys.argv[2]))
else:
    json.dump(list(scalars(json.load(sys.stdin))), sys.stdout)
