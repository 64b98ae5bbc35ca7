"""How an op is written, and the same with numbers in it: `g * y`, and `8 * 2`.

An op returns its value and a gradient function per input, so that its source says all three, to whoever reads it with
`ast`. Where it is written in another way, nothing is made up: then there is the source, and what came out.
"""

import ast
import inspect
import textwrap
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .nodes import number

SHORT = 60  # characters of a formula; a longer one says less than the source


@dataclass(frozen=True)
class Rule:
    """The source of an op; the formulas of its value and of each gradient, as `ast` has them, None where unknown."""

    source: str
    arguments: tuple = ()
    value: ast.expr | None = None
    gradients: tuple = ()

    def gradient(self, place):
        return self.gradients[place] if place < len(self.gradients) else None


def own(function):
    """What was written, where that is wrapped: a learner's part that is watched, or the class of an own Function."""
    written_as = cells(cells(function).get("gradients")).get("function")
    if isinstance(written_as, type):
        return written_as
    if hasattr(function, "exercise"):
        function = cells(function).get("function", function)
    return cells(function).get("own", function) if getattr(function, "__name__", "") == "grad" else function


def cells(function):
    """The variables that a function closes over, by name; none for what is no function."""
    code, values = getattr(function, "__code__", None), getattr(function, "__closure__", None) or ()
    found = {}
    for name, cell in zip(code.co_freevars if code else (), values):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not set yet
            continue
    return found


@lru_cache(maxsize=500)
def rule_of(op):
    """The Rule of an op."""
    try:
        source = textwrap.dedent(inspect.getsource(op)).rstrip()
        (function,) = ast.parse(source).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return Rule("")
    if not isinstance(function, ast.FunctionDef):
        return Rule(source)
    returned = getattr(function.body[-1], "value", None)
    arguments = tuple(argument.arg for argument in function.args.posonlyargs + function.args.args)
    if not isinstance(returned, ast.Tuple) or any(isinstance(part, ast.Starred) for part in returned.elts):
        return Rule(source, arguments)
    value, *gradients = returned.elts
    return Rule(source, arguments, meaning(value, function), tuple(formula(part, function) for part in gradients))


def meaning(expression, function):
    """What a name stands for: the last thing that was put into it."""
    if not isinstance(expression, ast.Name):
        return expression
    put = [
        statement.value
        for statement in function.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == expression.id for target in statement.targets)
    ]
    return put[-1] if len(put) == 1 else None


def formula(part, function):
    """What a gradient function returns: that of a lambda, or of a def that is one return."""
    if isinstance(part, ast.Lambda):
        return part.body
    inner = [
        s for s in function.body if isinstance(s, ast.FunctionDef) and isinstance(part, ast.Name) and s.name == part.id
    ]
    if not inner:
        return None
    body = [s for s in inner[0].body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None


def written(expression):
    """A formula as text; "" where there is none, or none that is short."""
    text = ast.unparse(expression) if expression is not None else ""
    return text if len(text) <= SHORT else ""


def with_numbers(expression, values):
    """A formula with single numbers in place of the names in `values`; "" where some are arrays of more than one."""
    if not written(expression):
        return ""
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)} & set(values)
    if not names or any(np.size(values[name]) != 1 or not is_number(values[name]) for name in names):
        return ""
    return ast.unparse(Filled({name: np.asarray(values[name]).item() for name in names}).visit(copied(expression)))


def copied(expression):
    return ast.parse(ast.unparse(expression), mode="eval").body


def is_number(x):
    return hasattr(x, "dtype") and x.dtype.kind in "biuf" or isinstance(x, (int, float))


class Filled(ast.NodeTransformer):
    """Puts numbers in place of names; a negative one in parentheses."""

    def __init__(self, numbers):
        self.numbers = numbers

    def visit_Name(self, node):
        if node.id not in self.numbers:
            return node
        text = number(self.numbers[node.id])
        return ast.Name(f"({text})" if text.startswith("-") else text)
