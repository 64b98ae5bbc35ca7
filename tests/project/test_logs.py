"""The reader of CIFAR-10 logs, whose table README and lesson 11 show."""

import json

import pytest

from benchmarks import logs
from minigrad import cifar10

BETTER = cifar10.settings_of(cifar10.parsed(["--recipe", "better"]))


def log(folder, name, run, accuracies, *, machine=(), elapsed=(), losses=()):
    rows = [{"epoch": i, "test_accuracy": accuracy} for i, accuracy in enumerate(accuracies, start=1)]
    for row, seconds in zip(rows, elapsed):
        row["elapsed"] = seconds
    if losses:
        rows[0]["losses"] = losses
    lines = [{"run": run, "machine": dict(machine)}, *rows]
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_recipe_is_named_with_what_was_set_otherwise():
    assert logs.recipe(BETTER) == "better"
    assert logs.recipe(BETTER | {"epochs": 3, "lr": 0.3}) == "better, lr 0.3"
    assert logs.recipe({"lr": 0.001, "batch_size": 100}) == "chapter, lr 0.001"  # as older logs have it


def test_seconds_are_told_only_of_a_run_that_was_never_stopped(tmp_path):
    assert logs.read(log(tmp_path, "a", BETTER, [0.1, 0.2], elapsed=[10, 30])).seconds == 15
    assert logs.read(log(tmp_path, "b", BETTER, [0.1, 0.2], elapsed=[10, 5])).seconds is None
    assert logs.read(log(tmp_path, "c", BETTER, [0.1, 0.2])).seconds is None


@pytest.mark.parametrize(
    ("theirs", "step"),
    [([2.0, 1.0, 4.0], None), ([2.0, 1.001, 4.0], 2), ([2.0, 1.00001, 4.1], 3), ([2.1], 1), ([], None)],
)
def test_the_first_step_apart_is_the_first_with_more_than_rounding(theirs, step):
    one, other = (logs.Log("", "", [], None, losses, {}) for losses in ([2.0, 1.0, 4.0], theirs))

    assert logs.first_step_apart(one, other) == step


def test_a_pair_of_logs_makes_two_rows_with_all_columns(tmp_path):
    log(tmp_path, "a", BETTER, [0.5] * 6, machine={"pytorch": "2"}, elapsed=range(9, 60, 9), losses=[2.0, 1.5])
    log(tmp_path, "b", BETTER, [0.25] * 6, elapsed=range(8, 60, 8), losses=[2.0, 1.0])

    assert logs.table(logs.logs(tmp_path)) == [
        logs.TABLE,
        ("better", "minigrad", "6", "25.0 %", "25.0 %", "25.0 %", "8", ""),
        ("better", "PyTorch 2", "6", "50.0 %", "50.0 %", "50.0 %", "9", "2"),
    ]


def test_a_column_in_which_nothing_stands_is_left_out_and_so_is_its_note(tmp_path):
    log(tmp_path, "a", BETTER, [0.5])
    rows = logs.table(logs.logs(tmp_path))

    assert rows[0] == ("recipe", "library", "epochs", "after 1", "at the end")
    assert logs.notes(rows) == ""


def test_the_repositorys_own_logs_can_be_read():
    found = logs.logs()

    assert found[0].recipe == "chapter" and found[0].library == "minigrad"
    assert all(len(row) == len(logs.table(found)[0]) for row in logs.table(found))
