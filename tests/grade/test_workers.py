"""A run that is killed, or whose workers die: nothing is lost, and nothing is left behind."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import handed_in
import pytest

from benchmarks.grading import different, rows_in
from minigrad.grade import classroom, workers
from minigrad.grade.classroom import Options, grade_class
from minigrad.study.chapters import chapter

ROOT = Path(__file__).resolve().parents[2]
WORK = """
import os, signal, time
from minigrad.grade import classroom

def double(settings, number):
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 99:
        raise OSError("the disk is full")
    return 2 * number

def deadly(settings, submission, **options):
    if submission.student == "eve":
        os._exit(3)
    return classroom.work(settings, submission, **options)
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A module that this process and its workers can import."""
    (tmp_path / "work_for_workers.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}")
    import work_for_workers

    yield work_for_workers
    del sys.modules["work_for_workers"]


@pytest.fixture
def temp(tmp_path, monkeypatch):
    """A folder for temporary files that only this test uses; the sandbox passes through it."""
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="minigrad_test_"))
    os.chmod(place, 0o755)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(place))
    yield place
    monkeypatch.undo()
    subprocess.run(["rm", "-rf", place], check=True)


def test_a_worker_that_dies_costs_its_piece_and_no_other(work, temp):
    with workers.on(None, 2) as pool:
        found = dict(pool.each(work.double, None, [1, 13, 2, 3]))
        assert found == {1: 2, 13: None, 2: 4, 3: 6}

        assert dict(pool.each(work.double, None, [4])) == {4: 8}
        with pytest.raises(OSError, match="disk is full"):
            list(pool.each(work.double, None, [99]))
    assert list(temp.iterdir()) == []


def test_there_are_no_more_workers_than_pieces(work):
    with workers.on(None, 64) as pool:
        list(pool.each(work.double, None, [1, 2]))
        assert len(pool.workers) == 2


def test_workers_that_cannot_start_end_the_run(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with workers.on(None, 1) as pool, pytest.raises(workers.NoWorkers, match="could not start"):
        list(pool.each(len, None, [1]))


def test_a_file_that_kills_its_grader_twice_gets_a_row_that_says_so(work, tmp_path, monkeypatch):
    folder = a_class(tmp_path / "class", ["ada", "eve"])
    monkeypatch.setattr(classroom, "work", work.deadly)
    rows = grade_class([folder], tmp_path / "results", jobs=2, options=Options(notebooks=False), tell=len)

    found = {row["student"]: row for row in rows}
    assert "ended the program that graded it, twice" in found["eve"]["problem"]
    assert found["ada"]["exercises"][0]["points"] == 1
    assert "a person has to look at it" in (tmp_path / "results" / "index.html").read_text()


def a_class(folder, students, name="00_start_here"):
    for student in students:
        (folder / student).mkdir(parents=True)
        notebook = handed_in.dumped(handed_in.notebook("solutions", chapter(name)))
        (folder / student / f"{name}.ipynb").write_bytes(notebook)
    return folder


def command(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "minigrad", "grade", "--no-notebooks", "--seed", "5", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_rows(journal, count, process):
    while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") <= count):
        time.sleep(0.02)


def test_a_run_that_is_killed_ends_with_the_same_reports_and_leaves_nothing_behind(tmp_path, temp):
    folder, chance = tmp_path / "class", random.Random(1)
    handed_in.write(folder, 2)
    a_class(folder, ["ada", "bob", "eve"])
    grade_class([folder], tmp_path / "calm", jobs=1, options=Options(notebooks=False, seed=5), tell=len)
    journal = tmp_path / "killed" / "journal.jsonl"
    for rows in (0, 3):
        process = command(folder, "--out", tmp_path / "killed", "--jobs", "2")
        wait_for_rows(journal, rows, process)
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with open(journal, "ab") as file:  # as when the power fails
            file.write(b'{"student": "a')
    process = command(folder, "--out", tmp_path / "killed", "--jobs", "2")
    said, problems = process.communicate()

    assert process.returncode == 0, problems
    assert "5 files of 5 students graded" in said and "files were graded before" in said
    assert different(tmp_path / "calm", tmp_path / "killed") == []
    assert list(temp.glob("minigrad_run_*")) == []


def test_ctrl_c_ends_in_one_line_and_the_rows_are_kept(tmp_path):
    folder = a_class(tmp_path / "class", ["ada"])
    a_class(folder, ["bob"], "04_backprop")
    process = command(folder, "--out", tmp_path / "results", "--jobs", "1")
    wait_for_rows(tmp_path / "results" / "journal.jsonl", 1, process)
    os.killpg(process.pid, signal.SIGINT)
    said, problems = process.communicate()

    assert process.returncode == 130
    assert problems.split("\n", 1)[1].startswith("Stopped. What is graded is kept in ") and "Traceback" not in problems
    assert [row["student"] for row in rows_in(tmp_path / "results")] == ["ada"]


def test_a_folder_that_nobody_holds_any_more_is_swept(temp):
    left, young = temp / "minigrad_run_left", temp / "minigrad_run_young"
    for place in (left, young):
        (place / "box").mkdir(parents=True)
    os.utime(left, (0, 0))
    with workers.scratch() as mine:
        os.utime(mine, (0, 0))
        with workers.scratch():
            assert not left.exists() and young.exists() and os.path.exists(mine)
    assert [path.name for path in temp.iterdir()] == ["minigrad_run_young"]
