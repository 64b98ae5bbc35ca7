"""The library on a learner's own functions."""

import json
import sys
import types

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, ops, optim
from minigrad.__main__ import COMMANDS, main
from minigrad.grade.proof import standing_alone
from minigrad.models import CNN
from minigrad.study import chapters, keep
from minigrad.study.check import named
from minigrad.study.parts import PartWarning, my_parts, using


def product_and_gradient():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    out = (x * x).sum()
    out.backward()
    return out.item(), x.grad.tolist()


def test_inside_the_block_the_library_runs_on_the_part_and_after_it_on_its_own():
    calls = []

    def mul(x, y):
        calls.append((x, y))
        return x * y, lambda g: g * y, lambda g: g * x

    with using(mul):
        assert product_and_gradient() == (5.0, [2.0, 4.0])
    assert len(calls) == 1
    product_and_gradient()
    assert len(calls) == 1


def test_the_librarys_own_is_back_after_an_error():
    own = ops.mul
    with pytest.raises(KeyError), using(named("mul")[-1].reference):
        raise KeyError

    assert ops.mul is own


@pytest.mark.parametrize(
    "answer, complaint",
    [
        (lambda x, y: 1 / 0, "raised ZeroDivisionError at line"),
        (lambda x, y: (x.sum(), lambda g: g, lambda g: g), "gave .* where .* belongs"),
        (lambda x, y: (x * y, lambda g: g * y, lambda g: 1 / 0), "raised ZeroDivisionError in a gradient, at line"),
        (lambda x, y: (x * y, lambda g: g * y, lambda g: g.sum()), r"gave a gradient of shape \(\) for an input"),
    ],
)
def test_a_part_that_fails_is_named_and_the_librarys_own_takes_its_place(answer, complaint):
    answer.__name__ = "mul"
    with pytest.warns(PartWarning, match=f"your mul .04_backprop. {complaint}"), using(answer):
        assert product_and_gradient() == (5.0, [2.0, 4.0])


@pytest.mark.parametrize("where", ["__init__", "update"])
def test_a_class_that_fails_is_named_and_the_methods_of_the_librarys_own_take_their_places(where):
    class RMSprop(optim.Optimizer):
        def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8):
            super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps})
            if where == "__init__":
                raise ValueError

        def update(self, p, g, state, lr, alpha, eps):
            raise ValueError

    def two_steps():
        w = mg.tensor([3.0, -1.0], requires_grad=True)
        optimizer = optim.RMSprop((p for p in [w]), lr=0.1)
        for _ in range(2):
            w.grad = mg.tensor([1.0, -2.0])
            optimizer.step()
        return w.tolist()

    own = two_steps()
    with pytest.warns(PartWarning, match="your RMSprop .06_optimizers. raised ValueError at line"), using(RMSprop):
        assert two_steps() == own


def test_a_function_without_a_place_in_the_library_is_refused():
    def nothing_known():
        pass

    with pytest.raises(LookupError, match="no place for 'nothing_known'"), using(nothing_known):
        pass


def test_my_parts_leaves_out_what_no_longer_runs_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIGRAD_PROGRESS", str(tmp_path))
    mul = named("mul")[-1]
    keep.keep_part(mul, "import no_such_package\n")

    with pytest.warns(PartWarning, match="your mul .* does not run any more"):
        assert my_parts() == {}
    keep.keep_part(mul, mul.source)
    assert list(my_parts()) == [mul.key]


def test_a_command_runs_on_the_parts_when_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MINIGRAD_PROGRESS", str(tmp_path))
    mul = named("mul")[-1]
    keep.keep_part(mul, mul.source)
    seen = []
    command = types.SimpleNamespace(main=lambda words: seen.append((words, ops.mul.exercise.key)) or 0)
    monkeypatch.setitem(sys.modules, "minigrad.trial", command)
    monkeypatch.setitem(COMMANDS, "trial", ("minigrad.trial", "try it"))

    assert main(["trial", "--parts", "--seed", "3"]) == 0
    assert seen == [(["--seed", "3"], mul.key)]
    assert "1 of" in capsys.readouterr().out and not hasattr(ops.mul, "exercise")


def test_all_references_as_parts_train_as_the_library_does():
    """The small network of the exercises, ten steps: the same losses to rounding."""

    def losses():
        x = mg.linspace(-2, 2, 40).reshape(40, 1)
        w, v = mg.linspace(-1, 1, 8).reshape(1, 8).requires_grad_(), mg.full((8, 1), 0.3, requires_grad=True)
        found = []
        for _ in range(10):
            loss = (((x @ w).tanh() @ v - x.sin()) ** 2).sum()
            loss.backward()
            found.append(loss.item())
            with mg.no_grad():
                for weight in (w, v):
                    weight -= 0.005 * weight.grad
                    weight.grad = None
        return found

    own = losses()
    with using({e.key: e.reference for e in chapters.exercises() if e.part}):
        assert losses() == pytest.approx(own, rel=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda params: optim.SGD(params, lr=0.1),
        lambda params: optim.SGD(params, lr=0.1, momentum=0.9),
        lambda params: optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
        lambda params: optim.SGD(params, lr=0.1, momentum=0.9, dampening=0.5),
        lambda params: optim.RMSprop(params, lr=0.1),
        lambda params: optim.RMSprop(params, lr=0.1, centered=True),
        lambda params: optim.Adam([{"params": params, "lr": 0.3}], weight_decay=0.1),
        lambda params: optim.Adam(params, amsgrad=True),
        lambda params: optim.AdamW(params, lr=0.1, weight_decay=0.1),
    ],
)
def test_all_references_as_optimizers_take_the_librarys_steps(make):
    """Settings that an exercise does not have, such as amsgrad, are the library's all the same."""

    def steps():
        w = mg.tensor([3.0, -1.0], requires_grad=True)
        optimizer = make(p for p in [w])
        for step in range(3):
            optimizer.zero_grad()
            (w * w * (step + 1)).sum().backward()
            mg.nn.utils.clip_grad_norm_([w], 5.0)
            optimizer.step()
        return w.tolist()

    own = steps()
    with using({e.key: e.reference for e in chapters.chapter("06_optimizers").exercises.values()}):
        assert steps() == pytest.approx(own, rel=1e-5)


@pytest.mark.filterwarnings("error::minigrad.study.parts.PartWarning")
def test_the_cnn_trains_on_all_references_as_parts_as_it_does_on_the_library():
    def losses():
        mg.manual_seed(0)
        model = CNN()
        optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        rng, found = np.random.default_rng(0), []
        for _ in range(3):
            images = mg.tensor(rng.standard_normal((4, 3, 32, 32), dtype="float32"))
            loss = nn.functional.cross_entropy(model(images), mg.tensor(rng.integers(0, 10, 4)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        return found

    own = losses()
    with using({e.key: e.reference for e in chapters.exercises() if e.part}):
        assert losses() == pytest.approx(own, rel=1e-4)


def test_a_part_that_changes_running_statistics_does_so_once():
    def statistics():
        layer = mg.nn.BatchNorm1d(2)
        layer(mg.tensor([[1.0, 2.0], [3.0, 5.0]]))
        return layer.running_mean.tolist() + layer.running_var.tolist()

    own = statistics()
    with using(chapters.chapter("12_generalization").exercises["batch_norm"].reference):
        assert statistics() == pytest.approx(own)


@pytest.mark.slow
@pytest.mark.filterwarnings("error::minigrad.study.parts.PartWarning")
def test_the_command_trains_on_pictures_with_every_part_replaced_as_it_does_on_the_library(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIGRAD_PROGRESS", str(tmp_path / "progress"))
    replaced = [e for e in chapters.exercises() if e.part]
    for exercise in replaced:
        keep.keep_part(exercise, standing_alone(exercise, exercise.source))
    assert set(my_parts()) == {e.key for e in replaced}

    def losses(*words):
        assert main(["cifar10", "--epochs", "1", "--out", str(tmp_path / f"run{len(words)}"), *words]) == 0
        (log,) = (tmp_path / f"run{len(words)}").glob("*/log.jsonl")
        return json.loads(log.read_text(encoding="utf-8").splitlines()[1])["losses"]

    assert losses("--parts") == pytest.approx(losses(), rel=1e-3)
