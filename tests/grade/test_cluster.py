"""A class graded on a Dask cluster: two workers on this machine, one of which is killed on the way."""

import os
import subprocess
import sys
from pathlib import Path

import handed_in
import pytest

from benchmarks.grading import different
from minigrad.grade import workers
from minigrad.grade.classroom import Options, grade_class
from minigrad.grade.command import main

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[2]
OPTIONS = Options(notebooks=False, seed=5)


@pytest.fixture
def scheduler():
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def worker(scheduler, tmp_path):
    """Starts a Dask worker, as a teacher would on another machine."""
    started = []

    def start():
        words = [sys.executable, "-m", "dask", "worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        words += ["--local-directory", tmp_path / f"dask{len(started)}"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_cluster_of_which_a_worker_is_killed_writes_the_same_reports(scheduler, worker, tmp_path):
    handed_in.write(tmp_path / "class", 5)
    grade_class([tmp_path / "class"], tmp_path / "here", jobs=1, options=OPTIONS, tell=len)
    one, _ = worker(), worker()
    with distributed.Client(scheduler) as client:
        client.wait_for_workers(2, timeout=60)

    def progress(rows, total):
        for number, row in enumerate(rows):
            if number == 1:
                one.kill()
            yield row

    rows = grade_class(
        [tmp_path / "class"],
        tmp_path / "there",
        scheduler=scheduler,
        options=OPTIONS,
        tell=len,
        progress=progress,
    )

    assert len(rows) == 5 and one.wait() != 0
    assert different(tmp_path / "here", tmp_path / "there") == []


def test_a_scheduler_that_is_not_there_or_has_no_workers_is_told(scheduler, tmp_path, monkeypatch, capsys):
    handed_in.write(tmp_path / "class", 1)
    command = [str(tmp_path / "class"), "--out", str(tmp_path / "results"), "--scheduler"]
    monkeypatch.setattr(workers, "PATIENCE", 1)

    assert main([*command, "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert main([*command, "nonsense"]) == 2
    assert "no Dask scheduler answers at nonsense" in capsys.readouterr().err
    assert main([*command, scheduler]) == 2
    assert "has no workers. Start some: dask worker tcp://" in capsys.readouterr().err

    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*command, scheduler]) == 2
    assert "pip install 'minigrad[cluster]'" in capsys.readouterr().err
