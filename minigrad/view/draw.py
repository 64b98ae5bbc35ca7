"""A still picture of a recorded graph, and the same in words.

Four ideas, one file each: what there is to say (`nodes`), what belongs together (`groups`), where it goes (`scene`, by
`layout`), and here how it looks. The picture is an SVG inside an <img>: it shows in JupyterLab, in a notebook that is
not trusted, on paper, and in dark themes, for it brings a light card of its own. It comes out the same on every
machine, so that nbval can compare stored pictures.
"""

import base64
import html
import sys

from ..tensor import Tensor
from .groups import module_groups
from .names import names_for
from .nodes import gradients_of, nodes
from .scene import CHARACTER, HEAD, LINE, PADDING, columns, scene

DOUBLE = ("parameter", "group")  # have a second outline

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

GROUPS = """
.group .box { fill: #fff; stroke: #57606a } .group .head { fill: #e6eaef } .group .inner { stroke: #57606a }
.frame rect { fill: #f6f8fa; stroke: #8c959f } .title { fill: #57606a }
"""

YOURS = """
.yours .box { stroke: #7b2d8e; stroke-width: 2 } .yours .head { fill: #e7d5eb }
"""


def draw(tensor, /, *, gradients=None, **names):
    """The graph that `tensor` was computed by: a box for every tensor, a line for every use of one.

    What ran on your own parts, in a block of `using(my_parts())`, has another colour and says "yours".

    gradients: None shows what backward() has left in `.grad`; True computes how much `tensor`, a single number, changes
        with every other, leaving `.grad` alone; a dict {tensor: array} shows these, and "–" for the others
    names: what tensors are called, as in draw(loss, w=w, b=b). A module names its parameters, and what it computes
        is drawn in a frame: draw(loss, model=model). Without any, your variables' names are used.

    Raises RuntimeError once backward() has let the graph go.
    """
    refuse_others("draw", tensor)
    names = names_for("draw", names, sys._getframe(1))
    found = nodes(tensor, names, gradients_of(tensor) if gradients is True else gradients)
    return Drawing(found, module_groups(found, names.kinds))


def refuse_others(asked, tensor):
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{asked} is for minigrad's tensors, and it got a {type(tensor).__name__}.")


class Drawing:
    """A drawn graph. `svg` is the picture, `text` the same in words: a notebook shows the one, a terminal the other."""

    def __init__(self, nodes, groups=()):
        self.svg, self.text = as_svg(scene(nodes, groups)), as_text(nodes)

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
    """How a node came to be: its kind, or a call such as mul(a, #4), where #4 is the node of that number; and whose."""
    if node.kind != "op":
        return node.kind
    inputs = [nodes[i].name or f"#{i + 1}" for i in node.inputs]
    call = f"{node.op}({', '.join(inputs + [f'{key}={value}' for key, value in node.options.items()])})"
    return f"{call}, yours" if node.yours else call


# As a picture


def as_svg(scene):
    """The picture of a Scene."""
    width, height = scene.size
    grouped = scene.frames or any(card.kind == "group" for _, card, _, _ in scene.cards)
    style = STYLE + GROUPS.lstrip() if grouped else STYLE
    if any(card.yours for _, card, _, _ in scene.cards):
        style += YOURS.lstrip()
    parts = [frame_svg(*frame, scene.downwards) for frame in scene.frames]
    parts += [card_svg(card, x, y) for _, card, x, y in scene.cards]
    parts += [line_svg(line, scene.downwards) for line in scene.lines]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<style>{style}</style><rect width="{width}" height="{height}" rx="8" fill="#fff"/>{"".join(parts)}</svg>'
    )


def frame_svg(group, x, y, width, height, downwards):
    """The frame of an open group, with its title where few lines come in."""
    title = f'x="{width - PADDING:g}" y="15" text-anchor="end"' if downwards else f'x="{PADDING}" y="15"'
    return (
        f'<g class="frame" transform="translate({x:g},{y:g})"><rect width="{width:g}" height="{height:g}" rx="8"/>'
        f'<text class="title" {title}>{html.escape(group.title)}</text></g>'
    )


def card_svg(card, x, y):
    """A card with its corner at (x, y)."""
    w, h, kind = card.width, card.height, card.kind
    r = 0 if kind == "constant" else 6
    head = f"M1,{HEAD}V{r + 1}q0,-{r} {r},-{r}H{w - r - 1}q{r},0 {r},{r}V{HEAD}z"
    text = f'<text x="{PADDING}" y="15">{html.escape(card.made)}</text>'
    if card.name:
        text += f'<text class="name" x="{w - PADDING}" y="15" text-anchor="end">{html.escape(card.name)}</text>'
    for number, (label, value) in enumerate(card.rows):
        y_text, x_value = HEAD + 16 + LINE * number, PADDING + 6 * CHARACTER
        text += f'<text class="label" x="{PADDING}" y="{y_text}">{label}</text>'
        text += f'<text class="{label}" x="{x_value:g}" y="{y_text}">{html.escape(value)}</text>'
    if kind in DOUBLE:
        text += f'<rect class="inner" x="3" y="3" width="{w - 6}" height="{h - 6}" rx="4"/>'
    return (
        f'<g class="{kind}{" yours" if card.yours else ""}" transform="translate({x:g},{y:g})">'
        f'<rect class="box" width="{w}" height="{h}" rx="{r}"/><path class="head" d="{head}"/>{text}</g>'
    )


def line_svg(line, downwards):
    """A line with a tip where it ends, and a dot where it parts from others; dashed where no gradient comes back."""
    (x, y), (to_x, to_y) = line.points[0], line.points[-1]
    dot = f'<circle class="solid" cx="{x:g}" cy="{y:g}" r="3"/>' if line.parts else ""
    corners = "l-4,-8h8z" if downwards else "l-8,-4v8z"
    tip = f'<path class="solid" d="M{to_x:g},{to_y:g}{corners}"/>' if line.tip else ""
    return f'<path class="line{"" if line.passes else " still"}" d="{path(line.points, downwards)}"/>{tip}{dot}'


def path(points, downwards):
    """The way through `points`: in turn straight ahead, and in a curve."""
    (x, y), *rest = points
    d = f"M{x:g},{y:g}"
    for number, (to_x, to_y) in enumerate(rest):
        middle_x, middle_y = (x + to_x) / 2, (y + to_y) / 2
        if number % 2 == 0:
            d += "L"
        elif downwards:
            d += f"C{x:g},{middle_y:g} {to_x:g},{middle_y:g} "
        else:
            d += f"C{middle_x:g},{y:g} {middle_x:g},{to_y:g} "
        d += f"{to_x:g},{to_y:g}"
        x, y = to_x, to_y
    return d
