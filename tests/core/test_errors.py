"""What a wrong call raises: PyTorch's type, and a sentence that says who, what it wanted, what it got, what to try."""

import pytest
from beside_torch import numbers, same_error

import minigrad as mg
from minigrad.nn import functional as F

X, Y = numbers(2, 3, 4), numbers(4, seed=1)

WRONG = """
    x + T.ones(5) | x * T.ones(2, 3) | x @ x | x @ T.ones(3) | T.ones(2) @ T.ones(3) | T.tensor(1.0) @ x | x @ None
    x.sum(3) | x.sum(-4) | x.sum((0, 0)) | x.max(3) | x.softmax(3) | x.argmax(7) | x.amax((1, 1)) | x + None | x < "a"
    x.reshape(5, 5) | x.reshape(-1, 7) | x.reshape(-1, -1) | x.view(5) | x.mT.view(-1) | x.permute(0, 1) | x.t()
    x.permute(0, 0, 1) | x.permute(0, 1, 3) | x.transpose(0, 3) | x.flatten(2, 1) | x.unsqueeze(4) | x.squeeze(3)
    x.expand(2, 3) | x.expand(2, 3, 5) | x.expand(-1, 2, 3, 4) | T.cat([]) | T.cat([x, y]) | T.cat([x, x], 3)
    T.cat(x) | T.stack([]) | T.stack([x, y]) | T.stack([x, x], 4) | T.where(x, x, x) | x.clamp() | x.item() | bool(x)
    len(x.sum()) | x.backward() | x.sum().detach().backward() | x.sum().backward(T.ones(2)) | x.numpy()
    (x * 2).requires_grad_(False) | x.add_(1) | x.__setitem__(0, 1) | x.detach().long().add_(1.5)
    x.detach().add_(T.ones(5, 2, 3, 4)) | x.long().mean() | T.ones(0).max() | T.ones(0, 3).max(0) | T.ones(0).argmax()
    T.ones(2, 0).amax(1) | -(x > 0) | ~x | (x > 0) - (x > 0) | x.nosuch | T.relu(x > 0) | [i for i in x.sum()]
    x.to("nowhere") | T.ones(2).long() & T.ones(3)
"""


@pytest.mark.parametrize("code", [code.strip() for line in WRONG.strip().splitlines() for code in line.split(" | ")])
def test_a_wrong_call_raises_what_pytorch_raises(code):
    same_error(code, x=X, y=Y)


SAID = {
    "x @ x": "matmul: the last axis of x (4) must equal the second-to-last axis of y (3); got shapes (2, 3, 4) and ",
    "T.ones(2, 3) @ T.ones(4, 3)": "Did you mean y.T?",
    "T.ones(2, 3) @ T.ones(2, 4)": "Did you mean x.T?",
    "x + T.ones(5)": "add: shapes (2, 3, 4) and (5,) do not broadcast.",
    "x.backward()": "Reduce it first, with .mean() or .sum().",
    "bool(x)": "Say which is meant: .any() or .all().",
    "x.numpy()": "Say .detach().numpy().",
    "x.mT.view(-1)": "Use .reshape(...).",
    "x.long().mean()": "Try .float().mean().",
    "x.sum(3)": "a tensor of 3 axes has dims from -3 to 2",
    "x.t()": ".transpose(dim0, dim1)",
    "x.add_(1)": "with mg.no_grad():",
    "T.where(x, x, x)": "such as x > 0",
}


@pytest.mark.parametrize("code", SAID)
def test_it_says_what_to_try(code):
    assert SAID[code] in str(same_error(code, x=X))


def test_a_layer_names_the_sizes_that_do_not_fit():
    with pytest.raises(
        RuntimeError, match=r"linear: the last axis of x \(5\) must equal the last axis of the weight \(4\)"
    ):
        F.linear(mg.ones(2, 5), mg.ones(3, 4))


def test_the_error_is_ours_alone_without_numpys_behind_it():
    error = same_error("x + T.ones(5)", x=X)

    assert error.__cause__ is None and error.__suppress_context__
