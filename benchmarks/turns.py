"""Libraries that take turns: one computes, the others wait, so that a slow minute of the machine is slow for all."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = {
    "minigrad": "minigrad",
    "torch": "PyTorch",
    "tinygrad": "tinygrad",
    "autograd": "HIPS autograd",
    "micrograd": "micrograd",
}

TURN = 0.3  # seconds
REST = 0.05  # seconds between turns, until the threads of the one before have stopped waiting for more
SLOW = 1.0  # seconds; a library with longer steps than this has three turns, whatever the others have


class Process:
    """A worker process, as seen from here: `process("turn", ...)` is its answer. RuntimeError if it fails."""

    def __init__(self, library, python, threads):
        counts = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL")}
        self.library = library
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", library],
            cwd=ROOT,
            env={**os.environ, **counts},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"it ended, with status {self.process.wait()}"}
        if "error" in answer:
            raise RuntimeError(f"{LIBRARIES[self.library]}, {command[0]} {command[1:2]}: {answer['error']}")
        return answer["answer"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def pythons(others=()):
    """Which Python runs which library: this one, or the first of the others that has it."""
    found = {}
    for library in LIBRARIES:
        for python in (sys.executable, *others):
            code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({library!r}) is None)"
            if library not in found and subprocess.run([python, "-c", code], cwd=ROOT).returncode == 0:
                found[library] = python
    return found


def race(row, processes, device, rounds):
    """Seconds per step (or bytes), of every library that takes part: {library: one number a round}."""
    taking_part = {
        name: process for name, process in processes.items() if row.workload in process("about")["workloads"]
    }
    found = {name: [] for name in taking_part}
    for number in range(rounds):
        for name in list(taking_part)[:: 1 if number % 2 else -1]:
            if number < 3 or found[name][0] < SLOW:
                found[name].append(taking_part[name]("turn", row.workload, device, row.options, TURN))
                time.sleep(REST)
    return found


def memories(row, pythons, device, threads, rounds):
    """Bytes at the peak, each measured in a process of its own; once for those that take long."""
    found = {}
    for library, python in pythons.items():
        for _ in range(min(rounds, 3) if library in ("minigrad", "torch") else 1):
            with Process(library, python, threads) as process:
                if row.workload in process("about")["workloads"]:
                    found.setdefault(library, []).append(process("memory", row.workload, device, row.options))
    return found


def imports(pythons, rounds):
    """Seconds that `import ...` takes when NumPy is already there, where that brings the whole library."""
    found = {library: [] for library in pythons if library in ("minigrad", "torch")}
    for _ in range(rounds):
        for library, python in ((library, pythons[library]) for library in found):
            code = (
                f"import numpy.random, time; t = time.perf_counter(); import {library}; print(time.perf_counter() - t)"
            )
            said = subprocess.run([python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
            found[library].append(float(said.stdout))
    return found


def ratio(ours, theirs):
    """Ours over theirs, round by round: the median, and the middle half."""
    low, median, high = statistics.quantiles([a / b for a, b in zip(ours, theirs)] * 2, n=4, method="inclusive")
    return {"median": median, "low": low, "high": high}
