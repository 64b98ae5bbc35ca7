"""Right for what a learner can see, and for nothing else."""

from minigrad.study import run
from minigrad.study.judge import here

from .attack import written
from .targets import exercise

SEED = 0  # the one that is graded with, and that nobody is told


def table(target, name, seed=SEED):
    """An answer that looks its results up in a table of the public cases' results, made from a seed."""
    asked, lines = exercise(target), []
    for case in asked.cases:
        inputs, _ = run.drawn(case, seed)
        out = here(asked, asked.reference, case, seed).seen[0][1]
        lines.append(f"    {inputs[0].tobytes()!r}: {out.tolist()!r},")
    return "\n".join(
        [
            "TABLE = {",
            *lines,
            "}",
            "def during(x):",
            "    data = getattr(x, 'data', x)",
            "    found = np.array(TABLE.get(data.tobytes(), 0.0), 'float32')",
            "    return found if data is x else type(x)(found)",
        ]
    )


def without_gradient(target, name):
    """The right value, and a gradient that was made by trying what the value does, in single precision."""
    return """
inner = np.tanh
def during(x):
    return inner(x) if not hasattr(during, "x") or during.x is None else wrong(x)
during.x = None
def tanh(x):
    return np.tanh(x), lambda g: ((np.tanh(x + np.float32(1e-3)) - np.tanh(x)) / np.float32(1e-3) * g).astype(x.dtype)
"""


def by_shape(target, name):
    """Right where the first axis is as long as in the public cases, told from their shapes."""
    shapes = {run.drawn(case, SEED)[0][0].shape for case in exercise(target).cases}
    right = {"function": "type(x)(np.maximum(x.data, 0))", "gradient": "np.tanh(x)"}[target]
    gradient = (
        "def tanh(x):\n    out = during(x)\n    return out, lambda g: g * (1 - out * out)\n"
        if target == "gradient"
        else ""
    )
    return f"SHAPES = {shapes!r}\ndef during(x):\n    return {right} if x.shape in SHAPES else wrong(x)\n{gradient}"


BOTH = ("function", "gradient")
a_table = written("a_table", "Has a table of the results of the public cases.", table, targets=("function",))
slopes = written(
    "slopes", "Finds the gradient by trying, in single precision.", without_gradient, targets=("gradient",)
)
shapes = written("shapes", "Is right for arrays of the shapes that a learner sees, alone.", by_shape, targets=BOTH)
