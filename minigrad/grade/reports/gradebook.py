"""What a journal says, in the order in which reports tell it: students, their chapters, their exercises.

    Gradebook > Student > Work (a chapter that was handed in) > Result (an exercise)

The same rows in another order give the same gradebook. All text in it is `visible` and of bounded length, but for
`Student.name`, which says who somebody is and never goes into a report as it is.
"""

import textwrap
from dataclasses import dataclass, field

from ..visible import visible
from .names import safe_name

NAME, LINE, TEXT = 80, 400, 4000  # as much of a name, of one line, and of a longer text as is shown
MANY = 10  # as many files of a student as are named, besides those that count
NO_CHAPTER = "(no chapter found)"


@dataclass(frozen=True)
class Result:
    """An exercise of a student. `answer`: a hash of the answer's text, "" where there is none."""

    chapter: str
    name: str
    points: float
    of: float
    state: str
    said: str = ""
    why: str = ""
    sentence: str = ""
    hint: str = ""
    flags: tuple = ()
    answer: str = ""

    @property
    def passed(self):
        return self.state == "passed"

    @property
    def begun(self):
        return self.state not in ("not started", "absent")

    @property
    def words(self):
        """The state, as people say it."""
        return {"passed": "pass", "not started": "not started", "absent": "not there"}.get(self.state, "not yet")

    @property
    def found(self):
        """What was found first, and all that helps: in several lines."""
        hint = f"Hint: {self.hint}" if self.hint and not self.passed else ""
        return "\n".join(filter(None, [self.said, self.why, self.sentence, hint]))


@dataclass(frozen=True)
class Work:
    """A chapter that a student handed in. `problem`: why the file could not be graded; `others`: files set aside."""

    chapter: str
    label: str
    problem: str
    results: tuple
    notebook: dict | None = None
    flags: tuple = ()
    others: tuple = ()

    @property
    def title(self):
        return self.chapter.replace("_", " ")

    @property
    def points(self):
        return sum(result.points for result in self.results)

    @property
    def of(self):
        return sum(result.of for result in self.results)

    @property
    def passed(self):
        return sum(result.passed for result in self.results)


@dataclass(frozen=True)
class Student:
    """Somebody who handed something in. `file`: the name of the files about them, without an ending."""

    name: str
    works: list = field(default_factory=list)

    @property
    def shown(self):
        cut = f" ({self.file[-8:]})" if len(self.name) > NAME else ""  # two long names may begin alike
        return visible(self.name, NAME) + cut

    @property
    def file(self):
        return safe_name(self.name)

    @property
    def results(self):
        return [result for work in self.works for result in work.results]

    @property
    def points(self):
        return sum(work.points for work in self.works)

    @property
    def of(self):
        return sum(work.of for work in self.works)


@dataclass(frozen=True)
class Gradebook:
    """All of it. `chapters`: {name: its exercises in order, as pairs (name, points)} of those handed in by anybody."""

    header: dict
    chapters: dict
    students: list

    @property
    def works(self):
        return [work for student in self.students for work in student.works]


def gradebook(header, rows):
    """The Gradebook of a journal's header and rows."""
    chapters = {}
    for exercise in header["exercises"]:
        chapters.setdefault(exercise["chapter"], []).append((exercise["name"], exercise["points"]))
    students = {}
    for name in sorted({row["student"] for row in rows}, key=lambda name: (name.casefold(), name)):
        students[name] = Student(name)
    rows = without_replaced(sorted(rows, key=rank))
    for chapter, exercises in chapters.items():
        handed_in = {}
        for row in rows:
            if row["chapter"] == chapter:
                handed_in.setdefault(row["student"], []).append(row)
        for name, (*others, counts) in handed_in.items():
            students[name].works.append(work(counts, others, chapter, exercises))
    strays = {}
    for row in rows:
        if row["chapter"] not in chapters:
            strays.setdefault(row["student"], []).append(row)
    for name, some in strays.items():
        students[name].works.extend(work(row, [], "", []) for row in some[:MANY])
        if len(some) > MANY:
            more = f"and {len(some) - MANY} more files"
            students[name].works.append(Work(NO_CHAPTER, more, "of no chapter either; the journal names them", ()))
    seen = {row["chapter"] for row in rows}
    return Gradebook(header, {name: chapters[name] for name in chapters if name in seen}, list(students.values()))


def without_replaced(rows):
    """Ranked rows without those of files that were handed in again, in the same place, and could then be read."""
    best = {(row["student"], row["label"]): row for row in rows if not row["problem"]}

    def stays(row):
        other = best.get((row["student"], row["label"]), row)
        return row is other or row.get("order", 0.0) > other.get("order", 0.0)

    return [row for row in rows if stays(row)]


def rank(row):
    """What counts comes last: a file that can be read, and of these the one handed in last."""
    return not row["problem"], row.get("order", 0.0), row["label"], row["sha256"]


def work(row, others, chapter, exercises):
    known = {} if row["problem"] else {exercise["name"]: exercise for exercise in row["exercises"]}
    problem = line(row["problem"])
    nothing = {"points": 0, "state": "absent", "said": problem or "not in this notebook"}
    return Work(
        chapter=chapter or NO_CHAPTER,
        label=line(row["label"]),
        problem=problem or ("" if chapter else "no chapter's exercises were found in it"),
        results=tuple(result(chapter, name, of, known.get(name, nothing)) for name, of in exercises),
        notebook=notebook(row.get("notebook")),
        flags=tuple(map(line, row.get("flags", ()))),
        others=listed([line(other["label"]) for other in others]),
    )


def listed(labels):
    """Labels as a tuple of bounded length: somebody may hand a file in a thousand times."""
    return tuple(labels if len(labels) <= MANY else [*labels[-MANY:], f"{len(labels) - MANY} more"])


def result(chapter, name, of, found):
    said = found.get("said", "").removeprefix(f"{name}: ").removeprefix("not yet. ")
    return Result(
        chapter=chapter,
        name=name,
        points=found["points"],
        of=of,
        state=found["state"],
        said=line(said[:1].upper() + said[1:]),
        why=text(found.get("why", "")),
        sentence=text(found.get("sentence", "")),
        hint=text(textwrap.dedent(found.get("hint", "")).strip()),
        flags=tuple(map(line, found.get("flags", ()))),
        answer=found.get("answer", ""),
    )


def notebook(found):
    """The notebook as a whole: how many cells passed and failed, and the names of the cells that failed."""
    if not found:
        return None
    failed = [line(str(cell["grade_id"])) for cell in found.get("cells", ()) if cell["outcome"] != "passed"]
    return {"passed": found["passed"], "failed": found["failed"], "cells": failed}


def line(words):
    return visible(words, LINE)


def text(words):
    return visible(words, TEXT, keep="\n")
