"""What a class that there never was has handed in, and the points that it should get.

    write(folder, students=12)  ->  [Made, ...]

Correct, partial, wrong, blank, broken and hostile notebooks over all chapters, in all layouts at once; always the same.
"""

import io
import json
import random
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from minigrad.grade.answers import Answers
from minigrad.grade.proof import named
from minigrad.study.chapters import chapters

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = {
    "leaves": "    import os\n    os._exit(0)",
    "crashes": "    import ctypes\n    ctypes.string_at(0)",
    "forges": "    import numpy\n    numpy.allclose = numpy.array_equal = lambda *_, **__: True\n    return None",
    "forks": "    import os\n    while True:\n        os.fork()",
    "floods": "    import sys\n    while True:\n        sys.stderr.write('x' * 100000)",
    "hangs": "    while True:\n        pass",
}
BROKEN = {
    "cut off": lambda data: data[: len(data) // 2],
    "no JSON": lambda data: b"PK\x03\x04 this was a Word file",
    "nothing": lambda data: b"",
    "deep": lambda data: b"[" * 100_000,
    "other encoding": lambda data: b"\xff\xfe\xfd" + data,
}
# so that the first twelve are of all kinds, and few hang, because each of those takes a minute
KINDS = "correct partial wrong broken hostile blank copied partial wrong correct broken hostile partial copied wrong"
KINDS = (KINDS + " correct partial correct copied partial").split()


@dataclass(frozen=True)
class Made:
    """A file that was handed in. `points`: what it should get; `what` is in it, in a word or two."""

    student: str
    chapter: str
    what: str
    points: int


def write(folder, students):
    """Make the folder; gives [Made], in the order of the students."""
    folder.mkdir(parents=True)
    return [write_one(folder, number) for number in range(students)]


def write_one(folder, number):
    chance = random.Random(number)
    chapter = chapters()[number % len(chapters())]
    what, data, points = made(KINDS[number % len(KINDS)], chapter, chance, number)
    student, path = laid_out(f"student{number:03d}", chapter.name, number)
    if path.endswith(".zip"):
        data = zipped(f"work/{chapter.name}.ipynb", data)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return Made(student, chapter.name, what, points)


def laid_out(name, chapter, number):
    """(the student, the path): five ways in which files of a class are handed on."""
    return [
        (name, f"{name}_{chapter}.ipynb"),
        (name, f"{name}/{chapter}.ipynb"),
        (f"{name}_{1000 + number}", f"{name}_{1000 + number}_{90000 + number}_{chapter}.ipynb"),
        (name, f"{chapter.replace('_', '-')}-{name}/exercises/{chapter}.ipynb"),
        (name, f"{name}/{chapter}.zip"),
    ][number % 5]


def made(kind, chapter, chance, number):
    """(what, bytes, points) of a notebook of this kind."""
    points = {name: exercise.points for name, exercise in chapter.exercises.items()}
    full = sum(points.values())
    if kind == "blank":
        return kind, dumped(notebook("exercises", chapter)), 0
    if kind == "correct":
        return kind, dumped(notebook("solutions", chapter)), full
    if kind == "copied":  # into another program, which keeps the code and nothing else
        return kind, copied(notebook("solutions", chapter)), full
    if kind == "partial":
        done = list(points)[: chance.randrange(len(points)) + 1]
        return f"{len(done)} of {len(points)}", partial(chapter, done), sum(points[name] for name in done)
    if kind == "broken":
        what = list(BROKEN)[number // 4 % len(BROKEN)]
        return what, BROKEN[what](dumped(notebook("solutions", chapter))), 0
    name = chance.choice(alone(chapter))
    if kind == "wrong":
        text = named(chapter.exercises[name], chance.choice(chapter.exercises[name].wrong).text)
        return f"wrong {name}", with_answers(chapter, {name: text}), full - points[name]
    what = "hangs" if number % 60 == 44 else list(HOSTILE)[number // 4 % (len(HOSTILE) - 1)]
    return f"{name} {what}", with_answers(chapter, {name: hostile(name, what)}), full - points[name]


def hostile(name, what):
    return f"def {name}(*inputs, **options):\n{HOSTILE[what]}"


def notebook(folder, chapter):
    return nbformat.read(ROOT / folder / f"{chapter.name}.ipynb", 4)


def dumped(notebook):
    return nbformat.writes(notebook).encode()


def with_answers(chapter, answers):
    """The bytes of the solutions with some answers exchanged, {exercise: text}."""
    found = notebook("solutions", chapter)
    for cell in found.cells:
        cell.source = answers.get(cell.id, cell.source)
    return dumped(found)


def partial(chapter, done):
    """The exercises with the solutions of those that are `done`."""
    answers = {cell.id: cell.source for cell in notebook("solutions", chapter).cells}
    found = notebook("exercises", chapter)
    for cell in found.cells:
        cell.source = answers[cell.id] if cell.id in done else cell.source
    return dumped(found)


def copied(notebook):
    cells = [{"cell_type": "code", "source": cell.source} for cell in notebook.cells if cell.cell_type == "code"]
    return b"\xef\xbb\xbf" + json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": cells}).encode()


@cache
def alone(chapter):
    """The exercises of a chapter that no other one's solution uses: if one is wrong, the others are right."""
    answers = Answers([cell.source for cell in notebook("solutions", chapter).cells if cell.cell_type == "code"])
    texts = {name: answers.text_of(name) for name in chapter.exercises}
    return [
        name
        for name in texts
        if not any(re.search(rf"\b{name}\b", text) for other, text in texts.items() if other != name)
    ]


def zipped(name, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return file.getvalue()
