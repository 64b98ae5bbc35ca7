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

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Draw:
    """An array to come: `make(rng, shape)` gives its numbers, `dtype` their type (None: the float type being tried).

    shape: None where the numbers are given, and their shape with them
    """

    text: str
    make: Callable
    shape: tuple | None = None
    dtype: str | None = None
    layout: Callable = lambda array: array

    def array(self, rng, dtype):
        return self.layout(np.array(self.make(rng, self.shape), dtype=self.dtype or dtype))

    def __repr__(self):
        return self.text if self.shape is None else self.text.replace("SHAPE", f"{self.shape}")


def normal(*shape):
    return Draw("normalSHAPE", lambda rng, shape: rng.standard_normal(shape), shape)


def away_from_zero(*shape):
    make = lambda rng, shape: rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
    return Draw("away_from_zeroSHAPE", make, shape)


def between(low, high, *shape):
    return Draw(f"between({low}, {high})SHAPE", lambda rng, shape: rng.uniform(low, high, shape), shape)


def distinct(*shape):
    make = lambda rng, shape: rng.permutation(np.linspace(-1.9, 2, int(np.prod(shape)))).reshape(shape)
    return Draw("distinctSHAPE", make, shape)


def tied(*shape):
    return Draw("tiedSHAPE", lambda rng, shape: rng.integers(-1, 2, shape), shape)


def exactly(numbers, dtype=None):
    return Draw(f"{numbers}", lambda rng, shape: numbers, dtype=dtype)


def integers(low, high, *shape, dtype="int64"):
    return Draw(f"integers({low}, {high})SHAPE", lambda rng, shape: rng.integers(low, high, shape), shape, dtype)


def bools(*shape):
    return Draw("boolsSHAPE", lambda rng, shape: rng.random(shape) < 0.5, shape, "bool")


def transposed(draw):
    """The same, its first two axes exchanged: neighbours in a row are not neighbours in memory."""
    return replace(draw, text=f"{draw.text}, transposed", layout=lambda array: array.swapaxes(0, 1))


def every_other(draw):
    """Every second element along the last axis, back to front."""
    return replace(draw, text=f"{draw.text}, every other", layout=lambda array: array[..., ::-2])


@dataclass(frozen=True, eq=False)
class Case:
    """Inputs and options for an op. `corner`: why finite differences don't apply, or None where they do.

    dtype, tolerance: the type of an exercise's floats, and (relative, absolute) how far off an answer may be;
    None: what is usual for the type
    """

    op: str
    why: str
    inputs: tuple
    options: dict = field(default_factory=dict)
    corner: str | None = None
    dtype: str = "float32"
    tolerance: tuple | None = None

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


def upstream(value, seed):
    """A random gradient to arrive at `value`."""
    g = np.random.default_rng([seed, 1]).standard_normal(tuple(value.shape))
    dtype = str(value.dtype).removeprefix("torch.")
    return np.asarray(g, dtype if dtype.startswith("float") else "float32")


def names(op, inputs):
    """The names of the op's tensor inputs: x, y, or xs[0], xs[1] where it takes any number."""
    given = [p for p in inspect.signature(op).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    if given and given[0].kind is given[0].VAR_POSITIONAL:
        return [f"{given[0].name}[{i}]" for i in range(len(inputs))]
    return [p.name for p in given]


def resized(case, rng):
    """The case with arrays of other sizes: a new one for each size above 1, the same wherever that stands."""
    new, made = {}, {}

    def other(size):
        if size > 1 and size not in new:
            new[size] = int(rng.choice([n for n in range(2, 8) if n not in (size, *new.values())]))
        return new.get(size, size)

    def of(x):
        if isinstance(x, tuple | list):
            return type(x)(map(of, x))
        if not isinstance(x, Draw) or x.shape is None:
            return x
        if x not in made:
            made[x] = replace(x, shape=tuple(map(other, x.shape)))
        return made[x]

    return replace(case, inputs=of(case.inputs), options={name: of(option) for name, option in case.options.items()})


def exacting(case):
    """The case in float64, where all digits but the last few must be right: slopes found by trying are not."""
    return replace(case, dtype="float64", tolerance=(1e-11, 1e-12))
