"""Layers that read a sequence step by step, and remember: what they know after a step goes into the next.

A `cell` is one step: from the gates that the input asks for, and what is remembered, to what is remembered next. Its
weights for all gates lie in one matrix, below each other.
"""

import math

from .. import creation
from ..functions.pointwise import relu, sigmoid, tanh
from ..functions.shape import cat, chunk, squeeze, stack, transpose, unsqueeze
from . import functional as F
from . import init
from .functional.asked import check_probability
from .layers import unusual
from .module import Module
from .parameter import Parameter


class Recurrent(Module):
    """`num_layers` layers on top of each other, each read forwards, or in both directions side by side.

    x: (L, N, input_size), or (N, L, input_size) if `batch_first`, or (L, input_size)
    ->  (L, N, D * hidden_size) in the same order, and what is remembered at the end: (D * num_layers, N, hidden_size),
    where D is 2 if `bidirectional`, else 1
    """

    gates, memories = 1, 1

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        **place,
    ):
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._check()
        bound = 1 / math.sqrt(hidden_size)
        out, rows = proj_size or hidden_size, self.gates * hidden_size
        for layer in range(num_layers):
            read = input_size if layer == 0 else out * (1 + bidirectional)
            shapes = {"weight_ih": (rows, read), "weight_hh": (rows, out), "bias_ih": (rows,), "bias_hh": (rows,)}
            shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
            for suffix in self._suffixes(layer):
                for name, shape in shapes.items():
                    if bias or name.startswith("weight"):
                        setattr(self, name + suffix, init.uniform_(Parameter(creation.empty(shape)), -bound, bound))
        self.to(**place)

    def _check(self):
        sizes, flags = (self.input_size, self.hidden_size, self.num_layers), (self.bias, self.batch_first)
        if not all(isinstance(size, int) for size in sizes) or not all(isinstance(flag, bool) for flag in flags):
            raise TypeError(
                f"a recurrent layer's sizes are integers, bias and batch_first bools: got {sizes}, {flags}."
            )
        if min(sizes) < 1 or not 0 <= self.proj_size < self.hidden_size or (self.proj_size and self.memories == 1):
            raise ValueError(f"sizes {sizes} are at least 1, proj_size ({self.proj_size}) below hidden_size, for LSTM.")
        if isinstance(self.dropout, bool):
            raise ValueError(f"dropout is a probability, and got {self.dropout}.")
        check_probability(self.dropout)

    def _suffixes(self, layer):
        return [f"_l{layer}", f"_l{layer}_reverse"] if self.bidirectional else [f"_l{layer}"]

    def forward(self, x, hx=None):
        wanted = f"{type(self).__name__} reads {self.weight_hh_l0.dtype} (L, N, {self.input_size})"
        if x.ndim not in (2, 3) or x.dtype != self.weight_hh_l0.dtype:
            raise ValueError(f"{wanted}, and got {x.dtype} {x.shape}.")
        if x.shape[-1] != self.input_size:
            raise RuntimeError(f"{wanted}, and got shape {x.shape}.")
        single = x.ndim == 2
        x = unsqueeze(x, 1) if single else transpose(x, 0, 1) if self.batch_first else x
        out, memory = self._read(x, self._start(x, hx, single))
        out = squeeze(out, 1) if single else transpose(out, 0, 1) if self.batch_first else out
        memory = tuple(squeeze(m, 1) if single else m for m in memory)
        return out, memory if self.memories > 1 else memory[0]

    def _start(self, x, hx, single):
        """What is remembered before the first step: for each memory a tensor (D * num_layers, N, its size)."""
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: self.memories]
        shapes = [(self.num_layers * (1 + self.bidirectional), x.shape[1], size) for size in sizes]
        if hx is None:
            return [creation.zeros(shape, dtype=x.dtype, device=x.device) for shape in shapes]
        hx = [unsqueeze(h, 1) if single else h for h in (hx if self.memories > 1 else (hx,))]
        for h, shape in zip(hx, shapes):
            if h.shape != shape:
                raise RuntimeError(f"{type(self).__name__} wants to remember {shape} from before, and got {h.shape}.")
        return hx

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
        w_ih, w_hh, b_ih, b_hh, project = (
            getattr(self, name + suffix, None) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        )
        asked = F.linear(x, w_ih, b_ih)
        steps = range(len(x))
        outs = {}
        for step in reversed(steps) if suffix.endswith("reverse") else steps:
            h, *others = self.cell(asked[step], F.linear(memory[0], w_hh, b_hh), *memory)
            memory = [h if project is None else F.linear(h, project), *others]
            outs[step] = memory[0]
        return stack([outs[step] for step in steps]), memory

    def extra_repr(self):
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        return f"{self.input_size}, {self.hidden_size}" + unusual(self, {**defaults, "bidirectional": False})


class RNN(Recurrent):
    """h = tanh(W x + b + U h + c), at every step; or relu, if that is the `nonlinearity`.

    Source: Elman, Finding Structure in Time, 1990.
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **options):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', and got {nonlinearity!r}.")
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, *args, **options)

    def cell(self, asked, recalled, h):
        return [{"tanh": tanh, "relu": relu}[self.nonlinearity](asked + recalled)]


class LSTM(Recurrent):
    """Remembers c, which gates let in, keep, and let out: gives the sequence of h, and the pair (h, c) at the end.

    proj_size: h is brought to this size by one more matrix

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997.
    """

    gates, memories = 4, 2

    def cell(self, asked, recalled, h, c):
        let_in, keep, new, let_out = chunk(asked + recalled, 4, 1)
        c = sigmoid(keep) * c + sigmoid(let_in) * tanh(new)
        return [sigmoid(let_out) * tanh(c), c]


class GRU(Recurrent):
    """h moves to something new as far as one gate lets it; another says how much of h the new looks at.

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014.
    """

    gates = 3

    def cell(self, asked, recalled, h):
        (look, keep, new), (look_h, keep_h, new_h) = chunk(asked, 3, 1), chunk(recalled, 3, 1)
        keep = sigmoid(keep + keep_h)
        new = tanh(new + sigmoid(look + look_h) * new_h)
        return [(1 - keep) * new + keep * h]
