"""Training seen live: what is drawn is what happened, and an interrupt leaves a run that can go on."""

import signal
import sys
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import DataLoader, TensorDataset
from minigrad.train import Run, evaluate
from minigrad.view import decision_boundary, live
from minigrad.view.training import POINTS, Stopped, thinned

X, Y = mg.tensor(np.random.default_rng(0).normal(0, 1, (50, 2)).astype("f4")), mg.tensor(np.arange(50) % 2)


def a_run(batch_size=20):
    mg.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    return Run(
        model,
        optim.SGD(model.parameters(), lr=0.1),
        DataLoader(TensorDataset(X, Y), batch_size=batch_size, shuffle=True),
    )


def measure(model):
    return evaluate(model, DataLoader(TensorDataset(X, Y), batch_size=50))


def weights(run):
    return np.concatenate([p.detach().numpy().ravel() for p in run.model.parameters()])


def test_training_is_the_same_whether_it_is_watched_or_not():
    watched = a_run()
    live(watched, decision_boundary(watched.model, (X, Y))).train(3, measure=measure)
    alone = a_run()
    alone.train(3, measure=measure)

    np.testing.assert_array_equal(weights(watched), weights(alone))
    assert [row["loss"] for row in watched.history] == [row["loss"] for row in alone.history]


def test_the_curve_holds_the_loss_of_every_step_at_its_place():
    losses, run = [], a_run()
    step = run.step
    run.step = lambda *batch: losses.append(step(*batch).item())
    curves = live(run)
    curves.train(2)

    np.testing.assert_allclose([at for at, _ in curves.steps], [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    np.testing.assert_allclose([loss for _, loss in curves.steps], losses, rtol=1e-5)


def test_line_and_rows_say_the_epochs_and_what_was_measured():
    run = a_run()
    curves = live(run)
    assert str(curves.picture()) == "Before training."
    curves.train(2, measure=measure)

    picture = curves.picture()
    assert picture.line.startswith("After epoch 2: loss ")
    assert f"test accuracy {run.history[-1]['test_accuracy']:.1%} after epoch 2" in picture.line
    assert picture.text.splitlines()[0].split() == ["epoch", "loss", "test", "accuracy"]
    assert len(picture.text.splitlines()) == 3
    assert "accuracy, %" in picture.svg


def test_what_is_stored_holds_no_number_for_those_differ_from_machine_to_machine():
    curves = live(a_run())
    curves.train(1)
    stored = curves.still(curves.picture())

    assert stored.keys() == {"text/plain", "image/png"} and not any(c.isdigit() for c in stored["text/plain"])


def test_a_run_that_has_already_trained_shows_its_epochs_and_goes_on():
    run = a_run()
    run.train(2)
    curves = live(run)
    assert curves.picture().line == "After epoch 2."
    curves.train(3)

    assert len(run.history) == 3 and curves.steps[0][0] == pytest.approx(2 + 1 / 3)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
def test_an_interrupt_says_one_line_and_leaves_a_run_that_ends_as_if_undisturbed():
    run = a_run()
    step, count = run.step, iter(range(100))

    def interrupted(*batch):
        if next(count) == 4:
            signal.raise_signal(signal.SIGINT)
        return step(*batch)

    run.step = interrupted
    curves = live(run)
    with pytest.raises(Stopped, match="Stopped: epoch 2, step 2. The model is as that step left it") as stopped:
        curves.train(4)
    assert stopped.value._render_traceback_() == [str(stopped.value)]
    assert isinstance(stopped.value, KeyboardInterrupt)  # so that what comes after does not run
    assert "epoch 2, step 2" in curves.picture().line.lower()

    curves.train(4)
    alone = a_run()
    alone.train(4)
    assert [row["loss"] for row in run.history] == [row["loss"] for row in alone.history]
    np.testing.assert_array_equal(weights(run), weights(alone))


def test_pictures_come_no_faster_than_asked_for():
    run, drawn = a_run(batch_size=1), []
    curves = live(run)
    curves.redraw = lambda: drawn.append(time.monotonic())
    run.train(1, after_step=curves, after_epoch=curves)

    assert len(drawn) <= 2 + (drawn[-1] - drawn[0]) / curves.every


def test_long_curves_are_thinned_to_means_of_neighbours():
    points = np.stack([np.arange(1000.0), np.arange(1000.0)], 1)
    x, y = thinned(points)

    assert len(x) <= POINTS
    assert (x[0], y[0]) == (1.5, 1.5)  # of 0, 1, 2, 3
    np.testing.assert_array_equal(x, y)
