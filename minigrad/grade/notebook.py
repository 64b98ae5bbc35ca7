"""A chapter's pristine notebook with somebody's answers in it, run cell by cell by nbval: all of it inside the sandbox.

This says how a whole notebook fares; no points come of it. The answers run in a kernel beside nbval, in one box, and a
kernel that lies about what it printed is believed here. Judging by values (values.py) believes nobody.
"""

import json
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from .notebook_inside import signature
from .pristine import SECONDS_PER_CELL, filled
from .sandbox import Ended, Limits, python

PROJECT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("notebook_inside.py")
OUTCOMES = ("passed", "failed", "skipped")
NOT_RUN = "not run"

# A kernel with PyTorch in it, nbval, and their threads. Memory is what all of it uses together.
LIMITS = Limits(wall=180.0, cpu=150, memory=3 << 30, files=64 << 20, processes=128, output=8 << 20, children=True)


@dataclass
class Ran:
    """What became of a notebook.

    cells     [(grade_id, outcome)] in the notebook's order: "passed", "failed", "skipped" or "not run"
    problem   why it did not run to its end, in words, or ""
    """

    cells: list
    problem: str = ""


def run(chapter, answers, sandbox, limits=LIMITS):
    """The Ran of a chapter's notebook with these Answers. Raises NoSandbox where the tier can run no kernel."""
    notebook = filled(chapter, answers)
    with tempfile.TemporaryDirectory(prefix="minigrad_notebook_") as folder:
        os.chmod(folder, 0o755)  # where the grader is root, who reads it inside is not
        path = Path(folder) / f"{chapter.name}.ipynb"
        nbformat.write(notebook, path)
        packages = installed()
        key = secrets.token_hex(16)
        job = {"key": key, "notebook": str(path), "path": [str(PROJECT), *packages], "seconds": SECONDS_PER_CELL}
        readable = [PROJECT / "minigrad", *packages, path]
        with sandbox.start(python(str(INSIDE)), readable=readable, limits=limits) as process:
            try:
                process.send(json.dumps(job).encode())
                process.finish_input()
                said, problem = process.rest(), ""
            except Ended as ended:
                said, problem = process.received, str(ended)
    cells = outcomes(said, key, grade_ids(notebook))
    if not problem and NOT_RUN in dict(cells).values():
        last = process.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        problem = f"nbval ended before the notebook did (exit status {process.status}): {last}"
    return Ran(cells, problem)


def installed():
    """The folders of packages that this Python imports from; minigrad itself is shown apart from its solutions."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages")) and os.path.isdir(path)]


def grade_ids(notebook):
    found = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells if cell.cell_type == "code"]
    return [grade_id for grade_id in found if grade_id]


def outcomes(said, key, wanted):
    """[(grade_id, outcome)] of lines `grade_id outcome signature`; anything else that was said tells nothing."""
    lines = [line.split(" ") for line in said.decode("utf-8", "replace").splitlines()]
    told = {
        grade_id: outcome
        for grade_id, outcome, signed in (line for line in lines if len(line) == 3)
        if outcome in OUTCOMES and signed == signature(key, f"{grade_id} {outcome}")
    }
    return [(grade_id, told.get(grade_id, NOT_RUN)) for grade_id in wanted]
