"""Lockstep stays with PyTorch where the algorithm is the same, and leaves it at the first step that is another."""

import copy

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, ops, optim
from minigrad.check import lockstep
from minigrad.data import CIFAR10Subset
from minigrad.models import CNN
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")


def batches(count=4, size=8, seed=0):
    mg.manual_seed(seed)
    return [(mg.randn(size, 3, 8, 8), mg.randint(5, (size,))) for _ in range(count)]


def net(nn):
    """The same net in either: `nn` is ours, or PyTorch's."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.3), nn.Flatten(),
        nn.Linear(36, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 5),
    )  # fmt: skip


def run(make_ours, make_torch=None, **options):
    """Lockstep of the small net, with optimizers made from parameters."""
    ours, theirs = net(nn), net(torch.nn)
    return lockstep(
        ours,
        theirs,
        batches(),
        optimizer=make_ours(ours.parameters()),
        torch_optimizer=(make_torch or make_ours)(theirs.parameters()),
        **{"steps": 10, "float32": False, **options},
    )


def rule(name, **settings):
    """(ours, PyTorch's) of an update rule."""
    return (
        lambda params: getattr(optim, name)(params, **settings),
        lambda params: getattr(torch.optim, name)(params, **settings),
    )


RULES = [
    rule("SGD", lr=0.1),
    rule("SGD", lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    rule("SGD", lr=0.1, momentum=0.9, dampening=0.1),
    rule("Adam"),
    rule("Adam", lr=0.01, weight_decay=0.1, betas=(0.8, 0.9), eps=1e-4),
    rule("AdamW", lr=0.01, weight_decay=0.1),
    rule("RMSprop"),
    rule("RMSprop", alpha=0.9, momentum=0.5, centered=True, weight_decay=0.01),
]


@pytest.mark.parametrize("ours, theirs", RULES)
def test_every_rule_stays_with_pytorchs(ours, theirs):
    report = run(ours, theirs)

    assert report.agrees, report
    assert len(report.steps) == 10


class AdamWithoutCorrection(optim.Adam):
    def update(self, p, g, state, lr, betas, eps, **settings):
        mean = optim.rules.averaged(state, "exp_avg", g, betas[0])
        size = optim.rules.averaged(state, "exp_avg_sq", g * g, betas[1])
        p -= lr * mean / (np.sqrt(size) + eps)


class AdamWithEpsInsideTheRoot(optim.Adam):
    def update(self, p, g, state, lr, betas, eps, **settings):
        state["step"] = step = state.get("step", 0) + 1
        mean = optim.rules.averaged(state, "exp_avg", g, betas[0]) / (1 - betas[0] ** step)
        size = optim.rules.averaged(state, "exp_avg_sq", g * g, betas[1]) / (1 - betas[1] ** step)
        p -= lr * mean / np.sqrt(size + eps)


class SGDThatDampensFromTheStart(optim.SGD):
    def update(self, p, g, state, lr, momentum, **settings):
        velocity = state.setdefault("momentum_buffer", np.zeros_like(p))
        velocity *= momentum
        velocity += (1 - momentum) * g
        p -= lr * velocity


class SGDThatDecaysAfterTheStep(optim.SGD):
    def update(self, p, g, state, lr, weight_decay, **settings):
        p -= lr * g
        p -= lr * weight_decay * p


BROKEN = {
    "eps ten times too large": (lambda p: optim.Adam(p, eps=1e-7), torch.optim.Adam),
    "eps a tenth": (lambda p: optim.Adam(p, eps=1e-9), torch.optim.Adam),
    "eps inside the root": (AdamWithEpsInsideTheRoot, torch.optim.Adam),
    "no bias correction": (AdamWithoutCorrection, torch.optim.Adam),
    "a beta of 0.99": (lambda p: optim.Adam(p, betas=(0.9, 0.99)), torch.optim.Adam),
    "decay coupled": (lambda p: optim.Adam(p, weight_decay=0.01), torch.optim.AdamW),
    "decay decoupled": (optim.AdamW, lambda p: torch.optim.Adam(p, weight_decay=0.01)),
    "decay after the step": (
        lambda p: SGDThatDecaysAfterTheStep(p, lr=0.1, weight_decay=0.01),
        lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
    ),
    "dampened momentum": (
        lambda p: SGDThatDampensFromTheStart(p, lr=0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    ),
    "nesterov forgotten": (
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    ),
    "a learning rate off by a millionth": (lambda p: optim.SGD(p, lr=0.1000001), lambda p: torch.optim.SGD(p, lr=0.1)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_another_update_is_found_at_once_and_put_down_to_the_optimizer(name):
    report = run(*BROKEN[name])

    assert not report.agrees
    assert report.first.what == "parameter"
    assert report.first.step <= 2
    assert "how the optimizer uses it" in report.summary()


def test_a_wrong_gradient_is_put_down_to_the_layer_behind_it(monkeypatch):
    def tanh(x):
        out = np.tanh(x)
        return out, lambda g: g * (1 - out * out) * (1 + 1e-6)

    monkeypatch.setattr(ops, "tanh", tanh)
    report = run(*rule("SGD", lr=0.1))

    assert (report.first.step, report.first.what) == (1, "gradient")
    assert report.first.name == "6.bias"  # the linear layer before the tanh; the one after it has its gradient right


def test_a_wrong_value_is_seen_in_the_loss(monkeypatch):
    def tanh(x):
        out = np.tanh(x) * (1 + 1e-6)
        return out, lambda g: g * (1 - out * out)

    monkeypatch.setattr(ops, "tanh", tanh)
    report = run(*rule("SGD", lr=0.1))

    assert (report.first.step, report.first.what) == (1, "loss")


def test_statistics_of_a_batch_norm_are_compared_too(monkeypatch):
    def batch_norm(input, running_mean, running_var, *others):
        before = running_var.data.copy()
        out = original(input, running_mean, running_var, *others)
        n = input.numel() / input.shape[1]
        with mg.no_grad():  # as if the variance were divided by n
            running_var.copy_(mg.from_numpy(before + (running_var.data - 0.9 * before) * (n - 1) / n - 0.1 * before))
        return out

    original = F.batch_norm
    monkeypatch.setattr(F, "batch_norm", batch_norm)
    report = run(*rule("SGD", lr=0.1))

    assert (report.first.step, report.first.what, report.first.name) == (1, "buffer", "1.running_var")


def test_the_models_stay_as_they_are():
    ours, theirs = net(nn), net(torch.nn)
    before = {name: value.numpy().copy() for name, value in ours.state_dict().items()}
    theirs_before = copy.deepcopy(theirs.state_dict())
    lockstep(
        ours, theirs, batches(), steps=2, float32=False,
        optimizer=optim.SGD(ours.parameters()), torch_optimizer=torch.optim.SGD(theirs.parameters()),
    )  # fmt: skip

    for name, value in ours.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), before[name])
        assert value.dtype == before[name].dtype
    assert all(torch.equal(value, theirs_before[name]) for name, value in theirs.state_dict().items())
    assert all(p.grad is None for p in ours.parameters())


def test_any_loss_will_do_with_its_counterpart_named_or_given():
    data = [(np.ones((4, 3), "float32"), np.ones((4, 1), "float32"))]
    for loss, theirs in (
        (F.mse_loss, None),
        (F.huber_loss, None),
        (lambda out, y: (out - y).abs().mean(), lambda out, y: (out - y).abs().mean()),
    ):
        a, b = nn.Linear(3, 1), torch.nn.Linear(3, 1)
        optimizers = {"optimizer": optim.Adam(a.parameters()), "torch_optimizer": torch.optim.Adam(b.parameters())}
        assert lockstep(a, b, data, loss=loss, torch_loss=theirs, steps=5, **optimizers).agrees

    with pytest.raises(TypeError, match="Say torch_loss"):
        lockstep(a, b, data, loss=lambda out, y: out.sum(), **optimizers)


def test_a_parameter_that_gets_no_gradient_gets_none_in_either():
    class Half(nn.Module):
        def __init__(self):
            self.used, self.unused = nn.Linear(3, 1), nn.Linear(3, 1)

        def forward(self, x):
            return self.used(x)

    class TorchHalf(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)

        def forward(self, x):
            return self.used(x)

    data = [(np.ones((4, 3), "float32"), np.ones((4, 1), "float32"))]
    a, b = Half(), TorchHalf()
    optimizers = {"optimizer": optim.SGD(a.parameters()), "torch_optimizer": torch.optim.SGD(b.parameters())}

    assert lockstep(a, b, data, loss=F.mse_loss, steps=2, **optimizers).agrees


@pytest.mark.skipif(not mg.is_available("cuda"), reason="there is no GPU here")
def test_on_a_gpu_too():
    report = run(*rule("SGD", lr=0.1), device="cuda")

    assert report.agrees, report


def test_in_float32_it_shows_how_far_rounding_goes_and_does_not_judge_by_it():
    report = run(*rule("SGD", lr=0.1), float32=True)

    assert report.agrees
    assert report.steps[-1].apart < 1e-10 < report.steps[-1].torch32 < 1e-3
    assert "PyTorch from itself" in repr(report)
    assert "PyTorch from itself" in report._repr_html_()


def test_models_that_are_not_alike_are_refused():
    ours, theirs = net(nn), torch.nn.Sequential(torch.nn.Linear(3, 2))
    with pytest.raises(ValueError, match=r"0.weight: \(4, 3, 3, 3\) here, \(2, 3\) in PyTorch"):
        lockstep(
            ours, theirs, batches(),
            optimizer=optim.SGD(ours.parameters()), torch_optimizer=torch.optim.SGD(theirs.parameters()),
        )  # fmt: skip


def test_a_used_optimizer_and_one_of_another_model_are_refused():
    ours, theirs = net(nn), net(torch.nn)
    fresh = torch.optim.SGD(theirs.parameters())
    with pytest.raises(ValueError, match="parameters of another model"):
        lockstep(ours, theirs, batches(), optimizer=optim.SGD(net(nn).parameters()), torch_optimizer=fresh)

    used = optim.Adam(ours.parameters())
    F.cross_entropy(ours(batches()[0][0]), batches()[0][1]).backward()
    used.step()
    with pytest.raises(ValueError, match="made steps already"):
        lockstep(ours, theirs, batches(), optimizer=used, torch_optimizer=fresh)


def test_a_dropout_that_only_one_model_has_is_said():
    ours, theirs = net(nn), net(torch.nn)
    setattr(theirs, "8", torch.nn.Identity())
    with pytest.raises(ValueError, match="drops by 1 more"):
        lockstep(
            ours, theirs, batches(),
            optimizer=optim.SGD(ours.parameters()), torch_optimizer=torch.optim.SGD(theirs.parameters()),
        )  # fmt: skip
    assert F.dropout_mask.__module__.startswith("minigrad.nn.functional")  # all is put back
    assert torch.nn.functional.dropout.__module__ == "torch.nn.functional"


def test_no_batches_is_said():
    with pytest.raises(ValueError, match="no batches"):
        ours, theirs = net(nn), net(torch.nn)
        lockstep(
            ours, theirs, [],
            optimizer=optim.SGD(ours.parameters()), torch_optimizer=torch.optim.SGD(theirs.parameters()),
        )  # fmt: skip


class TorchCNN(torch.nn.Module):
    """The CNN of `minigrad.models`, as one would write it in PyTorch."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 32, 3)
        self.conv2 = torch.nn.Conv2d(32, 64, 3)
        self.dropout1 = torch.nn.Dropout2d(0.25)
        self.fc1 = torch.nn.Linear(64 * 14 * 14, 128)
        self.dropout2 = torch.nn.Dropout(0.5)
        self.fc2 = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.conv2(x))
        x = self.dropout1(torch.nn.functional.max_pool2d(x, 2))
        x = self.dropout2(torch.relu(self.fc1(x.flatten(1))))
        return self.fc2(x)


def cnn(steps, size, ours, theirs, **options):
    """Lockstep of the CNN on CIFAR-10, `size` pictures a step."""
    pictures = CIFAR10Subset()
    order = np.random.default_rng(0).permutation(len(pictures))
    mean, std = (np.reshape(numbers, (3, 1, 1)) for numbers in (pictures.mean, pictures.std))
    images = ((pictures.images[order] / 255 - mean) / std).astype("float32")
    data = [(images[i : i + size], pictures.labels[order][i : i + size]) for i in range(0, len(order), size)]
    mg.manual_seed(0)
    a, b = CNN(), TorchCNN()
    return lockstep(
        a, b, data, optimizer=ours(a.parameters()), torch_optimizer=theirs(b.parameters()), steps=steps, **options
    )


def test_the_cnn_stays_with_pytorchs():
    report = cnn(3, 4, *rule("SGD", lr=0.01, momentum=0.9), float32=False)

    assert report.agrees, report


@pytest.mark.slow
@pytest.mark.parametrize("ours, theirs", [rule("SGD", lr=0.01, momentum=0.9), rule("Adam")])
def test_the_cnn_stays_with_pytorchs_for_a_hundred_steps(ours, theirs):
    report = cnn(100, 100, ours, theirs)

    assert report.agrees, report
