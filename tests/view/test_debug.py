"""The debugger shows what ran: its numbers are those in `.grad`, and every += on the way to them."""

import json
import time

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import autograd, nn
from minigrad.models import CNN
from minigrad.study import keep, my_parts, using
from minigrad.view import debug, explore
from minigrad.view.debug import Graph
from minigrad.view.names import Names
from minigrad.view.nodes import nodes
from minigrad.view.record import exact


def leaf(x):
    return mg.tensor(x, requires_grad=True)


def program(seed):
    """A random computation on numbers and on tensors that are stretched, reduced and reused: (leaves, loss)."""
    rng = np.random.default_rng(seed)
    shapes = [(), (3,), (2, 1), (2, 3)]
    leaves = [leaf(rng.uniform(0.5, 1.5, shapes[i % 4]).astype("f4")) for i in range(4)]
    pool = list(leaves)
    for _ in range(int(rng.integers(3, 15))):
        x, y = (pool[i] for i in rng.integers(0, len(pool), 2))
        pool.append([x + y, x - y, x * y, x.tanh(), x.exp().log(), x.relu() * 2, x * x, -x][rng.integers(8)])
    return leaves, sum((x.sum() for x in pool[1:]), pool[0].sum())


def run_of(loss, **names):
    names = Names(names)
    return Graph(loss, nodes(loss, names, {}), names.kinds).run


def shown(run, name):
    """The step at which the gradient of the tensor of this name is final."""
    (number,) = [place for place, node in enumerate(run["nodes"]) if node["name"] == name]
    (step,) = [step for step in run["steps"] if step["node"] == number]
    return step


@pytest.mark.parametrize("seed", range(50))
def test_what_is_shown_is_what_backward_leaves_in_grad(seed):
    leaves, loss = program(seed)
    run = run_of(loss, **{f"leaf{i}": x for i, x in enumerate(leaves)})
    assert all(x.grad is None for x in leaves)
    loss.backward()

    for i, x in enumerate(leaves):
        step, text = shown(run, f"leaf{i}"), exact_or_spread(x.grad.numpy())
        assert said(step["grad"]) == text
        assert step["keeps"]["after"] == step["grad"]["text"]


@pytest.mark.parametrize("seed", range(50))
def test_the_ledger_adds_up_to_the_gradient_and_misses_nobody(seed):
    _, loss = program(seed)
    run = run_of(loss)
    ledger = {}
    for step in run["steps"]:
        arrived = ledger.get(step["node"], [])
        assert [sent["count"] for sent in arrived] == list(range(1, len(arrived) + 1))
        assert all(sent["of"] == len(arrived) for sent in arrived)
        if arrived:
            assert arrived[-1]["total"] == step["grad"]
        for sent in step["sends"]:
            ledger.setdefault(sent["to"], []).append(sent)


def exact_or_spread(array):
    return exact(array.item()) if array.size == 1 else array_said(array)


def array_said(array):
    from minigrad.view.record import numbers_of

    return said(numbers_of(array))


def said(numbers):
    return numbers.get("statistics") or numbers["text"]


def test_each_step_is_given_with_its_rule_and_the_numbers_in_it():
    w, x = leaf(3.0), leaf(-2.0)
    run = run_of(w * x, w=w, x=x)

    assert run["nodes"][2]["made"] == "mul(w, x) = 3 * (-2)"
    to_w, to_x = run["steps"][0]["sends"]
    assert (to_w["formula"], to_w["filled"], to_w["adds"]["text"]) == ("g * y", "1 * (-2)", "-2")
    assert (to_x["formula"], to_x["filled"], to_x["adds"]["text"]) == ("g * x", "1 * 3", "3")


def test_a_tensor_used_twice_waits_for_both():
    c = leaf(6.0)
    sends = run_of(c * c, c=c)["steps"][0]["sends"]

    assert [(sent["count"], sent["of"], sent["total"]["text"]) for sent in sends] == [(1, 2, "6"), (2, 2, "12")]


def test_what_was_stretched_is_said_to_be_summed():
    b = leaf([1.0, 2.0, 3.0])
    run = run_of((mg.ones(4, 3) * b).sum(), b=b)

    assert run["steps"][1]["sends"][0]["summed"] == "(4, 3) summed to (3,)"


def test_what_was_in_grad_before_is_added_to():
    x = leaf(1.0)
    (5 * x).backward()
    step = shown(run_of(7 * x, x=x), "x")

    assert step["keeps"] == {"before": "5", "after": "12"} and x.grad.item() == 5


def test_tensors_are_shown_as_statistics_and_a_strip_of_colours():
    x = leaf(np.linspace(-2, 1, 100, dtype="f4"))
    said = run_of((x * x).sum(), x=x)["nodes"][0]["value"]

    assert said["statistics"]["smallest"] == "-2" and said["statistics"]["largest"] == "1"
    assert said["strip"][0] == -100 and max(said["strip"]) <= 50 and len(said["strip"]) <= 48


def test_nan_is_not_hidden():
    x = leaf([0.0, 4.0])
    run = run_of(mg.where(x > 0, x.sqrt(), 0.0).sum(), x=x)

    assert shown(run, "x")["grad"]["odd"] == "1 of 2 are nan or infinite"
    json.dumps(run, allow_nan=False)


def test_ops_that_run_on_your_own_parts_are_marked_and_shown_as_you_wrote_them():
    def mul(x, y):
        return x * y, lambda g: 1 * g * y, lambda g: g * x

    w, x = leaf(3.0), leaf(2.0)
    with using(mul):
        run = run_of(w * x, w=w, x=x)

    assert run["nodes"][2]["yours"] == "mul" and "1 * g * y" in run["sources"]["mul"]
    assert run["steps"][0]["sends"][0]["formula"] == "1 * g * y"
    assert run_of(w * x)["nodes"][2]["yours"] == ""


def test_kept_parts_are_shown_as_they_were_written_and_own_functions_too(monkeypatch):
    source = "def mul(x, y):\n    return x * y, lambda g: g * y * 1, lambda g: g * x\n"
    monkeypatch.setattr(keep, "parts", lambda: {"04_backprop/mul": source})
    x = leaf(3.0)
    with using(my_parts()):
        assert run_of(x * x)["sources"]["mul"] == source.rstrip()

    class Cube(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    run = run_of(Cube.apply(x))
    assert "return g * 3 * x**2" in run["sources"]["Cube"] and run["steps"][0]["sends"][0]["adds"]["text"] == "27"


def test_the_twin_marks_what_differs_from_pytorch_and_puts_the_first_first():
    def mul(x, y):
        return x * y, lambda g: g * x, lambda g: g * y

    w, x = leaf(3.0), leaf(2.0)
    with using(mul):
        widget = debug((w * x).tanh(), twin=True, w=w, x=x)

    first = widget.run["differences"][0]
    assert widget.run["nodes"][first["node"]]["name"] in ("w", "x")
    assert first["said"].startswith("The gradient, put together by mul (")
    assert debug(w * x, twin=True).run["differences"] == []


def test_debugging_changes_nothing_and_can_be_followed_by_backward():
    x = leaf(3.0)
    y = x * x
    debug(y)

    assert x.grad is None
    y.backward()
    assert x.grad.item() == 6


def test_elsewhere_than_in_the_lab_there_are_a_picture_and_words():
    w, x = leaf(3.0), leaf(2.0)
    product = w * x
    data, _ = debug(product)._repr_mimebundle_()

    assert data["text/html"].startswith("<img alt=")
    assert "product  ()     6      1         mul(w, x)" in data["text/plain"]
    assert "1  product: gradient 1;  mul sends  w += 2,  x += 3" in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_cnn_is_folded_by_module_and_opens():
    model, images = CNN(), mg.randn(4, 3, 32, 32)
    loss = nn.functional.cross_entropy(model(images), mg.tensor([0, 1, 2, 3]))
    widget = debug(loss, model=model, images=images)
    keys = {card["key"] for card in widget.scene["cards"]}
    assert set(widget.closed) <= keys and len(widget.closed) >= 4

    widget.closed = widget.closed[1:]
    assert len(widget.scene["frames"]) == 1
    numbers = {number for card in widget.scene["cards"] for number in card["nodes"]}
    assert numbers == set(range(len(widget.run["nodes"])))


def test_the_gradients_of_the_cnn_are_pytorchs():
    mg.manual_seed(0)
    model = CNN().eval()
    images, labels = mg.randn(4, 3, 32, 32), mg.tensor([0, 1, 2, 3])
    run = run_of(nn.functional.cross_entropy(model(images), labels), **dict(model.named_parameters()))

    theirs = [torch.tensor(p.numpy(), requires_grad=True) for p in (q.detach() for q in model.parameters())]
    w1, b1, w2, b2, w3, b3, w4, b4 = theirs
    f = torch.nn.functional
    x = f.relu(f.conv2d(f.relu(f.conv2d(torch.tensor(images.numpy()), w1, b1)), w2, b2))
    x = f.relu(f.linear(f.max_pool2d(x, 2).flatten(1), w3, b3))
    f.cross_entropy(f.linear(x, w4, b4), torch.tensor(labels.numpy())).backward()
    for (name, _), their in zip(model.named_parameters(), theirs):
        statistics = shown(run, name)["grad"]["statistics"]
        assert float(statistics["largest"]) == pytest.approx(their.grad.max().item(), rel=0.01)
        assert float(statistics["smallest"]) == pytest.approx(their.grad.min().item(), rel=0.01)


@pytest.mark.parametrize("thing", [3.0, np.ones(2), None])
def test_only_tensors_are_debugged(thing):
    with pytest.raises(TypeError, match="debug is for minigrad's tensors, and it got"):
        debug(thing)


def test_a_graph_that_was_let_go_and_a_loss_of_many_numbers_are_refused():
    y = leaf(3.0) * 2
    y.backward()
    with pytest.raises(RuntimeError, match=r"debug: backward\(\) has let go .* Debug before backward\(\)"):
        debug(y)
    with pytest.raises(RuntimeError, match=r"debug: gradients are those of one number.*\.mean\(\) or \.sum\(\)"):
        debug(leaf([1.0, 2.0]) * 2)


# Explore


def power(x, n, loud=False):
    y = x
    for _ in range(n - 1):
        y = y * x
    return y.exp() if loud else y


def ops(widget):
    return [node["op"] for node in widget.run["nodes"] if node["op"]]


def test_the_graph_is_rebuilt_as_the_code_runs():
    widget = explore(power, x=2.0, n=3)
    assert ops(widget) == ["mul", "mul"] and widget.run["nodes"][-1]["value"]["text"] == "8"

    widget.values = [3.0, 2, True]
    assert ops(widget) == ["mul", "exp"] and widget.run["nodes"][0]["name"] == "x"


def test_arguments_become_sliders_switches_and_choices():
    def f(x, y, n, how, loud=True, data=None):
        return {"add": x + y, "mul": x * y}[how] * n

    widget = explore(f, x=2.0, y=(-1.0, 3.0), n=(1, 5), how=["add", "mul"], data=mg.ones(2))

    assert [(c["name"], c["kind"]) for c in widget.controls] == [
        ("x", "slider"),
        ("y", "slider"),
        ("n", "whole"),
        ("how", "choice"),
        ("loud", "switch"),
    ]
    assert widget.values == [2.0, 1.0, 3, 0, True]
    assert widget.run["nodes"][-1]["value"]["text"] == "9"
    widget.values = [2.0, 1.0, 3, 1, True]
    assert widget.run["nodes"][-1]["value"]["text"] == "6"


def test_a_graph_that_gets_long_is_folded_and_what_was_opened_stays_open():
    widget = explore(power, x=2.0, n=(1, 80))
    (chain,) = widget.closed
    assert len(widget.scene["cards"]) == 3

    widget.closed = []
    widget.values = [2.0, 50, False]
    assert chain not in widget.closed and len(widget.scene["cards"]) == 50
    widget.values = [2.0, 3, False]
    widget.values = [2.0, 50, False]
    assert widget.closed == [chain]


def test_what_the_function_raises_is_shown_and_the_last_graph_stays():
    def f(n):
        return [leaf(1.0) * 2, leaf(2.0) * 3][n]

    widget = explore(f, n=1)
    widget.values = [2]
    assert widget.problem == "IndexError: list index out of range" and ops(widget) == ["mul"]
    widget.values = [0]
    assert widget.problem == ""


def test_arguments_that_do_not_fit_are_refused():
    with pytest.raises(TypeError, match="power has no argument 'z'; it has x, n, loud"):
        explore(power, z=1)
    with pytest.raises(TypeError, match="power needs 'n' too"):
        explore(power, x=2.0)
    with pytest.raises(ValueError, match="from a smaller number to a larger one"):
        explore(power, x=(2.0, 1.0), n=2)
    with pytest.raises(TypeError, match="should return a tensor, and returned a float"):
        explore(lambda x: 3.0, x=2.0)


def test_a_hundred_tensors_are_rebuilt_in_a_tenth_of_a_second():
    def f(x, n):
        y = x
        for _ in range(n):
            y = (y * x).tanh() + x.relu()
        return y

    widget = explore(f, x=0.5, n=3)
    times = []
    for x in (0.1, 0.2, 0.3, 0.4):
        start = time.process_time()
        widget.values = [x, 25]
        times.append(time.process_time() - start)

    assert len(widget.run["nodes"]) == 101 and min(times) < 0.1
