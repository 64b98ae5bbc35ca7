"""Random numbers, drawn on the CPU, so that one seed gives the same numbers on every device."""

import contextlib
import random

import numpy as np

__all__ = ["Generator", "default_generator", "manual_seed", "seeded"]


class Generator:
    """A stream of random numbers with a seed of its own.

    `numpy` is the `np.random.Generator` that draws; `seed` is what it started from.
    """

    def __init__(self, seed=None):
        self.manual_seed(np.random.SeedSequence().entropy % 2**63 if seed is None else seed)

    def manual_seed(self, seed):
        """Start again from `seed`, an integer >= 0. Gives the generator itself, as PyTorch does."""
        if not isinstance(seed, (int, np.integer)) or seed < 0:
            raise ValueError(f"manual_seed wants an integer of at least 0, and got {seed!r}.")
        self.seed = int(seed)
        self.numpy = np.random.Generator(np.random.PCG64(self.seed))
        return self

    def get_state(self):
        """Where the stream stands now: a dict of numbers and strings, ready for a checkpoint."""
        return {"seed": self.seed, "stream": self.numpy.bit_generator.state}

    def set_state(self, state):
        """Go on from where `get_state` was called."""
        self.manual_seed(state["seed"])
        self.numpy.bit_generator.state = state["stream"]

    def __repr__(self):
        return f"Generator(seed={self.seed})"


default_generator = Generator()


def manual_seed(seed):
    """Make every random number from here on repeatable: weights, dropout masks, shuffles."""
    return default_generator.manual_seed(seed)


@contextlib.contextmanager
def seeded(seed):
    """Draw from `seed` inside the block; after it, all streams go on as if nothing had been drawn.

    Holds for the default generator, and for NumPy's and Python's own global ones, which a dataset of yours may use.
    """
    before = default_generator.seed, default_generator.numpy
    numpy_before, python_before = np.random.get_state(), random.getstate()
    try:
        manual_seed(seed)
        np.random.seed(seed % 2**32)
        random.seed(seed)
        yield
    finally:
        default_generator.seed, default_generator.numpy = before
        np.random.set_state(numpy_before)
        random.setstate(python_before)
