"""`python course/readme.py`: what README.md takes from elsewhere, brought up to date.

The picture of its first example (docs/graph.svg), the tables of logged accuracies, of measured times and of chapters,
and what `check` says about a mistake. A test fails where README says something else.
"""

import json
import re
import textwrap
from pathlib import Path

from minigrad.study import chapters
from minigrad.study.judge import judge

ROOT = Path(__file__).resolve().parents[1]
README, PICTURE = ROOT / "README.md", ROOT / "docs" / "graph.svg"
RESULTS = ROOT / "benchmarks" / "results"


def main():
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")


def updated(readme):
    """README's text with what is generated in it as it should be."""
    made = {
        "benchmarks/logs": accuracies(),
        "benchmarks/results": speeds(),
        "notebooks/": lessons(),
        "minigrad/study": mistake(),
    }
    for source, table in made.items():
        section = re.compile(rf"(<!-- from {source}, .*?-->\n).*?(<!-- end -->)", re.DOTALL)
        readme = section.sub(lambda found, table=table: found[1] + table + found[2], readme)
    return readme


def examples():
    """The Python in README, block by block."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def picture():
    """The graph of README's first example, up to where backward() lets it go."""
    from minigrad.view import draw

    names = {}
    exec(examples()[0].split("print(loss)")[0], names)
    return draw(names["loss"], gradients=True, x=names["x"], w=names["w"], b=names["b"]).svg


def accuracies():
    """A row for each logged run of CIFAR-10, and what its columns mean."""
    from benchmarks import logs

    rows = logs.table(logs.logs())
    notes = textwrap.fill(logs.notes(rows), 120)
    return logs.markdown(rows) + (f"\n{notes}\n" if notes else "")


def speeds():
    """The rows of the race that have a goal, for every device that it was run on, under what it ran on."""
    from benchmarks import table

    parts = []
    for path in sorted(RESULTS.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        rows = [row for row in result["rows"] if row["goal"]]
        parts.append(f"{table.about(result)}\n{table.race(rows)}")
    return "\n".join(parts)


def lessons():
    """A row for every chapter: its lesson and, where it has some, its exercises."""
    lines = ["| chapter | | exercises | points | minutes |", "|---|---|---|---|---|"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()[0]
        number, title = first.lstrip("# ").split(" · ")
        row = f"| {number} | [{title}](notebooks/{path.name}) |"
        if path.stem in chapters.NAMES:
            exercises = chapters.chapter(path.stem).exercises.values()
            points, minutes = sum(e.points for e in exercises), sum(e.minutes for e in exercises)
            row += f" [{len(exercises)}](exercises/{path.name}) | {points} | {minutes} |"
        else:
            row += " | | |"
        lines.append(row)
    return "\n".join(lines) + "\n"


def mistake():
    """What `check` says about a wrong answer."""
    exercise = chapters.chapter("04_backprop").exercises["mul"]
    feedback = judge(exercise, exercise.wrong[0].answer, seed=0)
    return f"```text\n{feedback}\n{feedback.error()}\n```\n"


if __name__ == "__main__":
    main()
