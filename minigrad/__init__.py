"""minigrad: tensors, dynamic graphs and autograd on NumPy, with PyTorch's names. Small enough to read in an evening.

Where to begin: `ops/elementwise.py` (how an op is written), `graph.py` (how gradients travel), `tensor.py` (where they
meet).
"""

import warnings

from . import autograd, data, functions, linalg, nn, ops, optim, recorded
from .creation import (
    arange,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    rand_like,
    randint,
    randint_like,
    randn,
    randn_like,
    randperm,
    tensor,
    zeros,
    zeros_like,
)
from .device import is_available
from .dtype import (
    bool,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    short,
    uint8,
)
from .dtype import float32 as float
from .dtype import int32 as int
from .functions import *  # noqa: F403
from .graph import enable_grad, is_grad_enabled, no_grad
from .random import Generator, manual_seed
from .serialization import load, save
from .tensor import Tensor

__version__ = "0.1.0"

# log(0) is -inf and 0/0 is nan, in PyTorch without a word; NumPy's warnings from our own files would only confuse.
# Those of x.sum() and x.mean() come from a file of NumPy's.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"minigrad\.|numpy\._core\._methods")
