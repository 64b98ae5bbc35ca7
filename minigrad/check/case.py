"""A case: what goes into an op, described in words, and drawn from a seed when it is needed.

    normal(3, 4)               any numbers
    away_from_zero(3, 4)       none near 0, where some functions have a corner or a pole
    between(0, 1, 3, 4)        from a range
    distinct(3, 4)             no two alike, nor nearly
    tied(3, 4)                 many alike
    exactly([0, inf, nan])     these numbers
    integers(0, 5, 3, 4)       int64, as an index is
    bools(3, 4)                a condition

Floats take the type that is being tried; `transposed` and `every_other` lay the same numbers out differently in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Draw:
    """An array to come: `make(rng)` gives its numbers, `dtype` their type (None: the float type being tried)."""

    text: str
    make: Callable
    dtype: str | None = None
    layout: Callable = lambda array: array

    def array(self, rng, dtype):
        return self.layout(np.array(self.make(rng), dtype=self.dtype or dtype))

    def __repr__(self):
        return self.text


def normal(*shape):
    return Draw(f"normal{shape}", lambda rng: rng.standard_normal(shape))


def away_from_zero(*shape):
    return Draw(f"away_from_zero{shape}", lambda rng: rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape))


def between(low, high, *shape):
    return Draw(f"between({low}, {high}){shape}", lambda rng: rng.uniform(low, high, shape))


def distinct(*shape):
    size = int(np.prod(shape))
    return Draw(f"distinct{shape}", lambda rng: rng.permutation(np.linspace(-1.9, 2, size)).reshape(shape))


def tied(*shape):
    return Draw(f"tied{shape}", lambda rng: rng.integers(-1, 2, shape))


def exactly(numbers, dtype=None):
    return Draw(f"{numbers}", lambda rng: numbers, dtype)


def integers(low, high, *shape, dtype="int64"):
    return Draw(f"integers({low}, {high}){shape}", lambda rng: rng.integers(low, high, shape), dtype)


def bools(*shape):
    return Draw(f"bools{shape}", lambda rng: rng.random(shape) < 0.5, "bool")


def transposed(draw):
    """The same, its first two axes exchanged: neighbours in a row are not neighbours in memory."""
    return replace(draw, text=f"{draw}, transposed", layout=lambda array: array.swapaxes(0, 1))


def every_other(draw):
    """Every second element along the last axis, back to front."""
    return replace(draw, text=f"{draw}, every other", layout=lambda array: array[..., ::-2])


@dataclass(frozen=True, eq=False)
class Case:
    """Inputs and options for an op. `corner`: why finite differences don't apply, or None where they do."""

    op: str
    why: str
    inputs: tuple
    options: dict = field(default_factory=dict)
    corner: str | None = None

    def drawn(self, seed, dtype="float32"):
        """Inputs and options from a seed, floats in the given type: (list of arrays and numbers, dict)."""
        rng = np.random.default_rng(seed)
        draws = dict.fromkeys(x for x in self.inputs if isinstance(x, Draw))
        arrays = {draw: draw.array(rng, dtype) for draw in draws}
        inputs = [arrays[x] if isinstance(x, Draw) else x for x in self.inputs]
        return inputs, {name: drawn(option, rng, dtype) for name, option in self.options.items()}

    def __str__(self):
        return f"{self.op}: {self.why}"


def drawn(option, rng, dtype):
    if isinstance(option, tuple):
        return tuple(drawn(part, rng, dtype) for part in option)
    return option.array(rng, dtype) if isinstance(option, Draw) else option


def case(op, why, *inputs, corner=None, **options):
    return Case(op, why, inputs, options, corner)
