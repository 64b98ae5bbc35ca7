"""Random programs, written by Hypothesis and run both here and in PyTorch: values and all gradients must agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.check import twin
from minigrad.check.compare import compare

torch = pytest.importorskip("torch")

SHAPES = [(2, 3), (3,), (1, 3), (2, 1), ()]

# Each keeps numbers small, so that in a program of any length rounding stays small too.
LINES = """
    x.tanh() | x.sigmoid() | x.relu() | -x | x * 0.5 | x + 1 | 1 - x | abs(x) | x.clamp(-1, 1) | (x * x + 1).log()
    (x * x + 1).sqrt() | (x.tanh() * 2).exp() / 4 | x / (x * x + 1) | x.detach() | x.clone() | x.sum() / x.numel()
    x.mean(-1, keepdim=True) | x.amax() | x.amin(0) | x.max(-1, keepdim=True).values | x.min(0).values | x.softmax(-1)
    x.log_softmax(0) | x.logsumexp(0) | x.transpose(0, -1) | x.flatten()[:3] | x[..., :1] | x[..., -1] | x[[0, 0]]
    x[None, ..., None].squeeze() | x.reshape(-1) | x.unsqueeze(-1)[..., 0] | x.expand(2, *x.shape).mean(0) | x[x > 0]
    T.stack([x, x * 2]).mean(0) | T.cat([x, x], -1) / 2 | x @ x.transpose(0, 1) / x.shape[1] | x.var() | x.std()
    (x + y) / 2 | x - y * 0.5 | x * y.tanh() | x / (y * y + 1) | T.maximum(x, y) | T.minimum(x, y) | x @ y / 3
    T.where(x > y, x, y * 0.5) | (x * x + 1) ** y.tanh() | T.stack([x, y]).sum(0) / 2 | T.cat([x, y])
    x.expand(y.shape) | x.sin() | x.cos() | x.erf() | x.tanh().expm1() | (x * x).log1p() | (x * x + 1).rsqrt()
    (x * x + 1).reciprocal() | x.tanh().prod() | x.tanh().prod(-1) | x.cumsum(-1) / 2 | x.clamp(y - 1, y + 1)
    x.clamp(max=y) | T.linalg.vector_norm(x, dim=-1) * 0.37
"""
LINES = [line.strip() for row in LINES.strip().splitlines() for line in row.split(" | ")]


@st.composite
def programs(draw, most):
    """Shapes of the leaves v0, v1, ..., and lines (code, x, y), each the next v, of earlier ones x and y."""
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    lines = []
    for i in range(draw(st.integers(1, most))):
        earlier = st.integers(0, len(shapes) + i - 1)
        lines.append((draw(st.sampled_from(LINES)), draw(earlier), draw(earlier)))
    return shapes, lines


def run(T, program, dtype="float64"):
    """All tensors of a program; those that cannot be made (shapes do not fit) are None."""
    shapes, lines = program
    rng = np.random.default_rng(len(lines))
    values = [T.tensor(rng.standard_normal(shape).astype(dtype)).requires_grad_() for shape in shapes]
    for code, x, y in lines:
        try:
            values.append(eval(code, {"T": T, "x": values[x], "y": values[y]}))
        except (RuntimeError, IndexError, AttributeError, TypeError):  # the last two where x or y is None
            values.append(None)
    return values


def total(values):
    """One number in which every tensor has a part."""
    return sum((value * value).sum() for value in values if value is not None and value.numel())


@settings(max_examples=100)
@given(programs(15))
def test_values_and_gradients_agree(program):
    ours, theirs = run(mg, program), run(torch, program)
    total(ours).backward()
    total(theirs).backward()

    for i, (x, y) in enumerate(zip(ours, theirs)):
        assert (x is None) == (y is None), f"v{i} can be made in one and not in the other"
        if x is not None:
            difference = compare(x.detach().numpy(), y.detach().numpy(), 1e-9, 1e-9)
            assert not difference, f"v{i}: {difference.said()}"
            if y.is_leaf and y.requires_grad:
                difference = compare(x.grad.numpy(), y.grad.numpy(), 1e-8, 1e-8)
                assert not difference, f"gradient of v{i}: {difference.said()}"


@settings(max_examples=15)
@given(programs(8))
def test_the_twin_of_any_program_agrees(program):
    report = twin(total(run(mg, program, "float32")))

    assert report.agrees, report


IN_PLACE = [
    *(
        "x.add_(y)",
        "x.sub_(y)",
        "x.mul_(y)",
        "x.mul_(0.5)",
        "x.add_(1)",
        "x.zero_()",
        "x.fill_(0.5)",
        "x.clamp_(-1, 1)",
    ),
    *("x.copy_(y)", "x.__setitem__((..., 0), 0.5)", "x.__setitem__(0, y)", "x.__setitem__((..., slice(1, None)), y)"),
]


@st.composite
def changing_programs(draw):
    """Programs of which some lines change an earlier tensor in place."""
    shapes, lines = draw(programs(8))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines)))
        earlier = st.integers(0, len(shapes) + place - 1)
        lines.insert(place, (draw(st.sampled_from(IN_PLACE)), draw(earlier), draw(earlier)))
    return shapes, lines


def run_both(program):
    """All tensors of a program, ours and PyTorch's. A change in place that we refuse is left out in both."""
    shapes, lines = program
    rng = np.random.default_rng(len(lines))
    arrays = [rng.standard_normal(shape) for shape in shapes]
    runs = [(T, [T.tensor(array).requires_grad_() for array in arrays]) for T in (mg, torch)]
    for code, x, y in lines:
        refused = False
        for T, values in runs:
            try:
                values.append(None if refused else eval(code, {"T": T, "x": values[x], "y": values[y]}))
            except (RuntimeError, IndexError, AttributeError, TypeError):
                refused = code in IN_PLACE
                values.append(None)
            if code in IN_PLACE:
                values[-1] = None  # x itself, which is there already
    return [values for _, values in runs]


def backward(values):
    """Whether it went through; it may not, where a value that was needed has been changed."""
    try:
        total(values).backward()
    except RuntimeError as error:
        assert "modified by an inplace" in str(error) or "overwritten in place" in str(error)
        return False
    return True


@settings(max_examples=80)
@given(changing_programs())
def test_changes_in_place_are_right_or_refused(program):
    ours, theirs = run_both(program)
    for i, (x, y) in enumerate(zip(ours, theirs)):
        if x is not None and y is not None:
            difference = compare(x.detach().numpy(), y.detach().numpy(), 1e-9, 1e-9)
            assert not difference, f"v{i}: {difference.said()}"

    if backward(ours) and backward(theirs):
        for i, (x, y) in enumerate(zip(ours, theirs)):
            if x is not None and y.is_leaf and y.requires_grad:
                difference = compare(x.grad.numpy(), y.grad.numpy(), 1e-8, 1e-8)
                assert not difference, f"gradient of v{i}: {difference.said()}"
