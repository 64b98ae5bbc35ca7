"""A class graded, from folder to reports: who gets what, what is refused, and what is said.

What becomes of a run that is killed, or whose workers die, is in test_workers.py.
"""

import contextlib
import json
import os
import re

import handed_in
import nbformat
import pytest

from minigrad.grade import classroom, sandbox, values, workers
from minigrad.grade.classroom import Options, Refused, grade_class
from minigrad.grade.command import main
from minigrad.grade.journal import Unusable
from minigrad.grade.reports import NoGradebook
from minigrad.grade.sandbox import NoSandbox, Plain
from minigrad.study.chapters import chapter

START, GRAPHS = chapter("00_start_here"), chapter("03_graphs")
NAME = "00_start_here.ipynb"
WRONG = "def hello(name):\n    return 'Hi'"
NASTY = "eve\x1b[2J\u202e"


class Here:
    """A pool without processes."""

    def each(self, work, settings, pieces, **options):
        for piece in pieces:
            yield piece, work(settings, piece, **options)


@pytest.fixture(scope="module", autouse=True)
def here():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "on", lambda scheduler, jobs: contextlib.nullcontext(Here()))
        patch.setattr(values, "SECONDS", 3)
        yield patch


def hello(text, **more):
    """The first chapter's notebook with this answer, and other cells exchanged."""
    return handed_in.with_answers(START, {"hello": text, **more})


def empty():
    return nbformat.writes(nbformat.v4.new_notebook()).encode()


@pytest.fixture(scope="module")
def files():
    """{path: (bytes, the points that they should get)}."""
    right = handed_in.dumped(handed_in.notebook("solutions", START))
    two = list(GRAPHS.exercises)[:2]
    found = {
        f"ada/{NAME}": (right, 1),
        "bob/03_graphs.ipynb": (handed_in.partial(GRAPHS, two), sum(GRAPHS.exercises[name].points for name in two)),
        f"cyd/{NAME}": (hello(WRONG), 0),
        f"dan/{NAME}": (handed_in.dumped(handed_in.notebook("exercises", START)), 0),
        f"{NASTY}/{NAME}": (right[: len(right) // 2], 0),
        f"fay/{NAME}": (hello("def hello(name):\n    exit()"), 0),
        f"gus/{NAME}": (hello(handed_in.hostile("hello", "crashes")), 0),
        f"hal/{NAME}": (hello(handed_in.hostile("hello", "hangs")), 0),
        f"ivy/{NAME}": (empty(), 0),
        f"jon/{NAME}": (hello(WRONG, **{"check-hello": "print('\\x1b[32mhello: passed')"}), 0),
        f"kim/{NAME}": (hello(f"import numpy\ncheck = numpy.allclose = lambda *_: True\n{WRONG}"), 0),
        f"lea/a/{NAME}": (hello(WRONG), 0),
        f"lea/b/{NAME}": (right, 1),
    }
    return found


@pytest.fixture(scope="module")
def handed(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for number, (path, (data, _)) in enumerate(files.items()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        os.utime(folder / path, (1e9 + number, 1e9 + number))
    return folder


@pytest.fixture(scope="module")
def graded(handed, tmp_path_factory):
    """(the rows, the folder of results, what was told)."""
    out, told = tmp_path_factory.mktemp("results"), []
    rows = grade_class([handed], out, options=Options(notebooks=False, seed=7), tell=told.append)
    return {row["label"].encode().decode("unicode_escape"): row for row in rows}, out, told


def test_every_file_gets_the_points_that_are_known_for_it(files, graded):
    rows, _, _ = graded

    assert {label: sum(one["points"] for one in row["exercises"]) for label, row in rows.items()} == {
        path: points for path, (_, points) in files.items()
    }


def test_a_file_that_cannot_be_graded_has_a_row_and_a_reason(graded):
    rows, _, _ = graded

    assert "not JSON" in rows[f"{NASTY}/{NAME}"]["problem"]
    assert "defines nothing" in rows[f"ivy/{NAME}"]["problem"]
    assert sum(bool(row["problem"]) for row in rows.values()) == 2


def test_what_was_too_slow_was_tried_once_more(graded):
    [one] = graded[0][f"hal/{NAME}"]["exercises"]

    assert one["state"] == "too slow" and "too long twice" in one["said"]


def test_an_answer_that_leaves_or_crashes_is_told_so(graded):
    said = {who: graded[0][f"{who}/{NAME}"]["exercises"][0]["said"] for who in ("fay", "gus")}

    assert "exit" in said["fay"] and "segmentation fault" in said["gus"]


def test_of_two_files_the_later_counts_and_the_other_is_named(graded):
    page = (graded[1] / "index.html").read_text()

    assert "handed in more than once; lea/b/00_start_here.ipynb counts, and not lea/a/" in page
    assert re.search(r"\blea,00_start_here\b|00_start_here,.*\blea\b", (graded[1] / "grades.csv").read_text())


def test_what_is_told_and_written_is_harmless_to_look_at(graded):
    _, out, told = graded

    for text in [*told, *(path.read_text() for path in out.rglob("*") if path.is_file())]:
        assert "\x1b" not in text and "\u202e" not in text


def test_the_journals_seed_gives_the_same_grades_again(handed, graded, tmp_path):
    rows, out, _ = graded
    grade_class([handed], tmp_path, options=Options(notebooks=False, seed=7), tell=len)

    assert different(out, tmp_path) == []


def test_a_second_run_grades_nothing_and_changes_nothing(handed, graded, tmp_path):
    rows, out, _ = graded
    before, told = (out / "journal.jsonl").read_bytes(), []
    grade_class([handed], out, options=Options(notebooks=False), tell=told.append)

    assert f"{len(rows)} of {len(rows)} files were graded before." in told
    assert (out / "journal.jsonl").read_bytes() == before


def different(one, other):
    from benchmarks.grading import different

    return different(one, other)


@pytest.mark.parametrize(
    "options, words",
    [
        (Options(notebooks=False, seed=8), "another seed"),
        (Options(notebooks=True), "another choice of --no-notebooks"),
        (Options("none", True, notebooks=False), "another sandbox"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_does_not_go_into_one_journal(handed, graded, options, words):
    with pytest.raises(Unusable, match=words):
        grade_class([handed], graded[1], options=options, tell=len)


def test_another_version_of_the_grader_is_refused(handed, graded, monkeypatch):
    monkeypatch.setattr(classroom, "fingerprint", lambda: "changed")
    with pytest.raises(Unusable, match="another version of the grader"):
        grade_class([handed], graded[1], options=Options(notebooks=False), tell=len)


def test_a_worker_with_another_minigrad_is_refused():
    with pytest.raises(Refused, match="another minigrad"):
        classroom.grader(classroom.Settings(7, "bubblewrap", False, "another"))


def test_where_the_journals_sandbox_is_gone_it_is_said(handed, graded, monkeypatch):
    monkeypatch.setattr(sandbox, "TIERS", (Plain,))
    monkeypatch.setattr(sandbox.Bubblewrap, "missing", lambda self: "there is no bwrap here")
    monkeypatch.setattr(sandbox.Landlock, "missing", lambda self: "the kernel is too old")
    monkeypatch.setattr(sandbox, "TIERS", (sandbox.Bubblewrap, sandbox.Landlock, Plain))
    with pytest.raises(NoSandbox, match=r"was begun in the sandbox \w+.*(?s:.*)another --out"):
        grade_class([handed], graded[1], options=Options(notebooks=False), tell=len)


def test_without_a_sandbox_nothing_is_graded_unless_insisted_on_and_then_it_is_said_everywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "TIERS", (Plain,))
    folder = a_class(tmp_path, ada=hello(WRONG))
    with pytest.raises(NoSandbox, match="no sandbox can be had here"):
        grade_class([folder], tmp_path / "results", tell=len)

    told = []
    options = Options(unsandboxed=True, notebooks=False)
    [row] = grade_class([folder], tmp_path / "results", options=options, tell=told.append)
    assert row["exercises"][0]["points"] == 0
    assert "NO SANDBOX" in told[0]
    for name in ("index.html", "junit.xml", "students/*.html", "gradescope/*/results.json"):
        [path] = (tmp_path / "results").glob(name)
        assert re.search("(?i)without a sandbox|no sandbox", path.read_text()), name


def a_class(tmp_path, **notebooks):
    folder = tmp_path / "class"
    for student, data in notebooks.items():
        (folder / student).mkdir(parents=True)
        (folder / student / NAME).write_bytes(data)
    return folder


def test_results_do_not_lie_among_what_is_graded(tmp_path):
    folder = a_class(tmp_path, ada=hello(WRONG))
    for out in (folder, folder / "results", folder / "ada" / "results"):
        with pytest.raises(Refused, match="folder beside it"):
            grade_class([folder], out, tell=len)
        assert not (out / "journal.jsonl").exists()


def test_a_gradebook_that_is_none_is_noticed_before_anything_is_graded(tmp_path):
    folder, canvas = a_class(tmp_path, ada=hello(WRONG)), tmp_path / "grades.csv"
    canvas.write_text("Name,Points\n")
    with pytest.raises(NoGradebook, match="no columns Student and ID"):
        grade_class([folder], tmp_path / "results", canvas=canvas, tell=len)

    assert not (tmp_path / "results").exists()


def test_a_grader_that_fails_at_a_file_costs_that_file_and_a_full_disk_stops_the_run(tmp_path, monkeypatch):
    def fail(self, submission, *_):
        raise failure("in the middle")

    folder, failure = a_class(tmp_path, ada=hello(WRONG)), KeyError
    monkeypatch.setattr(classroom.Grader, "graded", fail)
    [row] = grade_class([folder], tmp_path / "one", options=Options(notebooks=False), tell=len)
    assert "failed, twice: KeyError" in row["problem"] and "a person" in row["problem"]

    failure = OSError
    with pytest.raises(OSError, match="in the middle"):
        grade_class([folder], tmp_path / "two", options=Options(notebooks=False), tell=len)
    assert len((tmp_path / "two" / "journal.jsonl").read_text().splitlines()) == 1


def test_a_notebooks_check_cells_are_the_course_s_own(tmp_path):
    forged = hello(WRONG, **{"check-hello": "print('\\x1b[32mhello: passed')"})
    folder = a_class(tmp_path, ada=handed_in.dumped(handed_in.notebook("solutions", START)), jon=forged)
    ada, jon = sorted(grade_class([folder], tmp_path / "results", tell=len), key=lambda row: row["student"])

    if ada["notebook"] is None:
        pytest.skip("no notebook can be run in this sandbox")
    assert {cell["outcome"] for cell in ada["notebook"]["cells"]} == {"passed"}
    assert {"grade_id": "check-hello", "outcome": "failed"} in jon["notebook"]["cells"]
    assert ada["flags"] == jon["flags"] == []


# ---- the command ----


def test_the_exit_status_tells_of_an_exercise(tmp_path, capsys):
    folder = a_class(tmp_path, ada=handed_in.dumped(handed_in.notebook("solutions", START)), cyd=hello(WRONG))

    def status(who, name):
        return main([str(folder / who / NAME), "--exercise", name])

    assert status("ada", "hello") == status("ada", "00_start_here/hello") == 0
    assert status("cyd", "hello") == 1
    assert status("ada", "goodbye") == status("nobody", "hello") == 2
    said = capsys.readouterr()
    assert "hello: passed." in said.out and "hello: wrong value." in said.out
    assert "no exercise goodbye" in said.err or "an exercise goodbye" in said.err
    assert "no such file" in said.err and "Traceback" not in said.err


def test_a_class_is_graded_by_one_command(tmp_path, capsys):
    folder = a_class(tmp_path, ada=handed_in.dumped(handed_in.notebook("solutions", START)), cyd=b"nothing")

    assert main([str(folder), "--out", str(tmp_path / "results"), "--no-notebooks"]) == 0
    said = capsys.readouterr().out
    assert "2 files of 2 students graded, 1 point given." in said
    assert "1 file could not be graded" in said and "index.html" in said


@pytest.mark.parametrize("words", [["--jobs", "2"], ["--canvas", "grades.csv"], ["--out", "x", "--exercise", "hello"]])
def test_an_option_that_would_do_nothing_is_refused(words, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path), *words])

    assert "is for" in capsys.readouterr().err


def test_what_is_not_there_is_said(tmp_path, capsys):
    (tmp_path / "none").mkdir()

    assert main([str(tmp_path / "missing"), "--out", str(tmp_path / "results")]) == 2
    assert main([str(tmp_path / "none"), "--out", str(tmp_path / "results")]) == 2
    said = capsys.readouterr().err
    assert "there is no " in said and "no notebook and no archive in" in said


def test_rows_hold_seconds(graded):
    rows, out, _ = graded

    assert all(row["seconds"] >= 0 for row in rows.values())
    assert all("seconds" in one for row in rows.values() for one in row["exercises"])
    assert json.loads((out / "journal.jsonl").read_text().splitlines()[0])["seed"] == 7
