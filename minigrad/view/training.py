"""Training, seen while it runs and played back: curves that draw themselves, and a film of what changed.

Both are called with the run after its steps, as `after_step` and `after_epoch` of `Run.train`; neither changes how it
trains.
"""

import numpy as np

from . import svg
from .chart import Chart, Dots, Line, as_png, as_svg
from .views import Moving, Picture, number, when

POINTS = 300  # of a curve; more would not be seen


class Stopped(KeyboardInterrupt):
    """Training was interrupted: an error of one line."""

    def _render_traceback_(self):
        return [str(self)]


def live(run, *views):
    """Loss and accuracy of a run, drawn while it trains: live(run).train(3, measure=...).

    views: others to be shown above, and redrawn as it goes: live(run, decision_boundary(model, data)).train(20)

    What `measure` adds to the run's history is drawn too, where its name ends with "loss" or "accuracy".
    """
    return Live(run, views)


class Live(Moving):
    def __init__(self, run, views):
        super().__init__("Loss and accuracy while the model learns", self.curves)
        self.run, self.views = run, views
        self.steps = []  # for every step seen, (epochs done, loss of its batch)
        self.before = 0, 0.0  # what the epoch's sums were at the last step
        self.length = 0  # steps of an epoch, as far as is known

    def train(self, epochs, *, measure=None):
        """Show the curves, and train until `epochs` epochs are finished, counting those from before.

        measure: called with the model after an epoch, gives a dict for the run's history

        Kernel > Interrupt stops it after the step under way. The run is whole then: train() goes on with it.
        """
        handles = [shown(view) for view in (*self.views, self)]
        try:
            self.run.train(epochs, measure=measure, after_step=self, after_epoch=self)
        except KeyboardInterrupt:
            raise Stopped(
                f"Stopped: {when(self.run)}. The model is as that step left it; train again to go on."
            ) from None
        finally:
            self.redraw()
            for view, handle in zip((*self.views, self), handles):
                if handle:
                    handle.update(view)  # the stored picture becomes the last one

    def notice(self, run):
        for view in self.views:
            view(run)
        if not run.steps:
            self.before = 0, 0.0
            return
        seen, total = self.before if run.seen > self.before[0] else (0, 0.0)
        try:
            self.length = len(run.loader)
        except TypeError:  # a loader that does not know
            self.length = max(self.length, run.steps)
        self.steps.append((len(run.history) + run.steps / self.length, (run.loss_sum - total) / (run.seen - seen)))
        self.before = run.seen, run.loss_sum

    def curves(self):
        """The charts, as far as training has come."""
        history = self.run.history
        loss = Chart("loss", "epochs", "", width=400, height=280)
        if self.steps:
            at, losses = thinned(np.array(self.steps))
            loss.marks.append(Line(at, losses, svg.BLUE, "each step", thick=1))
        ends = np.array([row["epoch"] for row in history])
        loss.marks += dotted(ends - 0.5, column(history, "loss"), svg.ORANGE, "mean of an epoch", "7 3", "circle")
        charts, measured = [loss], sorted({key for row in history for key in row} - {"loss", "lr"})
        for key in (key for key in measured if key.endswith("loss")):
            loss.marks += dotted(ends, column(history, key), svg.GREEN, spaced(key), "2 3", "square")
        accuracies = [key for key in measured if key.endswith("accuracy")]
        if accuracies:
            charts.append(Chart("accuracy, %", "epochs", "", width=370, height=280))
        for key, colour, shape in zip(accuracies, (svg.GREEN, svg.ORANGE, svg.BLUE), ("square", "circle", "triangle")):
            charts[1].marks += dotted(ends, 100 * column(history, key), colour, spaced(key), "2 3", shape)
        done = max([1.0, *ends, *(at for at, _ in self.steps[-1:])])
        for chart in charts:
            chart.x_range = 0, float(np.ceil(done))
        return Picture(as_svg(charts), self.line(), "\n".join(self.rows(["loss", *accuracies])), lambda: as_png(charts))

    def line(self):
        """How far it is, and what the last numbers were."""
        said = when(self.run)
        if self.steps:
            said += f": loss {number(np.mean([loss for _, loss in self.steps[-20:]]))}"
        for key, value in self.run.history[-1].items() if self.run.history else ():
            if key.endswith("accuracy"):
                said += f", {spaced(key)} {value:.1%} after epoch {len(self.run.history)}"
        return said[0].upper() + said[1:] + "."

    def rows(self, keys):
        """A line for each finished epoch."""
        if not self.run.history:
            return []
        head = "epoch" + "".join(f"{spaced(key):>{len(key) + 3}}" for key in keys)
        lines = [
            f"{row['epoch']:5}" + "".join(f"{number(row.get(key, np.nan)):>{len(key) + 3}}" for key in keys)
            for row in self.run.history
        ]
        return [head, *lines]


def shown(view):
    """Put a view under the cell, or nothing where there is no notebook."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return None
    return display(view, display_id=True) if get_ipython() else None


def dotted(x, y, colour, label, dash, shape):
    """A line with dots on it, as long as they are few."""
    return [Line(x, y, colour, label, dash), *([Dots(x, y, colour, shape=shape)] if len(x) <= 30 else [])]


def column(history, key):
    return np.array([row.get(key, np.nan) for row in history], float)


def spaced(key):
    return key.replace("_", " ")


def thinned(points):
    """Points (N, 2) as (x, y), no more than POINTS: means of as many neighbours as need be."""
    together = -(-len(points) // POINTS)
    starts = np.arange(0, len(points), together)
    return (np.add.reduceat(points, starts) / np.diff(np.append(starts, len(points)))[:, None]).T
