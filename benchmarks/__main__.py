"""`python -m benchmarks`: minigrad against PyTorch, and against others where they are installed.

Each library runs in a process of its own, in turns; the table that comes out has medians, and ratios round by round.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
from pathlib import Path

from minigrad import is_available
from minigrad.cifar10 import machine

from . import table, turns
from .rows import GROWTH, ROWS

RESULTS = Path(__file__).with_name("results")


def main(words=None):
    options = parser().parse_args(words)
    if options.device != "cpu" and not is_available(options.device):
        sys.exit(f"--device {options.device}: there is no such device here, or CuPy is missing. Try --device cpu.")
    result = measured(options)
    text = table.markdown(result)
    print(text)
    folder = options.out or (None if options.only else RESULTS)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        lines = json.dumps(result).replace('{"name"', '\n{"name"')  # a row, a line
        (folder / f"{options.device}.json").write_text(lines + "\n", encoding="utf-8")
        (folder / f"{options.device}.md").write_text(text, encoding="utf-8")


def parser():
    out = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    out.add_argument("--only", nargs="+", metavar="NAME", help="rows with one of these in their name or workload")
    out.add_argument("--rounds", type=int, default=9, help="turns that each library has in every row (default: 9)")
    out.add_argument("--threads", type=int, default=2, help="threads that each library has (default: 2)")
    out.add_argument("--device", default="cpu", help='"cpu" or "cuda"')
    out.add_argument("--python", nargs="+", default=[], metavar="PATH", help="other Pythons, with other libraries")
    out.add_argument("--libraries", nargs="+", choices=turns.LIBRARIES, default=list(turns.LIBRARIES), help="who runs")
    out.add_argument("--out", type=Path, metavar="FOLDER", help="where to (default: benchmarks/results, if all is run)")
    return out


def measured(options):
    """All rows that were asked for, as a dict ready for JSON."""
    if hasattr(os, "sched_setaffinity"):  # inherited by all that is started from here
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    pythons = {name: path for name, path in turns.pythons(options.python).items() if name in options.libraries}
    if options.device != "cpu":  # the others have their own ways to a GPU
        pythons = {name: path for name, path in pythons.items() if name in ("minigrad", "torch")}

    with contextlib.ExitStack() as stack:
        start = lambda library, python: stack.enter_context(turns.Process(library, python, options.threads))
        processes = {library: start(library, python) for library, python in pythons.items()}
        versions = {}
        for process in processes.values():
            versions.update(process("about")["versions"])
        rows, growth = (
            [measured_row(row, pythons, processes, options) for row in rows if wanted(row, options.only)]
            for rows in (ROWS, GROWTH)
        )
    about = {key: value for key, value in machine(options.device).items() if key not in ("minigrad", "threads")}
    settings = {"rounds": options.rounds, "threads": options.threads}
    return {"machine": about, "versions": versions, "settings": settings, "rows": rows, "growth": growth}


def wanted(row, only):
    return not only or any(word in row.name or word == row.workload for word in only)


def measured_row(row, pythons, processes, options):
    """One row: every library's numbers, their medians, and minigrad's over the others'."""
    print(row.name, end=" ", file=sys.stderr, flush=True)
    if row.workload == "import":
        found = turns.imports(pythons, options.rounds)
    elif row.measure == "bytes":
        found = turns.memories(row, pythons, options.device, options.threads, options.rounds)
    else:
        found = turns.race(row, processes, options.device, options.rounds)
    found = {name: [float(f"{number:.4g}") for number in numbers] for name, numbers in found.items()}
    medians = {name: statistics.median(numbers) for name, numbers in found.items()}
    ratios = {name: turns.ratio(found["minigrad"], theirs) for name, theirs in found.items() if name != "minigrad"}
    print({name: table.three_digits(r["median"]) for name, r in ratios.items()}, file=sys.stderr)
    return {**vars(row), "found": found, "medians": medians, "ratios": ratios}


if __name__ == "__main__":
    main()
