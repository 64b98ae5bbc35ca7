"""The workloads, in the words of each library.

Every module here has

    WORKLOADS        functions that get a device and options, and give a function `step`; what that returns (arrays or
                     tensors: losses, results, gradients) is what all libraries must agree on. Where chance has a
                     part, the option chance=False leaves it out.
    versions()       what is running
    numpy(x)         a result as an array
    finish(device)   waits until the device has done all it was told
    peak(device)     the most memory in use so far, in bytes
"""

import numpy as np


def numbers(*shape, seed=0, scale=1.0):
    """The same numbers for every library."""
    return (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def labels(count, classes, seed=0):
    return np.random.default_rng(seed).integers(classes, size=count)


def weights(shapes):
    """Weights and biases of a net, as large as its layers need them."""
    return [numbers(*s, seed=i, scale=np.prod(s[1:]) ** -0.5 if len(s) > 1 else 0.1) for i, s in enumerate(shapes)]


CNN = [(32, 3, 3, 3), (32,), (64, 32, 3, 3), (64,), (128, 64 * 14 * 14), (128,), (10, 128), (10,)]
MLP = [(256, 784), (256,), (10, 256), (10,)]
SMALL_MLP = [(16, 2), (16,), (16, 16), (16,), (1, 16), (1,)]


def resident():
    """The most memory that this process has had so far, in bytes."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    except OSError:  # not Linux
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
