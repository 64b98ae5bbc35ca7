"""Training seen live: what is drawn is what happened, and an interrupt leaves a run that can go on."""

import re
import signal
import sys
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.data import CIFAR10Subset, DataLoader, Subset, TensorDataset
from minigrad.data.transforms import ToFloat
from minigrad.train import Run, evaluate
from minigrad.view import decision_boundary, film, live
from minigrad.view.training import FRAMES, POINTS, SHOWN, Stopped, grid, thinned

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


# film


def pictures_run(lr=0.01):
    mg.manual_seed(0)
    data = CIFAR10Subset(train=False, transform=ToFloat())
    model = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 14 * 14, 10))
    run = Run(model, optim.SGD(model.parameters(), lr=lr), DataLoader(Subset(data, range(40)), batch_size=10))
    return run, film(run, mg.tensor(ToFloat()(data.images[:30])), data.labels[:30], classes=data.classes, every=3)


@pytest.fixture(scope="module")
def filmed():
    run, recorded = pictures_run()
    run.train(2, after_step=recorded, after_epoch=recorded)
    return run, recorded


def test_a_film_has_a_moment_every_so_many_steps_one_before_and_one_at_the_end(filmed):
    _, recorded = filmed

    assert [moment["at"] for moment in recorded.moments] == [0, 3, 4, 6, 8]
    assert recorded.moments[0]["when"] == "before training" and recorded.moments[-1]["when"] == "after epoch 2"


def test_the_last_moment_is_the_network_as_it_is_now(filmed):
    run, recorded = filmed
    answers = run.model(recorded.inputs).argmax(1).numpy()

    np.testing.assert_array_equal(recorded.moments[-1]["answers"], answers)
    right = int((answers == recorded.labels).sum())
    assert recorded.picture().line.startswith(f"After epoch 2: {right} of 30 right, loss ")


def test_filming_changes_nothing(filmed):
    run, _ = filmed
    alone, _ = pictures_run()
    alone.train(2)

    np.testing.assert_array_equal(weights(run), weights(alone))


def test_a_moments_loss_is_the_mean_of_the_steps_since_the_last_one(filmed):
    run, recorded = filmed
    before, first, end = (recorded.moments[i]["loss"] for i in range(3))

    assert np.isnan(before) and first > 0
    assert end == run.history[0]["loss"]  # where an epoch ends, that of the epoch


@pytest.mark.parametrize("show", SHOWN)
def test_everything_can_be_seen_at_every_moment(filmed, show):
    _, recorded = filmed
    for percent in (0, 50, 100):
        picture = recorded.frame(show, percent)
        assert picture.svg and picture.text.startswith("airplane")
        assert "nan" not in picture.svg


@pytest.mark.parametrize("show", ["weights", "gradients"])
def test_numbers_below_narrow_charts_do_not_touch(show):
    mg.manual_seed(0)
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(4)))
    run = Run(model, optim.SGD(model.parameters(), lr=0.1), DataLoader(TensorDataset(X, Y), batch_size=25))
    recorded = film(run, X, Y, every=1)
    run.train(1, after_step=recorded)
    found = re.findall(
        r'translate\((\d+),0|<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle" font-size="11".*?>(.*?)<',
        recorded.frame(show, 100).svg,
    )
    left, ends, touching = 0, {}, []
    for corner, x, y, text in found:
        if corner:
            left = int(corner)
            continue
        start, half = left + float(x), 3.3 * len(text)
        if start - half < ends.get(y, -1):
            touching.append(text)
        ends[y] = start + half

    assert len(ends) == 1
    assert touching == []


def test_filters_and_maps_are_those_of_the_first_convolution(filmed):
    run, recorded = filmed

    assert recorded.moments[-1]["filters"].shape == (4, 3, 5, 5)
    assert recorded.moments[-1]["feature maps"].shape == (4, 28, 28)
    counts, edges = recorded.moments[-1]["weights"]["0.weight"]
    assert counts.sum() == run.model[0].weight.numel() and edges[-1] == run.model[0].weight.max().item()


def test_where_a_moment_is_also_the_end_of_an_epoch_it_is_called_that():
    run = a_run()
    recorded = film(run, X, Y, every=3)  # an epoch has three steps
    run.train(2, after_step=recorded, after_epoch=recorded)

    assert [moment["when"] for moment in recorded.moments] == ["before training", "after epoch 1", "after epoch 2"]
    assert [moment["loss"] for moment in recorded.moments[1:]] == [row["loss"] for row in run.history]


def test_two_films_run_side_by_side_on_one_slider(filmed):
    _, one = filmed
    run, two = pictures_run(lr=0.1)
    run.train(1, after_step=two, after_epoch=two)
    both = one.beside(two)
    both.set(training=0)
    assert both.picture().line.splitlines()[0].startswith("Left: Before training")

    both.set(training=100, show="confusion")
    assert "Left: After epoch 2" in both.picture().line and "Right: After epoch 1" in both.picture().line
    assert both.picture().png().startswith(b"\x89PNG")


@pytest.mark.parametrize("show", ["filters", "feature maps", "confusion"])
def test_stills_are_moments_side_by_side_from_the_first_to_the_last(filmed, show):
    _, recorded = filmed
    picture = recorded.stills(show, 3).picture()

    for moment in (recorded.moments[i] for i in (0, 2, -1)):
        assert f">{moment['when']}<" in picture.svg
        assert f"{moment['when']}: {(moment['answers'] == recorded.labels).sum()} of 30 right" in picture.text
    assert picture.svg.count("<image") == 3
    assert picture.png().startswith(b"\x89PNG")


def test_a_network_without_pictures_is_filmed_too():
    run = a_run()
    recorded = film(run, X, Y, every=1)
    live(run, recorded).train(1)

    assert recorded.kinds() == ["weights", "gradients", "confusion"]
    assert [moment["at"] for moment in recorded.moments] == [0, 1, 2, 3]
    assert recorded.classes == ["0", "1"]
    with pytest.raises(ValueError, match="stills shows confusion here, and got 'filters'"):
        recorded.stills("filters")


def test_a_long_film_keeps_its_ends_and_every_other_moment():
    run = a_run(batch_size=1)
    recorded = film(run, X, Y, every=1)
    run.train(4, after_step=recorded, after_epoch=recorded)
    at = [moment["at"] for moment in recorded.moments]

    assert len(at) <= FRAMES and (at[0], at[-1]) == (0, 200)
    assert max(np.diff(at)) <= recorded.every_steps


def test_inputs_and_labels_belong_together():
    with pytest.raises(ValueError, match="a label for each of its inputs, and got 3 for 50"):
        film(a_run(), X, Y[:3])


def test_pictures_stand_in_rows_of_eight_on_white():
    seen = grid(np.zeros((9, 12, 12), np.uint8))

    assert seen.shape == (25, 103, 3)  # 2 rows, 8 columns, a gap of 1 between them
    assert (seen[12] == 255).all() and (seen[13:, 12:] == 255).all() and (seen[13:, :12] == 0).all()
