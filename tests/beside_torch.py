"""The same line of code, run here and in PyTorch: `same` compares what comes out, `same_error` what is raised.

In the code, T is minigrad or torch; x, y, ... are tensors made of the arrays given.
"""

import numpy as np
import pytest

import minigrad as mg
from minigrad.check.compare import compare

torch = pytest.importorskip("torch")


def same(code, **arrays):
    """Assert that values, shapes, types and gradients are PyTorch's; gives our result."""
    ours, leaves = evaluated(code, mg, arrays)
    theirs, their_leaves = evaluated(code, torch, arrays)
    mine, others = flat(ours), flat(theirs)
    assert len(mine) == len(others), code
    for x, y in zip(mine, others):
        assert_same(x, y, code)
    if backward(mine, mg) | backward(others, torch):
        for name in leaves:
            x, y = leaves[name].grad, their_leaves[name].grad
            assert (x is None) == (y is None), f"{code}: gradient of {name}"
            if x is not None:
                assert_same(x, y, f"{code}: gradient of {name}")
    return ours


def same_error(code, **arrays):
    """Assert that this raises here what it raises in PyTorch, and gives our exception."""
    with pytest.raises(Exception) as theirs:
        evaluated(code, torch, arrays)
    with pytest.raises(theirs.type) as ours:
        evaluated(code, mg, arrays)
    assert ours.type is theirs.type, f"{code}: {ours.type} here, {theirs.type} in PyTorch"
    return ours.value


def evaluated(code, T, arrays):
    leaves = {name: T.tensor(array) for name, array in arrays.items()}
    for leaf in leaves.values():
        if is_floating(leaf):
            leaf.requires_grad_()
    return eval(code, {"T": T, "np": np, **leaves}), leaves


def backward(outputs, T):
    """Send a gradient back from every output that takes one; whether there was any."""
    outputs = [x for x in outputs if getattr(x, "requires_grad", False)]
    rng = np.random.default_rng(0)
    total = 0
    for x in outputs:
        total = total + (x * T.tensor(rng.standard_normal(tuple(x.shape))).to(x.dtype)).sum()
    if outputs:
        total.backward()
    return bool(outputs)


def assert_same(x, y, code):
    if not hasattr(y, "detach"):
        assert (type(x), x) == (type(y), y) or (x != x and y != y), code
        return
    difference = compare(x.detach().numpy(), y.detach().numpy())
    assert not difference, f"{code}: {difference.said()}"


def flat(x):
    return [part for parts in x for part in flat(parts)] if isinstance(x, (tuple, list)) else [x]


def is_floating(x):
    return str(x.dtype).removeprefix("torch.").startswith("float")


def numbers(*shape, seed=0, dtype="float32"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
