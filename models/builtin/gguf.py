"""Reading and writing GGUF version 3: metadata, and tensors as f32, f16 or q8_0."""

import struct
from math import prod

import numpy as np

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
F32, F16, Q8_0 = 0, 1, 8
U32, I32, FLOAT, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", U32: "<I", I32: "<i", FLOAT: "<f", 10: "<Q", 11: "<q", 12: "<d"}


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def kind_of(value):
    if isinstance(value, bool):
        return BOOL
    return {int: U32, float: FLOAT, str: STRING, list: ARRAY}[type(value)]


def packed(value, kind):
    if kind == BOOL:
        return struct.pack("<?", value)
    if kind == STRING:
        return text(value)
    if kind == ARRAY:
        inner = kind_of(value[0])
        inner = I32 if inner == U32 else inner
        return struct.pack("<IQ", inner, len(value)) + b"".join(packed(v, inner) for v in value)
    return struct.pack(FORMATS[kind], value)


def quantised(values):
    """Blocks of 32 along the last axis: an f16 scale and 32 signed bytes."""
    blocks = np.asarray(values, np.float32).reshape(-1, 32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype(np.float16)
    divisor = np.where(scale > 0, scale, 1).astype(np.float32)
    whole = np.clip(np.rint(blocks / divisor), -127, 127).astype(np.int8)
    return np.concatenate([scale.view(np.uint8), whole.view(np.uint8)], 1).tobytes()


def encoded(values, kind):
    if kind == Q8_0:
        return quantised(values)
    return np.ascontiguousarray(values, np.float32 if kind == F32 else np.float16).tobytes()


def write(path, metadata, tensors):
    """`tensors`: name -> (array in row order, kind). GGUF names the dimensions in the other order."""
    head = [MAGIC, struct.pack("<IQQ", VERSION, len(tensors), len(metadata))]
    for key, value in metadata.items():
        kind = kind_of(value)
        head += [text(key), struct.pack("<I", kind), packed(value, kind)]
    body, offset = [], 0
    for name, (values, kind) in tensors.items():
        data = encoded(values, kind)
        shape = values.shape[::-1]
        head += [text(name), struct.pack("<I", len(shape)), struct.pack(f"<{len(shape)}Q", *shape), struct.pack("<IQ", kind, offset)]
        data += bytes(-len(data) % ALIGNMENT)
        body.append(data)
        offset += len(data)
    start = b"".join(head)
    path.write_bytes(start + bytes(-len(start) % ALIGNMENT) + b"".join(body))


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def unpack(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def text(self):
        (size,) = self.unpack("<Q")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def value(self, kind):
        if kind == STRING:
            return self.text()
        if kind == BOOL:
            return self.unpack("<?")[0]
        if kind == ARRAY:
            inner, size = self.unpack("<IQ")
            return [self.value(inner) for _ in range(size)]
        return self.unpack(FORMATS[kind])[0]


def dequantised(data, shape):
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 34)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    return (blocks[:, 2:].copy().view(np.int8) * scale).reshape(shape)


def read(path):
    """Metadata, and tensors as f32 arrays."""
    reader = Reader(path.read_bytes())
    assert reader.data[:4] == MAGIC
    reader.at = 4
    _, count, keys = reader.unpack("<IQQ")
    metadata = {}
    for _ in range(keys):
        key = reader.text()
        metadata[key] = reader.value(reader.unpack("<I")[0])
    infos = []
    for _ in range(count):
        name = reader.text()
        (dims,) = reader.unpack("<I")
        shape = reader.unpack(f"<{dims}Q")[::-1]
        infos.append((name, shape, *reader.unpack("<IQ")))
    base = reader.at + -reader.at % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in infos:
        size = {F32: 4 * prod(shape), F16: 2 * prod(shape), Q8_0: prod(shape) // 32 * 34}[kind]
        data = reader.data[base + offset : base + offset + size]
        tensors[name] = dequantised(data, shape) if kind == Q8_0 else np.frombuffer(data, np.float32 if kind == F32 else np.float16).reshape(shape).astype(np.float32)
    return metadata, tensors
