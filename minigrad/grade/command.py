"""`python -m minigrad grade`: one's own notebooks, or with --out a whole class's."""

import argparse
import sys
from pathlib import Path

from .. import kernels
from ..check.report import Table
from .reader import Unreadable, contents

OWN = "python -m minigrad grade exercises/04_backprop.ipynb"
CLASS = "python -m minigrad grade submissions/ --out results/"
TIERS = ("bubblewrap", "landlock", "container", "none")
OF_CLASS = ("jobs", "canvas", "no_notebooks", "scheduler")  # options that say nothing about one's own notebooks
OF_OWN = ("junit", "exercise")


def parser():
    out = argparse.ArgumentParser(
        prog="python -m minigrad grade",
        description="Grade your own notebooks, or a class's: folders and archives, as schools' systems make them.",
        epilog=f"Your own: {OWN}. A class: {CLASS}. docs/teaching.md says more.",
    )
    add = out.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="notebooks; for a class also folders and archives")
    add("--junit", metavar="FILE", help="your own: write nbval's report here too, as JUnit XML (one notebook)")
    add("--exercise", metavar="NAME", help="your own: judge this exercise alone, in a sandbox; the exit status tells")
    add("--proof", action="store_true", help="grade all known answers instead; PATHs are chapters, or all if left out")
    add("--out", type=Path, metavar="FOLDER", help="a class: where the journal and the reports go")
    add("--jobs", type=int, metavar="N", help="files graded at once (as many as there are processors)")
    add("--canvas", metavar="FILE", help="a gradebook exported from Canvas; a filled copy goes into --out")
    add("--no-notebooks", action="store_true", help="judge answers by their values only; no run through nbval")
    add("--sandbox", choices=TIERS, help="the strongest there is, if left out")
    add("--unsandboxed", action="store_true", help="grade though there is no sandbox; every report will say so")
    add("--seed", type=int, help="of the inputs; any, if left out. The journal keeps it")
    add("--scheduler", metavar="ADDRESS", help="use the workers of a Dask scheduler, such as tcp://10.0.0.5:8786")
    return out


def main(words=()):
    """Grade. Exit status 0: all of your own exercises pass, or the class is graded; 1: not all; 2: it could not be."""
    command = parser()
    choice = command.parse_args(words)
    if choice.proof:
        from .proof import prove

        return prove([str(path) for path in choice.paths])
    if not choice.paths:
        command.error(f"say what to grade. Your own: {OWN}. A class: {CLASS}")
    misplaced, place = (OF_OWN, "your own notebooks") if choice.out else (OF_CLASS, f"a class, like --out: {CLASS}")
    for name in misplaced:
        if getattr(choice, name) not in (None, False):
            command.error(f"--{name.replace('_', '-')} is for {place}")
    if choice.jobs is not None and choice.jobs < 1:
        command.error("--jobs is at least 1")
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
    from .sandbox import NoSandbox

    try:
        return one_exercise(path, choice) if choice.exercise else own(path, choice.junit)
    except (Unreadable, NoSandbox) as problem:
        return sorry(problem)


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
    """One exercise of a notebook, judged by its values: 0 if it passes, 1 if not, 2 if it could not be judged."""
    from . import reports, sandbox
    from .collect import Submission
    from .submission import Grader

    submission = Submission("", path.name, contents(path))
    box = sandbox.choose(choice.sandbox, choice.unsandboxed)
    row = Grader(choice.seed or 0, box.name, notebooks=False).row(submission)
    status = reports.exit_code([row], choice.exercise)
    if row["problem"] or status == 2:
        return sorry(row["problem"] or f"{path} is not of a chapter with an exercise {choice.exercise}")
    name = choice.exercise.rpartition("/")[2]
    found = next(one for one in row["exercises"] if one["name"] == name)
    print(" ".join(filter(None, [f"{name}: {found['state']}.", found["said"], found["sentence"]])))
    return status


def of_class(choice):
    """Grade a class; 0 once that is done."""
    from tqdm import tqdm

    from .classroom import Options, Refused, grade_class
    from .journal import Unusable
    from .reports import NoGradebook
    from .sandbox import NoSandbox
    from .workers import NoWorkers

    try:
        rows = grade_class(
            choice.paths,
            choice.out,
            jobs=choice.jobs or kernels.thread_count(),
            scheduler=choice.scheduler,
            options=Options(choice.sandbox, choice.unsandboxed, not choice.no_notebooks, choice.seed),
            canvas=choice.canvas,
            progress=lambda rows, total: tqdm(rows, total=total, unit=" files", disable=None, file=sys.stderr),
        )
    except (Refused, Unusable, NoGradebook, NoSandbox, NoWorkers, OSError) as problem:
        return sorry(problem)
    except KeyboardInterrupt:
        again = f"What is graded is kept in {choice.out}; the same command goes on from there."
        print(f"\nStopped. {again}", file=sys.stderr)
        return 130
    students = len({row["student"] for row in rows})
    points = sum(exercise["points"] for row in rows for exercise in row["exercises"])
    print(f"{counted(len(rows), 'file')} of {counted(students, 'student')} graded, {counted(points, 'point')} given.")
    if troubled := sum(bool(row["problem"]) for row in rows):
        print(f"{counted(troubled, 'file')} could not be graded; the page below says why.")
    print(f"Open {choice.out / 'index.html'}")
    return 0


def counted(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"


def sorry(problem):
    print(f"grade: {problem}", file=sys.stderr)
    return 2
