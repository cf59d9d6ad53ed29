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
        self._add(_text(1, tag) + _key(2, 5) + number, step, walltime)

    def add_text(self, tag, text, step=None, walltime=None):
        """Adds the text of the tag."""
        tensor = _number(1, 7) + _bytes(2, b"") + _text(8, text)
        metadata = _bytes(1, _text(1, "text"))
        self._add(_text(1, tag) + _bytes(8, tensor) + _bytes(9, metadata), step, walltime)

    def add_image(self, tag, image, step=None, walltime=None):
        """Adds the image file with the path `image`: PNG, or what Pillow reads."""
        with open(image, "rb") as opened:
            encoded = opened.read()
        if not _is_png(encoded):
            encoded = _as_png(image)
        width, height, _depth, color = struct.unpack(">IIBB", encoded[16:26])
        channels = {0: 1, 2: 3, 4: 2}.get(color, 4)
        fields = _number(1, height) + _number(2, width) + _number(3, channels)
        self._add(_text(1, tag) + _bytes(4, fields + _bytes(4, encoded)), step, walltime)

    def _add(self, value, step, walltime):
        event = _key(1, 1) + struct.pack("<d", time.time() if walltime is None else walltime)
        if step is not None:
            event += _number(2, int(step))
        self._write(event + _bytes(5, _bytes(1, value)))

    def _write(self, event):
        if self._file is None:
            self._file = self._open()
            self._write(_bytes(3, _VERSION))
        length = struct.pack("<Q", len(event))
        # In one piece, so that readers find whole records.
        self._file.write(length + _checksum(length) + event + _checksum(event))

    def _open(self):
        os.makedirs(self.logdir, exist_ok=True)
        base = self._base or "events.out.tfevents.%010d.%s.%s.%s" % (
            time.time(),
            socket.gethostname(),
            os.getpid(),
            next(_count),
        )
        return open(os.path.join(self.logdir, base + self._suffix), "ab", buffering=0)

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

    def __del__(self):
        if getattr(self, "_file", None) is not None:
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


# Fields of protocol buffers.


def _varint(number):
    number &= (1 << 64) - 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _key(field, kind):
    return _varint(field << 3 | kind)


def _number(field, number):
    return _key(field, 0) + _varint(number)


def _bytes(field, content):
    return _key(field, 2) + _varint(len(content)) + content


def _text(field, text):
    return _bytes(field, str(text).encode("utf-8", "surrogateescape"))


# Checksums of records: CRC-32C, rotated and moved.


def _table():
    table = []
    for byte in range(256):
        for _bit in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _table()


def _checksum(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    masked = (crc >> 15 | crc << 17) + 0xA282EAD8
    return struct.pack("<I", masked & 0xFFFFFFFF)
