"""One file that was handed in, graded: from its bytes to a row of the journal.

    Grader(seed, tier).row(submission)  ->  {"student": ..., "exercises": [...], ...}

A row depends on the file, the seed and the grader alone, so that a file can be graded anywhere and again.
"""

import ast
import hashlib
import textwrap
import time
from functools import cache
from pathlib import Path

import nbformat

from . import notebook, reader, sandbox, values
from .answers import Answers
from .pristine import SOLUTIONS, chapter_of
from .visible import visible

SLOW = "it took too long twice, once with the machine to itself"
SAID = 300  # characters of what is said about an answer


class Grader:
    """What grades files: with inputs drawn from `seed`, in the sandbox called `tier`; with nbval if `notebooks`."""

    def __init__(self, seed, tier, notebooks=True):
        self.seed, self.notebooks = seed, notebooks
        self.sandbox = sandbox.named(tier)

    def row(self, submission, before=None):
        """The row of a Submission. `before`: its row from a first try; only what was too slow is tried again."""
        begun = time.monotonic()
        row = row_of(submission, submission.problem)
        if not submission.problem:
            try:
                row |= self.graded(submission, before)
            except reader.Unreadable as problem:
                row["problem"] = visible(str(problem), SAID)
        return row | {"seconds": since(begun)}

    def graded(self, submission, before):
        cells = reader.cells(submission.data)
        answers = Answers(cells)
        chapter = chapter_of(submission.label, answers)
        own = Answers([*given(chapter), *cells])
        kept = {} if before is None else {one["name"]: one for one in before["exercises"] if not is_slow(one)}
        found = [
            kept.get(exercise.name) or self.exercise(exercise, answers, own, before is not None)
            for exercise in chapter.exercises.values()
        ]
        graded = {
            "chapter": chapter.name,
            "exercises": found,
            "flags": [visible(text) for text in answers.problems[:5]],
        }
        if self.notebooks:
            graded["notebook"] = self.ran(chapter, answers) if before is None else before["notebook"]
            graded["flags"] += disagreements(found, graded["notebook"])
        return graded

    def exercise(self, exercise, answers, own, is_second):
        """What an answer got, as the journal has it."""
        begun = time.monotonic()
        graded = {
            "name": exercise.name,
            "points": 0,
            "of": exercise.points,
            "state": "absent",
            "flags": [],
            "answer": "",
            "seconds": 0.0,
        }
        graded |= {"said": "it is not in this notebook", "why": "", "sentence": "", "hint": nudge(exercise)}
        if not answers.defines(exercise.name):
            return graded
        text = own.text_of(exercise.name)
        verdict = values.verify(exercise, text, self.seed, self.sandbox)
        graded |= {"state": verdict.state, "said": visible(verdict.said, SAID), "why": visible(verdict.why, keep="\n")}
        graded |= {"sentence": verdict.sentence, "answer": digest(normal(text).encode("utf-8", "replace"))}
        if verdict:
            graded |= {"points": exercise.points, "hint": ""}
        if is_second and is_slow(graded):
            graded["said"] += f" ({SLOW})"
        return graded | {"seconds": since(begun)}

    def ran(self, chapter, answers):
        """How the whole notebook fared, cell by cell; None where this sandbox can run no notebook."""
        begun = time.monotonic()
        try:
            ran = notebook.run(chapter, answers, self.sandbox)
        except sandbox.NoSandbox:
            return None
        cells = [{"grade_id": name, "outcome": outcome} for name, outcome in ran.cells]
        count = {what: sum(outcome == what for _, outcome in ran.cells) for what in ("passed", "failed")}
        return {**count, "cells": cells, "problem": visible(ran.problem, SAID), "seconds": since(begun)}


def row_of(submission, problem=""):
    """A row that says as much as is known of a file before it is graded, or if it cannot be."""
    row = {"student": submission.student, "label": submission.label, "sha256": digest(submission.data or b"")}
    row |= {"chapter": "", "order": submission.order, "problem": problem, "exercises": [], "notebook": None}
    return row | {"flags": [], "seconds": 0.0}


def since(begun):
    return round(time.monotonic() - begun, 3)


def is_slow(graded):
    return graded["state"] == "too slow"


def too_slow(row):
    """Whether an answer ran out of time: on a busy machine that may be no fault of its own."""
    return any(map(is_slow, row["exercises"]))


def disagreements(found, ran):
    """Where values and notebook say different things about an answer: for a person to look at."""
    outcomes = {} if ran is None else {cell["grade_id"]: cell["outcome"] for cell in ran["cells"]}
    flags = []
    for exercise in found:
        outcome = outcomes.get(f"check-{exercise['name']}")
        if outcome in ("passed", "failed") and (outcome == "passed") != (exercise["state"] == "passed"):
            by_values = "passes" if exercise["state"] == "passed" else "does not pass"
            flags.append(f"{exercise['name']} {by_values} by its values, and its check in the notebook {outcome}")
    return flags


@cache
def given(chapter):
    """The cells of a chapter's notebook that every learner has: imports, and helpers that are no answers."""
    cells = nbformat.read(Path(SOLUTIONS, f"{chapter.name}.ipynb"), 4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and not cell.metadata.get("nbgrader")]
    return [cell.source for cell in code]


def nudge(exercise):
    """The first hint, in a line."""
    return " ".join(textwrap.dedent(exercise.hints[0]).split())


def normal(text):
    """An answer's text without what does not matter: spaces, comments, and words for its reader."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def digest(data):
    return hashlib.sha256(data).hexdigest()
