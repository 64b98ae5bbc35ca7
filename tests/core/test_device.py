"""Where arrays live: moving them, mixing them, and asking for what is not there."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import device as devices
from minigrad.check import against_torch, twin
from minigrad.check.cases import CASES
from minigrad.check.standin import standin

cuda = pytest.mark.skipif(not mg.is_available("cuda"), reason="there is no GPU here")


def test_everything_starts_on_the_cpu():
    assert mg.ones(2).device == "cpu"
    assert mg.ones(2).to("cpu").cpu().device == "cpu"


def test_moving_to_where_it_is_already_moves_nothing():
    x = mg.ones(2)

    assert x.to("cpu") is x


def test_a_device_that_does_not_exist_is_refused_with_a_choice():
    with pytest.raises(RuntimeError, match="no device 'tpu'. Choose one of: 'cpu', 'cuda'"):
        mg.ones(2, device="tpu")
    assert not mg.is_available("tpu")


@pytest.mark.skipif(mg.is_available("cuda"), reason="there is a GPU here")
def test_cuda_without_a_gpu_says_what_is_missing():
    with pytest.raises(RuntimeError, match="CuPy|not to be had"):
        mg.ones(2).cuda()


def test_a_tensor_holds_an_array_and_nothing_else():
    with pytest.raises(TypeError, match="holds an array, and got a list"):
        mg.Tensor([1.0, 2.0])


def test_new_tensors_are_made_where_they_are_asked_for():
    with standin():
        x = mg.randn(2, 3, device="standin")
        assert [y.device for y in (x, mg.zeros_like(x), x + 1, x.sum(), x[0], x > 0)] == ["standin"] * 6
        assert x.cpu().device == "cpu"


def test_one_seed_gives_the_same_numbers_on_every_device():
    with standin():
        draws = []
        for device in ("cpu", "standin"):
            mg.manual_seed(1)
            draws.append(mg.randn(3, device=device).tolist())

    assert draws[0] == draws[1]


def test_what_is_elsewhere_has_to_be_fetched_before_numpy_sees_it():
    with standin():
        x = mg.ones(2, device="standin")
        with pytest.raises(TypeError, match="Say .cpu"):
            x.numpy()
        assert x.tolist() == [1.0, 1.0] and x.sum().item() == 2.0
        assert "device='standin'" in repr(x)


def test_a_frozen_array_and_its_base_thaw_together():
    base = np.zeros(4)
    view = base[1:3]
    devices.freeze(base)
    devices.freeze(view)
    devices.thaw(view)
    view[0] = 1

    assert base.tolist() == [0.0, 1.0, 0.0, 0.0]


@cuda
def test_every_case_agrees_on_the_gpu():
    verdicts = [against_torch(case, device="cuda") for case in CASES]

    assert [verdict for verdict in verdicts if not verdict] == []


@cuda
def test_the_twin_of_a_graph_on_the_gpu_agrees():
    x = mg.randn(8, 5, device="cuda", requires_grad=True)

    assert twin((x @ x.T).tanh().sum(), device="cuda").agrees
