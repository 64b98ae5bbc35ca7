"""What a learner reads after check(): one line, the case that failed, a small table, and what to do about it.

The same in words for a terminal, a screen reader and nbval, and as HTML for JupyterLab. What passes reads the same each
time. What does not is shown, and then raised as `NotYet`: one red line.
"""

import os
from dataclasses import dataclass, field
from html import escape

from ..check.report import Table
from .difference import shown

GREEN, RED, GREY = "#2e8b57", "#c0392b", "#808080"


class NotYet(AssertionError):
    """An answer is not right yet: an error of one line, in notebooks, nbval and nbgrader alike."""

    def _render_traceback_(self):
        return [f"\x1b[31m{self}\x1b[0m"]


@dataclass
class Feedback:
    """What was found about an answer.

    state             "passed", "not started", "crashed", "too slow", "wrong form", "wrong shape", "wrong dtype", "wrong
                      value" or "wrong gradient"
    passed            how many cases were right; `by_torch`: whether PyTorch said so
    printed           the learner's lines that print
    case, seed        the case that failed, and what it was drawn from; `given`: its inputs
    mine, expected    what was looked at, as pairs (name, value)
    finding           what is wrong; `sentence`: the known mistake that it is, or ""
    after             what happened in consequence, such as a part kept
    """

    exercise: object
    state: str
    passed: int = 0
    by_torch: bool = False
    printed: list = field(default_factory=list)
    case: object = None
    seed: int | None = None
    given: list = field(default_factory=list)
    finding: object = None
    mine: list = field(default_factory=list)
    expected: list = field(default_factory=list)
    sentence: str = ""
    after: str = ""

    def __bool__(self):
        return self.state == "passed"

    @property
    def line(self):
        """The finding in one line."""
        name, count = self.exercise.name, len(self.exercise.cases)
        if self.state == "not started":
            return f"{name}: not started yet. Write it in the cell above, run that, and then this one."
        if self.state == "passed":
            if not self.by_torch:
                return f"{name}: {self.passed} of {count} cases are right{self.instead}."
            both = ", value and gradient" if self.exercise.run.__name__ in ("op", "differentiable") else ""
            return f"{name}: {self.passed} of {count} cases agree with PyTorch{both}."
        return f"{name}: not yet. {self.summary()}"

    @property
    def instead(self):
        """What is said where PyTorch would have judged, and is not installed."""
        return (
            " (by minigrad's own: PyTorch is not installed)" if self.exercise.counterpart and not self.by_torch else ""
        )

    def summary(self):
        """What is wrong, in a few words."""
        said = f"{self.finding.place}: {self.finding.said}" if self.finding.place else self.finding.said
        said = said if said.startswith(self.exercise.name) else said[:1].upper() + said[1:]
        return said if said.endswith((".", "?")) else f"{said}."

    def lines(self):
        """What is said around the table, line by line: (kind, words)."""
        if self.state in ("passed", "not started"):
            yield "head", self.line
        else:
            count = len(self.exercise.cases)
            yield "case", f"Case {self.passed + 1} of {count}: {self.case.why}"
            for name, value in self.given:
                text = shown(value).replace("\n", "\n" + " " * (len(name) + 3))
                yield "given", f"{name} = {text}"
            if self.instead:
                yield "note", f"What is expected was computed{self.instead}."
        for line in self.printed:
            yield "note", f"It prints, at {line}. Take that out when you no longer need it."
        if self.sentence:
            yield "sentence", self.sentence
        if self.after:
            yield "note", self.after

    def table(self):
        """What was looked at, yours beside PyTorch's, up to the first difference; None where nothing was."""
        if self.finding is None or not self.finding.place:
            return None
        table = Table("", "yours", "PyTorch" if self.by_torch else "expected")
        index = self.finding.numbers.index if self.finding.numbers else ()
        for (label, theirs), (_, own) in zip(self.expected, self.mine):
            wrong = label == self.finding.place
            at = index if wrong else ()
            table.row(label, shown(own, at), shown(theirs, at), marked=wrong)
            if wrong:
                break
        return table

    def __repr__(self):
        lines, table = list(self.lines()), self.table()
        first = [words for kind, words in lines if kind in ("head", "case", "given")]
        last = [words for kind, words in lines if kind in ("note", "sentence")]
        return "\n".join([*first, *([table.text()] if table else []), *last, *self.again()])

    def again(self):
        """How to get the same numbers once more, where they were drawn."""
        if self.seed is None:
            return []
        return [f"The same numbers again: check({self.exercise.name}, seed={self.seed})"]

    def _repr_html_(self):
        lines, table = list(self.lines()), self.table()
        colour = {"passed": GREEN, "not started": GREY}.get(self.state, RED)
        box = f"border-left: 4px solid {colour}; padding: 4px 12px; margin: 4px 0"
        parts = [f'<div style="{box}">']
        for kind, words in lines:
            style = {
                "head": f"font-weight: bold; color: {colour}" if self.state == "passed" else "font-weight: bold",
                "given": "font-family: monospace; white-space: pre-wrap",
            }
            if kind in ("head", "case", "given"):
                parts.append(f'<div style="{style.get(kind, "")}">{escape(words)}</div>')
        if table:
            parts.append(table.html())
        for kind, words in lines:
            if kind == "sentence":
                parts.append(f'<div style="font-weight: bold">{escape(words)}</div>')
            if kind == "note":
                parts.append(f"<div>{escape(words)}</div>")
        parts += [f'<div style="color: {GREY}">{escape(words)}</div>' for words in self.again()]
        return "\n".join([*parts, "</div>"])

    def error(self):
        """The one red line."""
        if self.state == "not started":
            return NotYet(self.line)
        return NotYet(f"{self.line} hint({self.exercise.name}) helps.")


def display(thing):
    """Show it here: under the notebook's cell, or in the terminal."""
    try:
        from IPython import get_ipython
        from IPython.display import display as show
    except ImportError:
        print(thing)
        return
    if get_ipython() is None:
        print(thing)
    else:
        show(thing)


def graded():
    """Whether a grader is running: then what is not started is an error, too."""
    return bool(os.environ.get("MINIGRAD_GRADING") or os.environ.get("NBGRADER_EXECUTION"))
