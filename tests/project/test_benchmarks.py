"""The race is fair: minigrad and PyTorch compute the same, and the table says what was measured."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import cifar10_pytorch, rows, table, turns
from benchmarks.libraries import minigrad, torch
from benchmarks.worker import Worker
from minigrad import cifar10

TIMED = [row for row in rows.ROWS if row.workload != "import" and row.measure == "seconds"]


def small(row):
    """The options of a row, with little to do and nothing left to chance."""
    fewer = {"cnn": {"batch": 4}, "conv2d": {"batch": 4}, "max_pool2d": {"batch": 4}, "chain": {"length": 200}}
    no_chance = {"chance": False} if row.workload in ("cnn", "loader") else {}
    return {**row.options, **fewer.get(row.workload, {}), **no_chance}


@pytest.mark.parametrize("row", TIMED, ids=lambda row: row.name)
def test_minigrad_and_pytorch_compute_the_same(row):
    ours, theirs = (
        [library.numpy(x) for _ in range(2) for x in step()]
        for library in (minigrad, torch)
        for step in [library.WORKLOADS[row.workload]("cpu", **small(row))]
    )

    for x, y in zip(ours, theirs, strict=True):
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-4 * np.abs(y).max())


def test_a_worker_times_steps_and_knows_its_workloads():
    worker = Worker("minigrad")

    assert "minigrad" in worker.about()["versions"]
    assert "chain" in worker.about()["workloads"]
    assert 0 < worker.turn("chain", "cpu", {"length": 10}, 0.01) < 1


def test_every_row_is_a_workload_of_minigrad_and_of_pytorch():
    for row in (*rows.ROWS, *rows.GROWTH):
        for library in (minigrad, torch):
            assert row.workload in library.WORKLOADS or row.workload == "import"


def test_the_command_writes_what_it_measured(tmp_path):
    command = ["--only", "cross_entropy", "import", "memory of the 784", "1,000 ops", "--rounds", "1"]
    run = [sys.executable, "-m", "benchmarks", *command, "--libraries", "minigrad", "torch", "--out", tmp_path]
    said = subprocess.run(run, cwd=turns.ROOT, capture_output=True, text=True, check=True).stdout
    result = json.loads((tmp_path / "cpu.json").read_text())

    assert said.strip() == (tmp_path / "cpu.md").read_text().strip() == table.markdown(result).strip()
    assert result["versions"].keys() >= {"minigrad", "PyTorch"}
    assert [row["workload"] for row in result["rows"]] == ["cross_entropy", "cross_entropy", "import", "mlp"]
    for row in result["rows"] + result["growth"]:
        ours, theirs = row["found"]["minigrad"], row["found"]["torch"]
        assert len(ours) == len(theirs) == 1
        assert row["ratios"]["torch"]["median"] == ours[0] / theirs[0]


def test_a_ratio_is_that_of_every_round():
    assert turns.ratio([1.0, 2.0, 4.0], [2.0, 2.0, 2.0])["median"] == 1


def test_without_a_gpu_cuda_is_refused_in_words():
    if minigrad.mg.is_available("cuda"):
        pytest.skip("there is a GPU here")
    run = [sys.executable, "-m", "benchmarks", "--device", "cuda"]
    said = subprocess.run(run, cwd=turns.ROOT, capture_output=True, text=True)

    assert said.returncode == 1
    assert "Try --device cpu" in said.stderr


def test_pytorchs_run_on_cifar10_is_that_of_minigrad_step_by_step(tmp_path):
    words = ["--recipe", "better", "--lr", "0.001", "--epochs", "1", "--batch-size", "250", "--out", str(tmp_path)]
    theirs = logged(cifar10_pytorch.main(words))
    cifar10.main(words)
    ours = logged(next(tmp_path.glob("cifar10-2*")))

    assert ours[0]["run"] == theirs[0]["run"]
    assert np.allclose(ours[1]["losses"], theirs[1]["losses"], rtol=1e-4)


def logged(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
