"""What an attack is: a short text that comes after an answer, which calls its `during` whenever it is called itself.

    @attack
    def a_name():
        '''What it tries, in a sentence.'''
        def during(x): ...

The body is the text, at the top of a module. What it can rely on is below: in the sandbox these names have values.
`written(name, sentence, text)` is an attack whose text could not stand in a file of Python.
"""

import ast
import inspect
import textwrap
from dataclasses import dataclass

from minigrad.grade.sandbox import Limits

NAME = "what is asked for"
CANARY = "a file of the grader's, which others may read and write but not from a sandbox"
GRADER = 0  # the grader's process number
PORT = 0  # where somebody listens, on this machine
PROJECT, SITE = "where minigrad lies", "where PyTorch is installed"
ALL = ("function", "gradient", "class")


def wrong(x):
    """What an answer gives that does not know better."""


@dataclass(eq=False)
class Attack:
    """An attack. `targets`: for which kinds of exercise it makes sense; `limits`: shorter ones, where it lasts."""

    called: str
    sentence: str
    text: object
    targets: tuple = ALL
    limits: Limits = Limits()
    name: str = ""


def attack(body=None, **more):
    if body is None:
        return lambda body: attack(body, **more)
    source = textwrap.dedent(inspect.getsource(body))
    function = ast.parse(source).body[0]
    first = function.body[1]
    start = min([first.lineno, *(decorator.lineno for decorator in getattr(first, "decorator_list", []))])
    text = textwrap.dedent("\n".join(source.splitlines()[start - 1 :]))
    return Attack(body.__name__, body.__doc__, text, **more)


def written(name, sentence, text, **more):
    return Attack(name, sentence, text, **more)


SHORT = {"limits": Limits(wall=1.0, cpu=2)}  # for what would last as long as it may
