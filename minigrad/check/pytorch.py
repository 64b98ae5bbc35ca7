"""PyTorch, loaded when it is first used. Say `from . import pytorch as torch`, and then torch.relu(x) as ever."""

from contextlib import contextmanager

import numpy as np

from .. import device as devices
from ..tensor import Tensor


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        import torch
    except ImportError:
        raise ImportError(
            "this compares with PyTorch, which is not installed. Get it with: pip install torch"
        ) from None
    return getattr(torch, name)


def to_torch(x, device="cpu"):
    """A copy of an array (or of a Tensor's) as a torch tensor; tuples and lists part by part, all else as it is."""
    if isinstance(x, (tuple, list)):
        return type(x)(to_torch(part, device) for part in x)
    if isinstance(x, Tensor):
        x = x.data
    if not hasattr(x, "__array_ufunc__") or isinstance(x, np.generic):
        return x
    return __getattr__("from_numpy")(np.array(devices.of(x).to_numpy(x))).to(device)


def to_numpy(x):
    """A copy of a torch tensor's numbers, or of one of our arrays', in main memory."""
    if hasattr(x, "detach"):
        return x.detach().cpu().numpy().copy()
    return np.array(devices.of(x).to_numpy(x))


def torch_dtype(dtype):
    """PyTorch's number type of the same name as NumPy's `dtype`."""
    return __getattr__(np.dtype(dtype).name)


@contextmanager
def full_precision():
    """Inside, PyTorch's products on a GPU are true float32: by default, convolutions keep only ten binary digits."""
    backends = __getattr__("backends")
    before = backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32
    backends.cudnn.allow_tf32 = backends.cuda.matmul.allow_tf32 = False
    try:
        yield
    finally:
        backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32 = before
