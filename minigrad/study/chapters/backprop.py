"""Chapter 04, backprop: one gradient function per input, and the walk that multiplies them."""

from ...check.case import normal
from .. import run
from ..exercise import Chapter, given

chapter = Chapter("04_backprop", "Backprop", teaches=("backward", "grad"))


@chapter.exercise(
    points=2,
    minutes=5,
    run=run.op,
    cases=[
        given("each factor's gradient is the other factor", normal(3, 4), normal(3, 4)),
        given("a row scales every row", normal(3, 4), normal(4)),
    ],
    hints=("a", "b", "c"),
    part="ops.mul",
)
def mul(x, y):
    """x * y, elementwise."""
    ### BEGIN SOLUTION
    return (
        x * y,
        lambda g: g * y,
        lambda g: g * x,
    )
    ### END SOLUTION


chapter.wrong(
    "mul",
    "The two gradients are exchanged: x's is g * y.",
    "lambda g: g * y,\n        lambda g: g * x",
    "lambda g: g * x,\n        lambda g: g * y",
)
