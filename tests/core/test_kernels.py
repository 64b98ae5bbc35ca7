"""The kernels share work out between threads, also after a fork, and also when several threads ask at once."""

import multiprocessing
import os
import threading

import numpy as np
import pytest
from beside_torch import numbers

from minigrad import kernels, ops


def convolved(seed=0):
    x, w = numbers(6, 3, 12, 12, seed=seed), numbers(8, 3, 3, 3, seed=1)
    out, grad_x, grad_w, _ = ops.conv2d(x, w)
    return out, grad_x(out), grad_w(out)


def send(connection):
    connection.send(convolved())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_can_convolve_after_its_parent_did():
    expected = convolved()
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=send, args=(there,))
    child.start()
    assert here.poll(20), "the child hangs"
    found = here.recv()
    child.join(20)

    assert child.exitcode == 0
    for x, y in zip(found, expected):
        np.testing.assert_array_equal(x, y)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_forked_while_another_thread_convolves_does_not_wait_for_it():
    stop, here_there = threading.Event(), multiprocessing.Pipe()

    def busy():
        while not stop.is_set():
            convolved()

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(5):
            child = multiprocessing.get_context("fork").Process(target=send, args=(here_there[1],))
            child.start()
            assert here_there[0].poll(20), "the child hangs"
            here_there[0].recv()
            child.join(20)
    finally:
        stop.set()
        thread.join()


def test_threads_that_convolve_at_once_do_not_disturb_each_other():
    expected, found = [convolved(seed) for seed in range(4)], [None] * 4

    def work(seed):
        for _ in range(5):
            found[seed] = convolved(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for results, others in zip(found, expected):
        for x, y in zip(results, others):
            np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-4)


def test_an_error_in_a_share_of_the_work_reaches_the_caller():
    def work(images):
        if images.stop == 4:
            raise ZeroDivisionError
        return images

    with pytest.raises(ZeroDivisionError):
        kernels.in_parallel(work, np.ones((4, 1)))
    assert convolved()  # and the next one finds everything in order


def test_the_shares_are_the_batch_in_order_and_none_is_empty():
    for size in (1, 2, 5, 64):
        shares = kernels.in_parallel(lambda images: images, np.ones((size, 1)))

        assert [i for share in shares for i in range(size)[share]] == list(range(size))
        assert all(share.stop > share.start for share in shares)


def test_blas_has_its_threads_back_afterwards():
    before = [library.get_num_threads() for library in kernels.blas()]
    convolved()

    assert [library.get_num_threads() for library in kernels.blas()] == before


def test_without_threadpoolctl_all_is_done_in_one_thread(monkeypatch):
    expected = convolved()
    monkeypatch.setattr(kernels, "blas", list)

    for x, y in zip(convolved(), expected):
        np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 3, 5, 5), (2, 3, 5, 5)])
def test_patches_and_scatter_are_opposites_in_the_sense_of_transposes(shape):
    window = kernels.Window((3, 2), (2, 1), (1, 0), (1, 2))
    x = numbers(*shape, dtype="float64")
    places = window.places(*shape[2:])
    columns = kernels.patches(x, window, places)
    g, back = numbers(*columns.shape, seed=1, dtype="float64"), np.zeros_like(x)
    kernels.scatter(g, back, window, places)

    np.testing.assert_allclose((columns * g).sum(), (x * back).sum(), atol=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mask_keeps_infinity_out():
    g, mask = np.array([np.inf, np.nan, 2.0, np.inf]), np.array([False, False, True, True])

    assert kernels.chosen(mask, g).tolist() == [0.0, 0.0, 2.0, np.inf]
