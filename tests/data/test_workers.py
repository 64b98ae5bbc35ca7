"""Worker processes: the same batches however many there are, and never a hang, whatever becomes of them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import data

STARTS = [how for how in ("fork", "spawn") if how in multiprocessing.get_all_start_methods()]


class Noisy(data.Dataset):
    """Samples with noise from every place that a dataset may draw from."""

    def __len__(self):
        return 40

    def __getitem__(self, index):
        import random

        return index, mg.rand(2), np.random.rand(), random.random()


class Trouble(data.Dataset):
    """Ten good samples, then what `trouble` does at sample 10."""

    def __init__(self, trouble):
        self.trouble = trouble

    def __len__(self):
        return 40

    def __getitem__(self, index):
        if index == 10:
            self.trouble()
        return index


class CannotTravel(Exception):
    """An exception that no other process can be sent."""

    def __init__(self):
        super().__init__("no way out")
        self.holds = lambda: None


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def leaves():
    os._exit(3)


def raises():
    raise ValueError("sample 10 is unreadable")


def raises_what_cannot_travel():
    raise CannotTravel


def sleeps():
    time.sleep(60)


def bare(samples):
    return samples


def values(loader):
    return [[column.tolist() for column in batch] for batch in loader]


def wait_until_gone(pids, seconds=5):
    """Wait until none of these processes runs any more; gives those that still do."""
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(autouse=True)
def nobody_is_left_behind():
    yield
    assert multiprocessing.active_children() == []


# ---- the same batches ----


@pytest.mark.parametrize("num_workers", [1, 2, 3, 20])
def test_the_number_of_workers_never_changes_the_batches(num_workers):
    def epochs(workers):
        generator = mg.Generator(1)
        loader = data.DataLoader(Noisy(), 4, shuffle=True, num_workers=workers, generator=generator)
        return values(loader), values(loader)

    assert epochs(num_workers) == epochs(0)


@pytest.mark.parametrize("how", STARTS)
def test_the_way_workers_start_never_changes_the_batches(how):
    def epoch(**options):
        return values(data.DataLoader(Noisy(), 8, shuffle=True, generator=mg.Generator(1), **options))

    assert epoch(num_workers=2, multiprocessing_context=how) == epoch()


def test_no_two_workers_draw_the_same_noise():
    batches = values(data.DataLoader(Noisy(), batch_size=4, num_workers=2))

    for column in (2, 3):  # NumPy's own generator, Python's own
        assert len({number for batch in batches for number in batch[column]}) == 40


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_pass_can_be_taken_up_in_its_middle_with_workers_or_without(num_workers):
    whole = values(data.DataLoader(Noisy(), 4, shuffle=True, generator=mg.Generator(1)))

    loader = data.DataLoader(Noisy(), 4, shuffle=True, num_workers=2, generator=mg.Generator(1))
    batches = iter(loader)
    for _ in range(3):
        next(batches)
    state = loader.state_dict()  # workers are ahead by now, but only what was handed out counts
    batches.close()

    resumed = data.DataLoader(Noisy(), 4, shuffle=True, num_workers=num_workers)
    resumed.load_state_dict(state)

    assert values(resumed) == whole[3:]


def test_batches_larger_than_a_pipe_holds_come_whole():
    samples = [np.full(100_000, i) for i in range(12)]
    loader = data.DataLoader(samples, batch_size=4, num_workers=2)

    assert [batch.numpy().max() for batch in loader] == [3, 7, 11]


def test_a_loader_works_in_a_thread_other_than_the_main_one():
    batches = []
    thread = threading.Thread(target=lambda: batches.extend(data.DataLoader(range(4), 2, num_workers=2)))
    thread.start()
    thread.join()

    assert [batch.tolist() for batch in batches] == [[0, 1], [2, 3]]


# ---- workers in trouble ----


@pytest.mark.parametrize("how", STARTS)
def test_a_killed_worker_is_named_and_nobody_waits_for_it(how):
    loader = data.DataLoader(Trouble(killed), batch_size=5, num_workers=2, multiprocessing_context=how)
    started = time.monotonic()

    with pytest.raises(RuntimeError, match=r"DataLoader worker 0 \(process \d+\) was killed by SIGKILL.*batch 2"):
        list(loader)
    assert time.monotonic() - started < 60  # most of it is starting processes; a hang would be for ever


def test_a_worker_killed_from_outside_is_named_while_the_others_go_on():
    batches = iter(data.DataLoader(range(1000), batch_size=1, num_workers=3))
    next(batches)
    victim = multiprocessing.active_children()[0]
    os.kill(victim.pid, signal.SIGKILL)

    with pytest.raises(RuntimeError, match=f"process {victim.pid}.* was killed by SIGKILL"):
        list(batches)


def test_a_worker_killed_while_it_hands_over_a_batch_is_named():
    batches = iter(data.DataLoader([np.zeros(1_000_000)] * 4, num_workers=1))
    next(batches)  # the worker is now writing the second one, of which the pipe holds a small part
    (worker,) = multiprocessing.active_children()
    time.sleep(0.3)
    worker.kill()

    with pytest.raises(RuntimeError, match="DataLoader worker 0 .* was killed by SIGKILL"):
        next(batches)


def test_a_worker_that_leaves_is_named_with_its_exit_code():
    with pytest.raises(RuntimeError, match="DataLoader worker 0 .* left with exit code 3 before it gave batch 2"):
        list(data.DataLoader(Trouble(leaves), batch_size=5, num_workers=2))


@pytest.mark.parametrize("how", STARTS)
def test_an_exception_in_a_worker_arrives_with_its_type_its_words_and_its_traceback(how):
    loader = data.DataLoader(Trouble(raises), batch_size=5, num_workers=2, multiprocessing_context=how)

    with pytest.raises(ValueError, match="sample 10 is unreadable") as caught:
        list(loader)
    note = "".join(caught.value.__notes__)
    assert "In DataLoader worker 0" in note
    assert 'raise ValueError("sample 10 is unreadable")' in note


def test_an_exception_that_cannot_travel_still_says_what_it_was():
    loader = data.DataLoader(Trouble(raises_what_cannot_travel), batch_size=5, num_workers=2)

    with pytest.raises(RuntimeError, match="CannotTravel: no way out"):
        list(loader)


def test_a_batch_that_cannot_travel_is_an_error_and_no_hang():
    loader = data.DataLoader([lambda: None], num_workers=1, collate_fn=bare)

    with pytest.raises(Exception, match="(?i)pickle"):
        list(loader)


def test_a_dataset_that_cannot_travel_is_refused_with_advice():
    class Local(Noisy):
        pass

    loader = data.DataLoader(Local(), num_workers=1, multiprocessing_context="spawn")

    with pytest.raises(TypeError, match="could not be given the dataset.*num_workers=0"):
        list(loader)


def test_a_worker_that_takes_too_long_is_named_after_the_timeout():
    loader = data.DataLoader(Trouble(sleeps), batch_size=5, num_workers=2, timeout=0.2)

    with pytest.raises(RuntimeError, match="DataLoader worker 0 .* has not given batch 2 in 0.2 seconds"):
        list(loader)


# ---- nobody is left behind ----


def test_a_loop_that_is_left_early_leaves_no_process():
    for _ in data.DataLoader(range(100_000), num_workers=3):
        pids = [child.pid for child in multiprocessing.active_children()]
        break

    assert len(pids) == 3 and wait_until_gone(pids) == []


def test_an_error_in_the_loop_leaves_no_process():
    with pytest.raises(ZeroDivisionError):
        for _ in data.DataLoader(range(100_000), num_workers=2):
            pids = [child.pid for child in multiprocessing.active_children()]
            1 / 0  # noqa: B018

    assert len(pids) == 2 and wait_until_gone(pids) == []


SCRIPT = """
import multiprocessing, os, signal, sys, time
from minigrad import data

def slow(samples):
    time.sleep(0.01)
    return samples

def main():
    global kept
    loader = data.DataLoader(range(10_000), num_workers=3, collate_fn=slow, multiprocessing_context=sys.argv[2])
    try:
        for number, _ in enumerate(kept := iter(loader)):
            if number == 2:  # one batch from each worker: all have started
                print(*[child.pid for child in multiprocessing.active_children()], flush=True)
                if sys.argv[1] == "exit":
                    sys.exit()
                if sys.argv[1] == "killed":
                    os.kill(os.getpid(), signal.SIGKILL)
                del kept
                print("ready", flush=True)
    except KeyboardInterrupt:
        print("stopped with", len(multiprocessing.active_children()), "workers", flush=True)

if __name__ == "__main__":
    main()
"""


def run(tmp_path, end, how):
    (tmp_path / "script.py").write_text(SCRIPT)
    root = Path(mg.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, tmp_path / "script.py", end, how],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # its own group, to which Ctrl-C goes as from a terminal
    )


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see which processes run")
@pytest.mark.parametrize("how", STARTS)
@pytest.mark.parametrize("end", ["exit", "killed"])
def test_however_the_program_ends_its_workers_end_with_it(tmp_path, end, how):
    said, complained = run(tmp_path, end, how).communicate(timeout=20)
    pids = list(map(int, said.split()))

    assert len(pids) == 3 and wait_until_gone(pids) == []
    assert complained == ""


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see which processes run")
@pytest.mark.parametrize("how", STARTS)
def test_ctrl_c_stops_the_loop_and_its_workers_without_their_tracebacks(tmp_path, how):
    program = run(tmp_path, "Ctrl-C", how)
    pids = list(map(int, program.stdout.readline().split()))
    assert program.stdout.readline() == "ready\n"
    os.killpg(program.pid, signal.SIGINT)

    said, complained = program.communicate(timeout=20)
    assert said == "stopped with 0 workers\n"
    assert len(pids) == 3 and wait_until_gone(pids) == []
    assert complained == ""
