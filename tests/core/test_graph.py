"""The engine: in which order gradients travel, what is kept for them, and when it is let go."""

import asyncio
import gc
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import minigrad as mg
from minigrad import graph, nn, ops, optim
from minigrad.check.cases import CASES
from minigrad.nn import functional as F
from minigrad.tensor import Tensor, apply

# ---- gradients travel ----


def test_a_tensor_used_twice_collects_both_gradients():
    a = mg.tensor(3.0, requires_grad=True)
    (a * a).backward()

    assert a.grad.item() == 6.0


def test_a_diamond_waits_for_both_sides():
    a = mg.tensor(2.0, requires_grad=True)
    b = a * 3
    (b * b + b).backward()  # 9a^2 + 3a

    assert a.grad.item() == 18 * 2 + 3


def test_gradients_of_two_backwards_add_up_until_they_are_cleared():
    a = mg.tensor(2.0, requires_grad=True)
    (a * 3).backward()
    (a * 4).backward()
    assert a.grad.item() == 7.0

    a.grad = None
    (a * 5).backward()
    assert a.grad.item() == 5.0


def test_sixty_doublings_are_sixty_steps_not_two_to_the_sixty():
    x = out = mg.tensor(1.0, requires_grad=True)
    for _ in range(60):
        out = out + out
    out.backward()

    assert x.grad.item() == 2.0**60


def test_only_what_leads_to_a_leaf_is_walked():
    a, constant = mg.tensor(2.0, requires_grad=True), mg.tensor(5.0)
    out = a * (constant * constant)

    assert constant not in graph.topological_order(out)
    assert len(graph.topological_order(out)) == 2


def test_backpropagate_yields_outputs_before_inputs_each_once_with_its_final_gradient():
    a = mg.tensor(2.0, requires_grad=True)
    b = a * 3
    c = b * b + b
    seen = [(tensor, float(g)) for tensor, g in graph.backpropagate(c, np.ones_like(c.data))]

    assert [t for t, _ in seen][0] is c and [t for t, _ in seen][-1] is a
    assert len({t for t, _ in seen}) == len(seen)
    assert dict(seen)[b] == 2 * 6 + 1
    assert dict(seen)[a] == 3 * 13
    assert a.grad is None  # collecting is what backward() does


@st.composite
def graphs(draw):
    """A graph of sums and products, wired at random; gives (leaves, root)."""
    leaves = [mg.tensor(1.5, requires_grad=True) for _ in range(draw(st.integers(1, 3)))]
    tensors = list(leaves)
    for _ in range(draw(st.integers(1, 12))):
        x, y = draw(st.sampled_from(tensors)), draw(st.sampled_from(tensors))
        tensors.append(x + y * 0.5 if draw(st.booleans()) else (x * y).tanh())
    return leaves, tensors[-1]


@given(graphs())
def test_in_any_graph_inputs_come_before_outputs(made):
    _, root = made
    order = graph.topological_order(root)
    place = {tensor: i for i, tensor in enumerate(order)}

    assert order[-1] is root
    assert len(place) == len(order)
    for tensor in order:
        for source in tensor.inputs:
            if isinstance(source, Tensor):
                assert place[source] < place[tensor]


shapes = st.sampled_from(
    [((3, 4), (4,)), ((3, 4), (1, 4)), ((3, 4), (3, 1)), ((3, 4), ()), ((2, 3, 4), (3, 1)), ((0, 4), (4,))]
)


@given(shapes.flatmap(lambda pair: st.tuples(*(arrays.arrays("f8", s, elements=st.integers(-9, 9)) for s in pair))))
def test_unbroadcast_is_the_transpose_of_broadcast(pair):
    g, x = pair

    assert np.sum(g * np.broadcast_to(x, g.shape)) == np.sum(graph.unbroadcast(g, x.shape) * x)


def test_every_leaf_has_a_gradient_of_its_own():
    x, y = mg.ones(3, requires_grad=True), mg.ones(3, requires_grad=True)
    start = mg.ones(3)
    (x + y).backward(start)
    x.grad.data[0] = 5
    (x * 1).sum().backward()

    assert y.grad.tolist() == [1.0, 1.0, 1.0]
    assert start.tolist() == [1.0, 1.0, 1.0]


def test_an_intermediate_keeps_its_gradient_only_if_asked():
    x = mg.ones(3, requires_grad=True)
    kept, not_kept = x * 2, x * 3
    kept.retain_grad()
    (kept + not_kept).sum().backward()

    assert kept.grad.tolist() == [1.0, 1.0, 1.0]
    assert not_kept.grad is None


# ---- what is recorded, is let go ----


def test_backward_lets_the_graph_go_but_the_op_can_still_be_read():
    x = mg.ones(3, requires_grad=True)
    y = x * 2
    out = y.sum()
    out.backward()

    assert (y.op, y.inputs, y.gradients) == (ops.mul, (), None)


def test_backward_a_second_time_says_what_to_do():
    out = (mg.ones(3, requires_grad=True) * 2).sum()
    out.backward()

    with pytest.raises(RuntimeError, match="retain_graph=True"):
        out.backward()


def test_a_retained_graph_gives_the_same_gradient_again():
    x = mg.tensor(3.0, requires_grad=True)
    out = x * x
    out.backward(retain_graph=True)
    out.backward()

    assert x.grad.item() == 12.0


def test_a_graph_let_go_in_part_is_refused_before_any_gradient_moves():
    x = mg.tensor(3.0, requires_grad=True)
    shared = x * x
    first, second = shared * 2, shared * 3 + x
    first.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        second.backward()

    assert x.grad.item() == 12.0


def chain(x, length):
    for _ in range(length):
        x = x * 1.0
    return x


def test_a_hundred_thousand_ops_do_not_recurse_out():
    x = mg.tensor(1.0, requires_grad=True)
    chain(x, 100_000).backward()

    assert x.grad.item() == 1.0


def test_a_long_chain_holds_no_memory_afterwards():
    x = mg.tensor(1.0, requires_grad=True)
    chain(x, 10).backward()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        out = chain(x, 20_000)
        held = tracemalloc.get_traced_memory()[0] - before
        out.backward()
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert kept < held / 50


def test_a_chain_that_is_never_used_can_be_dropped_without_recursing_out():
    out = chain(mg.tensor(1.0, requires_grad=True), 100_000)
    del out


@pytest.fixture
def no_collector():
    """Without the garbage collector, only what no cycle holds is freed."""
    gc.collect()
    gc.disable()
    gc.freeze()  # what was there before is not looked through again, so that a collection is quick
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_op_makes_a_reference_cycle(no_collector):
    for case in CASES:
        inputs, options = case.drawn(0)
        tensors = [mg.tensor(x) if isinstance(x, np.ndarray) else x for x in inputs]
        for x in tensors:
            if isinstance(x, Tensor) and x.dtype.kind == "f":
                x.requires_grad_()
        out = apply(getattr(ops, case.op), *tensors, **options)
        if out.requires_grad:
            out.sum().backward(retain_graph=True)
        del inputs, options, tensors, x, out
        assert gc.collect() == 0, case


def test_training_makes_no_reference_cycle(no_collector):
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 3)
    )
    optimizer = optim.Adam(model.parameters())
    for _ in range(2):
        optimizer.zero_grad()
        F.cross_entropy(model(mg.randn(4, 1, 8, 8)), mg.tensor([0, 1, 2, 0])).backward()
        optimizer.step()

    assert gc.collect() == 0


def test_arrays_are_freed_at_once_as_backward_passes_them(no_collector):
    x = mg.ones(1000, requires_grad=True)
    middle = x.exp()
    array = weakref.ref(middle.data)
    out = middle.sum()
    del middle
    assert array() is not None
    out.backward()

    assert array() is None


def test_what_never_needs_a_gradient_keeps_nothing(no_collector):
    x = mg.ones(1000)
    array = weakref.ref(x.data)
    out = x.exp().sum()
    del x

    assert array() is None
    assert out.inputs == () and out.op is None


# ---- recording ----


def test_no_grad_records_nothing_inside_and_everything_after():
    x = mg.ones(2, requires_grad=True)
    with mg.no_grad():
        inside = x * 2
        with mg.enable_grad():
            assert (x * 2).requires_grad
        assert not mg.is_grad_enabled()

    assert not inside.requires_grad
    assert (x * 2).requires_grad


def test_no_grad_ends_with_an_error_too():
    with pytest.raises(ZeroDivisionError), mg.no_grad():
        1 / 0  # noqa: B018

    assert mg.is_grad_enabled()


def test_no_grad_decorates_a_function_even_a_recursive_one():
    @mg.no_grad()
    def count(n):
        return [mg.is_grad_enabled()] + (count(n - 1) if n else [])

    assert count(3) == [False] * 4
    assert mg.is_grad_enabled()


def test_no_grad_in_one_thread_is_none_of_anothers_business():
    inside, done, seen = threading.Event(), threading.Event(), []

    def work():
        with mg.no_grad():
            inside.set()
            done.wait(10)
            seen.append(mg.is_grad_enabled())

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(10)
    seen.append(mg.is_grad_enabled())
    done.set()
    thread.join()

    assert seen == [True, False]


def test_no_grad_switched_by_many_threads_is_never_seen_wrong():
    wrong, stop = [], time.monotonic() + 0.3

    def work(recording):
        while time.monotonic() < stop:
            with mg.enable_grad() if recording else mg.no_grad():
                if mg.is_grad_enabled() != recording:
                    wrong.append(recording)

    threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert mg.is_grad_enabled()


def test_no_grad_in_one_task_is_none_of_anothers_business():
    seen = []

    async def recording():
        for _ in range(3):
            seen.append(mg.is_grad_enabled())
            await asyncio.sleep(0)

    async def not_recording():
        with mg.no_grad():
            for _ in range(3):
                seen.append(not mg.is_grad_enabled())
                await asyncio.sleep(0)

    async def both():
        await asyncio.gather(not_recording(), recording())

    asyncio.run(both())
    assert seen == [True] * 6


def test_two_threads_train_at_the_same_time_as_if_alone():
    def trained(seed):
        w = mg.tensor(np.random.default_rng(seed).standard_normal((8, 3, 3, 3)).astype("f4"), requires_grad=True)
        x = mg.tensor(np.random.default_rng(seed + 9).standard_normal((4, 3, 8, 8)).astype("f4"))
        for _ in range(10):
            F.conv2d(x, w).relu().mean().backward()
            with mg.no_grad():
                w -= w.grad
            w.grad = None
        return w.data

    expected, found = [trained(seed) for seed in range(2)], [None] * 2

    def work(i):
        found[i] = trained(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for x, y in zip(found, expected):
        np.testing.assert_allclose(x, y, rtol=1e-5)


def test_an_op_is_looked_up_when_it_is_called(monkeypatch):
    def mul(x, y):
        return x * y, lambda g: g * 0 + 42, lambda g: g * 0

    monkeypatch.setattr(ops, "mul", mul)
    x = mg.tensor(3.0, requires_grad=True)
    out = x * 2
    assert out.op is mul
    out.backward()

    assert x.grad.item() == 42.0


def test_gradient_functions_that_nobody_needs_are_not_called():
    called = []

    def op(x, y):
        return x * y, lambda g: called.append("x") or g * y, lambda g: called.append("y") or g * x

    apply(op, mg.ones(2, requires_grad=True), mg.ones(2)).sum().backward()

    assert called == ["x"]


@pytest.mark.parametrize(
    ("gradient", "said"),
    [
        (lambda g: None, "an input of shape \\(2, 3\\) came out as a NoneType"),
        (lambda g: 1.0, "came out as a float"),
        (lambda g: np.ones(3), "came out with shape \\(3,\\)"),
        (lambda g: np.ones((3, 2)), "came out with shape \\(3, 2\\)"),
    ],
)
def test_a_gradient_that_cannot_be_the_inputs_is_named_with_its_op(gradient, said):
    def double(x):
        return 2 * x, gradient

    with pytest.raises(RuntimeError, match=f"double: the gradient for {said}" if "an input" in said else said):
        apply(double, mg.ones(2, 3, requires_grad=True)).sum().backward()
