"""Where arrays live: "cpu" (NumPy) and "cuda" (CuPy).

Everything above this file calls `np.` on the arrays it is given and makes new ones only `_like` them, so the same line
of code runs wherever its arrays are. Only what moves an array, or asks where it is, stands here.
"""

import numpy as np


class CPU:
    """NumPy arrays, in main memory."""

    name = "cpu"

    def owns(self, array):
        return isinstance(array, (np.ndarray, np.generic))

    def from_numpy(self, array):
        return array

    def to_numpy(self, array):
        return array


class CUDA:
    """CuPy arrays, in the memory of an NVIDIA GPU."""

    name = "cuda"

    def __init__(self):
        try:
            import cupy

            cupy.cuda.runtime.getDeviceCount()
        except ImportError:
            raise RuntimeError(
                "device 'cuda' needs CuPy, which is not installed. With an NVIDIA GPU: pip install cupy-cuda12x"
            ) from None
        except Exception as error:  # CuPy is there, and its driver or GPU is not
            raise RuntimeError(f"device 'cuda' is not to be had on this machine: {error}") from None
        self.cupy = cupy

    def owns(self, array):
        return isinstance(array, self.cupy.ndarray)

    def from_numpy(self, array):
        return self.cupy.asarray(array)

    def to_numpy(self, array):
        return self.cupy.asnumpy(array)


cpu = CPU()
opened = {"cpu": cpu}  # by name; others open when first asked for
kinds = {"cpu": CPU, "cuda": CUDA}


def get(name):
    """The device called `name`: "cpu", "cuda" or "cuda:0". Raises RuntimeError where there is no such device."""
    if name not in opened:
        kind = name.removesuffix(":0") if isinstance(name, str) else name
        if kind not in kinds:
            raise RuntimeError(f"there is no device {name!r}. Choose one of: {', '.join(map(repr, kinds))}.")
        opened[name] = opened[kind] if kind in opened else kinds[kind]()
        opened[kind] = opened[name]
    return opened[name]


def of(array):
    """The device on which `array` lives."""
    if isinstance(array, np.ndarray):
        return cpu
    for device in opened.values():
        if device.owns(array):
            return device
    raise TypeError(f"a tensor holds an array, and got a {type(array).__name__}.")


def freeze(array):
    """Refuse later writes through this array, because a recorded gradient needs it as it is now.

    CuPy has no read-only arrays. The version counter of `Tensor` still sees writes through tensors.
    """
    if isinstance(array, np.ndarray):
        array.setflags(write=False)


def thaw(array):
    """Allow writes through this array again, and through the array that it is a view of."""
    if isinstance(array, np.ndarray) and not array.flags.writeable:
        thaw(array.base)
        array.setflags(write=True)


def is_available(name="cuda"):
    """Whether the device called `name` can be used here."""
    try:
        get(name)
    except RuntimeError:
        return False
    return True
