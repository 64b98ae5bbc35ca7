"""The journal loses nothing, whenever its writer is killed, and is never written by two."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from minigrad.grade.journal import Journal, Unusable

HEADER = {
    "grading": 1,
    "seed": 7,
    "grader": "a" * 64,
    "tier": "none",
    "unsandboxed": True,
    "exercises": [{"name": "f"}],
}


def row(student, **more):
    return {"student": student, "label": f"{student}/a.ipynb", "sha256": "0" * 64, "exercises": [], **more}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results" / "journal.jsonl"


def written(path, *rows):
    with Journal(path) as journal:
        journal.begin(HEADER)
        for one in rows:
            journal.add(one)
    return path.read_bytes()


def test_a_new_journal_is_empty_and_an_old_one_is_as_it_was_left(path):
    with Journal(path) as journal:
        assert journal.header is None and journal.rows == []
    written(path, row("ada"), row("bob"))

    with Journal(path) as journal:
        assert journal.header == HEADER
        assert journal.rows == [row("ada"), row("bob")]
        assert ("ada", "ada/a.ipynb", "0" * 64) in journal and ("eve", "", "") not in journal


def test_of_two_rows_for_a_file_the_later_counts(path):
    written(path, row("ada", seconds=1.0), row("bob"), row("ada", seconds=2.0))

    with Journal(path) as journal:
        assert journal.rows == [row("ada", seconds=2.0), row("bob")]


def test_rows_are_the_same_before_and_after_reading_them_again(path):
    with Journal(path) as journal:
        journal.begin(HEADER)
        journal.add(row("\ud800\u202e\x1b\n", flags=("a tuple",)))
        before = journal.rows

    with Journal(path) as journal:
        assert journal.rows == before == [row("\ud800\u202e\x1b\n", flags=["a tuple"])]


def test_a_row_before_the_header_is_our_own_mistake(path):
    with Journal(path) as journal, pytest.raises(RuntimeError, match="begin"):
        journal.add(row("ada"))


# ---- killed ----


def test_wherever_the_file_ends_only_its_half_line_is_lost(path, monkeypatch):
    """As if it had been killed at each byte in turn."""
    monkeypatch.setattr(os, "fsync", lambda file: None)  # hundreds of times, for a disk that does not fail here
    data = written(path, row("ada"), row("zoë", flags=["x"]), row("bob"))
    whole = data.splitlines(keepends=True)
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        kept = data[:size].count(b"\n")
        with Journal(path) as journal:
            assert len(journal.rows) == max(0, kept - 1) and (journal.header == HEADER) == (kept > 0)
            journal.begin(HEADER)
            for one in (row("ada"), row("zoë", flags=["x"]), row("bob"))[max(0, kept - 1) :]:
                journal.add(one)
        assert path.read_bytes() == b"".join(whole)


WRITER = """
import sys
from minigrad.grade.journal import Journal

journal = Journal(sys.argv[1])
journal.begin({"grading": 1})
for number in range(len(journal.rows), 100_000):
    journal.add({"student": str(number), "label": "x" * 3000, "sha256": ""})
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_has_lost_nothing_that_it_said_was_written(path):
    said = -1
    for moment in range(6):
        with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer:
            assert int(writer.stdout.readline()) > said  # it goes on where the one before it stopped
            time.sleep(0.003 * moment)
            writer.kill()
            said = int(("0\n" + writer.stdout.read()).splitlines()[-1])
        with Journal(path) as journal:
            numbers = [int(row["student"]) for row in journal.rows]
        assert numbers == list(range(len(numbers))) and len(numbers) > said
        said = numbers[-1]


def test_a_row_for_which_the_disk_has_no_room_leaves_no_half_line(path, monkeypatch):
    data = written(path, row("ada"))
    with Journal(path) as journal:
        real = os.write
        monkeypatch.setattr(os, "write", lambda file, line: real(file, line[:10]))
        with pytest.raises(OSError, match="Is the disk full"):
            journal.add(row("bob"))
        monkeypatch.undo()
        assert path.read_bytes() == data
        journal.add(row("eve"))

    with Journal(path) as journal:
        assert journal.rows == [row("ada"), row("eve")]


# ---- several writers ----


def test_threads_may_write_at_once(path):
    with Journal(path) as journal:
        journal.begin(HEADER)
        threads = [
            threading.Thread(target=lambda k=k: [journal.add(row(f"{k}.{i}", note="x" * 9999)) for i in range(20)])
            for k in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with Journal(path) as journal:
        assert {one["student"] for one in journal.rows} == {f"{k}.{i}" for k in range(5) for i in range(20)}


def test_a_second_grader_is_told_that_there_is_one(path):
    with Journal(path):
        with pytest.raises(Unusable, match="another grader now.*another --out"):
            Journal(path)
        second = f"from minigrad.grade.journal import Journal; Journal({str(path)!r})"
        other = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True)
        assert "written by another grader now" in other.stderr

    Journal(path).close()


# ---- not to be gone on with ----


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("grading", 2, "another version of the journal"),
        ("grader", "b" * 64, "another version of the grader"),
        ("seed", 8, "another seed"),
        ("exercises", [{"name": "g"}], "another list of exercises"),
        ("unsandboxed", False, "another sandbox"),
    ],
)
def test_a_journal_of_another_grading_is_not_gone_on_with(path, name, value, words):
    data = written(path, row("ada"))
    with Journal(path) as journal, pytest.raises(Unusable, match=f"{words}.*another --out"):
        journal.begin(HEADER | {name: value})

    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "damage", [b"", b"\xff", b"[]", b"7", b"{}", b'{"student": 1, "label": "", "sha256": ""}', b"[" * 9999]
)
def test_a_damaged_line_is_named_and_nothing_is_changed(path, damage):
    lines = written(path, row("ada"), row("bob"), row("eve")).splitlines()
    lines[2] = damage
    path.write_bytes(b"\n".join(lines) + b"\nhalf a li")
    data = path.read_bytes()
    for _ in range(2):  # the lock is given back
        with pytest.raises(Unusable, match="line 3 is damaged.*graded again"):
            Journal(path)

    assert path.read_bytes() == data


def test_a_file_that_is_no_journal_is_left_alone(path):
    path.parent.mkdir()
    for text in ("Dear diary\n", json.dumps(row("ada")) + "\n"):
        path.write_text(text)
        with pytest.raises(Unusable, match="line 1 is damaged"):
            Journal(path)
        assert Path(path).read_text() == text
