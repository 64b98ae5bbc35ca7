"""The stand-in keeps to itself as a GPU's array does, and a whole training runs on it."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.check.standin import StandIn, standin
from minigrad.nn import functional as F


def test_it_does_not_mix_with_arrays_in_main_memory():
    x = StandIn([1.0, 2.0])

    for mixed in (lambda: x + np.ones(2), lambda: np.add(np.ones(2), x), lambda: np.concatenate([x, np.ones(2)])):
        with pytest.raises(TypeError, match="main memory"):
            mixed()
    with pytest.raises(TypeError, match="main memory"):
        x[:] = np.ones(2)


def test_it_is_not_copied_into_main_memory_unasked():
    with pytest.raises(TypeError, match="unasked"):
        np.asarray(StandIn([1.0]))


def test_plain_numbers_are_welcome():
    x = StandIn(np.array([1.0, 2.0], "float32"))

    assert (2 * x + np.float32(1)).tolist() == [3.0, 5.0]
    assert (2 * x).dtype == "float32"


def test_it_has_what_a_gpu_has_and_no_more():
    with pytest.raises(AttributeError, match="setflags"):
        StandIn([1.0]).setflags(write=False)


def test_writing_in_place_keeps_the_array():
    x = same = StandIn([1.0, 2.0])
    x *= 2

    assert x is same
    assert same.tolist() == [2.0, 4.0]


def test_the_device_is_there_inside_the_block_only():
    with standin():
        assert mg.tensor([1.0], device="standin").device == "standin"
    with pytest.raises(RuntimeError, match="no device"):
        mg.tensor([1.0], device="standin")


def test_tensors_do_not_mix_devices():
    with standin(), pytest.raises(RuntimeError, match="x is on standin and y is on cpu"):
        mg.ones(2, device="standin") + mg.ones(2)


def test_a_gradient_finds_its_way_back_between_devices():
    with standin():
        x = mg.tensor([1.0, 2.0], requires_grad=True)
        (x.to("standin") * 3).cpu().sum().backward()

    assert x.grad.device == "cpu"
    assert x.grad.tolist() == [3.0, 3.0]


def test_a_stale_view_is_noticed_there_too():
    with standin():
        x = mg.ones(3, device="standin").requires_grad_()
        out = (x * x).sum()
        x.detach()[0] = 5.0
        with pytest.raises(RuntimeError, match="overwritten"):
            out.backward()


def trained(device, make_optimizer):
    mg.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.5),
        nn.Flatten(),
        nn.Linear(36, 5),
    )
    model.to(device)
    optimizer = make_optimizer(model.parameters())
    x, y = mg.randn(8, 3, 8, 8).to(device), mg.randint(5, (8,)).to(device)
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y, label_smoothing=0.1).backward()
        optimizer.step()
    return model


@pytest.mark.parametrize("rule", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_a_network_trains_on_it_to_the_same_weights_as_on_the_cpu(rule):
    settings = {"momentum": 0.9} if rule == "SGD" else {}
    here = trained("cpu", lambda p: getattr(optim, rule)(p, lr=1e-3, **settings))
    with standin():
        there = trained("standin", lambda p: getattr(optim, rule)(p, lr=1e-3, **settings))
        assert {p.device for p in there.parameters()} == {"standin"}
        there.cpu()

    for name, value in here.state_dict().items():
        np.testing.assert_allclose(there.state_dict()[name].numpy(), value.numpy(), rtol=1e-3, atol=1e-6)
