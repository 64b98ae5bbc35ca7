"""A gradebook of Canvas's gets the scores that are certain, and keeps every other byte."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_class import HEADER, MadeUp

from minigrad.grade import reports
from minigrad.grade.reports.canvas import NoGradebook, filled
from minigrad.grade.reports.gradebook import gradebook

EXPORT = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,04 backprop (98765),Quiz 4 (98766),Current Score\r\n"
    "    Points Possible,,,,,4,10,(read only)\r\n"
    '"Lovelace, Ada",12345,s-1,ada,"Group ""A"", mornings",,7,100.00\r\n'
    '"Noether, Emmy",12346,s-2,emmy@uni.example,B,1,,\r\n'
    "Müller, 12347,s-3,zoe,B,EX,,\r\n".replace("Müller, 12347", '"Müller, Zoë",12347')
)
TASKS = [("04_backprop", "mul", 3), ("04_backprop", "add", 1), ("08_data", "batches", 5)]
CLASS = HEADER | {"exercises": [{"chapter": c, "name": n, "points": p} for c, n, p in TASKS]}


def row(student, chapter="04_backprop", right=("mul",)):
    found = [
        {"name": n, "points": p if n in right else 0, "state": "passed" if n in right else "crashed"}
        for _, n, p in TASKS
    ]
    row = {"student": student, "chapter": chapter, "label": f"{student}/{chapter}", "sha256": "", "problem": ""}
    return row | {"exercises": found}


def fill(*rows, export=EXPORT):
    """(The export with the rows' scores, what was told)."""
    data, told = filled(export.encode(), gradebook(CLASS, rows))
    return data.decode(), told


def scores(text, column=5, delimiter=","):
    """{name: its cell} of a column."""
    return {line[0]: line[column] for line in list(csv.reader(io.StringIO(text), delimiter=delimiter))[2:]}


def test_one_cell_is_filled_in_and_every_other_byte_is_as_it_was():
    text, told = fill(row("ada"))

    assert text == EXPORT.replace('mornings",,7', 'mornings",3,7') and told == []


@pytest.mark.parametrize(
    "student",
    ["ada", "12345", "s-1", "lovelaceada_12345", "lovelaceada_LATE_12345", "lovelaceada", "Ada Lovelace", "ADA"],
)
def test_a_student_is_found_by_number_login_or_name(student):
    assert scores(fill(row(student))[0])["Lovelace, Ada"] == "3"


def test_accents_and_the_end_of_a_login_do_not_matter():
    export = EXPORT.replace("EX", "")

    assert scores(fill(row("mullerzoe"), export=export)[0])["Müller, Zoë"] == "3"
    assert scores(fill(row("emmy"))[0])["Noether, Emmy"] == "3"


@pytest.mark.parametrize(
    "student",
    ["grace", "lovelaceada_99999", "noetheremmy_12345", "submission_12345", "lovelace", "12345_12346", "\x1b[2J", ""],
)
def test_a_student_who_is_not_certain_is_told_and_not_filled_in(student):
    text, told = fill(row(student))

    assert text == EXPORT
    assert len(told) == 1 and "is not filled in" in told[0] and "\x1b" not in told[0]


def test_two_who_claim_one_line_get_nothing():
    text, told = fill(row("ada"), row("lovelaceada_12345"))

    assert text == EXPORT and len(told) == 2 and "another student's" in told[0]


def test_who_is_excused_stays_so():
    text, told = fill(row("zoe"))

    assert text == EXPORT and told == ["Canvas: zoe is excused from 04_backprop, and stays so."]


def test_a_file_that_could_not_be_graded_is_nothing_and_an_earlier_score_is_replaced():
    broken = row("emmy") | {"problem": "it is no JSON", "exercises": []}

    assert scores(fill(broken)[0])["Noether, Emmy"] == "0"


def test_scores_are_scaled_to_the_points_that_canvas_gives_and_that_is_told():
    text, told = fill(row("ada"), export=EXPORT.replace(",,,,,4,", ",,,,,10.0,"))
    assert scores(text)["Lovelace, Ada"] == "7.5"
    assert told == ['Canvas: "04 backprop (98765)" gives 10 points, 04_backprop 4; the scores are scaled.']

    text, _ = fill(row("ada"), export=EXPORT.replace(",,,,,4,", ',,,,,"10,0",'))
    assert scores(text)["Lovelace, Ada"] == "7,5"


@pytest.mark.parametrize(
    "name", ["04 backprop", "4. Backprop", "04_backprop", "Backprop", "Homework: backprop", "Week 4"]
)
def test_a_chapter_is_found_by_its_name_or_its_number(name):
    text, told = fill(row("ada"), export=EXPORT.replace("04 backprop (", f"{name} ("))

    assert scores(text)["Lovelace, Ada"] == "3"
    assert bool(told) == (name in ("Homework: backprop", "Week 4"))  # not quite certain: said


@pytest.mark.parametrize("name", ["14 forward", "Backpropaganda", "Quiz 4 b", "04 and 05", "Final exam 4"])
def test_a_chapter_without_a_column_is_told_and_not_filled_in(name):
    export = EXPORT.replace("04 backprop (", f"{name} (")
    text, told = fill(row("ada"), export=export)

    assert text == export and told == ["Canvas: 04_backprop is not filled in; no column has its name or number."]


def test_two_columns_for_a_chapter_and_two_chapters_for_a_column_are_told_and_not_filled_in():
    export = EXPORT.replace("Quiz 4", "04 backprop again").replace("04 backprop (", "04 backprop once (")
    assert fill(row("ada"), export=export) == (
        export,
        ["Canvas: 04_backprop is not filled in; 2 columns could be its."],
    )

    export = EXPORT.replace("04 backprop", "backprop and data")
    text, told = fill(row("ada"), row("ada", "08_data", ("batches",)), export=export)
    assert text == export and sum("another chapter's" in words for words in told) == 2


def test_what_is_for_reading_only_is_never_filled_in():
    export = EXPORT.replace("04 backprop (98765)", "Other (1)").replace("Current Score", "04 backprop (2)")

    assert fill(row("ada"), export=export)[0] == export


def test_semicolons_line_ends_and_bytes_that_are_no_text_are_kept():
    export = EXPORT.replace('"Group ""A"", mornings"', "A").replace(",", ";").replace("\r\n", "\n").rstrip("\n")
    data = export.encode().replace("Müller".encode(), b"M\xfcller")
    found, told = filled(data, gradebook(CLASS, [row("12345")]))

    assert found == data.replace(b"A;;7", b"A;3;7") and told == []


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", EXPORT.encode("utf-16"), b'Student,ID\n"a"b,1\n', b"\x00\xff"])
def test_a_file_that_is_no_export_is_refused_before_anything_is_written(tmp_path, data):
    path = tmp_path / "grades.csv"
    path.write_bytes(data)
    with pytest.raises(NoGradebook, match="grades.csv (has no columns|cannot be read|is UTF-16)"):
        reports.write(MadeUp([row("ada")], CLASS), tmp_path / "out", canvas=path)

    assert not (tmp_path / "out").exists()


def test_the_filled_copy_lies_with_the_reports_and_the_teachers_page_tells_what_is_missing(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORT.encode())
    told = reports.write(MadeUp([row("ada"), row("<b>grace")], CLASS), tmp_path / "out", canvas=path)

    assert path.read_bytes() == EXPORT.encode()
    assert scores((tmp_path / "out" / "canvas.csv").read_text("utf-8"))["Lovelace, Ada"] == "3"
    assert told == ["Canvas: <b>grace is not filled in; no line is theirs."]
    assert "Canvas: &lt;b&gt;grace is not filled in" in (tmp_path / "out" / "index.html").read_text("utf-8")


@given(st.lists(st.text('",;\n\r\0 a4é=', max_size=6), min_size=6, max_size=24))
def test_no_export_is_changed_by_a_class_of_nobody(cells):
    text = "Student,ID,04 backprop (1)\n" + ",".join(cells)
    try:
        assert fill(export=text)[0] == text
    except NoGradebook as problem:
        assert "line" in str(problem)
