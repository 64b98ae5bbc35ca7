"""Pictures, filters and feature maps in a grid, and a confusion matrix: drawn with matplotlib, shown by `plt.show()`.

Both functions draw a new figure of pyplot's.
"""

import numpy as np

GAP, TITLE = 8, 16  # pixels: between two pictures, and for a line of text above one


def picture_grid(pictures, titles=(), *, columns=10, scale=2):
    """Pictures side by side, row by row, every pixel of theirs a sharp square of `scale` x `scale` on the screen.

    pictures: (N, 3, H, W) in colour, or (N, H, W) in grey; arrays or tensors. Bytes are shown as they are, 0 to 255.
    Other numbers are stretched, picture by picture, so that the smallest is black and the largest white.
    titles: a text above each picture, or none
    """
    import matplotlib.pyplot as plt

    pictures = np.asarray(pictures)
    if pictures.ndim not in (3, 4) or pictures.ndim == 4 and pictures.shape[1] != 3:
        raise ValueError(
            f"picture_grid wants pictures (N, 3, H, W) in colour or (N, H, W) in grey, and got shape {pictures.shape}."
        )
    if len(titles) not in (0, len(pictures)):
        raise ValueError(f"picture_grid wants a title for each of {len(pictures)} pictures, and got {len(titles)}.")
    shown = pictures if pictures.dtype == np.uint8 else stretched(pictures)
    shown = shown.transpose(0, 2, 3, 1) if shown.ndim == 4 else shown  # colours last, as matplotlib has them

    count, height, width = shown.shape[:3]
    columns = min(columns, count)
    rows = -(-count // columns)
    above = TITLE * max((title.count("\n") + 1 for title in titles), default=0)
    across, down = width * scale + GAP, height * scale + GAP + above  # from one picture to the next
    size = np.array([columns * across, rows * down])
    figure = plt.figure(figsize=size / 100, dpi=100)
    for number, picture in enumerate(shown):
        row, column = divmod(number, columns)
        corner = np.array([column * across + GAP // 2, (rows - row) * down - GAP // 2 - above - height * scale])
        axes = figure.add_axes((*corner / size, *np.array([width, height]) * scale / size))
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="auto")
        axes.set_axis_off()
        if titles:
            axes.set_title(titles[number], fontsize=8, pad=3, linespacing=1.1)


def stretched(pictures):
    """The same pictures as bytes: each from 0 for its smallest number to 255 for its largest; even ones are all 0."""
    low, high = (of(pictures, axis=tuple(range(1, pictures.ndim)), keepdims=True) for of in (np.min, np.max))
    spread = np.where(high > low, high - low, 1)
    return np.rint((pictures - low) / spread * 255).astype(np.uint8)


def confusion_picture(counts, classes):
    """What was taken for what: a square for each class and each answer, the darker the more often.

    counts: integers (C, C), [i, j] how often a picture of class i was said to be of class j
    """
    import matplotlib.pyplot as plt

    counts = np.asarray(counts)
    if counts.shape != (len(classes), len(classes)):
        raise ValueError(f"confusion_picture wants counts {(len(classes),) * 2}, and got shape {counts.shape}.")
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    side = 1.6 + 0.38 * len(classes)
    _, axes = plt.subplots(figsize=(side, side), layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.6 * shares.max() else "black"
        axes.text(column, row, count, ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("what the network says")
    axes.set_ylabel("what it is")
