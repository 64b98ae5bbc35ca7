"""`python -m benchmarks.grading`: how long a class takes to grade, and whether it gets what it should.

The class is made up (tests/handed_in.py), and it is known what each file should get. With --kills, the whole run is
killed so many times on the way, and its reports must be those of a run that nobody disturbed.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import handed_in

ROOT = Path(__file__).resolve().parents[1]
NOT_REPORTS = ("journal.jsonl", "journal.jsonl.lock")


def main(words=None):
    """Exit status 0 if all points, and with --kills all bytes, are as they should be."""
    options = parser().parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made = handed_in.write(place / "class", options.students)
        command = [sys.executable, "-m", "minigrad", "grade", str(place / "class"), "--seed", str(options.seed)]
        command += ["--jobs", str(options.jobs), *(["--no-notebooks"] if options.no_notebooks else [])]
        begun = time.monotonic()
        subprocess.run([*command, "--out", place / "results"], cwd=ROOT, check=True)
        took = time.monotonic() - begun
        rows = rows_in(place / "results")
        faults = wrong_points(made, rows)
        told(rows, len(made), took, options.jobs)
        print(f"points as they should be: {len(made) - len(faults)} of {len(made)} files")
        if options.kills:
            kill_on_the_way([*command, "--out", place / "killed"], options.kills, took, place / "killed")
            differ = different(place / "results", place / "killed")
            print(f"after {options.kills} kills: {len(differ)} of {len(reports_in(place / 'results'))} reports differ")
            faults += [f"{name} differs after kills" for name in differ]
    for line in faults:
        print(line)
    return int(bool(faults))


def parser():
    out = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__.splitlines()[0])
    out.add_argument("--students", type=int, default=300)
    out.add_argument("--jobs", type=int, default=2, help="files graded at once (default: 2)")
    out.add_argument("--kills", type=int, default=0, help="grade once more, killed so many times on the way")
    out.add_argument("--no-notebooks", action="store_true", help="values only, no nbval")
    out.add_argument("--seed", type=int, default=1)
    return out


def told(rows, files, took, jobs):
    """Print the medians."""
    asked = [one["seconds"] for row in rows for one in row["exercises"] if one["state"] != "absent"]
    notebooks = [row["notebook"]["seconds"] for row in rows if row["notebook"]]
    print(f"{files} files in {took:.0f} s, {jobs} at once; {took / files:.2f} s a file")
    for what, seconds in (("an exercise, by its values", asked), ("a notebook, by nbval", notebooks)):
        if seconds:
            print(f"{what}: {statistics.median(seconds):.3f} s (median of {len(seconds)}; {max(seconds):.1f} at most)")


def wrong_points(made, rows):
    """Where a file did not get what it should, in words."""
    found = {row["student"]: sum(one["points"] for one in row["exercises"]) for row in rows}
    return [
        f"{one.student} ({one.chapter}, {one.what}) should get {one.points}, and got {found.get(one.student)}"
        for one in made
        if found.get(one.student) != one.points
    ]


def kill_on_the_way(command, kills, took, out):
    """Run a command that is killed so many times with SIGKILL, at random moments, and then to its end.

    Each life is granted a little more than its part of the whole; the moments are counted from the first row on.
    """
    chance = random.Random(0)
    for _ in range(kills):
        before = size_of(out / "journal.jsonl")
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and size_of(out / "journal.jsonl") <= before:
            time.sleep(0.02)
        try:
            process.wait(chance.uniform(0, took / kills))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def rows_in(out):
    return [json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines()[1:]]


def reports_in(out):
    """{name: bytes} of all reports."""
    files = {str(path.relative_to(out)): path for path in out.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in NOT_REPORTS}


def different(one, other):
    """The names of reports that are not the same in two folders."""
    one, other = reports_in(one), reports_in(other)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


if __name__ == "__main__":
    sys.exit(main())
