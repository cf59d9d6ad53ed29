"""Writes scalars, texts and images that TensorBoard and `guild` read.

    from guild import summary

    with summary.SummaryWriter("logs") as writer:
        writer.add_scalar("loss", 0.5, step=1)

Attributes of the run are texts in files with the suffix `.attrs`:

    summary.SummaryWriter(".", filename_suffix=".attrs").add_text("color", "red")
"""

import itertools
import os
import socket
import struct
import time

from guild import hparam_values
from guild.event_wire import bytes_field, double_field, key, number_field, record, text_field

_VERSION = b"brain.Event:2"

# Tells the files of one process apart.
_count = itertools.count()


class SummaryWriter:
    """Writes events to a file in `logdir`, which is made with the first.

    The file is named `filename_base`, or as TensorBoard expects it, and then
    `filename_suffix`. An event is in the file when a method returns.
    """

    def __init__(self, logdir, filename_base=None, filename_suffix=""):
        self.logdir = logdir
        self._base = filename_base
        self._suffix = filename_suffix
        self._file = None

    def add_scalar(self, tag, val, step=None, walltime=None):
        """Adds the number `val`; `walltime` is in seconds since the epoch."""
        number = struct.pack("<f", _in_range(float(val)))
        self._add(text_field(1, tag) + key(2, 5) + number, step, walltime)

    def add_text(self, tag, text, step=None, walltime=None):
        """Adds the text of the tag."""
        tensor = number_field(1, 7) + bytes_field(2, b"") + text_field(8, text)
        metadata = bytes_field(1, text_field(1, "text"))
        value = text_field(1, tag) + bytes_field(8, tensor) + bytes_field(9, metadata)
        self._add(value, step, walltime)

    def add_image(self, tag, image, step=None, walltime=None):
        """Adds the image file with the path `image`: PNG, or what Pillow reads."""
        with open(image, "rb") as opened:
            encoded = opened.read()
        if not _is_png(encoded):
            encoded = _as_png(image)
        width, height, _depth, color = struct.unpack(">IIBB", encoded[16:26])
        channels = {0: 1, 2: 3, 4: 2}.get(color, 4)
        fields = number_field(1, height) + number_field(2, width) + number_field(3, channels)
        picture = bytes_field(4, fields + bytes_field(4, encoded))
        self._add(text_field(1, tag) + picture, step, walltime)

    def add_hparam_experiment(self, hparams, metrics):
        """Adds which parameters there are, a list of values by each name, and which metrics.

        Metrics are tags of scalars. TensorBoard has them in columns of its page HPARAMS.
        """
        self._add(hparam_values.experiment(hparams, metrics), None, None)

    def add_hparam_session(self, name, hparams, status=None):
        """Adds the values of parameters, by name, that the scalars in `logdir` came from.

        It is called `name`. With a `status` it has ended: completed, terminated or error.
        """
        self._add(hparam_values.session_start(name, hparams), None, None)
        if status:
            self._add(hparam_values.session_end(status), None, None)

    def _add(self, value, step, walltime):
        event = double_field(1, time.time() if walltime is None else walltime)
        if step is not None:
            event += number_field(2, int(step))
        self._write(event + bytes_field(5, bytes_field(1, value)))

    def _write(self, event):
        if self._file is None:
            self._file = EventFileWriter(
                self.logdir, filename_base=self._base, filename_suffix=self._suffix
            )
        self._file.add_event(event)

    def flush(self):
        """Does nothing: events are in the file already."""

    def close(self):
        """Closes the file. What is added later opens it again, or another."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


class EventFileWriter:
    """Writes events to a file in `logdir`, which is made: messages, or their bytes.

    An event is in the file when `add_event` returns, whatever `max_queue_size` and
    `flush_secs` are.
    """

    def __init__(
        self, logdir, max_queue_size=10, flush_secs=120, filename_base=None, filename_suffix=""
    ):
        os.makedirs(logdir, exist_ok=True)
        base = filename_base or "events.out.tfevents.%010d.%s.%s.%s" % (
            time.time(),
            socket.gethostname(),
            os.getpid(),
            next(_count),
        )
        self._file = open(os.path.join(logdir, base + filename_suffix), "ab", buffering=0)
        self.add_event(bytes_field(3, _VERSION))

    def add_event(self, event):
        """Adds an event: a message, or its bytes."""
        content = event if isinstance(event, bytes) else event.SerializeToString()
        # In one piece, so that readers find whole records.
        self._file.write(record(content))

    def flush(self):
        """Does nothing: events are in the file already."""

    def close(self):
        """Closes the file."""
        self._file.close()

    def __del__(self):
        if hasattr(self, "_file"):
            self._file.close()


def _in_range(number):
    """The number, or an infinity where 32 bits do not hold it."""
    try:
        struct.pack("<f", number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    return number


def _is_png(encoded):
    return encoded[:8] == b"\x89PNG\r\n\x1a\n" and len(encoded) >= 26


def _as_png(path):
    import io

    from PIL import Image

    encoded = io.BytesIO()
    with Image.open(path) as image:
        image.save(encoded, format="PNG")
    return encoded.getvalue()
