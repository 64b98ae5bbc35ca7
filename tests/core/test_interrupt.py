"""Ctrl-C waits for the end of a step. Every signal here is a real one."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from minigrad.interrupt import uninterrupted


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def python_handles_ctrl_c():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def presses():
    """A handler of one's own, which counts and does not raise."""
    seen = []
    signal.signal(signal.SIGINT, lambda signum, frame: seen.append(signum))
    return seen


def test_a_ctrl_c_inside_arrives_when_the_block_ends():
    steps = []
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            press_ctrl_c()
            steps.append("the rest of the block")
        steps.append("after the block")

    assert steps == ["the rest of the block"]


def test_without_a_ctrl_c_the_block_is_as_if_it_were_not_there():
    with uninterrupted():
        answer = 6 * 7

    assert answer == 42
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_of_nested_blocks_the_outermost_delivers():
    steps = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        with uninterrupted():
            press_ctrl_c()
        steps.append("between the ends")

    assert steps == ["between the ends"]


def test_a_second_ctrl_c_does_not_break_in(presses):
    with uninterrupted():
        press_ctrl_c()
        press_ctrl_c()
        assert presses == []

    assert presses == [signal.SIGINT, signal.SIGINT]


def test_a_second_ctrl_c_reaches_a_handler_that_raises_only_then():
    def warn_first(signum, frame):
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, warn_first)
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        press_ctrl_c()
        press_ctrl_c()


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN, signal.SIG_DFL, lambda *_: None])
def test_the_handler_is_put_back(handler):
    signal.signal(signal.SIGINT, handler)
    with uninterrupted():
        assert signal.getsignal(signal.SIGINT) is not handler

    assert signal.getsignal(signal.SIGINT) is handler


def test_the_handler_is_put_back_when_the_block_raises(presses):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), uninterrupted():
        raise ZeroDivisionError

    assert signal.getsignal(signal.SIGINT) is handler


def test_an_error_and_a_ctrl_c_are_both_seen():
    with pytest.raises(KeyboardInterrupt) as caught, uninterrupted():
        press_ctrl_c()
        raise ZeroDivisionError

    assert isinstance(caught.value.__context__, ZeroDivisionError)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_that_is_not_pythons_is_left_alone(monkeypatch):
    monkeypatch.setattr("minigrad.interrupt.get_handler", lambda signum: None)
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        press_ctrl_c()
        pytest.fail("nothing defers a Ctrl-C that is not ours to handle")


def test_it_decorates_a_function():
    @uninterrupted()
    def step():
        press_ctrl_c()
        steps.append("whole")

    steps = []
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            step()

    assert steps == ["whole", "whole"]


def test_in_another_thread_it_does_nothing():
    seen = []

    def work():
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [signal.default_int_handler]


def test_a_block_in_another_thread_does_not_hold_back_the_main_one():
    inside, leave = threading.Event(), threading.Event()

    def work():
        with uninterrupted():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c()
    finally:
        leave.set()
        thread.join()


PAIRS = """
import contextlib, os, random, signal, sys, threading, time
from minigrad.interrupt import uninterrupted

block = uninterrupted if sys.argv[1] == "uninterrupted" else contextlib.nullcontext
ready, counting, over, halves, left, right = threading.Semaphore(0), False, False, 0, 0, 0

def press_at_random_moments():
    global over
    for _ in range(100):
        ready.acquire()  # once the loop below is inside its try
        time.sleep(random.random() / 500)
        os.kill(os.getpid(), signal.SIGINT)
    ready.acquire()
    over = True

threading.Thread(target=press_at_random_moments, daemon=True).start()
while not over:
    try:
        while not over:
            if not counting:
                counting = True
                ready.release()
            with block():
                left += 1
                for _ in range(100):
                    pass
                right += 1
    except KeyboardInterrupt:
        halves += left != right
        left = right = 0
        counting = False
print(halves)
"""


def halves_seen(block):
    """Of 100 interrupts of a loop of paired updates, how many found half a pair. Hangs if one were lost."""
    command = [sys.executable, "-c", PAIRS, block]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)


@pytest.mark.skipif(os.name == "nt", reason="os.kill sends no SIGINT on Windows")
def test_a_loop_of_pairs_interrupted_at_random_moments_never_shows_half_a_pair():
    assert halves_seen("uninterrupted") == 0
    assert halves_seen("bare") > 0  # so that the line above could have failed


@pytest.mark.skipif(os.name == "nt", reason="the kernel is interrupted in another way on Windows")
def test_the_stop_button_of_jupyter_waits_for_the_block():
    client = pytest.importorskip("jupyter_client")
    pytest.importorskip("ipykernel")
    manager, kernel = client.manager.start_new_kernel(kernel_name="python3")
    try:
        heard = []

        def listen(message):
            heard.append(message["content"])
            if message["content"].get("text", "").startswith("inside"):
                manager.interrupt_kernel()

        kernel.execute_interactive(
            "import time\n"
            "from minigrad.interrupt import uninterrupted\n"
            "with uninterrupted():\n"
            "    print('inside', flush=True)\n"
            "    time.sleep(0.5)\n"
            "    print('whole', flush=True)\n"
            "print('after', flush=True)\n",
            output_hook=listen,
            timeout=30,
        )
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)

    text = "".join(content.get("text", "") for content in heard)
    assert "whole" in text and "after" not in text
    assert "KeyboardInterrupt" in [content.get("ename") for content in heard]
