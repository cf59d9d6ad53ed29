"""Fields of protocol buffers, and the frames of records in event files."""

import struct

# Fields.


def varint(number):
    """The number, of 64 bits, in as many bytes as it takes."""
    number &= (1 << 64) - 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def key(field, kind):
    """What stands before a value."""
    return varint(field << 3 | kind)


def number_field(field, number):
    return key(field, 0) + varint(number)


def double_field(field, number):
    return key(field, 1) + struct.pack("<d", number)


def bytes_field(field, content):
    return key(field, 2) + varint(len(content)) + content


def text_field(field, text):
    return bytes_field(field, str(text).encode("utf-8", "surrogateescape"))


# Records. Their checksums are CRC-32C, rotated and moved.


def record(content):
    """The content as a record."""
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


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
