"""What comes through the pipe is a value or Garbled, soon and in little memory, whatever the bytes are."""

import json
import resource
import struct
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minigrad.grade import wire
from minigrad.grade.values import ERRORS, error_of, pairs, words
from minigrad.study.difference import difference

NUMBERS = st.one_of(st.integers(-(1 << 70), 1 << 70), st.floats(), st.booleans(), st.none(), st.text(max_size=20))
DTYPES = arrays.boolean_dtypes() | arrays.integer_dtypes(endianness="<") | arrays.floating_dtypes(endianness="<")
ARRAYS = arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, min_side=0, max_side=4))
VALUES = st.recursive(
    NUMBERS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
LINES = st.recursive(
    NUMBERS | st.sampled_from(["n", "b", "i", "f", "s", "a", "l", "t", "d", "o", "float32", "bool", "0x1", "0x1p3"]),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)


def read(payload):
    """All that the grader makes of a reply, or None where it is garbled."""
    try:
        line, body = wire.opened(payload)
        if not isinstance(line, dict):
            return None
        parts = wire.Parts(body)
        seen = [(words(name), parts.get(value)) for name, value in pairs(line.get("seen"))]
        error = line.get("error") and error_of(line["error"])
        for _, value in seen:
            for expected in (np.zeros((2, 3), "float32"), np.uint8(1), 1.0, 1, True, "x", (1, 2), None):
                difference(value, expected)
        return seen, str(error)
    except wire.Garbled:
        return None


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(same, a.values(), b.values()))
    return type(a) is type(b) and (a == b or a != a and b != b)


@given(VALUES)
def test_what_was_put_is_got(value):
    parts = wire.Parts()
    payload = wire.frame({"value": parts.put(value)}, parts.body)
    line, body = wire.opened(payload[4:])

    assert wire.length(payload[:4]) == len(payload) - 4
    assert same(wire.Parts(body).get(line["value"]), value)


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"\n")
@example(b"{}\n")
@example(b'{"seen": 1}\n')
def test_any_bytes_are_read_or_garbled(payload):
    read(payload)
    read(b'{"seen": [["x", ' + payload + b"]]}\n" + payload)


@settings(max_examples=500)
@given(LINES, st.binary(max_size=40))
@example(["b"], b"")
@example(["a", "float32"], b"")
@example(["a", "float32", [0, *[1 << 31] * 30]], b"")
@example(["i", "0x" + "f" * 1001], b"")
@example(["i", "0x" + "f" * 1000], b"")
@example(["d", [[["l", []], ["n"]]]], b"")
@example(["o", ""], b"")
@example(["o", "\ud800"], b"")
@example(["f", "0x1p99999"], b"")
def test_any_line_is_a_value_or_garbled(line, body):
    read(json.dumps({"seen": [["x", line]]}).encode() + b"\n" + body)


@settings(max_examples=500)
@given(VALUES, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.booleans()), min_size=1, max_size=4))
def test_a_frame_with_bytes_changed_is_read_or_garbled(value, changes):
    parts = wire.Parts()
    line = {"tag": "x", "seen": [["the result", parts.put(value)]], "error": ["ValueError", "x"]}
    payload = bytearray(wire.frame(line, parts.body)[4:])
    for place, byte, is_new in changes:
        place %= len(payload)
        payload[place : place + (not is_new)] = bytes([byte])
    read(bytes(payload))


@given(st.sampled_from(sorted(ERRORS)) | st.text(max_size=30), st.text(max_size=30))
def test_an_error_of_any_name_can_be_told(name, message):
    error = error_of([name, message])

    assert isinstance(str(error), str)


MOST = 8 << 20  # what a process in the sandbox may hand over
LARGE = {
    "opened": b"[" * MOST + b"\n",
    "closed": b"]" * MOST + b"\n",
    "braces closed": b"}" * MOST + b"\n",
    "braces side by side": b"[" + b"{}," * (MOST // 3) + b"{}]\n",
    "numbers": b"[" + b"1," * (MOST // 2 - 2) + b"1]\n",
    "one number": b"[" + b"1" * (MOST - 4) + b"]\n",
    "a small number": b"[0." + b"1" * (MOST - 6) + b"]\n",
    "words": b"[" + b'"ab",' * (MOST // 5 - 2) + b"1]\n",
    "one word": b'"' + b"\\u0041" * (MOST // 6 - 2) + b'"\n',
    "keys": b"{" + b",".join(b'"%x":1' % i for i in range(780_000)) + b"}\n",
    "spaces": b" " * (MOST - 4) + b"[]\n",
    "lists": b"[" + b"[]," * 290_000 + b"[]]\n",
    "no line": b"x" * MOST,
}
MANY = {
    "nothing": [["n"]] * 99_000,
    "numbers": [["i", "0x" + "f" * 1000]] * 99_000,
    "arrays": [["a", "float32", [0] * 32]] * 99_000,
    "things": [["o", f"{i}" * 50] for i in range(99_000)],
    "words": [["s", "x" * 20_000]] * 400,
}


def cost(call):
    """(seconds of the processor, megabytes at the peak)"""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with suppress(wire.Garbled):
        call()
    return time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10


@pytest.mark.parametrize("name", LARGE)
def test_large_lines_are_read_or_refused_soon(name):
    seconds, megabytes = cost(lambda: wire.opened(LARGE[name]))

    assert seconds < 3 and megabytes < 256  # a tenth of it, on a quiet machine


@pytest.mark.parametrize("name", MANY)
def test_many_values_are_read_or_refused_soon(name):
    seconds, megabytes = cost(lambda: wire.Parts().get(["l", MANY[name]]))

    assert seconds < 3 and megabytes < 256


def test_the_length_of_a_frame_is_bounded():
    assert wire.length(struct.pack("<I", wire.LONGEST)) == wire.LONGEST
    with pytest.raises(wire.Garbled):
        wire.length(struct.pack("<I", wire.LONGEST + 1))
