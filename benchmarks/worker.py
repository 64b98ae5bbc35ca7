"""`python -m benchmarks.worker LIBRARY`: one library, in a process of its own, that does what it is told line by line.

A line in is a JSON list [what, ...]; a line out is a JSON object. While it waits for a line it does nothing at all.
"""

import importlib
import json
import os
import statistics
import sys
import time

from .libraries import resident


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        what, *rest = json.loads(line)
        try:
            answer = {"answer": getattr(worker, what)(*rest)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


class Worker:
    """One library and the workload it has ready."""

    def __init__(self, name):
        self.library = importlib.import_module(f"{__package__}.libraries.{name}")
        self.imported = resident()
        self.ready, self.step = None, None

    def about(self):
        """The versions of what is running, and the names of the workloads."""
        return {"versions": self.library.versions(), "workloads": sorted(self.library.WORKLOADS)}

    def prepare(self, workload, device, options):
        if self.ready != [workload, device, options]:
            self.step = None  # the memory of the one before can go
            self.step = self.library.WORKLOADS[workload](device, **options)
            self.ready = [workload, device, options]
            for _ in range(2 if self.timed(device) > 1 else 4):  # until everything is compiled, and memory at hand
                self.step()

    def results(self, workload, device, options, steps=2):
        """What a few steps from the start compute, as means of squares."""
        step = self.library.WORKLOADS[workload](device, **options)
        outs = [self.library.numpy(x).astype("float64") for _ in range(steps) for x in step()]
        return [float((out**2).mean()) for out in outs]

    def turn(self, workload, device, options, seconds):
        """The median time of a step, out of as many as fit into so many seconds."""
        self.prepare(workload, device, options)
        end = time.perf_counter() + seconds
        first, times = (
            self.timed(device),
            [],
        )  # it wakes threads and caches up; counts where it is the only one
        while time.perf_counter() < end:
            times.append(self.timed(device))
        return statistics.median(times or [first])

    def timed(self, device):
        start = time.perf_counter()
        self.step()
        self.library.finish(device)
        return time.perf_counter() - start

    def memory(self, workload, device, options):
        """The most memory that steps took, beyond what the import had taken. For a process that did nothing else."""
        step = self.library.WORKLOADS[workload](device, **options)
        for _ in range(3):
            step()
        return self.library.peak(device) - (self.imported if device == "cpu" else 0)


if __name__ == "__main__":
    main()
