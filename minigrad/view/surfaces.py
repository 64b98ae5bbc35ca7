"""Functions one can look at whole: an activation and its slope, a loss over two weights, a network over a plane."""

import numpy as np

from .. import optim
from ..graph import no_grad
from ..tensor import Tensor
from . import svg
from .chart import Chart, Dots, Line, as_png, as_svg
from .views import Choice, Moving, Picture, Slider, Steps, View, at_rest, number, when

COLOURS = [svg.BLUE, svg.ORANGE, svg.GREEN, svg.PURPLE]
DASHES = ["", "7 3", "2 3", "9 3 2 3"]
SHAPES = ["circle", "square", "triangle"]


def charted(charts, line, text, measured=True):
    """A picture of charts; it is kept as PNG."""
    return Picture(as_svg(charts), line, text, lambda: as_png(charts), measured)


# One number in, one number out


def activation(*functions, x=1.0, limit=6.0):
    """The curve of a function of one number, and its slope at every place, by backward().

    functions: one or several, which take and give a tensor: activation(mg.relu, mg.sigmoid)
    x: the place that is marked at first; limit: how far the curves reach, to both sides
    """
    if not functions or not all(map(callable, functions)):
        raise TypeError("activation wants a function of a tensor, or several: activation(mg.relu, mg.sigmoid).")
    named = {getattr(f, "__name__", type(f).__name__): f for f in functions}
    grid = np.linspace(-limit, limit, 241)

    first = next(iter(named))

    def draw(x, function=first):
        return activation_picture(function, named[function], grid, x)

    choice = [Choice("function", first, named)] if len(named) > 1 else []
    return View("A function and its slope", draw, *choice, Slider("x", x, -limit, limit, 0.1, plays=0.05))


def slopes(f, x):
    """f and its slope at the places x, by this library: two arrays."""
    x = Tensor(np.asarray(x, np.float32), requires_grad=True)
    y = f(x)
    if y.shape != x.shape:
        raise ValueError(f"activation is for functions of one number; of shape {x.shape} this one made {y.shape}.")
    y.sum().backward()
    return y.detach().numpy(), np.zeros_like(x.data) if x.grad is None else x.grad.numpy()


def activation_picture(name, f, grid, x):
    curve, slope = slopes(f, grid)
    (y,), (k,) = slopes(f, [x])
    flat = bands(grid, np.abs(slope) < 0.02)
    touching = Line([x - 1.5, x + 1.5], [y - 1.5 * k, y + 1.5 * k], svg.ORANGE, "slope here", "6 3", 2.5)
    ends = float(grid[0]), float(grid[-1])
    charts = [
        Chart(name, "x", "", [Line(grid, curve), touching, Dots(x, y, size=6)], ends, bands=flat),
        Chart("slope", "x", "", [Line(grid, slope, svg.GREEN, dash="7 3"), Dots(x, k, size=6)], ends, bands=flat),
    ]
    charts[0].y_range = spread(curve)
    charts[1].y_range = spread(np.append(slope, [0, 1]))
    line = f"{name}({number(x)}) = {number(y)}, and the slope there is {number(k)}."
    if abs(k) < 0.02:
        line += " It is flat here: turn x a little, and nothing happens."
    places = np.arange(-4, 5, 2.0)
    rows = ["       x    value    slope"]
    rows += [f"{number(a):>8} {number(b):>8} {number(c):>8}" for a, b, c in zip(places, *slopes(f, places))]
    rows.append("Shaded: where the slope is less than 0.02, up or down.")
    return charted(charts, line, "\n".join(rows), measured=False)


def spread(y):
    low, high = np.nanmin(y), np.nanmax(y)
    room = 0.08 * max(high - low, 0.5)
    return float(low - room), float(high + room)


def bands(x, inside):
    """The pieces of x, as pairs (from, to), where `inside` holds."""
    ends = np.flatnonzero(np.diff(inside.astype(int), prepend=0, append=0))
    return [(float(x[i]), float(x[j - 1])) for i, j in zip(ends[::2], ends[1::2]) if j - i > 2]


# A loss over two weights


class Surface:
    """A loss over two weights. loss: of two tensors; start: where to begin; ranges: what is drawn; low: its minimum."""

    def __init__(self, loss, start, x_range, y_range, low, noise=0.0):
        self.loss, self.start, self.x_range, self.y_range = loss, start, x_range, y_range
        self.low, self.noise = low, noise


SURFACES = {
    "ravine": Surface(lambda x, y: 0.05 * x * x + 2 * y * y, (-8.0, 1.5), (-10, 4), (-3, 3), (0, 0)),
    "saddle": Surface(lambda x, y: 0.5 * x * x - 0.5 * y * y + 0.02 * y**4, (-3.0, 0.02), (-4, 4), (-5, 5), None),
    "Rosenbrock": Surface(lambda x, y: (1 - x) ** 2 + 10 * (y - x * x) ** 2, (-1.5, 1.5), (-2, 2), (-1, 3), (1, 1)),
    "noisy": Surface(lambda x, y: 0.5 * x * x + 0.5 * y * y, (-4.0, 2.5), (-5, 3), (-3, 4), (0, 0), noise=2.0),
}

RACERS = {
    "SGD": lambda p, lr, momentum: optim.SGD(p, lr=lr),
    "momentum": lambda p, lr, momentum: optim.SGD(p, lr=lr, momentum=momentum),
    "RMSprop": lambda p, lr, momentum: optim.RMSprop(p, lr=lr),
    "Adam": lambda p, lr, momentum: optim.Adam(p, lr=lr, betas=(momentum, 0.999)),
}
RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]


def optimizer_race(racers=None, *, surface="ravine", lr=0.1, momentum=0.9, steps=100):
    """Several optimizers from one start, step by step, on a loss over two weights.

    racers: {name: function of (params, lr, momentum) that gives an optimizer}, up to four; SGD with and without
        momentum, RMSprop and Adam if left out
    surface: "ravine", "saddle", "Rosenbrock" or "noisy", whose gradients are wrong by chance as those of batches are
    lr, momentum: of all of them, where they have such a thing (Adam's first beta is its momentum)
    """
    racers = RACERS if racers is None else racers
    if not 0 < len(racers) <= len(COLOURS):
        raise ValueError(f"optimizer_race has colours for 1 to {len(COLOURS)} optimizers, and got {len(racers)}.")
    if surface not in SURFACES:
        raise ValueError(f"optimizer_race knows the surfaces {', '.join(SURFACES)}, and got {surface!r}.")
    raced, rates = {}, sorted({*RATES, float(lr)})

    def draw(surface, lr, momentum, step):
        key = surface, lr, momentum
        if key not in raced:
            raced.clear()  # the last race is kept, for the slider of its steps
            raced[key] = {name: race(make, SURFACES[surface], lr, momentum, steps) for name, make in racers.items()}
        return race_picture(surface, raced[key], step)

    return View(
        "A race of optimizers",
        draw,
        Choice("surface", surface, SURFACES),
        Steps("lr", float(lr), rates, label="learning rate"),
        Slider("momentum", momentum, 0.0, 0.99, 0.01),
        Slider("step", steps, 0, steps, plays=0.05),
    )


def race(make, surface, lr, momentum, steps):
    """Where one optimizer goes, and the loss there: arrays (steps + 1, 2) and (steps + 1,), nan once it flew off."""
    w = Tensor(np.array(surface.start), requires_grad=True)
    optimizer = make([w], lr, momentum)
    noise = np.random.default_rng(0).normal(0, 1, (steps, 2)) * surface.noise
    way = [w.data.copy()]
    for wrong in noise:
        optimizer.zero_grad()
        (surface.loss(w[0], w[1]) + (w * Tensor(wrong)).sum()).backward()
        optimizer.step()
        if not np.isfinite(w.data).all() or np.abs(w.data).max() > 1e6:
            break
        way.append(w.data.copy())
    way = np.array(way + [np.full(2, np.nan)] * (steps + 1 - len(way)))
    return way, surface.loss(way[:, 0], way[:, 1])


def landscape(surface, size=(220, 160)):
    """The loss as bytes (H, W, 3): bands of equal height, the deeper the darker."""
    x = np.linspace(*surface.x_range, size[0])
    y = np.linspace(*surface.y_range[::-1], size[1])[:, None]
    z = surface.loss(x, y) + 0 * y
    depth = np.log(z - z.min() + 0.02 * np.ptp(z))
    band = np.floor(14 * (depth - depth.min()) / np.ptp(depth)) / 14
    dark, light = np.array([150, 172, 190]), np.array([248, 250, 252])
    return np.rint(dark + (light - dark) * band[..., None]).astype(np.uint8)


def race_picture(name, ways, step):
    surface = SURFACES[name]
    plane = Chart(name, "weight 1", "weight 2", [], surface.x_range, surface.y_range, background=landscape(surface))
    plane.width, plane.height = 405, 320
    falling = Chart("loss", "step", "", [], log=True, height=320, width=370)
    lowest = min(float(np.min(surface.loss(*np.meshgrid(np.linspace(*surface.x_range, 200), surface.y_range)))), 0.0)
    rows = [f"{'':10}{'weights':>20}{'loss':>10}"]
    for (racer, (way, losses)), colour, dash in zip(ways.items(), COLOURS, DASHES):
        plane.marks.append(Line(way[: step + 1, 0], way[: step + 1, 1], colour, racer, dash))
        falling.marks.append(Line(np.arange(step + 1), losses[: step + 1], colour, dash=dash))
        there = np.isfinite(way[step]).all()
        if there:
            plane.marks.append(Dots(*way[step], colour, size=5))
        weights = f"({number(way[step][0])}, {number(way[step][1])})" if there else "flew off"
        rows.append(f"{racer:10}{weights:>20}{number(losses[step]) if there else '–':>10}")
    if surface.low:
        plane.marks.append(Dots(*surface.low, svg.INK, "lowest", "triangle", 5))
    steps = len(next(iter(ways.values()))[1]) - 1
    finite = np.concatenate([losses[np.isfinite(losses)] for _, losses in ways.values()])
    if lowest < 0 or finite.min() < 0:
        falling.log, falling.y_range = False, (float(finite.min()) - 0.5, float(min(finite.max(), finite[0] + 3)))
    else:
        falling.y_range = tuple(np.log10([max(finite.min(), 1e-6), min(finite.max(), 1e3) * 1.5]))
    falling.x_range = 0, steps
    at_step = {racer: losses[step] for racer, (_, losses) in ways.items() if np.isfinite(losses[step])}
    line = f"After {step} steps on {name}, "
    line += f"{min(at_step, key=at_step.get)} is lowest." if at_step else "all have flown off: the rate is too large."
    flew = [racer for racer, (way, _) in ways.items() if racer not in at_step]
    if flew and at_step:
        line += f" {', '.join(flew)} flew off."
    return charted([plane, falling], line, "\n".join(rows))


# A network over a plane


def decision_boundary(model, data, *, size=60, every=0.15):
    """Which class a model gives to each place of a plane, and the points that it learns from.

    model: gives scores (N, classes), or (N, 1) for two classes, of points (N, 2)
    data: points (N, 2) and labels (N,), tensors or arrays

    What comes back can be given to training, and is then redrawn while that runs, at most once in `every` seconds:
    run.train(20, after_step=boundary). Or show it together with the losses: live(run, boundary).
    """
    points, labels = (np.asarray(part.detach() if isinstance(part, Tensor) else part) for part in data)
    if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1]:
        raise ValueError(
            f"decision_boundary wants points (N, 2) and labels (N,), and got {points.shape} and {labels.shape}."
        )
    return Boundary(model, points.astype(np.float32), labels.astype(int), size, every)


class Boundary(Moving):
    def __init__(self, model, points, labels, size, every):
        super().__init__("Which class the model gives to each place", self.plane)
        self.model, self.points, self.labels, self.size, self.every = model, points, labels, size, every
        low, high = points.min(0), points.max(0)
        room = 0.1 * np.maximum(high - low, 1e-3)
        self.x_range, self.y_range = np.stack([low - room, high + room], 1).tolist()
        if labels.max(initial=0) >= len(COLOURS):
            raise ValueError(f"decision_boundary has colours for {len(COLOURS)} classes, and got {labels.max() + 1}.")

    def shares(self, points):
        """The share of each class at these points, (N, classes); the model is left as it was found."""
        with no_grad(), at_rest(self.model):
            scores = np.asarray(self.model(Tensor(points)).cpu(), np.float64)
        if scores.ndim == 1 or scores.shape[1] == 1:  # one score: of class 1, against 0
            scores = np.stack([np.zeros(len(points)), scores.reshape(-1)], 1)
        parts = np.exp(scores - scores.max(1, keepdims=True))
        return parts / parts.sum(1, keepdims=True)

    def plane(self):
        x, y = np.linspace(*self.x_range, self.size), np.linspace(*self.y_range[::-1], self.size)
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2).astype(np.float32)
        shares = self.shares(grid)
        colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in COLOURS])[: shares.shape[1]]
        paint = 255 - 0.55 * (shares @ (255 - colours))  # paler where the model is less sure, on white
        chart = Chart("", "", "", [], tuple(self.x_range), tuple(self.y_range), width=460, height=380)
        chart.background = np.rint(paint).astype(np.uint8).reshape(self.size, self.size, 3)
        for label in np.unique(self.labels):
            there = self.points[self.labels == label]
            chart.marks.append(Dots(*there.T, COLOURS[label], f"class {label}", SHAPES[label % len(SHAPES)]))
        right = self.shares(self.points).argmax(1) == self.labels
        line = f"{right.sum()} of {len(right)} points are on the right side."
        if self.run:
            chart.title = when(self.run)
            line = f"{chart.title.capitalize()}: {line}"
        rows = [
            f"class {label}: {right[self.labels == label].sum()} of {(self.labels == label).sum()} right, "
            f"the model gives it {(shares.argmax(1) == label).mean():.0%} of the plane"
            for label in np.unique(self.labels)
        ]
        return charted([chart], line, "\n".join(rows))
