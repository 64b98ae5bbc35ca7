"""What an answer is asked in the sandbox: an exercise's runner and cases, taken out of its chapter's file.

A chapter's file also holds the reference and the wrong answers. So no more is taken than what the runner and the cases
need, found by name as an answer's own helpers are; no solution is in it.

The cases are those that a learner's `check` has, and then hidden ones: of the chapter's own making, where it declares
some, and the known ones with arrays of other sizes, where an answer could be made for the sizes that are known. Those
that ask for gradients are then in float64, where slopes that were found by trying are not good enough.
"""

import ast
import contextlib
import inspect
import re
import sys
from functools import cache
from itertools import islice

import numpy as np

from ..check.case import exacting, resized
from ..study import run
from ..study.judge import expectation, first_wrong, here
from .answers import Answers

IMPORTS = "import numpy as np\nfrom .. import run\nfrom ...check.case import exacting, resized"
MODULE = """
RUN = {run}

def cases(seed):
    public = [*{cases}]
    hidden = {hidden}(np.random.default_rng([seed, 1]))
    more = [resized(case, np.random.default_rng([seed, 2])) for case in public]
    return [*public, *hidden, *map(exacting, more), *more]

WANTED = (RUN, cases)
"""
NONE = "(lambda rng: [])"


@cache
def modules(exercise):
    """The texts of the module `questions`, with RUN and cases(seed), and of what it takes from other chapters."""
    found = {"run": "run.plain", "hidden": NONE, **declared(exercise)}
    home = exercise.reference.__module__
    texts = {"__init__": "", "questions": taken(home, exercise.name, "WANTED", MODULE.format(**found))}
    for other, name in re.findall(r"^from \.(\w+) import (\w+)", texts["questions"], re.MULTILINE):
        texts[other] = taken(f"{home.rpartition('.')[0]}.{other}", None, name)
    return texts


def taken(module, exercise, wanted, *more):
    """The text of what a chapter defines as `wanted`, and of all that this needs."""
    return Answers([IMPORTS, *without_answers(module, exercise), *more]).text_of(wanted)


@cache
def cases(exercise, seed):
    """[(number, case)] of the cases that an answer is tried on with this seed; numbers are the sandbox's."""
    hidden = exercise.hidden(np.random.default_rng([seed, 1])) if exercise.hidden else []
    more = [resized(case, np.random.default_rng([seed, 2])) for case in exercise.cases]
    known = [*exercise.cases, *hidden]
    asked = list(enumerate(known))
    for number, (case, other) in enumerate(zip(exercise.cases, more), len(known)):
        choices = [(number, exacting(other)), (number + len(more), other)]
        choices = choices if exercise.run in (run.op, run.differentiable) else choices[1:]
        fitting = (choice for choice in choices if differs(case, other) and fits(exercise, case, choice[1], seed))
        asked.extend(islice(fitting, 1))
    return asked


@cache
def expected(exercise, case, seed):
    """What `judge.expectation` gives, which is the same for every answer of a class."""
    return expectation(exercise, case, seed)


def differs(case, other):
    return repr((case.inputs, case.options)) != repr((other.inputs, other.options))


def fits(exercise, case, other, seed):
    """Whether the other sizes go with the rest of the case: PyTorch and the reference agree about both."""
    with contextlib.suppress(Exception):
        for one in (case, other):
            found = here(exercise, exercise.reference, one, seed)
            if found.error is not None or first_wrong(found, expected(exercise, one, seed)[0], one.tolerance):
                return False
        return True
    return False


# ---- the chapter's text ----


@cache
def parsed(module):
    """The statements of a chapter's file; an import of several names is one for each."""
    statements = []
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        if isinstance(node, ast.ImportFrom):
            statements += [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
        else:
            statements.append(node)
    return statements


def declared(exercise):
    """What is declared of an exercise, as text: {"cases": "[given(...), ...]", "run": "run.op", ...}."""
    found = {}
    for node in parsed(exercise.reference.__module__):
        for decorator in getattr(node, "decorator_list", []):
            kind = of_chapter(decorator)
            if kind == "exercise" and node.name == exercise.name:
                found |= {keyword.arg: ast.unparse(keyword.value) for keyword in decorator.keywords}
            if kind == "hidden" and decorator.args[0].value == exercise.name:
                found["hidden"] = node.name
    return {name: found[name] for name in ("run", "cases", "hidden") if name in found}


def of_chapter(node):
    """`exercise`, `wrong`, `way` or `hidden`, where a node calls this of the chapter; or ""."""
    called = getattr(node, "func", None)
    is_chapters = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "chapter"
    return called.attr if is_chapters else ""


@cache
def without_answers(module, exercise):
    """A chapter's statements, as texts, but for answers: right and wrong ones, and the reference of this exercise.

    Other references stay: what a runner looks with may be one. Of a runner in two steps the first one stays.
    """
    texts = []
    for node in parsed(module):
        kinds = {of_chapter(decorator) for decorator in getattr(node, "decorator_list", [])}
        if kinds & {"wrong", "way"} or of_chapter(getattr(node, "value", None)):
            continue
        if "exercise" in kinds and node.name == exercise:
            continue
        texts.append(ast.unparse(undecorated(node) if kinds & {"exercise", "hidden"} or only_looks(node) else node))
    return texts


def only_looks(node):
    """Whether a statement is the first step of a runner, below `@run.concluded(...)`."""
    return any(ast.unparse(decorator).startswith("run.concluded(") for decorator in getattr(node, "decorator_list", []))


def undecorated(node):
    bare = type(node)(**{name: getattr(node, name) for name in node._fields})
    bare.decorator_list = []
    return ast.copy_location(bare, node)
