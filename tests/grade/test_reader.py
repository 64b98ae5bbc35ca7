"""A notebook's bytes are read, or there is a reason in words: whatever they are, and soon."""

import json
import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.grade.answers import Answers
from minigrad.grade.reader import BYTES, Unreadable, cells, read
from minigrad.study.chapters import NAMES

ROOT = Path(__file__).resolve().parents[2]
ORIGINALS = [
    path.read_bytes() for folder in ("exercises", "solutions") for path in sorted((ROOT / folder).glob("*.ipynb"))
]
CODE = {"cell_type": "code", "source": "x = 1"}


def written(*sources, **more):
    """The bytes of a notebook with these sources."""
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources], **more}).encode()


def reason(data):
    with pytest.raises(Unreadable) as problem:
        cells(data)
    assert str(problem.value).startswith("no notebook that can be read: ")
    return str(problem.value)


# ---- honest files ----


def test_all_notebooks_of_the_course_are_read():
    assert len(ORIGINALS) == 2 * len(NAMES)
    for data in ORIGINALS:
        listed = [cell for cell in json.loads(data)["cells"] if cell["cell_type"] == "code"]
        assert cells(data) == ["".join(cell["source"]) for cell in listed]


def test_lines_may_come_as_a_list_or_as_one_string_and_end_as_on_windows():
    assert cells(written(["x = 1\r\n", "y = 2"], "z = 3\rw = 4")) == ["x = 1\ny = 2", "z = 3\nw = 4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_editors_may_save_it_in_their_own_encoding(encoding):
    text = json.dumps({"cells": [{**CODE, "source": "name = 'Zoë'"}]}, ensure_ascii=False)

    assert cells(text.encode(encoding)) == ["name = 'Zoë'"]


def test_old_notebooks_have_worksheets():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["z = 3"]}]}, {"cells": [CODE]}], "nbformat": 3}

    assert cells(json.dumps(old).encode()) == ["z = 3", "x = 1"]


def test_cells_need_no_ids_metadata_or_source_and_other_cells_may_be_as_they_like():
    others = [{"cell_type": "markdown", "source": 3}, {"cell_type": ["code"]}, {}, {"cell_type": "code"}]

    assert cells(json.dumps({"cells": [*others, CODE], "metadata": "?", "nbformat": "5.9"}).encode()) == ["", "x = 1"]


def test_emoji_written_as_two_escapes_are_one_character():
    assert cells(b'{"cells": [{"cell_type": "code", "source": "\\ud83d\\ude00"}]}') == ["\N{GRINNING FACE}"]


# ---- broken and hostile files ----


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xff", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        (b"<html><body>Log in</body></html>", "not JSON"),
        (written("x = 1")[:-5], "not all of it is there"),
        (b"null", "null"),
        (b"[]", "a list"),
        (b"3", "a number"),
        (b"{}", "no cells"),
        (b'{"cells": 3}', "not a list"),
        (b'{"cells": [3]}', "cell 1 is a number"),
        (b'{"worksheets": []}', "no cells"),
        (b'{"worksheets": [3]}', "not a list"),
        (b'{"worksheets": {"cells": []}}', "no cells"),
        (b'{"cells": [], "cells": []}', "'cells' twice"),
        (b'{"cells": [], "metadata": NaN}', "NaN"),
        (b'{"cells": [], "metadata": -Infinity}', "Infinity"),
        (written(3), "source of cell 1 is a number"),
        (written(["x", 3]), "not text"),
        (written({"x": 1}), "an object"),
        (written("x\0y"), "NUL"),
        (b'{"cells": [{"cell_type": "code", "source": "\\ud83d"}]}', "half a character"),
        (written("x" * (1 << 20), "y"), "1 MB of code"),
        (written(*["x"] * 5001), "5,000 code cells"),
    ],
)
def test_what_is_no_notebook_is_told_in_words(data, words):
    assert words in reason(data)


SLOW = {
    "lists in lists": (b"[" * BYTES, "lists and objects"),
    "a few lists in lists": (b"[" * 65, "nest"),
    "objects in objects": (b'{"a":' * 100_000, "nest"),
    "tiny lists": (b"[" + b"[]," * 5_000_000 + b"[]]", "lists and objects"),
    "tiny numbers": (b"[" + b"1," * 8_000_000 + b"1]", "values"),
    "tiny texts": (b'["' + b'","' * 5_000_000 + b'"]', "values"),
    "keys": (b"{" + b",".join(b'"%d":1' % i for i in range(900_000)) + b"}", "keys"),
    "tiny cells": (b'{"cells":[' + b'{"cell_type":"code"},' * 190_000 + b"{}]}", "code cells"),
    "a huge integer": (b"1" * 1_000_000, "digits"),
    "the hugest number": (b'{"cells":' + b"1" * (BYTES - 12) + b".5}", "digits"),
    "escapes": (b'["' + b"\\n" * 8_000_000 + b'"]', "backslashes"),
    "quotes": (b'"' * BYTES, "JSON"),
    "backslashes": (b"\\" * BYTES, "backslashes"),
    "blanks": (b" " * BYTES, "empty"),
    "zeros": (bytes(BYTES), "not JSON"),
    "one byte too many": (b" " * (BYTES + 1), "larger than 16 MB"),
    "a cell of 16 MB": (written("x" * (BYTES - 100)), "1 MB of code"),
    "code in a million lines": (written(["\n"] * 990_000 + ["x" * 100_000]), "1 MB of code"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_would_take_long_is_refused_soon(name):
    data, words = SLOW[name]
    start = time.process_time()

    assert words in reason(data)
    assert time.process_time() - start < 1


def test_quotes_and_brackets_inside_of_texts_do_not_count_as_nesting():
    source = 'print("[" * 3)  # ' + "[{" * 500 + "\\" * 7 + '"'

    assert cells(written(source)) == [source]


# ---- files ----


def test_a_file_is_read_and_named_if_it_cannot_be(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(written("x = 1"))

    assert read(tmp_path / "a.ipynb") == ["x = 1"]
    with pytest.raises(Unreadable, match="b.ipynb is no notebook that can be read: there is no such file"):
        read(tmp_path / "b.ipynb")
    with pytest.raises(Unreadable, match="a folder, not a file"):
        read(tmp_path)


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path):
    with open(tmp_path / "a.ipynb", "wb") as file:
        file.truncate(1 << 40)  # with nothing in it

    with pytest.raises(Unreadable, match="larger than 16 MB"):
        read(tmp_path / "a.ipynb")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes_devices_and_links_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")

    for path, words in [
        (tmp_path / "pipe.ipynb", "a pipe"),
        ("/dev/zero", "a device"),
        (tmp_path / "link.ipynb", "a symbolic link"),
    ]:
        with pytest.raises(Unreadable, match=words):
            read(path)


# ---- anything ----


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_cells_or_a_reason(data):
    survives(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "worksheets", "cell_type", "source", "input"]) | st.just("x"), inner
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, database=None)
@given(JSON, JSON)
def test_any_json_in_any_place_is_cells_or_a_reason(thing, other):
    for whole in (
        thing,
        {"cells": thing},
        {"cells": [thing, other]},
        {"cells": [{"cell_type": "code", "source": thing}]},
    ):
        survives(json.dumps(whole).encode())


PIECES = [
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b'"',
        b"\\",
        b",",
        b":",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\\ud800",
        b"NaN",
    ),
    *(
        b"1" * 5000,
        b"[" * 100,
        b'"cells":',
        b'"source":[',
        b"\\n",
        b"\r\n",
        b"(" * 200,
        b"%%bash\\n",
        b"!ls\\n",
        b"'''",
        b"-" * 600,
    ),
]


def mutated(draw):
    """A notebook of the course, or pieces of two, with some of its bytes changed, lost, doubled or put in."""
    data = bytearray(draw.choice(ORIGINALS))
    if draw.random() < 0.2:
        other = draw.choice(ORIGINALS)
        data = data[: draw.randrange(len(data))] + other[draw.randrange(len(other)) :]
    for _ in range(draw.choice([1, 1, 2, 5, 50])):
        at, length = draw.randrange(len(data) + 1), int(draw.expovariate(1 / 50))
        match draw.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << draw.randrange(8)
            case 1 if at < len(data):
                data[at] = draw.randrange(256)
            case 2:
                data[at:at] = draw.choice(PIECES)
            case 3:
                del data[at : at + length]
            case 4:
                data[at:at] = data[at : at + length] * draw.choice([1, 1, 10])
            case 5 if draw.random() < 0.1:
                del data[at:]
    return bytes(data)


def survives(data, with_answers=False):
    """How long a file took to be cells or a reason, and if asked, for its cells to be answers."""
    start = time.perf_counter()
    try:
        sources = cells(data)
    except Unreadable as problem:
        assert str(problem).startswith("no notebook that can be read: ")
        return time.perf_counter() - start
    assert all(isinstance(source, str) for source in sources)
    if with_answers:
        answers = Answers(sources)
        for name in list(answers.own)[:20]:
            answers.text_of(name)
    return time.perf_counter() - start


def test_mutated_notebooks_are_cells_or_a_reason():
    draw = random.Random(0)
    for number in range(3_000):
        survives(mutated(draw), with_answers=number % 20 == 0)


@pytest.mark.slow
def test_a_hundred_thousand_mutated_notebooks_each_take_less_than_a_second():
    draw, slowest = random.Random(1), (0.0, 0)
    for number in range(100_000):
        slowest = max(slowest, (survives(mutated(draw), with_answers=number % 10 == 0), number))
    print(f"the slowest, number {slowest[1]}, took {slowest[0]:.3f} s")
    assert slowest[0] < 1
