"""Writes and reads event files with TensorBoard's own code.

'make FILE SEED' writes a file with values of all kinds. 'read FILE...' prints JSON:
for each file what its values are, as TensorBoard's loader hands them out.
"""

import json
import random
import sys
import warnings

warnings.simplefilter("ignore")

import numpy as np
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2
from tensorboard.plugins.hparams import plugin_data_pb2, summary_v2
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

TYPES = "float32 float64 float16 int8 int16 int32 int64 uint8 uint16".split()
SHAPES = [(), (1,), (1, 1)]


def number(draw, kind):
    if kind.startswith("float"):
        return draw.choice([float("nan"), float("inf"), -float("inf"), 0.0, 1e-3, -2.5])
    info = np.iinfo(kind)
    return draw.choice([info.min, info.max, 0, 1, 100])


def one_element(draw):
    kind, shape = draw.choice(TYPES), draw.choice(SHAPES)
    array = np.full(shape, number(draw, kind), dtype=kind)
    tensor = tensor_util.make_tensor_proto(array)
    if draw.random() < 0.5:
        tensor = tensor_pb2.TensorProto(dtype=tensor.dtype, tensor_shape=tensor.tensor_shape)
        tensor.tensor_content = array.tobytes()
    return tensor


def value(draw):
    tag = draw.choice(["loss", "acc", "a b", "\u00e9", "x/y"])
    Value = summary_pb2.Summary.Value
    kind = draw.randrange(8)
    if kind < 3:
        return Value(tag=tag, simple_value=number(draw, "float32"))
    if kind < 5:
        return Value(tag=tag, tensor=one_element(draw))
    if kind == 5:
        picture = draw.randbytes(draw.randrange(1, 40))
        if draw.random() < 0.5:
            image = summary_pb2.Summary.Image(width=3, height=2, encoded_image_string=picture)
            return Value(tag=tag, image=image)
        metadata = summary_pb2.SummaryMetadata()
        metadata.plugin_data.plugin_name = "images"
        strings = np.array([b"3", b"2", picture], dtype=object)
        return Value(tag=tag, tensor=tensor_util.make_tensor_proto(strings), metadata=metadata)
    if kind == 6:
        text = tensor_util.make_tensor_proto("text %i" % draw.randrange(9))
        return Value(tag=tag, tensor=text)
    return Value(tag=tag, tensor=tensor_util.make_tensor_proto(np.zeros((2, 3))))


def make(path, seed):
    draw = random.Random(int(seed))
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        writer.write(event_pb2.Event(file_version="brain.Event:2").SerializeToString())
        for _ in range(draw.randrange(1, 60)):
            event = event_pb2.Event(step=draw.randrange(-5, 1 << 40), wall_time=draw.random())
            if draw.random() < 0.1:
                event.graph_def = draw.randbytes(300)
            elif draw.random() < 0.1:
                hparams = {"lr": 0.1, "name": "n", "on": True}
                summary = summary_v2.hparams_pb(hparams, trial_id="t")
                event.summary.CopyFrom(summary)
            else:
                event.summary.value.extend(value(draw) for _ in range(draw.randrange(4)))
            writer.write(event.SerializeToString())


def told(number):
    return float(number).hex()


def plugin_value(value):
    if value.HasField("number_value"):
        return told(value.number_value)
    return value.string_value if value.HasField("string_value") else value.bool_value


def hparams(content):
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    assert data.version == 0
    kind = data.WhichOneof("data")
    if kind == "experiment":
        infos = [
            [
                info.name,
                [plugin_value(value) for value in info.domain_discrete.values],
                [told(info.domain_interval.min_value), told(info.domain_interval.max_value)],
            ]
            for info in data.experiment.hparam_infos
        ]
        return [infos, [info.name.tag for info in data.experiment.metric_infos]]
    if kind == "session_start_info":
        info = data.session_start_info
        values = {name: plugin_value(value) for name, value in info.hparams.items()}
        return [info.group_name, values]
    return [data.session_end_info.status]


def shown(value):
    plugin = value.metadata.plugin_data
    if plugin.plugin_name == "hparams":
        return ["hparams", hparams(plugin.content)]
    if value.HasField("simple_value"):
        return ["scalar", told(value.simple_value)]
    if value.HasField("image"):
        image = value.image
        return ["image", image.width, image.height, image.encoded_image_string.hex()]
    array = tensor_util.make_ndarray(value.tensor)
    if array.dtype == object and plugin.plugin_name == "images":
        width, height, picture = array[:3]
        return ["image", int(width), int(height), picture.hex()]
    if array.dtype == object:
        return ["text", array.item().decode()]
    return ["scalar", told(array.item())] if array.size == 1 else ["other"]


def read(path):
    values = []
    for event in event_file_loader.LegacyEventFileLoader(path).Load():
        for value in event.summary.value:
            values.append([event.step, told(event.wall_time), value.tag] + shown(value))
    return values


if sys.argv[1] == "make":
    make(*sys.argv[2:])
else:
    json.dump([read(path) for path in sys.argv[2:]], sys.stdout)
