"""A still picture of a recorded graph, and the same in words.

Three ideas, one file each: what there is to say (`nodes`), where it goes (`layout`), and here how it looks. The picture
is an SVG inside an <img>: it shows in JupyterLab, in a notebook that is not trusted, on paper, and in dark themes, for
it brings a light card of its own. It comes out the same on every machine, so that nbval can compare stored pictures.
"""

import base64
import html
import unicodedata
from collections import Counter

from ..tensor import Tensor
from .layout import layout, length
from .nodes import gradients_of, nodes

PAGE = 860  # px that a notebook is wide on a small screen; what is longer is drawn from top to bottom
MARGIN = 16
CHARACTER, LINE, HEAD, PADDING = 7.3, 17, 21, 9  # px: one character of a 12 px font, a line, a card's head, around text

# Kinds differ in outline (thick, double, dashed) and in words, so that the colours only help.
STYLE = """
text { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328 }
.name { font-weight: bold } .label { fill: #57606a } .grad { fill: #a84300 }
.op .box { fill: #fff; stroke: #57606a; stroke-width: 1.3 } .op .head { fill: #e6eaef }
.leaf .box, .parameter .box { fill: #fff; stroke: #0068a5; stroke-width: 2 }
.leaf .head, .parameter .head { fill: #d6eaf8 } .inner { fill: none; stroke: #0068a5 }
.constant .box { fill: #fff; stroke: #6e7781; stroke-dasharray: 4 3 } .constant .head { fill: #f3f4f6 }
.line { fill: none; stroke: #57606a; stroke-width: 1.4 } .still { stroke-dasharray: 4 3 } .solid { fill: #57606a }
"""


def draw(tensor, *, gradients=None, **names):
    """The graph that `tensor` was computed by: a box for every tensor, a line for every use of one.

    gradients: None shows what backward() has left in `.grad`; True computes how much `tensor`, a single number, changes
        with every other, leaving `.grad` alone; a dict {tensor: array} shows these, and "–" for the others
    names: what tensors are called, as in draw(loss, w=w, b=b); names of tensors that are not in the graph are not used

    Raises RuntimeError once backward() has let the graph go.
    """
    for name, value in {"": tensor, **names}.items():
        if not isinstance(value, Tensor):
            what = f"{name} is" if name else "it got"
            raise TypeError(f"draw is for minigrad's tensors, and {what} a {type(value).__name__}.")
    return Drawing(nodes(tensor, names, gradients_of(tensor) if gradients is True else gradients))


class Drawing:
    """A drawn graph. `svg` is the picture, `text` the same in words: a notebook shows the one, a terminal the other."""

    def __init__(self, nodes):
        self.svg, self.text = as_svg(nodes), as_text(nodes)

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        picture = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{html.escape(self.text)}" src="data:image/svg+xml;base64,{picture}">'


# In words


def as_text(nodes):
    """A line for each node, inputs before outputs: its number, name, how it was made, shape, value and gradient."""
    rows = [("", "", "shape", "value", "gradient", "made by")]
    for number, node in enumerate(nodes, start=1):
        rows.append((str(number), node.name, node.shape, node.value, node.grad, made_by(node, nodes)))
    widths = [max(map(columns, column)) for column in zip(*rows)]
    lines = ["  ".join(text + " " * (w - columns(text)) for text, w in zip(row, widths)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def made_by(node, nodes):
    """How a node came to be: its kind, or a call such as mul(a, #4), where #4 is the node of that number."""
    if node.kind != "op":
        return node.kind
    inputs = [nodes[i].name or f"#{i + 1}" for i in node.inputs]
    return f"{node.op}({', '.join(inputs + [f'{key}={value}' for key, value in node.options.items()])})"


def columns(text):
    """How wide a text is in a monospaced font; Chinese, Japanese and Korean characters count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# As a picture


def as_svg(nodes):
    """The picture: from left to right where that fits the page, else from top to bottom."""
    cards = [Card(node) for node in nodes]
    inputs = [node.inputs for node in nodes]
    sizes = [(card.width, card.height) for card in cards]
    downwards = length(sizes, inputs) + 2 * MARGIN > PAGE
    plan = layout([size[::-1] for size in sizes] if downwards else sizes, inputs)

    def at(point):
        return tuple(n + MARGIN for n in (reversed(point) if downwards else point))

    uses = Counter(i for node in nodes for i in node.inputs)
    parts = [card.svg(*at(centre)) for card, centre in zip(cards, plan.centres)]
    for (box, place), points in plan.lines.items():
        node = nodes[box]
        parts.append(line([at(point) for point in points], downwards, node.passes[place], uses[node.inputs[place]] > 1))

    width, height = (round(n + MARGIN) for n in at(plan.size))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<style>{STYLE}</style><rect width="{width}" height="{height}" rx="8" fill="#fff"/>{"".join(parts)}</svg>'
    )


class Card:
    """The box of a node: a head with its op (or kind) and name; then shape, value and gradient."""

    def __init__(self, node):
        self.node = node
        self.made = node.op or node.kind
        rows = {"shape": node.shape, "value": node.value, "grad": node.grad}
        self.rows = [(label, text) for label, text in rows.items() if text not in ("", "()")]
        head = columns(self.made) + (2 + columns(node.name) if node.name else 0)
        longest = max(head, *(len("value ") + columns(text) for _, text in self.rows))
        self.width = round(longest * CHARACTER) + 2 * PADDING
        self.height = HEAD + LINE * len(self.rows) + 8

    def svg(self, x, y):
        """The card with its middle at (x, y)."""
        w, h, kind = self.width, self.height, self.node.kind
        r = 0 if kind == "constant" else 6
        head = f"M1,{HEAD}V{r + 1}q0,-{r} {r},-{r}H{w - r - 1}q{r},0 {r},{r}V{HEAD}z"
        text = f'<text x="{PADDING}" y="15">{html.escape(self.made)}</text>'
        if self.node.name:
            name = html.escape(self.node.name)
            text += f'<text class="name" x="{w - PADDING}" y="15" text-anchor="end">{name}</text>'
        for number, (label, value) in enumerate(self.rows):
            y_text, x_value = HEAD + 16 + LINE * number, PADDING + 6 * CHARACTER
            text += f'<text class="label" x="{PADDING}" y="{y_text}">{label}</text>'
            text += f'<text class="{label}" x="{x_value:g}" y="{y_text}">{html.escape(value)}</text>'
        if kind == "parameter":
            text += f'<rect class="inner" x="3" y="3" width="{w - 6}" height="{h - 6}" rx="4"/>'
        return (
            f'<g class="{kind}" transform="translate({x - w / 2:g},{y - h / 2:g})">'
            f'<rect class="box" width="{w}" height="{h}" rx="{r}"/><path class="head" d="{head}"/>{text}</g>'
        )


def line(points, downwards, passes, parts):
    """A line through `points`, with a tip at its end, and a dot at its start where it parts from others.

    It is dashed where no gradient comes back along it.
    """
    (x, y), *rest = points
    dot = f'<circle class="solid" cx="{x:g}" cy="{y:g}" r="3"/>' if parts else ""
    path = f"M{x:g},{y:g}"
    for number, (to_x, to_y) in enumerate(rest):
        middle_x, middle_y = (x + to_x) / 2, (y + to_y) / 2
        if number % 2 == 0:
            path += "L"
        elif downwards:
            path += f"C{x:g},{middle_y:g} {to_x:g},{middle_y:g} "
        else:
            path += f"C{middle_x:g},{y:g} {middle_x:g},{to_y:g} "
        path += f"{to_x:g},{to_y:g}"
        x, y = to_x, to_y
    tip = f"M{x:g},{y:g}l-4,-8h8z" if downwards else f"M{x:g},{y:g}l-8,-4v8z"
    return f'<path class="line{"" if passes else " still"}" d="{path}"/><path class="solid" d="{tip}"/>{dot}'
