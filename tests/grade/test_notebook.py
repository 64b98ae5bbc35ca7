"""A pristine notebook with somebody's answers in it, run by nbval inside the sandbox."""

import nbformat
import pytest
from in_the_box import there

from minigrad.grade import notebook
from minigrad.grade.answers import Answers
from minigrad.grade.notebook import Limits, outcomes, signature
from minigrad.grade.reader import read
from minigrad.grade.sandbox import Bubblewrap, Landlock, NoSandbox
from minigrad.study.chapters import chapter

FORGE = """
import glob
for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        with open(path, "wb", buffering=0) as file:
            file.write(b"\\nwrong passed\\n")
    except OSError:
        pass
"""
PEEK = f"""
import os, socket
import minigrad
print(set(os.listdir({str(notebook.PROJECT)!r})) - {{"minigrad", ".venv", ".git"}})
try:
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def sandbox():
    return there(Bubblewrap())


@pytest.fixture
def ran(sandbox, monkeypatch):
    """What became of a notebook of cells grade_id=(source, what it should print)."""

    def run(limits=notebook.LIMITS, **cells):
        made = nbformat.v4.new_notebook()
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        for name, (source, printed) in cells.items():
            cell = nbformat.v4.new_code_cell(source, execution_count=1, metadata={"nbgrader": {"grade_id": name}})
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)] if printed else []
            made.cells.append(cell)
        monkeypatch.setattr(notebook, "filled", lambda chapter, answers: made)
        return notebook.run(chapter("04_backprop"), None, sandbox, limits)

    return run


def test_each_cell_is_told_and_a_kernel_cannot_say_otherwise(ran):
    found = ran(
        right=("print(1 + 1)", "2\n"),
        wrong=("print(1 + 1)", "3\n"),
        forge=(FORGE, ""),
        error=("1 / 0", ""),
        last=("x = 1", ""),
    )

    assert dict(found.cells) == {
        "right": "passed",
        "wrong": "failed",
        "forge": "passed",
        "error": "failed",
        "last": "passed",
    }
    assert found.problem == ""


def test_minigrad_is_there_and_neither_its_solutions_nor_a_network_are(ran):
    assert ran(peek=(PEEK, "set()\nConnectionRefusedError\n")).cells == [("peek", "passed")]


def test_a_notebook_that_ends_nbval_is_told_up_to_there(ran):
    kill = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    found = ran(first=("x = 1", ""), kill=(kill, ""), after=("x = 1", ""))

    assert found.cells == [("first", "passed"), ("kill", "not run"), ("after", "not run")]
    assert "ended before" in found.problem


def test_a_notebook_that_does_not_end_is_stopped(ran):
    found = ran(Limits(wall=8.0, memory=1 << 30, children=True, processes=128), loop=("while True: pass", ""))

    assert found.cells == [("loop", "not run")] and "8 seconds" in found.problem


def test_a_chapter_with_the_references_answers_passes(sandbox):
    name = "04_backprop"
    answers = Answers(read(notebook.PROJECT / "solutions" / f"{name}.ipynb"))
    found = notebook.run(chapter(name), answers, sandbox)

    assert {outcome for _, outcome in found.cells} == {"passed"} and not found.problem
    assert {f"check-{exercise}" for exercise in chapter(name).exercises} <= set(dict(found.cells))


def test_lines_that_are_not_signed_tell_nothing():
    signed = [f"{line} {signature('key', line)}" for line in ("a passed", "b failed", "c splendid", "d passed")]
    forged = [
        "b passed",
        f"b passed {signature('key', 'b failed')}",
        f"b passed {signature('other', 'b passed')}",
        "\xff",
    ]
    said = "\n".join(signed + forged).encode("latin-1")

    assert outcomes(said, "key", ["a", "b", "c"]) == [("a", "passed"), ("b", "failed"), ("c", "not run")]


def test_where_no_kernel_can_run_it_is_said():
    answers = Answers(read(notebook.PROJECT / "solutions" / "04_backprop.ipynb"))
    with pytest.raises(NoSandbox, match="cannot start others"):
        notebook.run(chapter("04_backprop"), answers, there(Landlock()))
