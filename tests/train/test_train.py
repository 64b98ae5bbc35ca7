"""A run learns, counts right, and goes on from a checkpoint as if it had never stopped."""

import os
import signal

import numpy as np
import pytest

import minigrad as mg
from minigrad import data, nn, optim, random
from minigrad.train import Run, evaluate


def new_run(count=40, **options):
    """A small net with dropout and batch norm, on made-up pictures of two kinds."""
    mg.manual_seed(0)
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=count)
    pictures = rng.standard_normal((count, 3, 6, 6), dtype="f4") + labels[:, None, None, None].astype("f4")
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 2)
    )
    dataset = data.TensorDataset(mg.from_numpy(pictures), mg.tensor(labels))
    loader = data.DataLoader(dataset, 8, shuffle=True, generator=random.Generator(7))
    rule = optim.Adam(model.parameters(), lr=0.01)
    return Run(model, rule, loader, **options)


def values(run):
    return {name: value.numpy().copy() for name, value in run.model.state_dict().items()}


def assert_same(one, other):
    assert all(np.array_equal(value, values(other)[name]) for name, value in values(one).items())
    assert [{**row, "seconds": 0} for row in one.history] == [{**row, "seconds": 0} for row in other.history]


def test_a_run_learns():
    run = new_run()
    run.train(8)

    assert run.history[-1]["loss"] < run.history[0]["loss"] / 2
    assert evaluate(run.model, run.loader)["test_accuracy"] > 0.9


def test_an_epochs_loss_is_the_mean_over_samples_not_over_batches():
    run = new_run(count=9)  # a batch of 8 and a batch of 1
    del run.model.__dict__["1"]  # batch norm wants more than one value
    losses = []
    step = run.step
    run.step = lambda inputs, labels: losses.append((step(inputs, labels).item(), len(labels)))
    run.train(1)

    assert sorted(count for _, count in losses) == [1, 8]
    assert np.isclose(run.history[0]["loss"], sum(loss * count for loss, count in losses) / 9)


@pytest.mark.parametrize("stop_after", [1, 3, 5, 7, 12])
def test_a_run_that_was_stopped_goes_on_as_if_it_never_had_been(stop_after, tmp_path):
    straight = new_run(scheduler=None)
    straight.train(3)

    class Stop(Exception):
        pass

    def stop(run):
        stop.steps += 1
        if stop.steps == stop_after:
            raise Stop

    stop.steps = 0
    stopped = new_run()
    with pytest.raises(Stop):
        stopped.train(3, after_step=stop)
    stopped.save(tmp_path / "checkpoint")
    resumed = new_run()
    resumed.load(tmp_path / "checkpoint")
    resumed.train(3)

    assert_same(straight, resumed)


@pytest.mark.parametrize("stop_after", [1, 3, 5, 7, 12])
def test_a_run_that_was_stopped_can_also_go_on_itself_without_a_checkpoint(stop_after):
    straight = new_run()
    straight.train(3)

    stopped, steps = new_run(), iter(range(1, 100))

    def stop(run):
        if next(steps) == stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped.train(3, after_step=stop)
    stopped.train(3)

    assert_same(straight, stopped)


@pytest.mark.skipif(os.name == "nt", reason="a process cannot send itself Ctrl-C on Windows")
@pytest.mark.parametrize("where", ["forward", "update", "measure"])
def test_ctrl_c_at_any_moment_loses_no_step(where, tmp_path):
    straight = new_run()
    straight.train(3, measure=lambda model: {"count": 1})

    stopped, count = new_run(), iter(range(100))

    def interrupted(function):
        def call(*args, **options):
            out = function(*args, **options)
            if next(count) == 7:
                signal.raise_signal(signal.SIGINT)
            return out

        return call

    if where == "forward":
        stopped.model.forward = interrupted(stopped.model.forward)
    if where == "update":
        stopped.optimizer.update = interrupted(stopped.optimizer.update)

    def measure(model):
        if where == "measure" and len(stopped.history) == 1 and next(count) == 0:
            raise KeyboardInterrupt
        return {"count": 1}

    with pytest.raises(KeyboardInterrupt):
        stopped.train(3, measure=measure)
    stopped.save(tmp_path / "checkpoint")
    resumed = new_run()
    resumed.load(tmp_path / "checkpoint")
    resumed.train(3, measure=lambda model: {"count": 1})

    assert_same(straight, resumed)


def test_a_schedule_moves_once_an_epoch():
    run = new_run()
    run.scheduler = optim.lr_scheduler.StepLR(run.optimizer, 1, gamma=0.5)
    run.train(3)

    assert [row["lr"] for row in run.history] == [0.01, 0.005, 0.0025]


def test_a_schedule_that_waits_for_a_plateau_is_shown_the_test_loss():
    run = new_run()
    run.scheduler = optim.lr_scheduler.ReduceLROnPlateau(run.optimizer, factor=0.5, patience=0)
    run.train(4, measure=lambda model: {"test_loss": 1.0})

    assert [row["lr"] for row in run.history] == [0.01, 0.01, 0.005, 0.0025]


def test_evaluating_changes_nothing():
    run = new_run()
    before = values(run)
    evaluate(run.model, run.loader)

    assert all(np.array_equal(value, before[name]) for name, value in values(run).items())
    assert run.model.training


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    run = new_run()
    mg.save(run.model.state_dict(), tmp_path / "weights")
    with pytest.raises(ValueError, match="not the checkpoint of a run"):
        run.load(tmp_path / "weights")
