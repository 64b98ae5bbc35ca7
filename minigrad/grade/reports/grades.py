"""grades.csv: under the header of nbgrader's export, a line for each student and chapter."""

import csv
import io
import re

from ..visible import visible

HEADER = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
HEADER += ["raw_score", "late_submission_penalty", "score", "max_score"]
FORMULA = re.compile(r"[\s'\"]*[=+\-@＝＋－＠]|[\t\r]")


def cell(text):
    r"""Text as a spreadsheet shows it and does not compute it: "=1+1" gets a ' before it.

    A semicolon is shown by its number: where it separates columns, what comes after it would begin one.

    >>> cell("=1+1"), cell("ada")
    ("'=1+1", 'ada')
    """
    shown = visible(text).replace(";", r"\x3b")
    return f"'{shown}" if FORMULA.match(text) or FORMULA.match(shown) else shown


def grades_csv(book):
    """The text of grades.csv. Who handed nothing in for a chapter has blanks there; names and times are not known."""
    out = io.StringIO()
    table = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    table.writeheader()
    for student in book.students:
        works = {work.chapter: work for work in student.works}
        for chapter in dict.fromkeys([*book.chapters, *works]):
            possible = sum(points for _, points in book.chapters.get(chapter, ()))
            row = {"assignment": cell(chapter), "student_id": cell(student.shown), "max_score": float(possible)}
            if chapter in works:
                points = float(works[chapter].points)
                row |= {"raw_score": points, "late_submission_penalty": 0.0, "score": points}
            table.writerow(row)
    return out.getvalue()
