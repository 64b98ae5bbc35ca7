"""`python -m benchmarks.convolution`: the ways of chapter 10 to convolve, timed on the same pictures.

The slow ones are the solutions of its exercises. Each way runs in a process of its own, on one processor, and they take
turns. What counts is processor time, and the best turn: so a machine that is busy with other things disturbs little.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import minigrad as mg
from minigrad.cifar10 import machine
from minigrad.data import CIFAR10Subset
from minigrad.nn import functional as F
from minigrad.study.chapters import convolution

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).with_name("convolution.json")
PICTURES = 20
ROUNDS, TURN = 9, 0.5  # turns of each way; seconds a turn, or one run if that is longer
SLOW, FEW = 1.0, 2  # seconds; a way that takes longer has so few turns
LAYERS = {"3 → 32 channels, 32²": (3, 32), "32 → 64 channels, 30²": (32, 64)}  # those of the CNN


def loops(x, w):
    return np.stack([convolution.conv2d_loops(picture, w) for picture in x])


def windows(x, w):
    found = convolution.windows(x, w.shape[-1])
    return np.stack([(found * filter[:, None, None]).sum((1, 4, 5)) for filter in w], axis=1)


def product(x, w):
    return convolution.conv2d(x, w)[0]


def library(x, w):
    return F.conv2d(mg.tensor(x), mg.tensor(w)).numpy()


def pytorch(x, w):
    import torch

    return torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(w)).numpy()


WAYS = {"loops": loops, "windows": windows, "one product": product, "the library": library, "PyTorch": pytorch}


def inputs(layer):
    """The pictures and the filters of a layer: real pictures, and what random filters make of them."""
    channels, filters = LAYERS[layer]
    rng = np.random.default_rng(0)
    x = CIFAR10Subset(train=False).images[:PICTURES].astype("float32") / 255
    if channels != 3:
        x = np.maximum(product(x, rng.normal(size=(channels, 3, 3, 3)).astype("float32")), 0)
    return np.ascontiguousarray(x), rng.normal(size=(filters, channels, 3, 3)).astype("float32")


def turn(way, layer):
    """(the best time of a run in seconds, the mean square of what it computed), here and now."""
    (x, w), times = inputs(layer), []
    if way != "loops":
        WAYS[way](x, w)  # wakes caches up
    while sum(times) < TURN:
        start = time.process_time()
        out = WAYS[way](x, w)
        times.append(time.process_time() - start)
    return min(times), float((out.astype("float64") ** 2).mean())


def turn_elsewhere(way, layer):
    """A turn in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.convolution", way, layer]
    alone = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    said = subprocess.run(command, cwd=ROOT, env={**os.environ, **alone}, capture_output=True, check=True)
    return json.loads(said.stdout)


def measured(rounds=ROUNDS):
    """All of it, ready for JSON. RuntimeError if two ways computed different things."""
    import torch

    if hasattr(os, "sched_setaffinity"):  # inherited by all that is started from here
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    layers = []
    for layer in LAYERS:
        found = {way: [turn_elsewhere(way, layer)] for way in WAYS}
        results = {way: result for way, [(_, result)] in found.items()}
        if not np.allclose(list(results.values()), results["PyTorch"], rtol=1e-4):
            raise RuntimeError(f"convolution: the ways disagree on {layer}: {results}")
        for number in range(1, rounds):
            for way, turns in found.items():
                if number < FEW or turns[0][0] < SLOW:
                    turns.append(turn_elsewhere(way, layer))
        seconds = {way: min(time for time, _ in turns) for way, turns in found.items()}
        print(layer, {way: f"{1000 * s:.1f} ms" for way, s in seconds.items()}, file=sys.stderr)
        layers.append({"name": layer, "seconds": seconds})
    about = {**machine("cpu"), "pytorch": torch.__version__}
    return {"machine": about, "pictures": PICTURES, "turns": rounds, "turns_of_slow": FEW, "layers": layers}


def main(words):
    if words:
        print(json.dumps(turn(*words)))
        return
    RESULT.write_text(json.dumps(measured(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
