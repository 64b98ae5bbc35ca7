"""Layers that read a sequence step by step, and remember: what they know after a step goes into the next.

A `cell` is one step: from the gates that the input asks for, and what is remembered, to what is remembered next. Its
weights for all gates lie in one matrix, below each other.
"""

import math

from .. import creation
from ..functions.pointwise import relu, sigmoid, tanh
from ..functions.shape import cat, squeeze, stack, transpose, unsqueeze
from . import functional as F
from . import init
from .functional.asked import check_probability
from .module import Module
from .parameter import Parameter


class Recurrent(Module):
    """`num_layers` layers on top of each other, each read forwards, or in both directions side by side.

    x: (L, N, input_size), or (N, L, input_size) if `batch_first`, or (L, input_size)
    ->  (L, N, D * hidden_size) in the same order, and what is remembered at the end: (D * num_layers, N, hidden_size),
    where D is 2 if `bidirectional`, else 1
    """

    gates = 1

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
    ):
        check_probability(dropout)
        if hidden_size < 1 or num_layers < 1:
            raise ValueError(
                f"{type(self).__name__}: hidden_size ({hidden_size}) and num_layers ({num_layers}) are >= 1."
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        bound = 1 / math.sqrt(hidden_size)
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                read = input_size if layer == 0 else hidden_size * (1 + bidirectional)
                shapes = {"weight_ih": (read,), "weight_hh": (hidden_size,), "bias_ih": (), "bias_hh": ()}
                for name, shape in shapes.items():
                    if bias or name.startswith("weight"):
                        setattr(self, name + suffix, Parameter(creation.empty(self.gates * hidden_size, *shape)))
                        init.uniform_(getattr(self, name + suffix), -bound, bound)

    def _suffixes(self, layer):
        return [f"_l{layer}", f"_l{layer}_reverse"] if self.bidirectional else [f"_l{layer}"]

    def forward(self, x, hx=None):
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            kind = ValueError if x.ndim not in (2, 3) else RuntimeError
            raise kind(
                f"{type(self).__name__} reads (L, N, {self.input_size}) or (L, {self.input_size}), "
                f"and got shape {x.shape}."
            )
        if x.dtype != self.weight_hh_l0.dtype:
            raise ValueError(f"{type(self).__name__}: x is {x.dtype}, and the weights {self.weight_hh_l0.dtype}.")
        single = x.ndim == 2
        x = unsqueeze(x, 1) if single else transpose(x, 0, 1) if self.batch_first else x
        out, memory = self._read(x, self._start(x, hx, single))
        memory = [squeeze(m, 1) if single else m for m in memory]
        out = squeeze(out, 1) if single else transpose(out, 0, 1) if self.batch_first else out
        return out, self._given(memory)

    def _start(self, x, hx, single):
        """What is remembered before the first step: a list of tensors (D * num_layers, N, hidden_size)."""
        shape = (self.num_layers * (1 + self.bidirectional), x.shape[1], self.hidden_size)
        if hx is None:
            return [creation.zeros(shape, dtype=x.dtype, device=x.device)] * self.memories
        hx = [unsqueeze(h, 1) if single else h for h in (hx if self.memories > 1 else (hx,))]
        for h in hx:
            if h.shape != shape:
                raise RuntimeError(
                    f"{type(self).__name__} wants to remember {shape} from before, and got shape {h.shape}."
                )
        return hx

    memories = 1

    def _given(self, memory):
        return memory[0]

    def _read(self, x, start):
        ends = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            outs = []
            for suffix in self._suffixes(layer):
                out, end = self._read_one_way(x, [memory[len(ends)] for memory in start], suffix)
                outs.append(out)
                ends.append(end)
            x = cat(outs, 2)
        return x, [stack(memory) for memory in zip(*ends)]

    def _read_one_way(self, x, memory, suffix):
        """One layer in one direction: (L, N, ...) -> (L, N, hidden_size), and what is remembered at the end."""
        w, b = getattr(self, "weight_hh" + suffix), getattr(self, "bias_hh" + suffix, None)
        asked = F.linear(x, getattr(self, "weight_ih" + suffix), getattr(self, "bias_ih" + suffix, None))
        steps = range(len(x))
        outs = {}
        for step in reversed(steps) if suffix.endswith("reverse") else steps:
            memory = self.cell(asked[step], F.linear(memory[0], w, b), *memory)
            outs[step] = memory[0]
        return stack([outs[step] for step in steps]), memory

    def _split(self, gates):
        """The numbers of each gate: (N, gates * hidden_size) -> several (N, hidden_size)."""
        return [gates[:, i * self.hidden_size : (i + 1) * self.hidden_size] for i in range(self.gates)]

    def extra_repr(self):
        said = f"{self.input_size}, {self.hidden_size}"
        defaults = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        settings = [(name, getattr(self, name)) for name, default in defaults.items() if getattr(self, name) != default]
        return "".join([said, *(f", {name}={value}" for name, value in settings)])


class RNN(Recurrent):
    """h = tanh(W x + b + U h + c), at every step; or relu, if that is the `nonlinearity`.

    Source: Elman, Finding Structure in Time, 1990.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        nonlinearity="tanh",
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', and got {nonlinearity!r}.")
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional)

    def cell(self, asked, recalled, h):
        return [{"tanh": tanh, "relu": relu}[self.nonlinearity](asked + recalled)]


class LSTM(Recurrent):
    """Remembers c, which gates let in, keep, and let out: gives the sequence of h, and the pair (h, c) at the end.

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997.
    """

    gates, memories = 4, 2

    def cell(self, asked, recalled, h, c):
        let_in, keep, new, let_out = self._split(asked + recalled)
        c = sigmoid(keep) * c + sigmoid(let_in) * tanh(new)
        return [sigmoid(let_out) * tanh(c), c]

    def _given(self, memory):
        return tuple(memory)


class GRU(Recurrent):
    """h moves to something new as far as one gate lets it; another says how much of h the new looks at.

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014.
    """

    gates = 3

    def cell(self, asked, recalled, h):
        (look, keep, new), (look_h, keep_h, new_h) = self._split(asked), self._split(recalled)
        keep = sigmoid(keep + keep_h)
        new = tanh(new + sigmoid(look + look_h) * new_h)
        return [(1 - keep) * new + keep * h]
