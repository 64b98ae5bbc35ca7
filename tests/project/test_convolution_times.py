"""The timed ways to convolve of benchmarks/convolution.py, which lesson 10 shows."""

import json

import numpy as np
import pytest

from benchmarks import convolution


@pytest.mark.parametrize("way", convolution.WAYS)
def test_every_way_computes_the_same(way):
    rng = np.random.default_rng(0)
    x, w = (rng.normal(size=shape).astype("float32") for shape in ((2, 3, 6, 5), (4, 3, 3, 3)))

    np.testing.assert_allclose(convolution.WAYS[way](x, w), convolution.pytorch(x, w), rtol=1e-4, atol=1e-5)


def test_the_stored_times_are_of_all_ways_in_all_layers():
    stored = json.loads(convolution.RESULT.read_text(encoding="utf-8"))

    assert [layer["name"] for layer in stored["layers"]] == list(convolution.LAYERS)
    assert all(list(layer["seconds"]) == list(convolution.WAYS) for layer in stored["layers"])
