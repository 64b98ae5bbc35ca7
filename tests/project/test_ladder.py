"""The timed training steps of benchmarks/ladder.py, which lesson 11 shows."""

import json

import pytest

from benchmarks import ladder


@pytest.mark.parametrize("rung", ladder.RUNGS)
def test_every_rung_has_the_loss_and_the_gradients_of_the_library(rung):
    if ladder.missing(rung):
        pytest.skip(ladder.missing(rung))
    ladder.refuse_different(rung)


def test_a_rung_that_computes_something_else_is_refused(monkeypatch):
    def doubled(x, w, stride=1, padding=0):
        out, *gradients = ladder.convolution.conv2d(x, w)
        return 2 * out, *gradients

    monkeypatch.setitem(ladder.RUNGS, "doubled", lambda count: ladder.Ours(count, doubled))
    with pytest.raises(RuntimeError, match="doubled and the library differ"):
        ladder.refuse_different("doubled")


def test_the_stored_times_are_of_all_rungs_that_the_machine_had():
    rungs = json.loads(ladder.RESULT.read_text(encoding="utf-8"))["rungs"]

    assert [rung["name"] for rung in rungs] == list(ladder.RUNGS)
    assert all(len(rung["seconds"]) >= 3 or rung["missing"] == ladder.NO_DEVICE for rung in rungs)
