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
from .pristine import SOLUTIONS
from .submission import Grader, digest, row_of, too_slow
from .visible import visible

MINIGRAD = Path(__file__).resolve().parents[1]
DIED = "grading it ended the program that graded it, twice"
FAILED = "grading it failed, twice: {}: {}"
A_PERSON = "; a person has to look at it"


class Refused(Exception):
    """A class cannot be graded like this; the message says why, and what to do."""


@dataclass(frozen=True)
class Options:
    """What a teacher may choose about a run."""

    tier: str | None = None
    unsandboxed: bool = False
    notebooks: bool = True
    seed: int | None = None


@dataclass(frozen=True)
class Settings:
    """What a Grader is made of, so that every worker can make the same. `elsewhere`: on another machine, perhaps."""

    seed: int
    tier: str
    notebooks: bool
    grader: str
    elsewhere: bool = False


def grade_class(paths, out, *, jobs=1, scheduler=None, options=None, canvas=None, tell=print, progress=None):
    """Grade all that lies in `paths`, and write the reports to the folder `out`.

    jobs        processes on this machine; scheduler: the address of a Dask cluster to use instead
    options     Options, if not the usual ones
    tell        called with each line that the teacher should read
    progress    wraps the rows as they come; it is told how many there will be: progress(rows, total=300)
    Raises Refused, Unusable (the journal), NoSandbox, NoGradebook, NoWorkers, FileNotFoundError, each with words for
    the teacher, and OSError.
    """
    options = options or Options()
    check_out(paths, out)
    submissions = collect(paths)
    if not submissions:
        raise Refused(f"there is no notebook and no archive in {' or '.join(map(str, paths))}")
    if canvas is not None:
        reports.check_canvas(canvas)  # now, not after an hour
    with Journal(out / "journal.jsonl") as journal:
        settings = begin(journal, options, scheduler, tell)
        todo = [one for one in submissions if (one.student, one.label, digest(one.data or b"")) not in journal]
        if len(todo) < len(submissions):
            tell(f"{len(submissions) - len(todo)} of {len(submissions)} files were graded before.")
        if todo:
            with workers.on(scheduler, jobs) as pool:
                rows = graded(pool, settings, todo)
                for row in progress(rows, total=len(todo)) if progress else rows:
                    journal.add(row)
        for line in reports.write(journal, out, canvas):
            tell(line)
        return journal.rows


def check_out(paths, out):
    """Refuse a folder for results that lies among what is graded: reports would be taken for submissions."""
    for path in map(Path, paths):
        if path.is_dir() and path.resolve() in (out.resolve(), *out.resolve().parents):
            raise Refused(f"--out {out} lies inside {path}, and would be graded with it. Take a folder beside it.")


def begin(journal, options, scheduler, tell):
    """The Settings of a run: those of the journal, where it goes on with one."""
    before = journal.header or {}
    try:
        box = sandbox.choose(
            options.tier or before.get("tier"), options.unsandboxed or before.get("unsandboxed", False)
        )
    except sandbox.NoSandbox as problem:
        if not before or options.tier:
            raise
        raise sandbox.NoSandbox(
            f"{journal.path} was begun in the sandbox {before['tier']}. {problem}\n"
            "Or grade into another --out, in the sandbox that there is."
        ) from None
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
    return Settings(seed, box.name, options.notebooks, fingerprint(), bool(scheduler))


def graded(pool, settings, submissions):
    """The rows of submissions, as they are ready. What was too slow, or died, is tried once more, alone, at the end."""
    again = []
    for submission, row in pool.each(work, settings, submissions):
        if row is None or too_slow(row):
            again.append((submission, row))
        else:
            yield row
    for submission, before in again:
        [(_, row)] = pool.each(work, settings, [submission], is_last=True, before=before)
        yield row or lost(submission, DIED)


def work(settings, submission, is_last=False, before=None):
    """The unit of work, here or on another machine: one file's row; None if it should be tried once more."""
    try:
        return grader(settings).row(submission, before)
    except (OSError, sandbox.NoSandbox, Refused):  # no fault of the file's: the run stops, and can go on
        raise
    except Exception as error:
        return lost(submission, FAILED.format(type(error).__name__, error)) if is_last else None


@cache
def grader(settings):
    if settings.grader != fingerprint():
        raise Refused("a worker has another minigrad than the grader here. Install the same on all machines.")
    if settings.elsewhere:
        sandbox.choose(settings.tier, unsandboxed=settings.tier == "none")  # it must hold on that machine, too
    return Grader(settings.seed, settings.tier, settings.notebooks)


def lost(submission, why):
    """The row of a file that no grader survives."""
    return row_of(submission, visible(why, 300) + A_PERSON)


@cache
def fingerprint():
    """A hash of all that decides about a grade: the library, its exercises, this grader, and the notebooks."""
    total = hashlib.sha256()
    for path in sorted([*MINIGRAD.rglob("*.py"), *SOLUTIONS.glob("*.ipynb")]):
        with contextlib.suppress(FileNotFoundError):
            total.update(str(path.relative_to(MINIGRAD.parent)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
