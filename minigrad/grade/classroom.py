"""A whole class graded: every file that was handed in becomes a row of the journal, and the journal the reports.

    grade_class([Path("submissions")], Path("results"))

A run may be killed at any moment. Called again, it goes on with the files that have no row yet, and ends with the same
reports. Nothing that one file does can stop it: a worker that dies costs a second try, and then that file.
"""

import contextlib
import hashlib
import secrets
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from ..study import chapters
from . import reports, sandbox, values, workers
from .collect import collect
from .journal import Journal
from .submission import Grader, digest, too_slow

MINIGRAD = Path(__file__).resolve().parents[1]
DIED = "grading it ended the program that graded it, twice; a person has to look at it"


@dataclass(frozen=True)
class Settings:
    """What a Grader is made of, so that every worker can make the same."""

    seed: int
    tier: str
    notebooks: bool = True


@cache
def grader(settings):
    return Grader(settings.seed, settings.tier, settings.notebooks)


def work(settings, submission, patient=False):
    """The unit of work, here or on another machine: one file's row."""
    return grader(settings).row(submission, patient)


def grade_class(paths, out, *, jobs=1, scheduler=None, options=None, canvas=None, tell=print, progress=iter):
    """Grade all that lies in `paths`, and write the reports to the folder `out`.

    jobs        processes on this machine; scheduler: the address of a Dask cluster to use instead
    options     Options, if not the usual ones
    tell        called with each line that the teacher should read; progress: wraps the rows as they come
    Raises Unusable (the journal), NoSandbox, NoGradebook, FileNotFoundError, each with words for the teacher.
    """
    options = options or Options()
    submissions = collect(paths)
    with Journal(out / "journal.jsonl") as journal:
        settings = begin(journal, options, tell)
        todo = [one for one in submissions if (one.student, one.label, digest(one.data or b"")) not in journal]
        if len(todo) < len(submissions):
            tell(f"{len(submissions) - len(todo)} of {len(submissions)} files were graded before.")
        with workers.on(scheduler, jobs) as pool:
            for row in progress(graded(pool, settings, todo), total=len(todo)):
                journal.add(row)
        for line in reports.write(journal, out, canvas):
            tell(line)
        return journal.rows


@dataclass(frozen=True)
class Options:
    """What a teacher may choose about a run."""

    tier: str | None = None
    unsandboxed: bool = False
    notebooks: bool = True
    seed: int | None = None


def begin(journal, options, tell):
    """The Settings of a run: those of the journal, where it goes on with one."""
    before = journal.header or {}
    box = sandbox.choose(options.tier or before.get("tier"), options.unsandboxed or before.get("unsandboxed", False))
    seed = options.seed if options.seed is not None else before.get("seed", secrets.randbelow(1 << 32))
    exercises = [
        {"chapter": chapter.name, "name": exercise.name, "points": exercise.points}
        for chapter in chapters.chapters()
        for exercise in chapter.exercises.values()
    ]
    header = {"grading": 1, "seed": seed, "tier": box.name, "unsandboxed": box.name == "none", "grader": fingerprint()}
    header |= {"limits": asdict(values.LIMITS), "notebooks": options.notebooks, "exercises": exercises}
    journal.begin(header)
    if box.name == "none":
        tell("NO SANDBOX: every answer runs with your rights, and can read, change and send what you can.")
    else:
        tell(f"Sandbox: {box.name}; every probe held. Seed: {seed}.")
    return Settings(seed, box.name, options.notebooks)


def graded(pool, settings, submissions):
    """The rows of submissions, as they are ready. What was too slow, or died, is tried once more, alone, at the end."""
    again = []
    for submission, row in pool.each(work, settings, submissions):
        if row is None or too_slow(row):
            again.append(submission)
        else:
            yield row
    for submission in again:
        [(_, row)] = pool.each(work, settings, [submission], patient=True)
        yield row or lost(submission)


def lost(submission):
    row = {"student": submission.student, "label": submission.label, "sha256": digest(submission.data or b"")}
    row |= {"chapter": "", "order": submission.order, "problem": DIED, "exercises": [], "notebook": None}
    return row | {"flags": [], "seconds": 0.0}


@cache
def fingerprint():
    """A hash of all that decides about a grade: the library, its exercises and this grader."""
    total = hashlib.sha256()
    for path in sorted(MINIGRAD.rglob("*.py")):
        with contextlib.suppress(FileNotFoundError):
            total.update(str(path.relative_to(MINIGRAD)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
