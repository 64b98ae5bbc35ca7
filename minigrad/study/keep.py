"""Where a learner's progress is kept: plain files, outside the project, which nothing that goes wrong can lose.

    progress.json           {"version": 1, "exercises": {"04_backprop/mul": {"state": "passed", "tries": 3, ...}}}
    parts/04_backprop/mul.py    an answer that passed
    earlier/                what `reset` took away

They lie in the user's data folder, or where MINIGRAD_PROGRESS says ("off": nowhere). Nothing is kept in CI and while
grading. Every file is written whole or not at all; a lock keeps two notebooks from writing at once; a file that cannot
be read is set aside, and what the parts tell is put in its place.
"""

import contextlib
import json
import os
from pathlib import Path

from .feedback import graded

VERSION = 1
FRESH = {"state": "not started", "tries": 0, "hints": 0, "asked": 0, "shown": False}


def folder():
    """Where things are kept, as a Path; None where nothing is."""
    chosen = os.environ.get("MINIGRAD_PROGRESS", "")
    if chosen == "off" or (not chosen and os.environ.get("CI")) or graded():
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("minigrad", appauthor=False)


class Notebook:
    """What is known of each exercise, by its key: a dict of dicts; and what had to be told when it was read."""

    def __init__(self, exercises, told=""):
        self.exercises, self.told = exercises, told

    def of(self, exercise):
        """What is known of one exercise, to be changed freely: "state", "tries", "hints", "asked", "shown"."""
        return self.exercises.setdefault(exercise.key, dict(FRESH))


memory = Notebook({})  # where nothing is kept, as long as this Python runs


def read():
    """What is kept, for reading only."""
    place = folder()
    return memory if place is None else read_from(place)


@contextlib.contextmanager
def change():
    """What is kept, to be changed inside the block: with cells of two notebooks running at once, one waits."""
    place = folder()
    if place is None:
        yield memory
        return
    with locked(place):
        notebook = read_from(place)
        yield notebook
        text = json.dumps({"version": VERSION, "exercises": notebook.exercises}, indent=1, sort_keys=True)
        write(place / "progress.json", text + "\n")


@contextlib.contextmanager
def locked(place):
    from filelock import FileLock

    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "lock", timeout=10):
        yield


def read_from(place):
    path = place / "progress.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["version"] > VERSION:
            raise RuntimeError(f"{path} was written by a newer minigrad. Update this one, and nothing is lost.")
        exercises = kept["exercises"]
        if not all(isinstance(known, dict) and "state" in known for known in exercises.values()):
            raise ValueError("not what this file holds")
        return Notebook(exercises)
    except FileNotFoundError:
        return Notebook(from_parts(place))
    except (ValueError, KeyError, TypeError, AttributeError):
        aside = unused(place, "progress.broken-{}.json")
        os.replace(path, aside)
        told = f"progress.json could not be read and is set aside as {aside.name}; what your parts tell is put back."
        return Notebook(from_parts(place), told)


def from_parts(place):
    """Progress as far as the kept parts tell it."""
    return {key: FRESH | {"state": "passed", "tries": 1} for key in part_files(place)}


def unused(place, pattern):
    number = 1
    while (place / pattern.format(number)).exists():
        number += 1
    return place / pattern.format(number)


def write(path, text):
    """The whole text or, should anything stop it, what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    with open(new, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


# ---- parts ----


def keep_part(exercise, source):
    """Keep the source of an answer that passed."""
    place = folder()
    if place is not None:
        write(place / "parts" / f"{exercise.key}.py", source)


def parts():
    """The sources of all parts kept: {"04_backprop/mul": text}."""
    place = folder()
    files = {} if place is None else part_files(place)
    return {key: path.read_text(encoding="utf-8") for key, path in files.items()}


def part_files(place):
    """{"04_backprop/mul": its path} of all parts kept."""
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(place.glob("parts/*/*.py"))}


# ---- taking back, and taking back the taking back ----


def set_aside(exercise):
    """Forget an exercise: what was known of it moves to `earlier`. False if nothing was."""
    place = folder()
    with change() as notebook:
        known = notebook.exercises.pop(exercise.key, None)
        if place is not None and known is not None:
            part = place / "parts" / f"{exercise.key}.py"
            source = part.read_text(encoding="utf-8") if part.exists() else None
            kept = {"key": exercise.key, "known": known, "part": source}
            (place / "earlier").mkdir(exist_ok=True)
            write(unused(place / "earlier", "{}.json"), json.dumps(kept, indent=1))
            part.unlink(missing_ok=True)
    return known is not None


def bring_back():
    """Undo the last `set_aside` that was not undone yet: the exercise's key, or None where there is none."""
    place = folder()
    files = sorted((place / "earlier").glob("*.json"), key=lambda path: int(path.stem)) if place is not None else []
    if not files:
        return None
    kept = json.loads(files[-1].read_text(encoding="utf-8"))
    with change() as notebook:
        notebook.exercises[kept["key"]] = kept["known"]
        if kept["part"] is not None:
            write(place / "parts" / f"{kept['key']}.py", kept["part"])
    files[-1].unlink()
    return kept["key"]
