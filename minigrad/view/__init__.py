"""Seeing it: pictures of recorded graphs, and the library's own source, in a notebook.

- `draw(tensor)` shows the graph that a tensor was computed by: every op, with shapes, values and gradients.
- `show(function)` shows how something in the library is written.
"""

from .draw import draw
from .source import show

__all__ = ["draw", "show"]
