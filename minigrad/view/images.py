"""What a convolution does to a real picture, and how much of the picture a unit deep in a network sees."""

import numpy as np

from .. import autograd
from ..graph import no_grad
from ..nn import functional as F
from ..tensor import Tensor
from . import svg
from .chart import Chart, Line, as_png
from .memory import CELL, cells, widest
from .pictures import stretched
from .views import Choice, Picture, Slider, View, at_rest

GAP, TOP = 24, 40  # px: around pictures, and above them
KERNELS = {
    "nothing changed": [0, 0, 0, 0, 1, 0, 0, 0, 0],
    "blur": [0.05, 0.1, 0.05, 0.1, 0.4, 0.1, 0.05, 0.1, 0.05],
    "sharpen": [0, -1, 0, -1, 5, -1, 0, -1, 0],
    "edges, left to right": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
    "edges, top to bottom": [-1, -2, -1, 0, 0, 0, 1, 2, 1],
    "all edges": [0, -1, 0, -1, 4, -1, 0, -1, 0],
    "shift to the left": [0, 0, 0, 0, 0, 1, 0, 0, 0],
}
WEIGHTS = {
    **{"w00": "up left", "w01": "up", "w02": "up right"},
    **{"w10": "left", "w11": "middle", "w12": "right"},
    **{"w20": "down left", "w21": "down", "w22": "down right"},
}


def kernel_lab(image, kernel="edges, left to right"):
    """A 3 x 3 kernel on a real picture: its nine weights to be moved, and what comes out.

    image: (H, W) in grey or (3, H, W) in colour, which is made grey; bytes, or numbers from 0 to 1
    kernel: the one to start from: a name, or nine weights from -5 to 5
    """
    grey = as_grey(image)
    height, width = grey.shape
    if min(height, width) < 3 or max(height, width) > 128:
        raise ValueError(f"kernel_lab is for pictures of 3 to 128 pixels a side, and got {height} x {width}.")
    kernels = {name: [float(w) for w in weights] for name, weights in KERNELS.items()}
    if not isinstance(kernel, str):
        kernels = {"mine": [float(w) for w in np.ravel(kernel)], **kernels}
        kernel = "mine"
    if kernel not in kernels or len(kernels[kernel]) != 9:
        raise ValueError(f"kernel_lab starts from nine weights, or from one of {', '.join(KERNELS)}; got {kernel!r}.")

    def draw(start, row, column, **weights):
        return kernel_picture(grey, np.array(list(weights.values()), np.float64).reshape(3, 3), row, column)

    sets = {name: dict(zip(WEIGHTS, weights)) for name, weights in kernels.items()}
    return View(
        "A kernel on a picture",
        draw,
        Choice("start", kernel, kernels, label="start from", sets=sets),
        Slider("row", (height - 2) // 2, 0, height - 3),
        Slider("column", (width - 2) // 2, 0, width - 3),
        *(Slider(name, sets[kernel][name], -5.0, 5.0, 0.05, label=WEIGHTS[name], small=True) for name in WEIGHTS),
    )


def as_grey(image):
    """A picture as numbers from 0 to 1, (H, W)."""
    image = np.asarray(image.detach() if isinstance(image, Tensor) else image)
    if image.ndim not in (2, 3) or image.ndim == 3 and image.shape[0] != 3:
        raise ValueError(f"kernel_lab wants one picture, (H, W) or (3, H, W), and got shape {image.shape}.")
    numbers = image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)  # so that rounding shows nowhere
    return numbers if image.ndim == 2 else np.tensordot([0.299, 0.587, 0.114], numbers, 1)


def kernel_picture(grey, kernel, row, column):
    """Before and after, and the sum at one place."""
    height, width = grey.shape
    with no_grad():
        out = F.conv2d(Tensor(grey[None, None]), Tensor(kernel[None, None])).numpy()[0, 0]  # (H - 2, W - 2), float64
    pixel = 320 / max(height, width)
    sets = {"rows": ("row", height - 2), "columns": ("column", width - 2)}
    second = 2 * GAP + width * pixel

    parts = titled(GAP, "the picture", np.rint(255 * np.clip(grey, 0, 1)), pixel)
    parts.append(svg.box(GAP + column * pixel, TOP + row * pixel, 3 * pixel, 3 * pixel, "none", edge=svg.ORANGE))
    parts.append(svg.words(second, TOP - 12, "what comes out", bold=True))
    parts += pictured(second + pixel, TOP + pixel, stretched(out[None])[0], pixel, sets)  # the middles of patches
    parts.append(svg.box(second + (column + 1) * pixel, TOP + (row + 1) * pixel, pixel, pixel, "none", edge=svg.ORANGE))

    patch, top = grey[row : row + 3, column : column + 3], TOP + height * pixel + 44
    cell, left = max(CELL, widest(np.round(patch, 2)), widest(kernel)), GAP
    for title, table, colour, after in (
        ("pixels there", np.round(patch, 2), svg.PALE_ORANGE, "·"),
        ("kernel", kernel, svg.PALE_BLUE, "="),
        ("products", np.round(patch * kernel, 2), svg.PALE_GREEN, ""),
    ):
        drawn, wide, _ = cells(table, np.full((3, 3), colour), left, top, cell, outlined=False)
        parts += [svg.words(left, top - 10, title, fill=svg.GREY), drawn]
        parts.append(svg.words(left + wide + 18, top + 50, after, at="middle", size=18))
        left += wide + 36
    result = float(out[row, column])
    parts.append(svg.words(left - 8, top + 50, f"sum: {result:.2f}", size=14, bold=True))
    size = max(second + width * pixel + GAP, left + 110), top + 3 * CELL + 20

    line = f"At row {row}, column {column}: the nine products add up to {result:.2f}."
    text = [
        f"black is {out.min():.2f}, white is {out.max():.2f}; {out.shape[0]} x {out.shape[1]} pixels come out",
        "kernel",
    ]
    text += ["  " + "  ".join(f"{w:5.2f}" for w in weights) for weights in kernel.tolist()]
    return Picture(svg.card(*size, *parts), line, "\n".join(text))


def titled(left, title, array, pixel, sets=None):
    """A picture with words above it."""
    return [svg.words(left, TOP - 12, title, bold=True), *pictured(left, TOP, array, pixel, sets)]


def pictured(left, top, array, pixel, sets=None):
    """A picture; if it can be clicked, with a frame that takes the clicks."""
    height, width = array.shape[:2]
    where = left, top, width * pixel, height * pixel
    edge = svg.box(*where, "transparent", edge=svg.RULE, thick=1, sets=sets)
    return [svg.pixels(*where, array), edge]


# Receptive fields


def receptive_field(layers, image):
    """Which pixels of a picture a unit sees, and how much each of them counts for it.

    layers: an nn.Sequential or a list, of convolutions, poolings, and whatever works on each number by itself; only
        what comes before the first layer that is none of these, such as Flatten, is looked at
    image: what the first layer gets, (C, H, W)

    The orange frame is what the unit could see at all; the map beside it is how much it changes with each pixel, by
    backward(). A click on the layer's map, or the sliders, choose the unit.
    """
    image = np.asarray(image.detach() if isinstance(image, Tensor) else image)
    if image.ndim != 3:
        raise ValueError(f"receptive_field wants one picture, (C, H, W), and got shape {image.shape}.")
    x = image.astype(np.float32) / (255 if image.dtype == np.uint8 else 1)
    layers = seeing(layers, x)
    if not layers:
        raise ValueError("receptive_field found no layer that makes pictures of pictures; give it convolutions.")
    names = [f"{number}: {name_of(layer)}" for number, (layer, _) in enumerate(layers, start=1)]
    last = layers[-1][1]
    most = np.max([shape for _, shape in layers], axis=0) - 1  # channel, row, column

    def draw(layer, channel, row, column):
        depth = names.index(layer) + 1
        unit = tuple(np.minimum((channel, row, column), np.array(layers[depth - 1][1]) - 1).tolist())
        return field_picture(x, layers[:depth], names, unit)

    return View(
        "Which pixels a unit sees",
        draw,
        Choice("layer", names[-1], names),
        Slider("channel", 0, 0, int(most[0])),
        Slider("row", last[1] // 2, 0, int(most[1])),
        Slider("column", last[2] // 2, 0, int(most[2])),
    )


def seeing(layers, x):
    """The layers up to the first that gives no pictures, each with the shape (C, H, W) that it gives."""
    found = []
    layers = list(layers)
    with no_grad(), at_rest(*layers):
        x = Tensor(x[None])
        for layer in layers:
            before, x = x, layer(x)
            if x.ndim != 4:
                break
            if window(layer) is None and x.shape[2:] != before.shape[2:]:
                raise ValueError(
                    f"receptive_field does not know what {name_of(layer)} sees: it makes {x.shape[2:]} of "
                    f"{before.shape[2:]}, and has no kernel_size."
                )
            found.append((layer, x.shape[1:]))
    return found


def name_of(layer):
    return getattr(layer, "__name__", None) or type(layer).__name__


def window(layer):
    """(kernel, stride, padding, dilation) of a layer, each a pair; None if it works on each number by itself."""
    kernel = getattr(layer, "kernel_size", None)
    if kernel is None:
        return None
    kernel, stride, dilation = (np.broadcast_to(getattr(layer, n, 1), 2) for n in ("kernel_size", "stride", "dilation"))
    padding = getattr(layer, "padding", 0)
    padding = dilation * (kernel - 1) // 2 if padding == "same" else 0 if padding == "valid" else padding
    return kernel, stride, np.broadcast_to(padding, 2), dilation


def field(layers, row, column):
    """What a unit of the last of these layers sees of the picture: (top, left), (bottom, right), both of them included.

    At the picture's edges they may lie outside, in the padding.
    """
    first = last = np.array([row, column])
    for layer in reversed(layers):
        if seen := window(layer):
            kernel, stride, padding, dilation = seen
            first, last = first * stride - padding, last * stride - padding + dilation * (kernel - 1)
    return first, last


def influence(x, layers, unit):
    """How much a unit changes with each pixel, (H, W), over all channels; and what the last layer gives, (F, H, W)."""
    x = Tensor(x[None], requires_grad=True)
    with at_rest(*layers):
        out = x
        for layer in layers:
            out = layer(out)
    (grad,) = autograd.grad(out[(0, *unit)], [x])  # leaves the .grad of the layers' weights alone
    return np.abs(grad.numpy()[0]).sum(0), out.detach().numpy()[0]


def field_picture(x, pairs, names, unit):
    """The picture with the unit's field on it, how much each pixel counts, and the layer's map with the unit."""
    layers, (channel, row, column) = [layer for layer, _ in pairs], unit
    counts, maps = influence(x, layers, unit)
    first, last = field(layers, row, column)
    height, width = x.shape[1:]
    pixel = 230 / max(height, width)
    second, third = 2 * GAP + width * pixel, 3 * GAP + 2 * width * pixel
    shown = stretched(x[None] if len(x) == 3 else x.mean(0)[None])[0]
    shown = shown.transpose(1, 2, 0) if shown.ndim == 3 else shown

    low, high = np.clip(first, 0, [height, width]), np.clip(last + 1, 0, [height, width])
    frame = pixel * low[1], TOP + pixel * low[0], *(pixel * (high - low)[::-1])
    parts = titled(GAP, "the picture", shown, pixel)
    parts.append(svg.box(GAP + frame[0], *frame[1:], "none", edge=svg.ORANGE, thick=2.5))
    parts += titled(second, "how much each pixel counts", heat(counts), pixel)
    parts.append(svg.box(second + frame[0], *frame[1:], "none", edge=svg.ORANGE, thick=2.5))

    unit_width, unit_height = width * pixel / maps.shape[2], height * pixel / maps.shape[1]
    sets = {"rows": ("row", maps.shape[1]), "columns": ("column", maps.shape[2])}
    title, seen = f"{names[len(layers) - 1]}, channel {channel}", stretched(maps[channel][None])[0]
    parts.append(svg.words(third, TOP - 12, title, bold=True))
    parts.append(svg.pixels(third, TOP, width * pixel, height * pixel, seen))
    parts.append(svg.box(third, TOP, width * pixel, height * pixel, "transparent", edge=svg.RULE, thick=1, sets=sets))
    at = third + column * unit_width, TOP + row * unit_height
    parts.append(svg.box(*at, unit_width, unit_height, "none", edge=svg.ORANGE, thick=2.5))
    size = third + width * pixel + GAP, TOP + height * pixel + GAP

    tall, wide = last - first + 1
    line = f"This unit (channel {channel}, row {row}, column {column}) sees {tall} x {wide} pixels: "
    line += f"rows {first[0]} to {last[0]}, columns {first[1]} to {last[1]}."
    if (first < 0).any() or (last >= [height, width]).any():
        line += " Some of them lie outside, in the padding."
    if not counts.any():
        line += " Now it changes with none of them: a relu has set it to 0."
    text = ["layer                 gives             a unit sees"]
    for depth, (name, (_, shape)) in enumerate(zip(names, pairs), start=1):
        one, other = field(layers[:depth], 0, 0)
        text.append(f"{name:20}  {shape!s:16}  {' x '.join(map(str, other - one + 1))}")
    still = [
        chart_of("the picture", shown, low, high),
        chart_of("how much each pixel counts", heat(counts), low, high),
        chart_of(title, seen, (row, column), (row + 1, column + 1)),
    ]
    return Picture(svg.card(*size, *parts), line, "\n".join(text), lambda: as_png(still), True)


def chart_of(title, array, low, high):
    """A picture between axes, with a frame from the corner `low` to `high`, each (row, column)."""
    height, width = array.shape[:2]
    (top, left), (bottom, right) = low, high
    frame = Line([left, right, right, left, left], [top, top, bottom, bottom, top], svg.ORANGE, thick=3)
    colours = array if array.ndim == 3 else np.repeat(array[..., None], 3, 2)
    return Chart(title, marks=[frame], x_range=(0, width), y_range=(height, 0), background=colours, width=270)


def heat(counts, most=None):
    """Numbers from 0 to `most` as colours (H, W, 3): white for 0, the more the darker."""
    share = np.sqrt(counts / (most or counts.max() or 1))[..., None]
    low, middle, high = np.array([255, 255, 255]), np.array([86, 160, 205]), np.array([10, 40, 80])
    colours = np.where(share < 0.5, low + (middle - low) * 2 * share, middle + (high - middle) * (2 * share - 1))
    return np.rint(colours).astype(np.uint8)
