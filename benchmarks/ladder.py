"""`python -m benchmarks.ladder`: one training step of chapter 11's CNN, from Python loops up to CUDA, and in PyTorch.

    python -m benchmarks.ladder           measures, and writes ladder.json; some minutes on a quiet machine
    python -m benchmarks.ladder ROUNDS    the same with so many rounds (9)

A step is forward, backward, SGD. The rungs differ in their convolutions alone: all else is the library's. First each
must give the library's loss and gradients. Then they take turns, each turn in a process of its own, with two threads.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np

import minigrad as mg
from minigrad import device, ops, optim
from minigrad.cifar10 import machine
from minigrad.data import CIFAR10Subset, transforms
from minigrad.models import CNN
from minigrad.nn import functional as F
from minigrad.study.chapters import convolution

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path(__file__).with_name("ladder.json")
BATCH, FEW = 100, 2  # pictures a step, as the recipe has it; for loops
ROUNDS, SLOW_ROUNDS, TURN = 9, 3, 1.0  # turns of each rung, of loops; seconds a turn, or one step if that is longer
THREADS = 2
LR, MOMENTUM = 0.01, 0.9
NO_DEVICE = "no device here"


def loops(x, w, stride=1, padding=0):
    """The convolution of chapter 10's loops, and its gradients in the same loops: for strides of 1, without padding."""
    K = w.shape[-1]
    out = np.stack([convolution.conv2d_loops(picture, w) for picture in x])

    def grad_x(g):
        back = np.zeros_like(x)
        for n, f, i, j in np.ndindex(g.shape):
            back[n, :, i : i + K, j : j + K] += g[n, f, i, j] * w[f]
        return back

    def grad_w(g):
        back = np.zeros_like(w)
        for n, f, i, j in np.ndindex(g.shape):
            back[f] += g[n, f, i, j] * x[n, :, i : i + K, j : j + K]
        return back

    return out, grad_x, grad_w


class Ours:
    """A training in minigrad; `conv2d`, in the form of chapter 10's exercise, takes the place of the library's."""

    def __init__(self, count, conv2d=None, device="cpu"):
        mg.manual_seed(0)
        self.model = CNN().to(device)
        self.x, self.labels = (mg.tensor(array).to(device) for array in batch(count))
        self.optimizer = optim.SGD(self.model.parameters(), LR, MOMENTUM)
        self.conv2d = convolution.as_op(conv2d) if conv2d else ops.conv2d

    def backward(self):
        with patch.object(ops, "conv2d", self.conv2d):
            loss = F.cross_entropy(self.model(self.x), self.labels)
            loss.backward()
        return loss.item()

    def step(self):
        self.optimizer.zero_grad()
        self.backward()
        self.optimizer.step()
        self.model.fc2.bias.detach().cpu()  # a GPU is waited for

    def gradients(self):
        return [parameter.grad.cpu().numpy() for parameter in self.model.parameters()]


class Theirs:
    """The same training in PyTorch, from the same weights."""

    def __init__(self, count):
        import torch

        from . import cifar10_pytorch

        torch.set_num_threads(THREADS)
        self.model = cifar10_pytorch.CNN()
        mg.manual_seed(0)
        with torch.no_grad():
            for theirs, ours in zip(self.model.parameters(), CNN().parameters()):
                theirs.copy_(torch.from_numpy(ours.detach().numpy()))
        self.x, self.labels = map(torch.from_numpy, batch(count))
        self.optimizer = torch.optim.SGD(self.model.parameters(), LR, MOMENTUM)
        self.loss = torch.nn.CrossEntropyLoss()

    def backward(self):
        loss = self.loss(self.model(self.x), self.labels)
        loss.backward()
        return loss.item()

    def step(self):
        self.optimizer.zero_grad()
        self.backward()
        self.optimizer.step()

    def gradients(self):
        return [parameter.grad.numpy() for parameter in self.model.parameters()]


RUNGS = {
    "loops": lambda count: Ours(count, loops),
    "one product": lambda count: Ours(count, convolution.conv2d),
    "the library": Ours,
    "CUDA": lambda count: Ours(count, device="cuda"),
    "PyTorch": Theirs,
}


def batch(count):
    """Pictures (N, 3, 32, 32), normalised, and their labels."""
    data = CIFAR10Subset(train=False)
    normal = transforms.Compose([transforms.ToFloat(), transforms.Normalize(data.mean, data.std)])
    return normal(data.images[:count]), data.labels[:count].astype("int64")


def pictures(rung):
    return FEW if rung == "loops" else BATCH


def missing(rung):
    """Why a rung cannot be measured here; nothing if it can."""
    if rung == "CUDA":
        try:
            device.get("cuda")
        except RuntimeError:
            return NO_DEVICE
    return ""


def refuse_different(rung):
    """RuntimeError if a rung has another loss or other gradients than the library: without dropout, on few pictures."""
    ours, theirs = RUNGS["the library"](FEW), RUNGS[rung](FEW)
    ours.model.eval(), theirs.model.eval()
    losses = ours.backward(), theirs.backward()
    gradients = zip(ours.gradients(), theirs.gradients())
    same = [np.allclose(a, b, rtol=1e-3, atol=1e-4 * np.abs(a).max()) for a, b in gradients]
    if not all(same) or not np.isclose(*losses, rtol=1e-5):
        raise RuntimeError(f"ladder: {rung} and the library differ. Losses {losses}; same gradients: {same}")


def turn(rung):
    """The median time of a step in seconds, here and now."""
    training, times = RUNGS[rung](pictures(rung)), []
    if rung != "loops":
        training.step()  # wakes caches up
    while sum(times) < TURN:
        start = time.perf_counter()
        training.step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def turn_elsewhere(rung):
    """A turn in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ladder", "turn", rung]
    threads = {f"{name}_NUM_THREADS": str(THREADS) for name in ("OMP", "OPENBLAS", "MKL")}
    said = subprocess.run(command, cwd=ROOT, env={**os.environ, **threads}, capture_output=True, check=True)
    return json.loads(said.stdout)


def measured(rounds):
    """All of it, ready for JSON: for every rung the seconds of a step, one number a round."""
    import torch

    if hasattr(os, "sched_setaffinity"):  # inherited by all that is started from here
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    here = [rung for rung in RUNGS if not missing(rung)]
    for rung in here:
        refuse_different(rung)
    seconds = {rung: [] for rung in RUNGS}
    for number in range(rounds):
        for rung in here:
            if rung != "loops" or number < SLOW_ROUNDS:
                seconds[rung].append(turn_elsewhere(rung))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    rungs = [
        {"name": rung, "pictures": pictures(rung), "seconds": times, "missing": missing(rung)}
        for rung, times in seconds.items()
    ]
    about = {**machine("cpu" if missing("CUDA") else "cuda"), "threads": THREADS, "pytorch": torch.__version__}
    return {"machine": about, "rungs": rungs}


def main(words):
    if words[:1] == ["turn"]:
        print(json.dumps(turn(words[1])))
        return
    result = measured(*map(int, words or [ROUNDS]))
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
