"""Random numbers: a seed gives the same ones again, and a stream can be saved, or set aside for a while."""

import json
import random

import numpy as np
import pytest

import minigrad as mg
from minigrad.random import seeded


def draws():
    """A few numbers from each stream that is shared by all: ours, NumPy's, Python's."""
    return mg.rand(3).tolist(), np.random.rand(3).tolist(), [random.random() for _ in range(3)]


def test_the_same_seed_gives_the_same_numbers():
    assert mg.Generator(5).numpy.random() == mg.Generator(5).numpy.random() != mg.Generator(6).numpy.random()


def test_generators_made_without_a_seed_differ():
    assert mg.Generator().seed != mg.Generator().seed


def test_seeding_a_generator_gives_the_generator():
    assert repr(mg.Generator().manual_seed(7)) == "Generator(seed=7)"


def test_a_saved_stream_goes_on_where_it_was_saved():
    generator, other = mg.Generator(1), mg.Generator(2)
    generator.numpy.random(10)
    state = json.loads(json.dumps(generator.get_state()))  # as through a checkpoint
    other.set_state(state)

    assert other.numpy.random() == generator.numpy.random()
    assert other.seed == 1


@pytest.mark.parametrize("seed", [-1, 0.5, "seven"])
def test_a_seed_is_a_whole_number_from_0(seed):
    with pytest.raises(ValueError, match="integer of at least 0"):
        mg.manual_seed(seed)


def test_inside_a_seeded_block_every_stream_starts_from_the_seed():
    with seeded(2**63):
        once = draws()
    with seeded(2**63):
        assert draws() == once
    with seeded(2**63 + 1):
        assert all(a != b for a, b in zip(draws(), once, strict=True))


def test_after_a_seeded_block_every_stream_goes_on_as_if_nothing_had_been_drawn():
    def draws_with(block):
        mg.manual_seed(3), np.random.seed(3), random.seed(3)
        block()
        return draws()

    def block():
        with pytest.raises(ZeroDivisionError), seeded(9):
            draws()
            1 / 0  # noqa: B018

    assert draws_with(block) == draws_with(lambda: None)
