"""Training, seen while it runs and played back: curves that draw themselves, and a film of what changed.

Both are called with the run after its steps, as `after_step` and `after_epoch` of `Run.train`; neither changes how it
trains.
"""

import numpy as np

from .. import nn
from ..graph import no_grad
from . import svg
from .chart import Chart, Dots, Line, Words, as_png, as_svg, reach
from .images import heat
from .pictures import stretched
from .views import Choice, Moving, Picture, Slider, View, at_rest, number, when

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
        return Picture(
            as_svg(charts), self.line(), "\n".join(self.rows(["loss", *accuracies])), lambda: as_png(charts), True
        )

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


# Played back

SHOWN = ("filters", "feature maps", "weights", "gradients", "confusion")
STILLS = ("filters", "feature maps", "confusion")  # of these, what is one picture
FRAMES, PAGE, NARROW = 120, 790, 240  # moments kept; px for a picture, for one without names


def film(run, inputs, labels, *, classes=(), every=20):
    """What training does to a network, moment by moment, to be played back with a slider.

    inputs, labels: some examples, (N, ...) and (N,), on which the network is looked at; the first one's feature maps
        are kept
    classes: the names of the classes
    every: how many steps lie between two moments; doubled when there are too many

    It records when training calls it: run.train(4, after_step=recorded, after_epoch=recorded), or
    live(run, recorded).train(4). Of two such films, one.beside(two) shows both at once; of one,
    recorded.stills("confusion") shows some moments side by side.
    """
    if len(inputs) != len(labels) or not len(inputs):
        raise ValueError(f"film wants a label for each of its inputs, and got {len(labels)} for {len(inputs)}.")
    return Film(run, inputs, labels, classes, every)


class Film(Moving):
    """Moments of a run. Each has loss, accuracy and what is in SHOWN, as far as the network has such a thing."""

    def __init__(self, run, inputs, labels, classes, every):
        self.run, self.inputs, self.labels, self.every_steps = run, inputs, np.asarray(labels), every
        self.moments, self.steps, self.sums = [], 0, (0, 0.0)
        self.keep(run)
        self.classes = [str(name) for name in classes] or [str(n) for n in range(self.moments[0]["scores"])]
        controls = Choice("show", self.kinds()[0], self.kinds()), Slider("training", 100, 0, 100, label="training, %")
        controls[1].plays = 0.06
        super().__init__("Moments of training", self.frame, *controls)

    def notice(self, run):
        if not run.steps:
            self.sums = 0, 0.0
            if self.steps == self.moments[-1]["at"]:
                self.moments[-1] |= {"when": when(run), "loss": run.history[-1]["loss"]}
            else:
                self.keep(run)
            return
        self.steps += 1
        if self.steps % self.every_steps == 0:
            self.keep(run)

    def keep(self, run):
        """Keep this moment; when there are too many, every other one goes."""
        if len(self.moments) >= FRAMES:
            self.moments, self.every_steps = self.moments[::2], 2 * self.every_steps
        seen, total = self.sums if run.seen > self.sums[0] else (0, 0.0)
        loss = (run.loss_sum - total) / (run.seen - seen) if run.seen > seen else np.nan
        if not run.steps and run.history:
            loss = run.history[-1]["loss"]
        self.sums = run.seen, run.loss_sum
        self.moments.append({"at": self.steps, "when": when(run), "loss": loss, **looked_at(run.model, self.inputs)})

    def kinds(self):
        return [kind for kind in SHOWN if kind == "gradients" or kind in self.moments[0]]

    def at(self, percent):
        return self.moments[round(percent / 100 * (len(self.moments) - 1))]

    def frame(self, show, training, width=PAGE):
        """The picture at a moment, given as how much of training was done."""
        moment = self.at(training)
        right = moment["answers"] == self.labels
        line = f"{moment['when'].capitalize()}: {self.right(moment)}"
        line += f", loss {number(moment['loss'])}." if np.isfinite(moment["loss"]) else "."
        rows = [
            f"{name:11} {right[self.labels == i].sum()} of {(self.labels == i).sum()} right"
            for i, name in enumerate(self.classes)
        ]
        charts = self.charts(moment, show, width)
        return Picture(as_svg(charts), line, "\n".join(rows), lambda: as_png(charts), True)

    def charts(self, moment, show, width):
        title = f"{show}, {moment['when']}"
        if show in ("filters", "feature maps"):
            return [framed(title, grid(moment[show]), width)]
        if show == "confusion":
            return [confusion(title, self.labels, moment["answers"], self.classes, width)]
        if show not in moment:
            return [Chart(f"no gradients {moment['when']}", bare=True, width=width)]
        names = list(moment[show])
        room = max(1, width // 190)
        names = names if len(names) <= room else [*names[: room // 2], *names[len(names) - (room + 1) // 2 :]]
        return [self.histogram(show, name, moment, width // len(names)) for name in names]

    def histogram(self, show, name, moment, width):
        """How often which numbers occur, on the same axes at every moment."""
        counts, edges = moment[show][name]
        seen = [kept[show][name] for kept in self.moments if show in kept and name in kept[show]]
        outline = Line(np.repeat(edges, 2), np.concatenate([[0], np.repeat(counts, 2), [0]]), svg.BLUE)
        chart = Chart(name, "", "", [outline], width=width, height=240)
        chart.x_range = reach([edges for _, edges in seen])
        chart.y_range = 0, 1.05 * max(counts.max() for counts, _ in seen)
        return chart

    def stills(self, show, moments=4):
        """So many moments side by side, from the first to the last: a film for paper. show: one of STILLS."""
        known = [kind for kind in self.kinds() if kind in STILLS]
        if show not in known:
            raise ValueError(f"stills shows {', '.join(known)} here, and got {show!r}.")

        def draw():
            kept = [self.at(percent) for percent in np.linspace(0, 100, moments)]
            charts = [chart for moment in kept for chart in self.charts(moment, show, (PAGE + 20) // moments)]
            for chart, moment in zip(charts, kept):
                chart.title = moment["when"]
            text = "\n".join(f"{moment['when']}: {self.right(moment)}" for moment in kept)
            return Picture(as_svg(charts), label, text, lambda: as_png(charts), True)

        label = f"{show.capitalize()} in {moments} moments of training"
        return View(label, draw)

    def right(self, moment):
        return f"{(moment['answers'] == self.labels).sum()} of {len(self.labels)} right"

    def beside(self, other):
        """This film and another one, with one slider for both."""

        def draw(show, training):
            charts = [chart for one in (self, other) for chart in one.charts(one.at(training), show, (PAGE + 20) // 2)]
            frames = [one.frame(show, training) for one in (self, other)]
            lines = (f"{side}: {frame.line}" for side, frame in zip(("Left", "Right"), frames))
            texts = (f"{side}:\n{frame.text}" for side, frame in zip(("left", "right"), frames))
            return Picture(as_svg(charts), "\n".join(lines), "\n".join(texts), lambda: as_png(charts), True)

        kinds = [kind for kind in self.kinds() if kind in other.kinds()]
        slider = Slider("training", 100, 0, 100, label="training, %", plays=0.06)
        return View("Moments of two trainings", draw, Choice("show", kinds[0], kinds), slider)


def looked_at(model, inputs):
    """What is kept of a moment."""
    weights = {name: p for name, p in model.named_parameters() if p.ndim > 1}
    with no_grad(), at_rest(model):
        scores = np.asarray(model(inputs).cpu())
        kept = {"answers": scores.argmax(1), "scores": scores.shape[1], "confusion": True}
        kept["weights"] = histograms({name: p.detach() for name, p in weights.items()})
        if grads := histograms({name: p.grad for name, p in weights.items() if p.grad is not None}):
            kept["gradients"] = grads
        first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
        if inputs.ndim == 4 and first and first.in_channels == inputs.shape[1]:
            filters = np.asarray(first.weight.detach().cpu())
            kept["filters"] = stretched(filters if filters.shape[1] == 3 else filters.mean(1))
            kept["feature maps"] = stretched(np.asarray(first(inputs[:1]).cpu())[0])
    return kept


def histograms(tensors):
    """How often which numbers occur: {name: (counts, edges)}."""
    return {name: np.histogram(np.asarray(tensor.cpu()), bins=40) for name, tensor in tensors.items()}


def grid(pictures):
    """Pictures (N, H, W) or (N, 3, H, W) of bytes beside and below each other on white: (height, width, 3)."""
    pictures = pictures.transpose(0, 2, 3, 1) if pictures.ndim == 4 else np.repeat(pictures[..., None], 3, -1)
    count, height, width, _ = pictures.shape
    gap = max(1, width // 12)
    columns = min(count, 8)
    rows = -(-count // columns)
    out = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        y, x = row * (height + gap), column * (width + gap)
        out[y : y + height, x : x + width] = picture
    return out


def framed(title, pixels, width):
    """Pixels, all squares of one size, with a title above."""
    chart = Chart(title, background=pixels, bare=True, width=width)
    chart.x_range, chart.y_range = (0, pixels.shape[1]), (pixels.shape[0], 0)
    left, right, top, bottom = chart.margins()
    chart.height = round((width - left - right) * pixels.shape[0] / pixels.shape[1]) + top + bottom
    return chart


def confusion(title, labels, answers, classes, width):
    """What was taken for what: a row for each class, a column for each answer. In a narrow one, only the colours."""
    count = len(classes)
    counts = np.zeros((count, count), int)
    np.add.at(counts, (labels, answers), 1)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    drawn = {"x_range": (0, count), "y_range": (count, 0), "background": heat(shares**2, shares.max() ** 2)}
    if width < NARROW:
        return Chart(title, **drawn, bare=True, width=width, height=width)
    rows, columns = np.nonzero(counts)
    dark = shares[rows, columns] > 0.5 * shares.max()
    marks = [
        Words(columns[which] + 0.5, rows[which] + 0.5, counts[rows, columns][which].tolist(), colour)
        for which, colour in ((dark, "#fff"), (~dark, svg.INK))
    ]
    side = min(width, 44 * count + 80, 470)
    return Chart(title, "what it says", "", marks, **drawn, names=tuple(classes), width=side, height=side)


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
