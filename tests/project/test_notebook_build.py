"""course/build.py: the same notebook every time, and nothing in it that changes by itself."""

import base64
import zlib

import nbformat
import pytest
from nbformat.v4 import new_output

from course import build
from minigrad.study.exercise import stripped

LESSON = """
# %% [markdown]
# # A lesson
# In plain words.

# %%
import matplotlib.pyplot as plt

print("one")
print("two")

# %%
plt.plot([1, 2, 4])
plt.show()

# %% tags=["raises-exception"]
raise ValueError("not yet")

# %% nbgrader={"grade_id": "check-sum"}
1 + 1
"""

NOTEBOOKS = build.course()
EXECUTED = {path: source for path, source in NOTEBOOKS.items() if path.parent.name != "exercises"}
SOLUTIONS = [path for path in NOTEBOOKS if path.parent.name == "solutions"]


def names(notebooks):
    return [f"{path.parent.name}/{path.stem}" for path in notebooks]


def write(path, lesson):
    path.write_text(lesson.lstrip(), encoding="utf-8")
    return path


def png(*chunks):
    """A PNG's bytes, of chunks given as (kind, data)."""
    body = [
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


# A small lesson of our own


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The lesson above, built twice."""
    folder = tmp_path_factory.mktemp("lesson")
    source = write(folder / "01_lesson.py", LESSON)
    return [build.build(source, folder / "notebooks" / "01_lesson.ipynb") for _ in range(2)]


def test_two_builds_give_the_same_bytes(built):
    assert built[0] == built[1]


def test_a_built_notebook_is_valid_and_its_cells_are_counted_from_one(built):
    notebook = nbformat.reads(built[0], as_version=4)
    nbformat.validate(notebook)

    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == [1, 2, 3, 4]


def test_a_cell_is_named_by_its_grade_id_or_its_first_words(built):
    notebook = nbformat.reads(built[0], as_version=4)

    assert [cell.id for cell in notebook.cells] == [
        "a-lesson",
        "import-matplotlib-pyplot-as-plt",
        "plt-plot-1-2-4",
        "raise-valueerror-not-yet",
        "check-sum",
    ]


def test_outputs_keep_text_and_picture_and_of_an_error_its_message(built):
    _, printed, plotted, raised, value = nbformat.reads(built[0], as_version=4).cells

    assert [output.text for output in printed.outputs] == ["one\ntwo\n"]
    assert set(plotted.outputs[0].data) == {"text/plain", "image/png"}
    assert raised.outputs[0].traceback == ["ValueError: not yet"]
    assert value.outputs[0].data == {"text/plain": "2"}


def test_a_cell_keeps_its_name_when_another_is_put_before_it(tmp_path):
    lesson = "# %%\nx = 1\n\n# %%\nx\n"
    before = build.read(write(tmp_path / "a.py", lesson))
    after = build.read(write(tmp_path / "b.py", "# %%\nimport math\n\n" + lesson))

    assert [cell.id for cell in after.cells][1:] == [cell.id for cell in before.cells]


def test_cells_that_begin_alike_have_different_names(tmp_path):
    notebook = build.read(write(tmp_path / "a.py", "# %%\nx = 1\n\n# %%\nx = 1\n\n# %%\nx = 1\n"))

    assert [cell.id for cell in notebook.cells] == ["x-1", "x-1-2", "x-1-3"]


# What is refused, or left out


def test_a_message_on_stderr_is_refused():
    with pytest.raises(build.BuildError, match="cell here wrote to stderr: careful"):
        build.settle_output(new_output("stream", name="stderr", text="careful\n"), 1, "here")


def test_an_address_in_memory_is_refused():
    shown = new_output("display_data", {"text/plain": "[<matplotlib.lines.Line2D at 0x7f3a5c0b1d90>]"})

    with pytest.raises(build.BuildError, match="shows an address"):
        build.settle_output(shown, 1, "here")


def test_the_place_of_the_project_on_this_machine_is_refused():
    with pytest.raises(build.BuildError, match="where the project lies"):
        build.settle_output(new_output("stream", name="stdout", text=f"saved to {build.ROOT}/runs"), 1, "here")


def test_a_widget_without_a_picture_or_text_is_refused():
    widget = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})

    with pytest.raises(build.BuildError, match="shows only application/vnd.jupyter.widget-view"):
        build.settle_output(widget, 1, "here")


def test_of_a_widget_with_a_picture_the_picture_stays():
    widget = new_output(
        "display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "a graph"}
    )
    build.settle_output(widget, 1, "here")

    assert widget.data == {"text/plain": "a graph"}


def test_of_a_cell_that_says_so_no_output_is_kept():
    cell = nbformat.v4.new_code_cell("print(seconds)", metadata={"tags": ["remove-output"]})
    cell.outputs = [nbformat.v4.new_output("stream", text="0.123")]
    build.settle(nbformat.v4.new_notebook(cells=[cell]))

    assert (cell.outputs, cell.execution_count) == ([], 1)


def test_a_picture_does_not_say_what_drew_it():
    plain = png((b"IHDR", b"size"), (b"IDAT", b"pixels"), (b"IEND", b""))
    signed = png((b"IHDR", b"size"), (b"tEXt", b"Software\0plotter 3.1"), (b"IDAT", b"pixels"), (b"IEND", b""))
    shown = new_output("display_data", {"image/png": base64.b64encode(signed).decode()})
    build.settle_output(shown, 1, "here")

    assert base64.b64decode(shown.data["image/png"]) == plain


# The course as it is stored


def cells(notebook):
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names(NOTEBOOKS))
def test_a_stored_notebook_has_the_cells_of_its_source(path):
    stored, fresh = nbformat.read(path, as_version=4), build.read(NOTEBOOKS[path], path.parent.name)

    assert cells(stored) == cells(fresh), f"run python course/build.py {path.stem}"
    assert stored.metadata == fresh.metadata


@pytest.mark.parametrize("path", EXECUTED, ids=names(EXECUTED))
def test_every_code_cell_has_a_count_or_nbval_would_not_compare_it(path):
    codes = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))


def test_every_stored_notebook_has_a_source():
    assert build.orphans() == []


@pytest.mark.slow
@pytest.mark.parametrize("path", EXECUTED, ids=names(EXECUTED))
def test_a_rebuild_gives_the_stored_bytes(path):
    assert build.build(NOTEBOOKS[path], path) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SOLUTIONS, ids=names(SOLUTIONS))
def test_an_exercise_notebook_is_its_solution_without_the_solutions(path):
    solution, exercise = (nbformat.read(path.parents[1] / name / path.name, 4) for name in ("solutions", "exercises"))
    for cell in solution.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = stripped(cell.source, cell.id).rstrip("\n")

    assert cells(exercise) == cells(solution)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in exercise.cells)
    assert "SOLUTION" not in str(exercise)
