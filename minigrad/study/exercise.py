"""An exercise, declared once: everything else about it (notebooks, checks, dashboard, grades) is made from this.

A chapter's file in `chapters` reads like this:

    chapter = Chapter("01_tensors", "Tensors", teaches=("stride", "view"))

    @chapter.exercise(
        points=2,
        minutes=5,
        cases=[given("a table of 3 rows and 4 columns", (3, 4)), ...],
        torch=lambda shape: torch.empty(shape).stride(),
        hints=("a nudge", "the formula, or a picture in words", "a skeleton"),
    )
    def contiguous_strides(shape):
        '''What the learner reads: what goes in, what comes out, an example.'''
        ### BEGIN SOLUTION
        ...
        ### END SOLUTION

    chapter.wrong("contiguous_strides", "These are ... Count from the other end.", "reversed(shape)", "shape")

The last line is a wrong answer made by one change to the solution; `@chapter.wrong(name, sentence)` above a function is
one written out. Learners whose outputs are those of a wrong answer read its sentence.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

from ..check.case import Case
from ..check.counterparts import COUNTERPARTS
from . import run

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def given(why, *inputs, **options):
    """A case: `why` is what a learner is told who fails on it; the inputs as in `check.case`, or anything `built`."""
    return Case("", why, inputs, options)


@dataclass(frozen=True, eq=False)
class Wrong:
    """A wrong answer that people give, and the sentence that helps them."""

    answer: Callable
    sentence: str
    edited: str = ""

    @property
    def text(self):
        """Its source: the reference's with a change, or its own."""
        return self.edited or source_of(self.answer)

    def __repr__(self):
        return self.sentence


@dataclass(eq=False)
class Exercise:
    """What there is to do, and how it is judged.

    reference   the function (or class) that is asked for, with its solution
    cases       what it is tried on, with a `why` each
    run         how it is tried, and what is looked at: `run.plain`, `run.tensors`, `run.op`, or a function like them
    torch       PyTorch's answer to the same inputs; None where PyTorch has none: then the reference's is expected
    hints       three: a nudge, the formula or picture, a skeleton
    part        the place in the library where it can stand in, such as "ops.mul"
    adapt       what makes it fit there, if it does not as it is
    needs       exercises whose answers are used in it
    ways        other answers that are right, with a sentence each
    wrong       the wrong answers
    hidden      what makes more cases from random numbers, which a grader adds; None where there is none
    """

    chapter: object
    reference: Callable
    points: int
    minutes: int
    cases: list
    hints: tuple
    run: Callable = run.plain
    torch: Callable | None = None
    part: str | None = None
    adapt: Callable = staticmethod(lambda answer: answer)
    needs: tuple = ()
    ways: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    hidden: Callable | None = None

    @property
    def name(self):
        return self.reference.__name__

    @property
    def key(self):
        """Its name in full, as it is kept: 04_backprop/mul."""
        return f"{self.chapter.name}/{self.name}"

    def __repr__(self):
        return self.key

    @property
    def counterpart(self):
        """PyTorch's function for the same; None where it has none."""
        return self.torch or (COUNTERPARTS.get(self.name) if self.run is run.op else None)

    @property
    def source(self):
        """The reference as a learner may read it, without the marks around the solution."""
        return "\n".join(line for line in self.marked().splitlines() if line.strip() not in (BEGIN, END)) + "\n"

    def marked(self):
        """The reference's source with the marks around its solution, as in the solution notebook."""
        return source_of(self.reference)

    def stub(self):
        """What the exercise notebook has in its place."""
        return stripped(self.marked(), self.name)


class Chapter:
    """A chapter's exercises, in order. `teaches`: names of the library that no earlier chapter may use."""

    def __init__(self, name, title, teaches=()):
        self.name, self.title, self.teaches = name, title, teaches
        self.exercises = {}

    @property
    def number(self):
        return int(self.name.partition("_")[0])

    def exercise(self, **declared):
        """Declare the function or class below as an exercise."""

        def declare(reference):
            self.exercises[reference.__name__] = Exercise(self, reference, **declared)
            return reference

        return declare

    def wrong(self, name, sentence, was=None, becomes=None):
        """A wrong answer: the function below, or the reference with one piece of its text changed."""
        exercise = self.exercises[name]
        if was is not None:
            text = edited(exercise, was, becomes)
            exercise.wrong.append(Wrong(made(exercise, text, "a wrong"), sentence, text))
            return None

        def declare(answer):
            exercise.wrong.append(Wrong(answer, sentence))
            return answer

        return declare

    def hidden(self, name):
        """What makes more cases for a grader: the function below, which gets a random generator of NumPy's."""

        def declare(cases):
            self.exercises[name].hidden = cases
            return cases

        return declare

    def way(self, name, sentence):
        """Another right answer: the function below."""

        def declare(answer):
            self.exercises[name].ways.append((answer, sentence))
            return answer

        return declare


def source_of(thing):
    """The text of a function or class, without decorators and indentation."""
    text = textwrap.dedent(inspect.getsource(thing))
    first = ast.parse(text).body[0].lineno  # the line of `def`: decorators come before it
    return "\n".join(text.splitlines()[first - 1 :]) + "\n"


def stripped(text, name):
    """Source without its solutions: in place of each, a line that says so when it is reached."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.strip() == BEGIN:
            inside, indent = True, line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# your code here", f'{indent}raise NotImplementedError("{name}: not started yet")']
        elif not inside:
            lines.append(line)
        inside = inside and line.strip() != END
    return "\n".join(lines) + "\n"


def edited(exercise, was, becomes):
    """The reference's text with `becomes` in place of `was`, which must stand once after the first solution begins."""
    head, mark, solution = exercise.marked().partition(BEGIN)
    if solution.count(was) != 1:
        raise LookupError(f"{exercise}: {was!r} stands {solution.count(was)} times in the solution, and should once.")
    return head + mark + solution.replace(was, becomes)


def made(exercise, text, what):
    """What a text defines under the exercise's name, where the reference stands; `what` it is, in a word or two."""
    names = dict(vars(inspect.getmodule(exercise.reference)))
    exec(compile(text, f"<{what} {exercise.name}>", "exec"), names)
    return names[exercise.name]
