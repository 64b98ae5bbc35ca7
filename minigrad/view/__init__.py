"""Seeing it: graphs that are drawn, graphs that answer, and the library's own source, in a notebook.

- `draw(tensor)` shows the graph that a tensor was computed by: every op, with shapes, values and gradients.
- `debug(loss)` steps through it, forward and back, and says who sent what to whom.
- `explore(f, x=2.0)` rebuilds it as you turn the function's arguments.
- `show(function)` shows how something in the library is written.
"""

from .debug import debug, explore
from .draw import draw
from .source import show

__all__ = ["debug", "draw", "explore", "show"]
