"""What goes through the pipe between the grader and an answer: frames of plain values, and nothing that could be run.

A frame is four bytes that say its length, a line of JSON, and the bytes of the arrays that the line speaks of. Numbers,
words, arrays and lists of these are written as `[tag, ...]`; what is none of them as ["o", what it is called].

    parts = Parts()
    line = parts.put({"the result": array})       # on one side
    value = Parts(parts.body).get(line)           # on the other; raises Garbled for all that `put` cannot have made

This file runs on both sides: it needs NumPy and the standard library alone.
"""

import json
import re
import struct

import numpy as np

LONGEST = 64 << 20  # bytes of a frame
DEEPEST, MOST = 12, 100_000  # lists in lists; values in a frame
LARGEST = 4000  # bits of a whole number
DTYPES = {*("bool", "int8", "int16", "int32", "int64", "uint8"), *("uint16", "uint32", "uint64")}
DTYPES |= {"float16", "float32", "float64"}


class Garbled(Exception):
    """What came through the pipe was not written by `Parts.put`."""


class Foreign:
    """Stands for a thing of another kind, which did not come through; its class has the name of the thing's class."""

    def __repr__(self):
        return f"a {type(self).__name__}"


class Parts:
    """The arrays of a frame. `put` writes a value and keeps its arrays in `body`; `get` reads it, in the same order."""

    def __init__(self, body=b""):
        self.body, self.place, self.count = bytearray(body), 0, 0

    def put(self, value, depth=0):
        if depth > DEEPEST:
            return ["o", "list"]
        kind = type(value)
        if value is None:
            return ["n"]
        if kind is bool:
            return ["b", value]
        if kind is int and value.bit_length() <= LARGEST:
            return ["i", hex(value)]
        if kind is float:
            return ["f", value.hex()]
        if kind is str:
            return ["s", value[:10_000]]
        if kind is np.ndarray and value.dtype.name in DTYPES and value.dtype.isnative:
            self.body += np.ascontiguousarray(value).tobytes()
            return ["a", value.dtype.name, list(value.shape)]
        if kind in (list, tuple):
            return [kind.__name__[0], [self.put(part, depth + 1) for part in value]]
        if kind is dict:
            return ["d", [[self.put(key, depth + 1), self.put(part, depth + 1)] for key, part in value.items()]]
        return ["o", kind.__name__[:60]]

    def get(self, line, depth=0):
        self.count += 1
        if depth > DEEPEST + 2 or self.count > MOST or not isinstance(line, list) or not line:
            raise Garbled
        try:
            return self.value(*line, depth=depth + 1)
        except (TypeError, ValueError, IndexError, OverflowError):
            raise Garbled from None

    def value(self, tag, *rest, depth):
        if tag == "n" and not rest:
            return None
        if tag == "b" and type(rest[0]) is bool:
            return rest[0]
        if tag == "i" and len(rest[0]) < LARGEST // 4 + 5:
            return int(rest[0], 16)
        if tag == "f" and len(rest[0]) < 40:
            return float.fromhex(rest[0])
        if tag == "s" and type(rest[0]) is str:
            return rest[0][:10_000]
        if tag == "a":
            self.count += 10  # these take longer than numbers, and the next ones longer still
            return self.array(*rest)
        if tag in ("l", "t") and type(rest[0]) is list:
            return (list if tag == "l" else tuple)(self.get(part, depth) for part in rest[0])
        if tag == "d" and type(rest[0]) is list:
            return {self.get(key, depth): self.get(part, depth) for key, part in rest[0]}
        if tag == "o" and type(rest[0]) is str:
            self.count += 100
            return type(named(rest[0]), (Foreign,), {})()
        raise Garbled

    def array(self, dtype, shape):
        if dtype not in DTYPES or len(shape) > 32 or not all(type(n) is int and 0 <= n < 1 << 32 for n in shape):
            raise Garbled
        size = np.dtype(dtype).itemsize
        for n in shape:
            size *= n
        data = self.body[self.place : self.place + size]
        if len(data) != size:
            raise Garbled
        self.place += size
        return np.frombuffer(data, dtype).reshape(shape).copy()


def named(text):
    """A name that a class may have, from one that came from outside."""
    return "".join(c for c in text if c.isalnum() or c == "_")[:60] or "thing"


def frame(line, body=b""):
    """The bytes of a frame: `line` is anything JSON can write."""
    payload = json.dumps(line, allow_nan=False).encode() + b"\n" + bytes(body)
    return struct.pack("<I", len(payload)) + payload


def length(head):
    """How many bytes follow the first four of a frame."""
    (count,) = struct.unpack("<I", head)
    if count > LONGEST:
        raise Garbled
    return count


def opened(payload):
    """(line, body) of what follows the first four bytes of a frame."""
    text, newline, body = payload.partition(b"\n")
    if not newline or len(text) > LONGEST // 8 or many(text) or deeper(text, 4 * DEEPEST):
        raise Garbled
    try:
        return json.loads(text), body
    except (ValueError, RecursionError):
        raise Garbled from None


def many(text):
    """Whether a line has more in it than `get` would read; where words hold these characters, they count as well."""
    return text.count(b",") > 8 * MOST or sum(map(text.count, (b"[", b"]", b"{", b"}"))) > 6 * MOST


def deeper(text, limit):
    """Whether brackets stand in each other more than `limit` deep; those inside words are counted too."""
    depth = 0
    for bracket in re.finditer(rb"[\[\]{}]", text):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > limit:
            return True
    return False
