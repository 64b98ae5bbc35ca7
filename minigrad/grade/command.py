"""`python -m minigrad grade NOTEBOOK ...`: a line and a score for every exercise of one's own notebooks."""

import argparse
import sys

from ..check.report import Table
from .pristine import grade
from .reader import Unreadable


def main(words=()):
    """Grade notebooks; exit status 0 if all exercises pass, 1 if one does not, 2 if a notebook cannot be graded."""
    parser = argparse.ArgumentParser(prog="python -m minigrad grade", description=main.__doc__)
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="such as exercises/04_backprop.ipynb")
    parser.add_argument("--junit", metavar="FILE", help="write nbval's report here too, as JUnit XML (one notebook)")
    choice = parser.parse_args(words)
    if choice.junit and len(choice.notebooks) > 1:
        parser.error("--junit is for one notebook at a time")

    status = 0
    for path in choice.notebooks:
        try:
            grades = grade(path, choice.junit)
        except Unreadable as problem:
            print(f"grade: {problem}", file=sys.stderr)
            status = 2
            continue
        table = Table("exercise", "points", "")
        for one in grades:
            table.row(one.exercise, f"{one.points} of {one.exercise.points}", one.said)
        print(f"{path}\n{table.text()}")
        points, possible = sum(one.points for one in grades), sum(one.exercise.points for one in grades)
        print(f"   {points} of {possible} points\n")
        status = status or int(points < possible)
    return status
