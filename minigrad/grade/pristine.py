"""Somebody's answers in the pristine notebook of a chapter, run by nbval against the reference's outputs."""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

import nbformat

from ..study import chapters
from .answers import Answers
from .reader import Unreadable, read

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
SECONDS_PER_CELL = 60


@dataclass
class Grade:
    """What an exercise of a notebook got: its points or 0, and why."""

    exercise: object
    points: int
    said: str


def chapter_of(path, answers):
    """The chapter whose exercises a notebook answers: by the file's name, or else by what it defines most of."""
    named = [chapter for chapter in chapters.chapters() if Path(path).name.startswith(chapter.name)]
    counts = {chapter: sum(map(answers.defines, chapter.exercises)) for chapter in named or chapters.chapters()}
    best = max(counts, key=counts.get)
    if not counts[best]:
        raise Unreadable(f"{path} defines nothing that an exercise asks for")
    return best


def grade(path, junit=None):
    """[Grade] of every exercise of a notebook's chapter. `junit`: where to leave nbval's report, as JUnit XML."""
    answers = Answers(read(path))
    chapter = chapter_of(path, answers)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        nbformat.write(filled(chapter, answers), place / f"{chapter.name}.ipynb")
        report = Path(junit).resolve() if junit else place / "report.xml"
        said = validated(place / f"{chapter.name}.ipynb", report)
        outcomes = {}
        for case in xml.parse(report).iter("testcase") if report.exists() else ():
            name = next((p.get("value") for p in case.iter("property") if p.get("name") == "grade_id"), None)
            outcomes[name] = [f"{part.get('message')}\n{part.text}" for part in case if part.tag != "properties"]
    if not outcomes:
        raise Unreadable(f"nbval gave no report on {path}:\n{said}")
    return [graded(exercise, answers, outcomes) for exercise in chapter.exercises.values()]


def filled(chapter, answers):
    """The chapter's notebook, with its checks and their expected outputs, these answers in the reference's place."""
    path = SOLUTIONS / f"{chapter.name}.ipynb"
    if not path.exists():
        raise Unreadable(f"there is no {path}: grading needs the project's folder, with its solutions")
    notebook = nbformat.read(path, 4)
    given = {name for cell in notebook.cells if cell.cell_type == "code" for name in names_given(cell)}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            exercise = chapter.exercises[cell.id]
            cell.source = answers.text_of(cell.id, given) if answers.defines(cell.id) else exercise.stub()
            cell.outputs, cell.metadata.tags = [], ["nbval-ignore-output"]
    return notebook


def names_given(cell):
    """What a cell of the pristine notebook defines for those after it, unless it is itself an answer's."""
    if cell.metadata.get("nbgrader", {}).get("solution"):
        return set()
    statements = Answers([cell.source.replace("from minigrad.study import *", "")]).statements
    return set().union(*(statement.binds for statement in statements))


def validated(path, report):
    """Run a notebook by `pytest --nbval`, with JUnit XML as `report`; returns what pytest printed."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", f"--junitxml={report}"]
    command += [f"--nbval-cell-timeout={SECONDS_PER_CELL}", "-p", "minigrad.grade.grade_ids", "-p", "no:cacheprovider"]
    environment = os.environ | {"MINIGRAD_GRADING": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([*command, str(path)], cwd=path.parent, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def graded(exercise, answers, outcomes):
    if not answers.defines(exercise.name):
        return Grade(exercise, 0, "not in this notebook")
    wrong = outcomes.get(f"check-{exercise.name}", ["its check did not run"])
    if not wrong:
        return Grade(exercise, exercise.points, "passed")
    line = re.search(rf"{exercise.name}: (not .*?)(?:\x1b|#x1B|$)", wrong[0], re.MULTILINE)
    return Grade(exercise, 0, line[1] if line else "does not pass")
