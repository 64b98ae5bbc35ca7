"""A class that there never was: a journal's header, and some forty rows, for tests of reports and for looking at them.

python tests/made_up_class.py FOLDER      writes its reports there
"""

import hashlib
import random
import sys

CHAPTERS = {
    "02_forward": {"linear": 2, "relu": 1, "sigmoid": 2, "softmax": 3},
    "03_graphs": {"record": 3, "leaves": 2, "topological_order": 4, "replay": 3},
    "04_backprop": {"add": 1, "mul": 1, "pow": 2, "matmul": 3, "unbroadcast": 3, "softmax_gradient": 4},
}
HEADER = {
    "grading": 1,
    "seed": 20260101,
    "tier": "bubblewrap",
    "unsandboxed": False,
    "grader": "5c0f" * 16,
    "limits": {"wall": 15.0, "memory": 1 << 30},
    "exercises": [
        {"chapter": chapter, "name": name, "points": points}
        for chapter, exercises in CHAPTERS.items()
        for name, points in exercises.items()
    ],
}
NAMES = [
    "lovelaceada_12345",
    "noetheremmy_12346",
    "turingalan_12347",
    "hopper-grace",
    "Zoë Müller",
    "محمد الخوارزمي",
    "王小明",
    "germainsophie_12350",
    "ramanujan",
    "kovalevskaya",
    "a" * 150,
    "hamilton",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
]
WRONG = {
    "softmax": (
        "wrong value",
        "the result: is nan at [0, 1], and should be 0.5",
        "Case 4 of 7: scores of 1000, as a large network gives them\nx = [[1000., 1000.]]\nyours: [[nan, nan]]",
        "exp(1000) is infinite. Take the largest score of each row away first: the shares stay the same.",
        "Two steps: exp makes every score positive; dividing by their sum along dim makes them add up to 1.",
    ),
    "topological_order": (
        "crashed",
        "it raised RecursionError, at line 4 (maximum recursion depth exceeded)",
        "Case 6 of 6: a chain of 5000 tensors",
        "In short graphs this is right. In a long chain each tensor calls for the one before it. Keep a list.",
        "\n    order, seen, tasks = [], set(), [(tensor, False)]\n    while tasks:\n        t, inputs_done = ...\n",
    ),
    "matmul": (
        "wrong shape",
        "the gradient of y: has shape (5, 3), and should have (3, 5)",
        "Case 2 of 8: a table of 4 x 3 and one of 3 x 5",
        "",
        "Write the shapes of x, y and g under each other. Which product of two of them has the shape of y?",
    ),
}
PLAIN = ("wrong value", "the result: is 2.0 at [0], and should be 6.0", "Case 1 of 5: two short rows of numbers", "")


def rows():
    """The rows, always the same."""
    chance = random.Random(4)
    made = []
    for place, student in enumerate(NAMES):
        skill = chance.uniform(0.35, 1.0)
        for chapter, exercises in CHAPTERS.items():
            if chance.random() < 0.06:
                continue
            found = [tried(chance, skill, chapter, name, of, place) for name, of in exercises.items()]
            made.append(row(student, chapter, found))
    made[4]["exercises"][1]["flags"] = ["passes by value, but its check in the notebook does not"]
    made[9] |= {"problem": "it is not JSON: the file ends in the middle of a text", "exercises": [], "notebook": None}
    made.append(row("turingalan_12347", "", [], label="turingalan_12347/holiday.ipynb"))
    made[-1]["problem"] = "a symbolic link, which is not followed"
    made.append(row("ramanujan", "04_backprop", made[-3]["exercises"], label="ramanujan/04_backprop (copy).ipynb"))
    return made


def row(student, chapter, found, label=None):
    label = label or f"{student}/{chapter}.ipynb"
    passed = sum(one["state"] == "passed" for one in found)
    cells = [
        {"grade_id": f"check-{one['name']}", "outcome": "passed" if one["state"] == "passed" else "failed"}
        for one in found
    ]
    return {
        "student": student,
        "chapter": chapter,
        "label": label,
        "sha256": digest(student, label),
        "problem": "",
        "exercises": found,
        "notebook": {"passed": 6 + passed, "failed": len(found) - passed, "cells": cells},
        "flags": [],
        "seconds": 0.25,
    }


def tried(chance, skill, chapter, name, of, place):
    copied = name in ("softmax", "topological_order") and place < 4
    answer = digest(chapter, name, place - place % 2 if copied else place)
    done = {"name": name, "points": 0, "of": of, "state": "passed", "said": "", "why": "", "sentence": "", "hint": ""}
    done |= {"flags": [], "answer": answer}
    if chance.random() < skill and not (place < 2 and name == "softmax"):
        return done | {"points": of, "said": f"{name}: 6 of 6 cases agree with PyTorch, value and gradient."}
    if chance.random() < 0.2:
        hint = "If x goes up by a little h, by how much does the result go up?"
        return done | {"state": "not started", "said": f"{name}: not started yet.", "answer": "", "hint": hint}
    state, said, why, sentence, hint = WRONG.get(name, (*PLAIN, "Try it by hand, with 2 and 3."))
    return done | {"state": state, "said": f"{name}: not yet. {said}", "why": why, "sentence": sentence, "hint": hint}


def digest(*what):
    return hashlib.sha256(repr(what).encode()).hexdigest()


class MadeUp:
    """As much of a journal as reports read."""

    def __init__(self, rows, header=HEADER):
        self.rows, self.header = rows, header


if __name__ == "__main__":
    from minigrad.grade import reports

    reports.write(MadeUp(rows()), sys.argv[1])
