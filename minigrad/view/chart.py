"""Curves and dots between axes: described once, then drawn as SVG while things move, or by matplotlib to be kept."""

import io
import math
from dataclasses import dataclass, field

import numpy as np

from . import svg


@dataclass
class Line:
    """A curve through points; where one is not finite, it stops and goes on behind."""

    x: object
    y: object
    colour: str = svg.BLUE
    label: str = ""
    dash: str = ""
    thick: float = 2


@dataclass
class Dots:
    """Points, as "circle", "square" or "triangle"."""

    x: object
    y: object
    colour: str = svg.ORANGE
    label: str = ""
    shape: str = "circle"
    size: float = 4


@dataclass
class Words:
    """Texts, each with its middle at a point."""

    x: object
    y: object
    texts: list
    colour: str = svg.INK
    label: str = ""


@dataclass
class Chart:
    """Marks between axes. x_range and y_range: (low, high), or None for what the marks need; y may go down, as rows
    do: (high, low).

    log: whether y goes by powers of ten. background: bytes (H, W, 3) that fill the axes, the top row first.
    bands: pairs (from, to) on the x axis that are shaded. names: texts along the axes in place of numbers, as many for
    x as for y: each in the middle of its unit, those of x turned. bare: neither numbers nor grid.
    """

    title: str = ""
    x_label: str = ""
    y_label: str = ""
    marks: list = field(default_factory=list)
    x_range: tuple | None = None
    y_range: tuple | None = None
    log: bool = False
    background: object = None
    bands: list = field(default_factory=list)
    names: tuple = ()
    bare: bool = False
    width: int = 400
    height: int = 260

    def margins(self):
        """Left, right, top, bottom: px around the axes."""
        if self.names:
            room = 14 + round(6.5 * max(map(len, self.names)))
            return max(54, room), 16, 30, max(42, 22 + room)
        return (20, 20, 30, 16) if self.bare else (54, 16, 30, 42)

    def ranges(self):
        """What the axes reach over, y as its logarithm if it goes by that."""
        return self.x_range or reach([mark.x for mark in self.marks]), self.y_range or reach(
            [self.scaled(mark.y) for mark in self.marks], room=0.06
        )

    def scaled(self, y):
        y = np.asarray(y, float)
        if not self.log:
            return y
        with np.errstate(all="ignore"):
            return np.where(y > 0, np.log10(y), np.nan)


def reach(arrays, room=0.0):
    """From the least to the greatest finite number, and a little further."""
    numbers = np.concatenate([np.ravel(np.asarray(a, float)) for a in arrays]) if arrays else np.zeros(0)
    numbers = numbers[np.isfinite(numbers)]
    low, high = (numbers.min(), numbers.max()) if numbers.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return low - room * (high - low), high + room * (high - low)


def ticks(low, high, most=6):
    """Round numbers from low to high, no more than `most`.

    >>> [float(t) for t in ticks(0, 1.1)]
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return np.round(np.arange(first, math.floor(high / step + 1e-9) + 1) * step, 12)


# As SVG


def as_svg(charts):
    """The charts side by side on one card."""
    left, parts = 0, []
    for chart in charts:
        parts.append(f'<g transform="translate({left},0)">{axes(chart)}</g>')
        left += chart.width
    return svg.card(left, max(chart.height for chart in charts), *parts)


def axes(chart):
    """One chart, in a corner of its own."""
    (low, high), (bottom, top) = chart.ranges()
    left, right, upper, lower = chart.margins()
    width, height = chart.width - left - right, chart.height - upper - lower

    def at(x, y):
        """Where points are drawn; what is far outside, just outside, so that its numbers stay small."""
        across, up = (np.asarray(x, float) - low) / (high - low), (chart.scaled(y) - bottom) / (top - bottom)
        return left + width * np.clip(across, -1, 2), upper + height * (1 - np.clip(up, -1, 2))

    parts = []
    if chart.background is not None:
        parts.append(svg.pixels(left, upper, width, height, chart.background))
    for start, end in chart.bands:
        start, end = (left + width * (np.clip(x, low, high) - low) / (high - low) for x in (start, end))
        parts.append(svg.box(start, upper, end - start, height, "#F8D9C0", thick=0))
    rule = svg.RULE if chart.background is None else "none"
    for x, text in along(chart, low, high, min(6, width // 40)):
        x_at = left + width * (x - low) / (high - low)
        parts.append(svg.line([(x_at, upper), (x_at, upper + height)], rule, thick=0.6))
        if chart.names:
            parts.append(svg.words(x_at + 4, upper + height + 6, text, at="end", size=11, fill=svg.GREY, turned=True))
        else:
            parts.append(svg.words(x_at, upper + height + 15, text, at="middle", size=11, fill=svg.GREY))
    for y, text in along(chart, bottom, top, 5, chart.log):
        y_at = upper + height * (1 - (y - bottom) / (top - bottom))
        parts.append(svg.line([(left, y_at), (left + width, y_at)], rule, thick=0.6))
        parts.append(svg.words(left - 6, y_at + 4, text, at="end", size=11, fill=svg.GREY))

    parts.append(
        f'<svg x="{left}" y="{upper}" width="{width}" height="{height}" viewBox="{left} {upper} {width} {height}">'
    )
    marks = [at(mark.x, mark.y) for mark in chart.marks]
    parts += [drawn(mark, *where) for mark, where in zip(chart.marks, marks)] + ["</svg>"]
    parts.append(svg.box(left, upper, width, height, "none", edge=svg.GREY, thick=1))
    parts.append(svg.words(left + width / 2, upper - 11, chart.title, at="middle", size=13, bold=True))
    parts.append(svg.words(left + width / 2, chart.height - 9, chart.x_label, at="middle"))
    parts.append(svg.words(14, upper + height / 2, chart.y_label, at="middle", turned=True))
    parts.append(legend(chart, (left, upper, left + width, upper + height), marks))
    return "".join(parts)


def along(chart, low, high, most, log=False):
    """What stands along an axis: pairs (where, text)."""
    if chart.bare:
        return []
    if chart.names:
        return [(number + 0.5, name) for number, name in enumerate(chart.names)]
    found = ticks(*sorted((low, high)), most)
    return [(x, f"1e{x:g}" if log else f"{x:g}") for x in found if not log or x == round(x)]


def drawn(mark, x, y):
    """One mark, at these places."""
    if isinstance(mark, Words):
        texts = zip(x, y + 4, mark.texts)
        return "".join(svg.words(*text, at="middle", size=11, fill=mark.colour) for text in texts)
    seen = np.isfinite(x) & np.isfinite(y)
    if isinstance(mark, Dots):
        return "".join(dot(mark, *point) for point in zip(x[seen], y[seen])) if x.ndim else dot(mark, x, y)
    starts = np.flatnonzero(np.diff(seen.astype(int), prepend=0, append=0))  # where seen begins and ends, in turn
    pieces = [np.stack([x[i:j], y[i:j]], 1) for i, j in zip(starts[::2], starts[1::2])]
    return "".join(svg.line(piece, mark.colour, thick=mark.thick, dash=mark.dash) for piece in pieces)


def dot(mark, x, y):
    s = mark.size
    if mark.shape == "square":
        return svg.box(x - s, y - s, 2 * s, 2 * s, mark.colour, thick=1)
    if mark.shape == "triangle":
        points = [(x, y - 1.2 * s), (x + 1.2 * s, y + s), (x - 1.2 * s, y + s), (x, y - 1.2 * s)]
        return svg.line(points, "#fff", thick=1, fill=mark.colour)
    x, y = svg.place(x, y).split()
    return f'<circle cx="{x}" cy="{y}" r="{s:g}" fill="{mark.colour}" stroke="#fff" stroke-width="1"/>'


def legend(chart, frame, marks):
    """The marks that have labels, on a card of their own in the corner where it hides least."""
    named = [mark for mark in chart.marks if mark.label]
    if not named:
        return ""
    width, height = 40 + 7.3 * max(len(mark.label) for mark in named), 8 + 16 * len(named)
    left, top, right, bottom = frame
    x, y = (np.concatenate([np.ravel(mark[axis]) for mark in marks]) for axis in (0, 1))
    corners = [(x, y) for y in (top + 6, bottom - height - 6) for x in (right - width - 6, left + 6)]

    def hidden(corner):
        return np.sum((x > corner[0]) & (x < corner[0] + width) & (y > corner[1]) & (y < corner[1] + height))

    to_x, to_y = min(corners, key=hidden)
    parts = [f'<rect x="{to_x:g}" y="{to_y:g}" width="{width:g}" height="{height}" fill="#fff" opacity="0.85"/>']
    for number, mark in enumerate(named):
        middle = to_y + 12 + 16 * number
        parts.append(
            dot(mark, to_x + 16, middle)
            if isinstance(mark, Dots)
            else svg.line([(to_x + 5, middle), (to_x + 27, middle)], mark.colour, thick=mark.thick, dash=mark.dash)
        )
        parts.append(svg.words(to_x + 33, middle + 4, mark.label))
    return "".join(parts)


# As PNG


def as_png(charts):
    """The same, drawn by matplotlib, as the bytes of a PNG."""
    from matplotlib.figure import Figure  # a figure of nobody's but ours: it goes when we are done with it

    widths = [chart.width for chart in charts]
    size = sum(widths) / 100, max(chart.height for chart in charts) / 100
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    places = figure.subplots(1, len(charts), squeeze=False, width_ratios=widths)[0]
    for axis, chart in zip(places, charts):
        (low, high), (bottom, top) = chart.ranges()
        if chart.log:
            bottom, top = 10**bottom, 10**top
            axis.set_yscale("log")
        axis.set(title=chart.title, xlabel=chart.x_label, ylabel=chart.y_label, xlim=(low, high), ylim=(bottom, top))
        if chart.background is not None:
            axis.imshow(chart.background, extent=(low, high, bottom, top), aspect="auto", interpolation="nearest")
        for start, end in chart.bands:
            axis.axvspan(start, end, color="#F8D9C0", linewidth=0)
        if chart.bare or chart.names:
            axis.set_xticks(np.arange(len(chart.names)) + 0.5, chart.names, rotation=90)
            axis.set_yticks(np.arange(len(chart.names)) + 0.5, chart.names)
        for mark in chart.marks:
            if isinstance(mark, Words):
                for x, y, text in zip(mark.x, mark.y, mark.texts):
                    axis.text(x, y, text, color=mark.colour, ha="center", va="center", fontsize=8)
                continue
            if isinstance(mark, Dots):
                shape = {"circle": "o", "square": "s", "triangle": "^"}[mark.shape]
                style = {"marker": shape, "linestyle": "", "markersize": 1.8 * mark.size, "markeredgecolor": "white"}
            else:
                style = {"linestyle": (0, tuple(map(float, mark.dash.split()))) if mark.dash else "-"}
                style["linewidth"] = 0.8 * mark.thick
            axis.plot(mark.x, mark.y, color=mark.colour, label=mark.label or None, **style)
        if any(mark.label for mark in chart.marks):
            axis.legend(fontsize=8)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
