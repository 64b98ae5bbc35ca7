"""Drawing in SVG: words, boxes, lines and pixels on a light card that can be read in dark themes too.

Everything is said in attributes, nothing in a <style>: the same text stands inside an <img>, where it brings its own
looks, and inside a page, where a style would reach everything else.
"""

import base64
import json
import struct
import zlib
from html import escape

import numpy as np

INK, GREY, RULE = "#1f2328", "#57606a", "#d0d7de"
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#8F4A75"  # told apart by colour-blind eyes
PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE = "#CFE5F3", "#F8D9C0", "#CDEBDD", "#F0F0F0"  # to write on
FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def card(width, height, *parts):
    """A whole picture: these parts, strings of SVG, on a light card."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{FONT}" font-size="12" fill="{INK}">'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#fff"/>{"".join(parts)}</svg>'
    )


def words(x, y, text, *, at="start", size=12, fill=INK, bold=False, turned=False):
    """A line of text whose start, middle or end is at (x, y)."""
    more = ' font-weight="bold"' * bold + f' transform="rotate(-90 {place(x, y)})"' * turned
    x, y = place(x, y).split()
    return f'<text x="{x}" y="{y}" text-anchor="{at}" font-size="{size}" fill="{fill}"{more}>{escape(str(text))}</text>'


def box(x, y, width, height, fill, *, edge="#fff", thick=2, dash="", sets=None):
    """A rectangle.

    sets: what a click on it sets the controls to, as {name: value}; with "rows": (name, count) and "columns": (name,
        count), as many rows and columns are told apart in it, and these controls set to the ones that were hit
    """
    more = f' stroke-dasharray="{dash}"' if dash else ""
    if sets:
        more += f' data-sets="{escape(json.dumps(sets))}" style="cursor: pointer"'
    x, y, width, height = place(x, y, width, height).split()
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{edge}" '
        f'stroke-width="{thick:g}"{more}/>'
    )


def line(points, colour, *, thick=2, dash="", fill="none"):
    """A line through points (N, 2)."""
    return curve("M" + "L".join(place(*point) for point in points), colour, thick=thick, dash=dash, fill=fill)


def curve(d, colour, *, thick=2, dash="", fill="none"):
    """A path, in SVG's letters."""
    more = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="{fill}" stroke="{colour}" stroke-width="{thick:g}" stroke-linejoin="round"{more}/>'


def pixels(x, y, width, height, array):
    """Bytes (H, W, 3) or (H, W), every pixel a sharp square."""
    data = base64.b64encode(png(array)).decode()
    x, y, width, height = place(x, y, width, height).split()
    return (
        f'<image x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="none" '
        f'style="image-rendering: pixelated" href="data:image/png;base64,{data}"/>'
    )


def place(*numbers):
    """Numbers to a tenth of a pixel, so that the same picture has the same text everywhere."""
    return " ".join(f"{round(float(number), 1) + 0:g}" for number in numbers)


def png(array):
    """A PNG's bytes, of bytes (H, W, 3) in colour or (H, W) in grey."""
    array = np.ascontiguousarray(array, np.uint8)
    height, width = array.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), array.reshape(height, -1)], axis=1)  # 0: rows as they are
    head = struct.pack(">IIBBBBB", width, height, 8, 2 if array.ndim == 3 else 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
