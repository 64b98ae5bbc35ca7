"""What is measured: the rows of the table, in its order.

A row names a workload, which every library that can do it has under that name in `libraries`, and its options.
`must` and `goal` are bounds on the time (or memory) of minigrad over that of PyTorch.
"""

from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the table: `workload` with `options`, measured in "seconds", or in "bytes" at its peak."""

    name: str
    workload: str
    options: dict = field(default_factory=dict)
    measure: str = "seconds"
    must: float | None = None
    goal: float | None = None


# (channels, size) -> filters; the first two are those of the CNN
SHAPES = {
    "3→32 at 32²": {"channels": 3, "filters": 32, "size": 32},
    "32→64 at 30²": {"channels": 32, "filters": 64, "size": 30},
    "64→128 at 16²": {"channels": 64, "filters": 128, "size": 16, "padding": 1},
    "64→128 at 32², stride 2": {"channels": 64, "filters": 128, "size": 32, "stride": 2, "padding": 1},
    "128→64 at 16², 1×1": {"channels": 128, "filters": 64, "size": 16, "kernel": 1},
    "64→128 at 16², 4 groups": {"channels": 64, "filters": 128, "size": 16, "padding": 1, "groups": 4},
}

POOLS = {
    "32×30²": {"channels": 32, "size": 30},
    "64×28²": {"channels": 64, "size": 28},
    "128×16²": {"channels": 128, "size": 16},
    "64×32², 3×3, stride 2": {"channels": 64, "size": 32, "kernel": 3, "stride": 2, "padding": 1},
    "128×16², 3×3, stride 1": {"channels": 128, "size": 16, "kernel": 3, "stride": 1, "padding": 1},
    "64×31², a rest": {"channels": 64, "size": 31},
}

ROWS = [
    Row("CNN training step, batch 100", "cnn", {"batch": 100}, must=1.3, goal=1.0),
    Row("784-256-10 MLP step, batch 128", "mlp", must=1.3, goal=1.0),
    Row("2-16-16-1 MLP step, batch 100", "small_mlp", must=1.5, goal=1.0),
    Row("chain of 2,000 scalar ops", "chain", {"length": 2000}, must=1.5, goal=1.0),
    *(Row(f"conv2d {name}", "conv2d", shape, must=2.5, goal=1.5) for name, shape in SHAPES.items()),
    *(Row(f"max_pool2d {name}", "max_pool2d", shape) for name, shape in POOLS.items()),
    Row("batch_norm, 100×64×28²", "batch_norm"),
    Row("cross_entropy, 128×10", "cross_entropy", {"classes": 10}),
    Row("cross_entropy, 128×1000", "cross_entropy", {"classes": 1000}),
    Row("SGD step, 1.6 M parameters", "optimizer", {"rule": "SGD", "momentum": 0.9}),
    Row("Adam step, 1.6 M parameters", "optimizer", {"rule": "Adam"}),
    Row("DataLoader, 2,000 pictures, crop and flip", "loader"),
    Row("import, beyond NumPy", "import"),
    Row("memory of the CNN step", "cnn", {"batch": 100}, "bytes", must=1.2, goal=1.0),
    Row("memory of the 784-256-10 MLP step", "mlp", {}, "bytes"),
    Row("memory of conv2d 32→64 at 30²", "conv2d", SHAPES["32→64 at 30²"], "bytes"),
]

# The cost of a step should grow no faster than the work: time over size.
GROWTH = [
    *(Row(f"CNN step, batch {batch}", "cnn", {"batch": batch}) for batch in (25, 50, 100, 200, 400)),
    *(Row(f"chain, {length:,} ops", "chain", {"length": length}) for length in (100, 1_000, 10_000, 100_000)),
]
