"""What of the library an answer has beside it in the sandbox: a folder without the answer in it.

NumPy is there, and what runs the cases. The library itself is there only where the reference uses it too, and then
without the packages that later chapters are about, and without all that does, under whatever name, what the exercise
asks for: in the place of the body of such a function stands an error that says so.
"""

import ast
import re
import shutil
from functools import cache
from pathlib import Path

from ..study import run
from ..study.exercise import Exercise
from . import questions

MINIGRAD = Path(__file__).resolve().parents[1]
RUNNING = ("check/case.py", "check/compare.py", "study/run.py", "study/difference.py", "study/guard.py")
RUNNING += ("study/trying.py", "printing.py", "grade/wire.py")
FLOORS = ("*.py", "ops/*.py", "functions/*.py")  # 1 to 3
ABOVE = {"optim": 6, "nn": 7, "data": 8}  # packages, and the first chapter whose answers may use them
NEVER = {"models.py", "train.py", "cifar10.py", "__main__.py", "__init__.py"}
MORE = {  # what runs it makes programs of functions of these packages, or an honest answer may use one
    "spot_the_double_softmax": ("nn",),
    "binary_cross_entropy_with_logits": ("nn",),
}
ALSO = {
    "sigmoid": ("logsigmoid", "backpropagate"),
    "softmax": ("log_softmax", "backpropagate"),  # the shares are the gradient of logsumexp
    "log_softmax": ("softmax",),
    "cross_entropy": ("nll",),
    "record": ("apply",),
    "topological_order": ("backpropagate", "backward"),
    "backpropagate": ("backward", "grad"),
    "Linear": ("start",),
    "Sequential": ("numbered", "modulelist"),
    "kaiming_uniform_": ("fan", "fans", "kaiming_normal"),
    "Loader": ("dataloader", "epoch"),
    "Dropout": ("dropout1d", "dropout2d", "dropout3d", "alphadropout", "featurealphadropout", "featuredropout")
    + ("dropped", "dropoutmask"),
    "batch_norm": ("batchnorm1d", "batchnorm2d", "batchnorm3d", "groupnorm", "layernorm", "instancenorm"),
}
ALSO |= dict.fromkeys(("SGD", "RMSprop", "Adam", "AdamW"), ("SGD", "RMSprop", "Adam", "AdamW", "Adamax", "NAdam"))


def folder(exercise, place):
    """Make the folder in `place`; returns it."""
    files = {name: (MINIGRAD / name).read_text(encoding="utf-8") for name in RUNNING}
    files |= dict.fromkeys(("__init__.py", "check/__init__.py", "study/__init__.py", "grade/__init__.py"), "")
    files |= {f"study/chapters/{name}.py": text for name, text in questions.modules(exercise).items()}
    files["study/exercise.py"] = given_alone()
    if needs_library(exercise):
        files |= {
            name: without(text, hidden_names(exercise))
            for name, text in library(exercise.chapter.number, MORE.get(exercise.name, ()))
        }
    for name, text in files.items():
        path = place / "minigrad" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(MINIGRAD / "grade" / "child.py", place)
    return place


def given_alone():
    """`given`, of all that study/exercise.py has."""
    return questions.Answers(map(ast.unparse, questions.parsed(Exercise.__module__))).text_of("given")


@cache
def needs_library(exercise: Exercise):
    """Whether the reference, or what runs it, uses the library."""
    runs = exercise.run in (run.tensors, run.differentiable)
    texts = "".join([exercise.source, *questions.modules(exercise).values()])
    uses = r"\b(mg|nn|optim|graph|minigrad|(?<!np\.)random|run\.(tensors|differentiable|leaf))\b"
    return bool(runs or re.search(uses, texts))


@cache
def library(chapter, more=()):
    """[(name, text)] of the files of the library that a chapter's answers may use, and of `more` packages."""
    packages = [name for name, first in ABOVE.items() if chapter >= first or name in more]
    patterns = [*FLOORS, *(f"{name}/**/*.py" for name in packages)]
    files = {str(path.relative_to(MINIGRAD)): path for pattern in patterns for path in sorted(MINIGRAD.glob(pattern))}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items() if name not in NEVER}
    absent = set(ABOVE) - set(packages)
    first = (MINIGRAD / "__init__.py").read_text(encoding="utf-8")
    for name in absent:
        first = re.sub(rf"\b{name}, |, {name}\b(?=\n)", "", first)
    return [*texts.items(), ("__init__.py", first)]


def hidden_names(exercise):
    part = exercise.part.rpartition(".")[2] if exercise.part else exercise.name
    return frozenset(map(squeezed, (exercise.name, part, *ALSO.get(exercise.name, ()))))


def squeezed(name):
    """A name as it is compared: cross_entropy is CrossEntropyLoss."""
    return name.lower().replace("_", "").removesuffix("loss")


@cache
def without(text, hidden):
    """A file's text with an error in place of the bodies of functions, and of classes' methods, of these names."""
    lines = text.splitlines()
    for node in sorted(defined(ast.parse(text)), key=lambda node: -node.lineno):
        if squeezed(node.name) in hidden:
            for body in bodies(node):
                said = f'raise NotImplementedError("{node.name} is not here: it is what you write")'
                first, last = body[0], body[-1]
                lines[first.lineno - 1 : last.end_lineno] = [lines[first.lineno - 1][: first.col_offset] + said]
    return "\n".join(lines) + "\n"


def defined(node):
    """The functions and classes in a module, those in classes too."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            yield inner
        if isinstance(inner, ast.ClassDef | ast.If):
            yield from defined(inner)


def bodies(node):
    """The body of a function; those of a class's methods, the last first."""
    if isinstance(node, ast.FunctionDef):
        return [node.body]
    methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef)]
    return [method.body for method in reversed(methods)]
