"""Layers that read sequences give what PyTorch's give, with the same weights, in every arrangement."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn

SETTINGS = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "batch_first": True, "bias": False},
]
KINDS = ["RNN", "LSTM", "GRU"]


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, dtype="f4")


def twins(make):
    """The same module in minigrad and in PyTorch, with PyTorch's weights."""
    torch.manual_seed(0)
    ours, theirs = make(nn), make(torch.nn)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def flat(outputs):
    return [part for out in outputs for part in flat(out)] if isinstance(outputs, (tuple, list)) else [outputs]


def assert_alike(modules, *arrays, **options):
    """Outputs, and gradients of every array and parameter."""
    results = []
    for library, module in zip((mg, torch), modules):
        leaves = [library.tensor(x) for x in arrays]
        for leaf in leaves:
            leaf.requires_grad_()
        given = {name: library.tensor(x) if isinstance(x, np.ndarray) else x for name, x in options.items()}
        outputs = [out for out in flat(module(*leaves, **given)) if out is not None]
        sum((out * library.tensor(numbers(*out.shape, seed=9))).sum() for out in outputs).backward()
        results.append([*outputs, *(x.grad for x in (*leaves, *module.parameters()))])
    for y, u in zip(*results, strict=True):
        np.testing.assert_allclose(y.detach().numpy(), u.detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_read_as_in_pytorch(kind, settings):
    modules = twins(lambda n: getattr(n, kind)(3, 4, **settings))

    assert_alike(modules, numbers(5, 2, 3))
    assert_alike(modules, numbers(5, 3))  # without a batch
    assert repr(modules[0]) == repr(modules[1])
    assert [name for name, _ in modules[0].named_parameters()] == [name for name, _ in modules[1].named_parameters()]


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_reading_goes_on_from_what_is_remembered(kind):
    modules = twins(lambda n: getattr(n, kind)(3, 4, 2))

    assert_alike(modules, numbers(5, 2, 3), numbers(2, 2, 4, seed=1))
    assert_alike(modules, numbers(5, 3), numbers(2, 4, seed=1))


def test_an_lstm_goes_on_from_two_memories():
    ours, theirs = twins(lambda n: n.LSTM(3, 4, batch_first=True))

    def from_two(module):
        def run(x, h, c):
            return module(x, (h, c))

        run.parameters = module.parameters
        return run

    assert_alike(
        (from_two(ours), from_two(theirs)), numbers(2, 5, 3), numbers(1, 2, 4, seed=1), numbers(1, 2, 4, seed=2)
    )


def test_an_rnn_of_relu():
    assert_alike(twins(lambda n: n.RNN(3, 4, 2, nonlinearity="relu")), numbers(5, 2, 3))
    assert_alike(twins(lambda n: n.RNN(3, 4, 1, "relu")), numbers(5, 2, 3))


def test_a_second_derivative_through_a_sequence():
    x = mg.tensor(numbers(3, 2, 3), requires_grad=True)
    t = torch.tensor(numbers(3, 2, 3), requires_grad=True)
    ours, theirs = twins(lambda n: n.LSTM(3, 4))
    for library, module, leaf in ((mg, ours, x), (torch, theirs, t)):
        (slope,) = library.autograd.grad(module(leaf)[0].square().sum(), leaf, create_graph=True)
        slope.square().sum().backward()

    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_dropout_between_layers_is_for_training():
    x, layer = mg.randn(5, 2, 3), nn.GRU(3, 4, 2, dropout=0.5)

    assert (layer(x)[0] != layer(x)[0]).any()
    assert (layer.eval()(x)[0] == layer(x)[0]).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda T: T.nn.RNN(3, 4, nonlinearity="sin"),
        lambda T: T.nn.RNN(3, 0),
        lambda T: T.nn.GRU(3, 4, 0),
        lambda T: T.nn.GRU(3, 4, dropout=2),
        lambda T: T.nn.GRU(3, 4, dropout=True),
        lambda T: T.nn.GRU(3, 4, bias=1),
        lambda T: T.nn.GRU(3.0, 4),
        lambda T: T.nn.GRU(3, 4, proj_size=2),
        lambda T: T.nn.LSTM(3, 4, proj_size=4),
        lambda T: T.nn.Conv2d(2, 2, 3, padding_mode="mirror"),
        lambda T: T.nn.ConvTranspose2d(2, 2, 3, padding_mode="reflect"),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 4)] * 3, attn_mask=T.zeros(3, 2)),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 4)] * 3, key_padding_mask=T.zeros(2)),
        lambda T: T.nn.GRU(3, 4)(T.zeros(3)),
        lambda T: T.nn.GRU(3, 4)(T.zeros(2, 5, 2)),
        lambda T: T.nn.GRU(3, 4)(T.zeros(2, 5, 3), T.zeros(1, 2, 4)),
        lambda T: T.nn.LSTM(3, 4)(T.zeros(2, 5, 3), (T.zeros(1, 2, 4), T.zeros(1, 2, 4))),
        lambda T: T.nn.GRU(3, 4)(T.zeros(2, 5, 3).double()),
        lambda T: T.nn.MultiheadAttention(5, 2),
        lambda T: T.nn.MultiheadAttention(4, 2)(T.zeros(3, 4), T.zeros(3, 4), T.zeros(2, 4)),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 2, 5)] * 3),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(4)] * 3),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 4)] * 3, attn_mask=T.zeros(3, 3).long()),
        lambda T: T.nn.MultiheadAttention(0, 2),
        lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 4)] * 3, is_causal=True),
        lambda T: T.nn.TransformerEncoderLayer(4, 2, activation="sin"),
        lambda T: T.nn.Embedding(4, 2, padding_idx=4),
        lambda T: T.nn.GroupNorm(2, 3),
        lambda T: T.nn.Conv2d(2, 2, 3, padding="full"),
        lambda T: T.nn.Conv2d(2, 2, 3, padding="same", stride=2),
        lambda T: T.nn.BatchNorm1d(3)(T.zeros(2, 3, 4, 4)),
        lambda T: T.nn.Hardtanh(1, -1),
        lambda T: T.nn.ModuleList([1]),
        lambda T: T.nn.ModuleList()[0],
        lambda T: T.nn.ModuleDict({"a": 1}),
        lambda T: T.nn.ModuleDict()["a"],
        lambda T: T.nn.ModuleDict({"keys": T.nn.ReLU()}),
        lambda T: T.nn.ModuleDict({"a.b": T.nn.ReLU()}),
        lambda T: T.nn.ModuleDict({1: T.nn.ReLU()}),
        lambda T: T.nn.Conv2d(3, 4, 3)(T.zeros(3)),
        lambda T: T.nn.ConvTranspose2d(3, 4, 3, output_padding=1)(T.zeros(2, 3, 8, 8)),
        lambda T: T.nn.LayerNorm(4)(T.zeros(3, 5)),
        lambda T: T.nn.GroupNorm(2, 4)(T.zeros(3, 5)),
        lambda T: T.nn.Embedding(4, 2)(T.tensor([4])),
        lambda T: T.nn.Upsample()(T.zeros(2, 3, 4)),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_what_pytorch_refuses_is_refused_in_the_same_way(call):
    with pytest.raises(Exception) as theirs:
        call(torch)
    with pytest.raises(Exception) as ours:
        call(mg)

    assert ours.type is theirs.type, f"{ours.value!r} here, {theirs.value!r} in PyTorch"


ATTENTION = {
    "alone": {},
    "without weights": {"need_weights": False},
    "of each head": {"average_attn_weights": False},
    "masked": {"attn_mask": np.triu(np.ones((5, 6), bool), 1)},
    "masked by numbers": {"attn_mask": numbers(5, 6)},
    "masked head by head": {"attn_mask": np.random.default_rng(0).random((4, 5, 6)) < 0.2},
    "masked entirely": {"attn_mask": np.arange(5)[:, None] * np.ones((5, 6)) == 1},
    "masked entirely, without weights": {
        "attn_mask": np.arange(5)[:, None] * np.ones((5, 6)) == 1,
        "need_weights": False,
    },
    "padded": {"key_padding_mask": np.arange(6) > np.array([[3], [5]])},
    "padded and masked": {
        "key_padding_mask": np.arange(6) > np.array([[3], [5]]),
        "attn_mask": np.triu(np.ones((5, 6), bool), 1),
    },
}


@pytest.mark.parametrize("name", ATTENTION)
@pytest.mark.parametrize("settings", [{}, {"bias": False, "batch_first": True}], ids=["", "batch first"])
@pytest.mark.filterwarnings("ignore")
def test_attention_of_several_heads_is_pytorchs(name, settings):
    modules = twins(lambda n: n.MultiheadAttention(4, 2, **settings))
    shapes = [(2, 5, 4), (2, 6, 4), (2, 6, 4)] if settings else [(5, 2, 4), (6, 2, 4), (6, 2, 4)]

    assert_alike(modules, *(numbers(*shape, seed=i) for i, shape in enumerate(shapes)), **ATTENTION[name])


def test_attention_without_a_batch():
    modules = twins(lambda n: n.MultiheadAttention(4, 2))

    assert_alike(modules, numbers(5, 4), numbers(6, 4), numbers(6, 4), key_padding_mask=np.arange(6) > 3)


@pytest.mark.parametrize(
    "settings",
    [{"kdim": 3, "vdim": 5}, {"add_bias_kv": True, "bias": False}, {"add_zero_attn": True, "kdim": 3}],
    ids=str,
)
def test_keys_and_values_may_be_of_other_sizes_and_have_others_added(settings):
    modules = twins(lambda n: n.MultiheadAttention(4, 2, **settings))
    arrays = numbers(5, 2, 4), numbers(6, 2, settings.get("kdim", 4)), numbers(6, 2, settings.get("vdim", 4))
    masks = {"attn_mask": np.triu(np.ones((5, 6), bool), 1), "key_padding_mask": np.arange(6) > np.array([[3], [5]])}

    assert_alike(modules, *arrays)
    assert_alike(modules, *arrays, **masks)
    assert list(modules[0].state_dict()) == list(modules[1].state_dict())


def test_an_lstm_can_give_less_than_it_remembers():
    modules = twins(lambda n: n.LSTM(3, 4, 2, bidirectional=True, proj_size=2))

    assert_alike(modules, numbers(5, 2, 3))
    assert list(modules[0].state_dict()) == list(modules[1].state_dict())
    assert repr(modules[0]) == repr(modules[1])


def test_a_transposed_convolution_can_be_told_the_size_of_its_result():
    modules = twins(lambda n: n.ConvTranspose2d(2, 3, 3, stride=2))

    assert_alike(modules, numbers(1, 2, 3, 4), output_size=[8, 9])
    with pytest.raises(ValueError, match="possible"):
        modules[0](mg.zeros(1, 2, 3, 4), output_size=[9, 9])


@pytest.mark.parametrize(
    "settings", [{}, {"norm_first": True, "bias": False}, {"batch_first": True, "activation": "gelu"}], ids=str
)
def test_a_transformers_layer_is_pytorchs(settings):
    modules = twins(lambda n: n.TransformerEncoderLayer(4, 2, 8, dropout=0.0, **settings))
    causal = np.triu(np.ones((5, 5), bool), 1)

    assert_alike(modules, numbers(5, 2, 4))
    if "batch_first" not in settings:
        assert_alike(modules, numbers(5, 2, 4), src_mask=causal, is_causal=True)
    assert_alike(modules, numbers(5, 4))
    names = [[name for name, _ in module.named_parameters()] for module in modules]
    assert names[0] == names[1]


def test_weights_start_with_pytorchs_spread():
    mg.manual_seed(0)
    torch.manual_seed(0)
    for make in (lambda n: n.LSTM(20, 30), lambda n: n.MultiheadAttention(40, 4), lambda n: n.Embedding(50, 40)):
        for p, q in zip(make(nn).parameters(), make(torch.nn).parameters(), strict=True):
            assert np.isclose(p.detach().numpy().std(), q.detach().numpy().std(), rtol=0.1)


def test_lists_and_dictionaries_of_modules():
    results = []
    for n in (nn, torch.nn):
        many, named = n.ModuleList([n.Linear(2, 3)]), n.ModuleDict({"a": n.ReLU(), "b": n.Linear(3, 2)})
        many.append(n.Tanh()).extend([n.Sigmoid(), n.Identity()])
        many.insert(1, n.ReLU())
        many[-1] = n.Softmax(dim=0)
        del many[2]
        many += [n.ReLU(), n.Tanh()]
        many.pop(-1)
        named["c"] = n.Tanh()
        del named["a"]
        kinds = [type(module).__name__ for module in (*many, many[-1], *many[1:], *named.values(), named.pop("c"))]
        results.append((kinds, list(named), list(named.keys()), len(many), len(named), "b" in named))
        results[-1] += ([name for name, _ in many.named_parameters()], [name for name, _ in named.named_parameters()])

    assert results[0] == results[1]


def test_the_padding_row_starts_as_zeros():
    assert nn.Embedding(4, 3, padding_idx=-1).weight[3].tolist() == [0, 0, 0]
    assert repr(nn.Embedding(4, 3, padding_idx=-1)) == repr(torch.nn.Embedding(4, 3, padding_idx=-1))
