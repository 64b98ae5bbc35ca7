"""The page's side of `debug` and `explore`: an anywidget whose JavaScript and styles lie in `page/`."""

from pathlib import Path

import anywidget
import traitlets

from .debug import explored
from .groups import everything

PAGE = Path(__file__).parent / "page"
PARTS = ("picture.js", "words.js", "controls.js", "widget.js")  # one module, in pieces that can be read


class GraphWidget(anywidget.AnyWidget):
    """A graph that answers. All of a run is sent at once: stepping needs no kernel, folding and sliders do."""

    _esm = "\n".join((PAGE / part).read_text(encoding="utf-8") for part in PARTS)
    _css = (PAGE / "widget.css").read_text(encoding="utf-8")

    run = traitlets.Dict().tag(sync=True)  # nodes, steps, sources, differences
    scene = traitlets.Dict().tag(sync=True)  # where everything stands
    closed = traitlets.List().tag(sync=True)  # keys of the groups that are folded
    controls = traitlets.List().tag(sync=True)
    values = traitlets.List().tag(sync=True)  # of the controls
    problem = traitlets.Unicode().tag(sync=True)  # what the function raised
    answers = traitlets.Int().tag(sync=True)  # how often Python has done what the page asked for

    def __init__(self, graph, function=None, controls=(), fixed=None):
        super().__init__()
        self._graph, self._function, self._all, self._fixed = graph, function, controls, fixed
        self.controls = [{key: x for key, x in control.items() if key != "things"} for control in controls]
        self.values = [control["value"] for control in controls]
        if function is not None:
            self._rebuild()
        else:
            self._show()
        self.observe(self._rebuild, "values")
        self.observe(self._fold, "closed")

    def _show(self):
        with self.hold_sync():
            self.problem = ""
            self.closed, self.scene = self._graph.closed(), self._graph.scene()
            self.run = self._graph.run

    def _rebuild(self, _=None):
        """Run the function again. What it raises is shown, and the last graph stays."""
        self.answers += 1
        try:
            graph = explored(self._function, self._all, self.values, self._fixed)
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"
            if self._graph is None:
                raise
            return
        if self._graph is not None:
            opened = {group.key for group in everything(self._graph.groups)} - set(self.closed)
            graph.fold(set(graph.closed()) - opened)
        self._graph = graph
        self._show()

    def _fold(self, change):
        self.answers += 1
        if set(change["new"]) != set(self._graph.closed()):
            self._graph.fold(change["new"])
            self.scene = self._graph.scene()

    def __repr__(self):
        return self._graph.still().text + self._graph.words()

    def _repr_mimebundle_(self, **options):
        """The widget; for whoever cannot show it a picture, and words."""
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        still = self._graph.still()
        words = {"text/plain": repr(self), "text/html": still._repr_html_()}
        return {**data, **words}, metadata
