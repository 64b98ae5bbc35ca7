"""What a learner may ask for besides check(): a hint, a solution, the library's source, a fresh start."""

import inspect
from html import escape

from ..view.source import Source
from ..view.source import show as show_source
from . import chapters, keep
from .check import one
from .exercise import source_of
from .parts import place

RUNGS = ("a nudge", "the idea", "a skeleton")


def hint(thing, chapter=None):
    """The next hint for an exercise, given its function or its name: a nudge, then the idea, then a skeleton."""
    exercise = one(thing, chapter)
    with keep.change() as notebook:
        known = notebook.of(exercise)
        rung = min(known["hints"], 2)
        known["hints"] = rung + 1
    more = "There is no further one; solution() shows how it is done." if rung == 2 else "Ask again for more."
    text = inspect.cleandoc(exercise.hints[rung])
    return Note(f"{exercise.name}, hint {rung + 1} of 3 ({RUNGS[rung]})", text, more)


def solution(thing, chapter=None):
    """The reference, and other ways: after the exercise passed, or when asked for a second time (that is noted)."""
    exercise = one(thing, chapter)
    with keep.change() as notebook:
        known = notebook.of(exercise)
        known["asked"] += 1
        if known["state"] != "passed" and known["asked"] < 2:
            name = exercise.name
            return Note(
                name, f"It is more fun to find it: hint({name}) helps. Ask once more, and you see it; that is noted."
            )
        known["shown"] = known["shown"] or known["state"] != "passed"
    ways = [f"# Another way. {sentence}\n{source_of(answer)}" for answer, sentence in exercise.ways]
    return Source("\n\n".join(text.strip() for text in [exercise.source, *ways]))


def show(thing):
    """How the library writes it, coloured: for your own function of an exercise, the library's of that name."""
    name = getattr(thing, "__name__", "")
    if getattr(thing, "__module__", "") == "__main__":
        for exercise in reversed(chapters.exercises()):
            if exercise.name == name and exercise.part:
                return show_source(getattr(*place(exercise)))
    return show_source(thing)


def reset(thing, chapter=None):
    """Forget what is known of an exercise, and its part; `restore()` brings both back."""
    exercise = one(thing, chapter)
    forgotten = keep.set_aside(exercise)
    said = "is as on the first day. restore() takes that back." if forgotten else "was not begun: nothing to forget."
    return Note(exercise.name, said)


def restore():
    """Take back the last `reset`."""
    key = keep.bring_back()
    return Note("restore", f"{key} is back." if key else "nothing was reset.")


class Note:
    """A few words under a heading, in a notebook or a terminal; indented lines are code."""

    def __init__(self, head, text, more=""):
        self.head, self.text, self.more = head, text, more

    def __repr__(self):
        return "\n".join(filter(None, [f"{self.head}:", self.text, self.more]))

    def _repr_html_(self):
        body = f'<div style="white-space: pre-wrap; margin: 4px 0">{escape(self.text)}</div>'
        if "\n" in self.text:
            body = Source(self.text)._repr_html_()
        more = f'<div style="color: #808080">{escape(self.more)}</div>' if self.more else ""
        box = "border-left: 4px solid #0072b2; padding: 4px 12px"
        return f'<div style="{box}"><b>{escape(self.head)}</b>{body}{more}</div>'
