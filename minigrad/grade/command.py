"""`python -m minigrad grade`: one's own notebooks, or with --out a whole class's."""

import argparse
import os
import sys
from pathlib import Path

from ..check.report import Table
from .reader import Unreadable

OWN = "python -m minigrad grade exercises/04_backprop.ipynb"
CLASS = "python -m minigrad grade submissions/ --out results/"


def parser():
    out = argparse.ArgumentParser(
        prog="python -m minigrad grade",
        description="Grade your own notebooks, or a class's: folders and archives, as schools' systems make them.",
        epilog=f"Your own: {OWN}. A class: {CLASS}. docs/teaching.md says more.",
    )
    add = out.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="notebooks; for a class also folders and archives")
    add("--junit", metavar="FILE", help="your own: write nbval's report here too, as JUnit XML (one notebook)")
    add("--exercise", metavar="NAME", help="your own: judge this exercise alone, in a sandbox; the exit status tells")
    add("--out", type=Path, metavar="FOLDER", help="a class: where the journal and the reports go")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="files graded at once (as many as there are processors)")
    add("--canvas", metavar="FILE", help="a gradebook exported from Canvas; a filled copy goes into --out")
    add("--no-notebooks", action="store_true", help="judge answers by their values only; no run through nbval")
    add("--sandbox", metavar="TIER", help="bubblewrap, landlock, container or none (the strongest there is)")
    add("--unsandboxed", action="store_true", help="grade though there is no sandbox; every report will say so")
    add("--seed", type=int, help="of the inputs; any, if left out. The journal keeps it")
    add("--scheduler", metavar="ADDRESS", help="use the workers of a Dask scheduler, such as tcp://10.0.0.5:8786")
    return out


def main(words=()):
    """Grade. Exit status 0: all of your own exercises pass, or the class is graded; 1: not all; 2: it could not be."""
    command = parser()
    choice = command.parse_args(words)
    if choice.out:
        return of_class(choice)
    if choice.junit and len(choice.paths) > 1:
        command.error("--junit is for one notebook at a time")
    folders = [path for path in choice.paths if path.is_dir()]
    if folders:
        command.error(f"{folders[0]} is a folder. For a class, say where results go: {CLASS}")
    return max(of_own(path, choice) for path in choice.paths)


def of_own(path, choice):
    """Grade a notebook of one's own, or one exercise of it."""
    try:
        return one_exercise(path, choice) if choice.exercise else own(path, choice.junit)
    except Unreadable as problem:
        print(f"grade: {problem}", file=sys.stderr)
        return 2


def own(path, junit):
    """A table of one's own notebook: 0 if all passes, or 1."""
    from .pristine import grade

    grades = grade(path, junit)
    table = Table("exercise", "points", "")
    for one in grades:
        table.row(one.exercise, f"{one.points} of {one.exercise.points}", one.said)
    points, possible = sum(one.points for one in grades), sum(one.exercise.points for one in grades)
    print(f"{path}\n{table.text()}\n   {points} of {possible} points\n")
    return int(points < possible)


def one_exercise(path, choice):
    """One exercise of a notebook, judged by its values: 0 if it passes, 1 if not, 2 if it is no exercise of this."""
    from . import sandbox
    from .collect import Submission
    from .submission import Grader

    box = sandbox.choose(choice.sandbox, choice.unsandboxed)
    seed = choice.seed if choice.seed is not None else 0
    row = Grader(seed, box.name, notebooks=False).row(Submission("", path.name, path.read_bytes()))
    found = next((one for one in row["exercises"] if one["name"] == choice.exercise), None)
    if row["problem"] or found is None:
        problem = row["problem"] or f"{path} is not of a chapter with an exercise {choice.exercise}"
        print(f"grade: {problem}", file=sys.stderr)
        return 2
    print(" ".join(filter(None, [f"{choice.exercise}: {found['state']}.", found["said"], found["sentence"]])))
    return int(found["state"] != "passed")


def of_class(choice):
    """Grade a class; 0 once that is done."""
    from tqdm import tqdm

    from .classroom import Options, grade_class
    from .journal import Unusable
    from .reports import NoGradebook
    from .sandbox import NoSandbox

    if choice.jobs < 1:
        print("grade: --jobs is at least 1", file=sys.stderr)
        return 2
    options = Options(choice.sandbox, choice.unsandboxed, not choice.no_notebooks, choice.seed)
    try:
        rows = grade_class(
            choice.paths,
            choice.out,
            jobs=choice.jobs,
            scheduler=choice.scheduler,
            options=options,
            canvas=choice.canvas,
            progress=lambda rows, total: tqdm(rows, total=total, unit=" files", disable=None, file=sys.stderr),
        )
    except (Unusable, NoGradebook, NoSandbox, OSError, RuntimeError, ValueError) as problem:
        print(f"grade: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            f"\nStopped. What is graded is kept; the same command goes on from there ({choice.out}).", file=sys.stderr
        )
        return 130
    points = sum(exercise["points"] for row in rows for exercise in row["exercises"])
    troubled = sum(bool(row["problem"]) for row in rows)
    print(f"{len(rows)} files graded, {points} points given; {troubled} could not be read.")
    print(f"Open {choice.out / 'index.html'}.")
    return 0
