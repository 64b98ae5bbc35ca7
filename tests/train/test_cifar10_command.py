"""`python -m minigrad cifar10` trains on real pictures, at once and offline; it can be stopped and gone on with."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import minigrad as mg
from minigrad import cifar10

COMMAND = [sys.executable, "-m", "minigrad", "cifar10"]


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def only_run(out):
    (folder,) = out.iterdir()
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of two epochs on the subset."""
    out = tmp_path_factory.mktemp("finished")
    done = subprocess.run([*COMMAND, "--epochs", "2", "--out", out], capture_output=True, text=True, check=True)
    return done.stdout, only_run(out)


def test_two_epochs_on_the_subset_learn_something(finished):
    _, folder = finished
    start, first, second = rows(folder)

    assert second["loss"] < first["loss"] < np.log(10) + 0.05
    assert second["test_accuracy"] > 0.2


def test_the_log_says_what_was_run_and_on_what(finished):
    start = rows(finished[1])[0]

    assert start["run"]["lr"] == 0.01
    assert start["run"]["seed"] == 0
    assert start["machine"]["numpy"] == np.__version__
    assert start["machine"]["cores"] == os.cpu_count()


def test_each_epoch_is_printed(finished):
    said, folder = finished

    for row in rows(folder)[1:]:
        assert cifar10.summary(row) in said


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be sent Ctrl-C alone on Windows")
def test_stopped_by_ctrl_c_and_gone_on_with_it_ends_with_the_same_weights(finished, tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "--epochs", "2", "--out", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while "log and checkpoint" not in process.stdout.readline():
        pass
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "--resume" in said

    subprocess.run([*COMMAND, "--epochs", "2", "--out", tmp_path, "--resume"], check=True, capture_output=True)
    one, other = (mg.load(folder / "checkpoint.safetensors") for folder in (finished[1], only_run(tmp_path)))

    assert one["model"].keys() == other["model"].keys()
    assert all((one["model"][name] == other["model"][name]).all() for name in one["model"])


def test_a_finished_run_can_be_given_more_epochs(finished, capsys):
    _, folder = finished

    assert cifar10.main(["--resume", str(folder), "--epochs", "2"]) == 0
    assert len(rows(folder)) == 3


def test_a_run_whose_log_has_fewer_settings_goes_on_with_the_usual_ones(finished, tmp_path):
    folder = shutil.copytree(finished[1], tmp_path / "cifar10-older")
    start, *others = rows(folder)
    for name in ("net", "epochs", "one_cycle", "nesterov", "label_smoothing"):
        del start["run"][name]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (start, *others)))

    assert cifar10.main(["--resume", str(folder), "--epochs", "2"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--device", "tpu"], "no device 'tpu'"),
        (["--resume"], "no run in .* has a checkpoint"),
        (["--resume", "nowhere"], "not the folder of a run"),
        (["--full", "--root", "{tmp}/file"], "file"),
        (["--batch-size", "0"], "batch_size"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_status(words, said, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    words = [word.replace("{tmp}", str(tmp_path)) for word in words]

    assert cifar10.main([*words, "--out", str(tmp_path / "runs")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("cifar10: ")
    assert said.replace(" .* ", " ") in message or said.split(" .* ")[0] in message


def test_a_torn_checkpoint_is_refused_and_kept(finished, tmp_path, capsys):
    folder = tmp_path / "cifar10-torn"
    folder.mkdir()
    (folder / "log.jsonl").write_bytes((finished[1] / "log.jsonl").read_bytes())
    torn = (finished[1] / "checkpoint.safetensors").read_bytes()[:-100]
    (folder / "checkpoint.safetensors").write_bytes(torn)

    assert cifar10.main(["--resume", str(folder)]) == 1
    assert "checkpoint.safetensors" in capsys.readouterr().err
    assert (folder / "checkpoint.safetensors").read_bytes() == torn
