"""The grader's proof, `python -m minigrad grade --proof [CHAPTER ...]`: all known answers, graded as a stranger's are.

In the sandbox, by its values: the blank gets nothing, the reference and each other right way full marks, each known
wrong answer nothing. Prints a table; exit status 1 where it does not hold.
"""

import ast
from functools import cache

from .. import kernels
from ..check.report import Table
from ..study import chapters
from ..study.exercise import source_of
from . import questions, sandbox, values, workers
from .answers import Answers
from .submission import given


def prove(words=()):
    """Prove it for all exercises, or for those whose names begin with the words given."""
    keys = [e.key for e in chapters.exercises() if not words or e.key.startswith(tuple(words))]
    box = sandbox.choose()
    table, faults, sums = Table("exercise", "cases", "blank", "reference", "ways", "wrong"), [], [0, 0, 0]
    with workers.on(None, kernels.thread_count()) as pool:
        found = dict(pool.each(proved, box.name, keys))
    for key in keys:
        cases, points, blank, reference, ways, wrong, broken = found[key] or (0, 0, 0, 0, [], [], ["its grader died"])
        faults += [f"{key}: {line}" for line in broken]
        right = f"{sum(ways)} of {len(ways) * points}" if ways else ""
        table.row(key, cases, blank, f"{reference} of {points}", right, f"{sum(wrong)} of {len(wrong) * points}")
        sums = [a + b for a, b in zip(sums, (1, len(ways), len(wrong)))]
    print(f"Points, by values, in the sandbox: {box.name}.\n{table.text()}")
    print("\n{} exercises, {} other right ways, {} wrong answers".format(*sums))
    for line in faults:
        print(line)
    return 1 if faults else 0


def proved(tier, key, seed=0):
    """What the known answers of an exercise get, and what should be otherwise, in words."""
    chapter, name = key.split("/")
    exercise, box = chapters.chapter(chapter).exercises[name], sandbox.named(tier)
    broken = []

    def points(text, what, right):
        verdict = values.verify(exercise, standing_alone(exercise, text), seed, box)
        if bool(verdict) != right:
            broken.append(f"{what} {'fails' if right else 'passes'}. {verdict.state}: {verdict.said} {verdict.why}")
        return exercise.points if verdict else 0

    blank = points(exercise.stub(), "the blank", False)
    reference = points(exercise.source, "the reference", True)
    ways = [points(named(exercise, source_of(way)), sentence, True) for way, sentence in exercise.ways]
    wrong = [points(named(exercise, one.text), f"this wrong answer: {one.sentence}", False) for one in exercise.wrong]
    return len(questions.cases(exercise, seed)), exercise.points, blank, reference, ways, wrong, broken


def standing_alone(exercise, text):
    """An answer's text with the imports and helpers that its chapter's notebook and file have."""
    return Answers([*in_file(exercise), *given(exercise.chapter), text]).text_of(exercise.name)


@cache
def in_file(exercise):
    """The statements of the chapter's file, with its imports made absolute."""
    texts = []
    for text in questions.without_answers(exercise.reference.__module__, exercise.name):
        node = ast.parse(text).body[0]
        if isinstance(node, ast.ImportFrom) and node.level:
            package = exercise.reference.__module__.split(".")[: -node.level]
            node.module, node.level = ".".join([*package, *filter(None, [node.module])]), 0
        texts.append(ast.unparse(node))
    return texts


def named(exercise, text):
    """The text of a function or class, under the name of the exercise; where it calls itself, too."""
    own = ast.parse(text).body[0].name

    class Renamed(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Name(exercise.name, node.ctx) if node.id == own else node

    tree = Renamed().visit(ast.parse(text))
    tree.body[0].name = exercise.name
    return ast.unparse(ast.fix_missing_locations(tree))
