"""What each of our ops is called in PyTorch: the same tensors and options in, PyTorch's result out.

`COUNTERPARTS[name]` is a function of torch tensors that takes our op's options under our names (NumPy's axis and
keepdims become dim and keepdim). An op of your own can be added: COUNTERPARTS["my_op"] = lambda x: ...
"""

from . import pytorch as torch
from .pytorch import torch_dtype


def where(x, y, *, condition):
    return torch.where(condition, x, y)


def normalize(x, *, axis, eps=1e-5):
    """What batch_norm does to its input, written out, since in PyTorch it stands only within larger functions."""
    centred = x - x.mean(axis, keepdim=True)
    return centred / torch.sqrt(centred.square().mean(axis, keepdim=True) + eps)


def linear(x, w, b=None):
    return torch.nn.functional.linear(x, w, b)


def conv2d(x, w, b=None, *, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    return torch.nn.functional.conv2d(x, w, b, stride, padding, dilation, groups)


def conv_transpose2d(x, w, *, shape, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    sizes = zip(shape[2:], x.shape[2:], w.shape[2:], stride, padding, dilation)
    left = [n - ((m - 1) * s - 2 * p + d * (k - 1) + 1) for n, m, k, s, p, d in sizes]  # not reached by any window
    return torch.nn.functional.conv_transpose2d(x, w, None, stride, padding, left, groups, dilation)


def max_pool2d(x, *, kernel_size, stride, padding=(0, 0), dilation=(1, 1)):
    return torch.nn.functional.max_pool2d(x, kernel_size, stride, padding, dilation)


def avg_pool2d(x, *, kernel_size, stride, padding=(0, 0)):
    return torch.nn.functional.avg_pool2d(x, kernel_size, stride, padding)


def nll(x, *, axis, labels, counted):
    labels = torch.where(counted, labels, -100)  # the label that PyTorch leaves out
    return torch.nn.functional.nll_loss(x, labels, reduction="none")


def binary_cross_entropy(x, y):
    return torch.nn.functional.binary_cross_entropy(x, y, reduction="none")


def binary_cross_entropy_with_logits(x, y, pos_weight=1):
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    return loss(x, y, pos_weight=torch.as_tensor(pos_weight).to(x), reduction="none")


def getitem(x, *, index):
    return x[index]


def index_put(x, y, *, index):
    out = x.clone()
    out[index] = y
    return out


def index_add(x, y, *, index):
    return torch.index_put(x, index if isinstance(index, tuple) else (index,), y, accumulate=True)


def same_name(name):
    """For an op that PyTorch has under the same name, taking nothing but tensors."""
    return lambda *tensors: getattr(torch, name)(*tensors)


def reduction(name):
    """For an op along an axis, an integer, a tuple of them, or None for all of them."""

    def of_all_or_some(x, *, axis=None, keepdims=False, **options):
        axis = tuple(range(x.ndim)) if axis is None else axis
        return getattr(torch, name)(x, axis, keepdim=keepdims, **options)

    return of_all_or_some


COUNTERPARTS = {
    **{name: same_name(name) for name in ("add", "sub", "mul", "div", "neg", "pow", "square", "sqrt", "exp", "log")},
    **{name: same_name(name) for name in ("remainder", "floor", "sign", "expm1", "log1p", "sin", "cos", "erf")},
    **{name: same_name(name) for name in ("tanh", "sigmoid", "relu", "abs", "maximum", "minimum", "matmul")},
    **{name: reduction(name) for name in ("sum", "mean", "var", "std", "amax", "amin", "logsumexp")},
    "logsigmoid": lambda x: torch.nn.functional.logsigmoid(x),
    "quotient": lambda x, y, *, rounding_mode: torch.div(x, y, rounding_mode=rounding_mode),
    "round": lambda x, *, decimals=0: torch.round(x, decimals=decimals) if decimals else torch.round(x),
    "cumsum": lambda x, *, axis: torch.cumsum(x, axis),
    "prod": lambda x, *, axis=None: torch.prod(x) if axis is None else torch.prod(x, axis),
    "norm": lambda x, *, ord, axis=None, keepdims=False: torch.linalg.vector_norm(x, ord, axis, keepdims),
    "clamp": lambda x, low=None, high=None: torch.clamp(x, low, high),
    "where": where,
    "cast": lambda x, *, dtype: x.to(torch_dtype(dtype)),
    "normalize": normalize,
    "softmax": lambda x, *, axis: torch.softmax(x, axis or 0),  # None for a single number
    "log_softmax": lambda x, *, axis: torch.log_softmax(x, axis or 0),
    "linear": linear,
    "einsum": lambda *xs, equation: torch.einsum(equation, *xs),
    "reshape": lambda x, *, shape: x.reshape(shape),
    "permute": lambda x, *, axes: x.permute(axes),
    "contiguous": lambda x: x.contiguous().clone(),
    "expand": lambda x, *, shape: x.expand(shape),
    "getitem": getitem,
    "index_add": index_add,
    "index_put": index_put,
    "gather": lambda x, *, axis, index: torch.gather(x, axis, index),
    "cat": lambda *xs, axis=0: torch.cat(xs, axis),
    "transfer": lambda x, *, device: x.clone(),  # the comparison stays on one device
    "conv2d": conv2d,
    "conv_transpose2d": conv_transpose2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "nll": nll,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
}
