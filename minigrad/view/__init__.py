"""Seeing it: graphs that are drawn, graphs that answer, and the library's own source, in a notebook.

- `draw(tensor)` shows the graph that a tensor was computed by: every op, with shapes, values and gradients.
- `debug(loss)` steps through it, forward and back, and says who sent what to whom.
- `explore(f, x=2.0)` rebuilds it as you turn the function's arguments.
- `show(function)` shows how something in the library is written.

Pictures with sliders, where a notebook is live:

- `strides(tensor)` a tensor and its storage; `broadcasting(a, b)` two shapes laid over each other.
- `activation(f)` a curve and its slope; `optimizer_race()` on losses over two weights.
- `decision_boundary(model, data)` a network over a plane; `live(run)` its curves: both move while training runs;
  `film(run, inputs, labels)` plays it back.
- `kernel_lab(image)` a kernel on a picture; `receptive_field(layers, image)` which pixels a unit sees.
"""

from .debug import debug, explore
from .draw import draw
from .images import kernel_lab, receptive_field
from .memory import broadcasting, strides
from .source import show
from .surfaces import activation, decision_boundary, optimizer_race
from .training import film, live

__all__ = [
    *("activation", "broadcasting", "debug", "decision_boundary", "draw", "explore", "film", "kernel_lab", "live"),
    *("optimizer_race", "receptive_field", "show", "strides"),
]
