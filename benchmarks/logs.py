"""What the logs of full CIFAR-10 runs in `logs/` say: one table, for README and for lesson 11.

A log is JSON lines: first the settings and the machine, then a line an epoch. Older ones lack some settings, `elapsed`
(seconds since the command began) and `losses` (of the first steps); where something is not told, the table is empty.
"""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from minigrad import cifar10

LOGS = Path(__file__).with_name("logs")
ROUNDING = 1e-4  # two losses further apart than this share of themselves differ by more than rounding
NO_MATTER = ("epochs", "full", "device", "seed")  # settings that do not make another recipe
TABLE = ("recipe", "library", "epochs", "after 1", "after 5", "at the end", "seconds an epoch", "first step apart")

NOTES = {
    "seconds an epoch": "Seconds are those of whole epochs, testing included, where the log tells them.",
    "first step apart": "*First step apart* is the first of the logged steps at which the losses of both libraries "
    "differ by more than a ten-thousandth of themselves.",
}


@dataclass
class Log:
    """A run: `accuracy` is the share of all test pictures that was right, one number for each epoch.

    recipe   its name in `cifar10.RECIPES`, and what was set otherwise
    seconds  an epoch took, test included; None where the log does not tell, or the run was stopped and went on
    losses   of the first steps, as many as were logged
    """

    library: str
    recipe: str
    accuracy: list
    seconds: float | None
    losses: list
    machine: dict


def logs(folder=LOGS):
    """All of them: recipe by recipe, as RECIPES has them, minigrad's runs first."""
    found = [read(path) for path in sorted(Path(folder).glob("*.jsonl"))]
    return sorted(found, key=lambda log: (order(log.recipe), log.library != "minigrad"))


def read(path):
    head, *rows = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    machine, elapsed = head["machine"], [row.get("elapsed") for row in rows]
    timed = None not in elapsed and all(one < next for one, next in pairwise([0, *elapsed]))
    return Log(
        f"PyTorch {machine['pytorch']}" if "pytorch" in machine else "minigrad",
        recipe(head["run"]),
        [row["test_accuracy"] for row in rows],
        elapsed[-1] / len(rows) if timed else None,
        rows[0].get("losses", []),
        machine,
    )


def recipe(run):
    """The name of what was run: that of the net's recipe, and each setting that is another one."""
    nets = {values["net"]: name for name, values in cifar10.RECIPES.items()}
    name = nets[run.get("net", "CNN")]
    usual = cifar10.settings_of(cifar10.parsed(["--recipe", name]))
    other = [f"{key} {run[key]}" for key in usual if key not in NO_MATTER and run.get(key, usual[key]) != usual[key]]
    return ", ".join([name, *other])


def order(recipe):
    name, *other = recipe.split(", ")
    return list(cifar10.RECIPES).index(name), other


def pairs(logs):
    """(minigrad's run, PyTorch's) of one recipe, where both logged the losses of their first steps."""
    ours = {log.recipe: log for log in logs if log.library == "minigrad" and log.losses}
    theirs = [log for log in logs if log.library != "minigrad" and log.losses]
    return [(ours[log.recipe], log) for log in theirs if log.recipe in ours]


def first_step_apart(one, other):
    """The first step, counted from 1, whose losses differ by more than rounding; None if none of those logged does."""
    pairs = enumerate(zip(one.losses, other.losses), start=1)
    return next((step for step, (a, b) in pairs if abs(a - b) > ROUNDING * abs(b)), None)


def table(logs):
    """Rows of text, the first of them TABLE. A column in which nothing stands is left out."""
    rows = [TABLE]
    for log in logs:
        last, seconds = len(log.accuracy), f"{log.seconds:.0f}" if log.seconds else ""
        shares = [f"{100 * log.accuracy[epoch - 1]:.1f} %" if epoch <= last else "" for epoch in (1, 5, last)]
        rows.append((log.recipe, log.library, str(last), *shares, seconds, apart(log, logs)))
    kept = [place for place, column in enumerate(zip(*rows)) if any(column[1:])]
    return [tuple(row[place] for place in kept) for row in rows]


def apart(log, logs):
    """In words, when this run of PyTorch and minigrad's of the same recipe first differ by more than rounding."""
    ours = next((ours for ours, theirs in pairs(logs) if theirs is log), None)
    if ours is None:
        return ""
    step = first_step_apart(ours, log)
    return str(step) if step else f"none of {min(len(ours.losses), len(log.losses))}"


def notes(rows):
    """What there is to say about the columns that are there."""
    return " ".join(note for column, note in NOTES.items() if column in rows[0])


def markdown(rows):
    """The rows as README has them."""
    lines = [f"| {' | '.join(row)} |\n" for row in rows]
    return "".join([lines[0], f"|{'---|' * len(rows[0])}\n", *lines[1:]])


def text(rows):
    """The rows, column under column."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("   ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
