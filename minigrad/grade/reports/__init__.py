"""Reports on a class, made from its journal alone: the same rows give the same bytes, in whatever order they came.

names         names of files about students
gradebook     the journal's rows as students, chapters and exercises
grades        grades.csv, as nbgrader exports it
canvas        a filled copy of an export from Canvas
autograders   Gradescope, GitHub Classroom, JUnit XML
findings      how the class did, and what to look at first
pages         a page for each student, and index.html for the teacher
files         writing them
"""

from pathlib import Path

from .autograders import exit_code, github, gradescope, junit
from .canvas import NoGradebook, filled
from .files import write_all
from .gradebook import gradebook
from .grades import grades_csv
from .pages import student_page, teacher_page


def write(journal, out, canvas=None):
    """Write all reports of a journal into the folder `out`. `canvas`: a gradebook that Canvas exported, to be filled.

    Returns what has to be told, line by line: who or what of the Canvas file was not filled in. Raises NoGradebook,
    before anything is written, if that file is none.
    """
    if journal.header is None:
        raise RuntimeError("There are no reports on a journal without a header: begin(header) comes first.")
    book = gradebook(journal.header, journal.rows)
    texts, told = {}, []
    for student in book.students:
        texts[f"students/{student.file}.html"] = student_page(student, book)
        texts[f"gradescope/{student.file}/results.json"] = gradescope(student, journal.header)
        texts[f"github/{student.file}.json"] = github(student)
    files = {}
    if canvas is not None:
        files["canvas.csv"], told = filled_file(canvas, book)
    texts |= {"grades.csv": grades_csv(book), "junit.xml": junit(book), "index.html": teacher_page(book, told)}
    write_all(Path(out), {name: text.encode("utf-8") for name, text in texts.items()} | files)
    return told


def check_canvas(path):
    """Raise NoGradebook if a file is no gradebook that Canvas exported."""
    filled_file(path, gradebook({"exercises": []}, []))


def filled_file(path, book):
    try:
        return filled(Path(path).read_bytes(), book)
    except NoGradebook as problem:
        raise NoGradebook(f"{path} {problem}") from None
