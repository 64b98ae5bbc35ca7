"""Trying a function on a case: what it gives, or how it fails. Whatever it does, `tried` comes back."""

import copy
from dataclasses import dataclass

import numpy as np

from . import run
from .difference import difference, settled
from .guard import SECONDS, ran


@dataclass
class Tried:
    """What came of trying a function on a case: what was `seen`, pairs of name and value, or the `error` it raised.

    line      the learner's line at which it raised
    printed   their lines that print
    changed   the input that was written into, or ""
    """

    seen: list
    error: BaseException | None = None
    line: str = ""
    printed: tuple = ()
    changed: str = ""

    def same(self, other):
        """Whether two functions did the same: raised the same error, or gave equal things."""
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error) and str(self.error) == str(other.error)
        if self.changed != other.changed or len(self.seen) != len(other.seen):
            return False
        return not any(difference(mine, theirs) for (_, mine), (_, theirs) in zip(self.seen, other.seen))


def tried(runner, labels, function, case, seed, seconds=SECONDS):
    """What `function` does on a case, run by `runner`: whatever it does, this returns. `labels`: its inputs' names."""
    inputs, options = run.drawn(case, seed)
    plain = {name: x for name, x in zip(labels, inputs) if isinstance(x, np.ndarray | list)}
    before = copy.deepcopy(plain)
    freeze([inputs, list(options.values())])
    seen = []

    def look():
        seen.extend((name, settled(value)) for name, value in runner(function, inputs, options, seed))

    with np.errstate(all="ignore"):
        result = ran(look, function, seconds)
    changed = next((name for name, x in plain.items() if difference(settled(x), settled(before[name]))), "")
    return Tried(seen, result.error, result.line, tuple(result.printed), changed)


def freeze(x):
    """Close every array in x for writing, so that who writes into it is stopped at the line that does."""
    if isinstance(x, np.ndarray):
        x.setflags(write=False)
    elif isinstance(x, list | tuple):
        for part in x:
            freeze(part)
