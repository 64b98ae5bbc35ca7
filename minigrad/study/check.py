"""check(f): the learner's function beside PyTorch's, by the name it has."""

import difflib
import secrets
import sys

from . import chapters, keep
from .feedback import display, graded
from .judge import judge
from .portable import NotPortable, portable


def check(answer, *, chapter=None, seed=None, note=True):
    """Judge the function or class `answer`, an exercise's by its name, on inputs drawn from `seed` (any, if left out).

    Says what was right; shows what is not, beside PyTorch's numbers, and then raises NotYet, an error of one line.
    chapter: its number, where an exercise's name exists in several; if left out, the one that the answer suits.
    note: whether progress takes note of it.
    """
    name = name_of(answer, sys._getframe(1))
    seed = secrets.randbelow(10_000) if seed is None else seed
    feedback = max((judge(exercise, answer, seed) for exercise in named(name, chapter)), key=suits)
    feedback.after = noted(feedback, answer) if note else ""
    if feedback.state == "passed" or (feedback.state == "not started" and not graded()):
        return feedback
    display(feedback)
    raise feedback.error()


def suits(feedback):
    """How well an answer suits an exercise of its name: best if it passes, worst if it is of another form."""
    return {"passed": 2, "wrong form": 0}.get(feedback.state, 1)


def name_of(answer, frame):
    """The name of an exercise's answer: the function's own, or that of the variable it was put into."""
    if not callable(answer):
        raise TypeError(f"check wants the function itself, as in check(mul), and got a {type(answer).__name__}.")
    own = getattr(answer, "__name__", type(answer).__name__)
    names = [name for name, value in {**frame.f_globals, **frame.f_locals}.items() if value is answer]
    known = {exercise.name for exercise in chapters.exercises()}
    return next((name for name in [own, *names] if name in known), own)


def named(thing, chapter=None):
    """The exercises of a name (or those that a function has the name of). Raises LookupError if there is none."""
    name = thing if isinstance(thing, str) else getattr(thing, "__name__", str(thing))
    found = [e for e in chapters.exercises() if e.name == name and chapter in (None, e.chapter.number, e.chapter.name)]
    if not found:
        close = difflib.get_close_matches(name, [e.name for e in chapters.exercises()], 1)
        hint = f" Did you mean {close[0]}?" if close else " progress() lists them all."
        where = "" if chapter is None else f" in chapter {chapter}"
        raise LookupError(f"there is no exercise called {name!r}{where}.{hint}")
    return found


def one(thing, chapter=None):
    """The exercise of a name; of several, the latest that was begun, or else the first."""
    found = named(thing, chapter)
    begun = [e for e in found if e.key in keep.read().exercises]
    return (begun or found[:1])[-1]


def noted(feedback, answer):
    """Keep what came of a check; returns what the learner should be told about it, or ""."""
    exercise = feedback.exercise
    if feedback.state == "not started":
        return ""
    with keep.change() as notebook:
        known = notebook.of(exercise)
        known["tries"] += 1
        if known["state"] != "passed":
            known["state"] = feedback.state
        done = sum(known["state"] == "passed" for known in notebook.exercises.values())
        told = [notebook.told] if notebook.told else []
        if feedback and keep.folder() is not None:
            told.append(f"{done} of {len(chapters.exercises())} exercises done.")
            try:
                keep.keep_part(exercise, portable(answer))
                told.append("This one is kept as a part of your framework." if exercise.part else "")
            except NotPortable as problem:
                told.append(f"It could not be kept for later: {problem}.")
    return " ".join(filter(None, told))
