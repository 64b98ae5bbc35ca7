"""Changes made to pictures on their way to the network.

Every transform takes one picture (C, H, W) or a batch (N, C, H, W) and gives the same kind back, as a new array. In a
batch every picture is changed as if it were alone: the random ones draw for each picture anew. They draw from the
default generator, which a DataLoader seeds for every batch.

>>> augment = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip(), ToFloat(), Normalize(mean=0.5, std=0.25)])
>>> augment(np.zeros((3, 32, 32), np.uint8)).shape
(3, 32, 32)
"""

import numpy as np

from .. import random

__all__ = ["Compose", "Normalize", "RandomCrop", "RandomHorizontalFlip", "ToFloat", "Transform"]


class Transform:
    """What a transform derives from to say that it takes whole batches; any other is called picture by picture.

    Write `apply`, from (N, C, H, W) to (N, C, H', W'); a single picture is made a batch of one for it.
    """

    batched = True

    def __call__(self, images):
        name = type(self).__name__
        if not isinstance(images, np.ndarray):
            raise TypeError(f"{name} wants a NumPy array, and got {type(images).__name__}. Try .numpy() on a Tensor.")
        if images.ndim not in (3, 4):
            raise ValueError(f"{name} wants pictures (C, H, W) or (N, C, H, W), and got shape {images.shape}.")
        return self.apply(images) if images.ndim == 4 else self.apply(images[None])[0]

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


class Compose:
    """One transform after the other."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    @property
    def batched(self):
        return all(getattr(transform, "batched", False) for transform in self.transforms)

    def __call__(self, images):
        for transform in self.transforms:
            images = transform(images)
        return images

    def __repr__(self):
        return f"Compose([{', '.join(map(repr, self.transforms))}])"


class ToFloat(Transform):
    """Bytes from 0 to 255 as float32 from 0 to 1."""

    def apply(self, images):
        if images.dtype != np.uint8:
            raise TypeError(f"ToFloat wants uint8 pictures, from 0 to 255, and got {images.dtype}.")
        return np.divide(images, 255, dtype=np.float32)


class Normalize(Transform):
    """(images - mean) / std, channel by channel: with the data's own mean and std, what comes out has mean 0, std 1.

    mean, std: one number per channel, or one for all
    """

    def __init__(self, mean, std):
        self.mean = mean
        self.std = std
        if not np.all(np.asarray(std) > 0):
            raise ValueError(f"Normalize divides by std, which must be above 0, and got {std}.")

    def apply(self, images):
        if images.dtype.kind != "f":
            raise TypeError(f"Normalize wants floats, and got {images.dtype}. Put ToFloat() before it.")
        mean, std = (np.reshape(value, (-1, 1, 1)).astype(images.dtype) for value in (self.mean, self.std))
        if not {len(mean), len(std)} <= {1, images.shape[1]}:
            raise ValueError(f"Normalize got {len(mean)} means and {len(std)} stds for {images.shape[1]} channels.")
        out = images - mean
        out /= std
        return out


class RandomCrop(Transform):
    """A window of `size` somewhere in the picture, after `padding` black pixels were added on every side.

    size: a number, or (height, width)
    """

    def __init__(self, size, padding=0):
        self.size = size
        self.padding = padding

    def apply(self, images):
        height, width = np.broadcast_to(self.size, 2)
        pad = (self.padding, self.padding)
        images = np.pad(images, ((0, 0), (0, 0), pad, pad))
        rows, columns = images.shape[2] - height, images.shape[3] - width  # the room there is to move
        if rows < 0 or columns < 0:
            raise ValueError(
                f"RandomCrop wants to cut {height} x {width} out of pictures of {images.shape[2]} x {images.shape[3]}, "
                f"padding included. Make padding larger or size smaller."
            )
        windows = np.lib.stride_tricks.sliding_window_view(images, (height, width), axis=(2, 3))
        top = random.default_generator.numpy.integers(rows + 1, size=len(images))
        left = random.default_generator.numpy.integers(columns + 1, size=len(images))
        return windows[np.arange(len(images)), :, top, left]  # (N, C, height, width)


class RandomHorizontalFlip(Transform):
    """The picture as in a mirror, left for right, with probability `p`."""

    def __init__(self, p=0.5):
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip wants a probability p from 0 to 1, and got {p}.")
        self.p = p

    def apply(self, images):
        flip = random.default_generator.numpy.random(len(images)) < self.p
        out = images.copy()
        out[flip] = images[flip, :, :, ::-1]
        return out
