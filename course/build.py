"""Build the notebooks from their sources: python course/build.py

    python course/build.py                    all of them
    python course/build.py 04_backprop        only the ones named
    python course/build.py --check            store nothing; say which stored notebooks differ from what would be built

A source is a py:percent file: course/lessons/NN_name.py makes notebooks/NN_name.ipynb, and course/exercises/NN_name.py
makes solutions/NN_name.ipynb and, with the solutions taken out, exercises/NN_name.ipynb. A build reads it, with the
exercises put in, gives every cell an id, runs it from top to bottom and keeps of its outputs only what is the same
each time, so that two builds give the same bytes:

    read -> execute -> settle -> text

Read it in that order. What a build cannot make repeatable (an address, a message on stderr) it refuses.
"""

import argparse
import base64
import os
import re
import struct
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

from minigrad.study.chapters import NAMES as CHAPTERS
from minigrad.study.chapters import chapter

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"notebooks": "course/lessons", "solutions": "course/exercises", "exercises": "course/exercises"}

METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
KEPT = ("text/plain", "text/html", "image/png")  # what shows everywhere, also in a notebook that is not trusted
SECONDS_PER_CELL = 300
OWNERS_TASTE = ("MPLBACKEND", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "PYTHONSTARTUP")


class BuildError(Exception):
    """A notebook cannot be built as it stands; the message says which cell and why."""


# read: a source becomes a notebook without outputs


def read(source, folder="notebooks"):
    """The notebook that `source` describes for this folder: every cell has its id, none has run."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    if folder != "notebooks":
        put_in(notebook, Path(source).stem, solved=folder == "solutions")
    taken = {grade_id(cell) for cell in notebook.cells}
    for cell in notebook.cells:
        cell.id = grade_id(cell) or unused(first_words(cell), taken)
        taken.add(cell.id)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def first_words(cell):
    """A name for a cell that does not change with those before and after it."""
    words = re.findall(r"[a-z0-9]+", cell.source.strip().partition("\n")[0].lower())
    return "-".join(words)[:40].strip("-") or cell.cell_type


def unused(name, taken):
    """`name`, or the first of name-2, name-3 ... that is not taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def put_in(notebook, name, solved):
    """Put the exercises of the chapter called `name` into their places, with their solutions or without."""
    cells, missing = [], dict(chapter(name).exercises) if name in CHAPTERS else {}
    for cell in notebook.cells:
        asked = cell.metadata.pop("exercise", None)
        if asked is None:
            cells.append(cell)
            continue
        if asked not in missing:
            raise BuildError(f"there is no exercise {asked!r} in chapter {name}, or it comes twice")
        exercise = missing.pop(asked)
        points = f"{exercise.points} point{'s' * (exercise.points != 1)}"
        cells[-1].source += f"\n\n*{points}, about {exercise.minutes} minutes.*"
        cells.append(graded(exercise.marked() if solved else exercise.stub(), asked, solution=True))
        cells.append(graded(f"check({asked})", f"check-{asked}", points=exercise.points))
    if missing:
        raise BuildError(f"chapter {name} declares exercises that its source does not use: {', '.join(missing)}")
    notebook.cells = cells


def graded(source, grade_id, solution=False, **points):
    """A code cell with nbgrader's metadata: one for a solution, or one that gives points."""
    kind = {"grade": not solution, "locked": not solution, "solution": solution, "task": False}
    metadata = {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **kind, **points}}
    return nbformat.v4.new_code_cell(source.rstrip("\n"), metadata=metadata)


# execute: in a fresh kernel that knows nothing of its owner's settings


def execute(notebook, folder):
    """Run every cell, in `folder`, as a learner would who opens the notebook there."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        client = NotebookClient(
            notebook,
            kernel_name=METADATA["kernelspec"]["name"],
            timeout=SECONDS_PER_CELL,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=settings(Path(home)))


def settings(home):
    """The environment of the kernel: nobody's own profile, plotting style or number of threads."""
    style = home / "matplotlibrc"
    style.write_text("")  # nothing in it: matplotlib's own defaults
    env = {name: value for name, value in os.environ.items() if name not in OWNERS_TASTE}
    env["MINIGRAD_PROGRESS"] = "off"
    return env | {"IPYTHONDIR": str(home), "MATPLOTLIBRC": str(style), "PYTHONHASHSEED": "0"}


# settle: keep what is the same each time, refuse what is not


def settle(notebook):
    """Renumber the cells that ran and reduce their outputs to what a second run would give again."""
    notebook.metadata = nbformat.from_dict(METADATA)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(codes, start=1):
        cell.execution_count = number
        if "remove-output" in cell.metadata.get("tags", ()):  # timings, say, which only a live run can show
            cell.outputs = []
        for output in cell.outputs:
            settle_output(output, number, cell.id)


def settle_output(output, number, where):
    if output.output_type == "stream":
        if output.name == "stderr":
            raise BuildError(f"cell {where} wrote to stderr: {output.text.strip()}")
        refuse_what_changes(output.text, where)
    elif output.output_type == "error":
        # The traceback holds paths and colours; the message is what the reader is to see.
        output.traceback = [f"{output.ename}: {output.evalue}"]
        refuse_what_changes(output.evalue, where)
    else:
        kept = {mime: data for mime, data in output.data.items() if mime in KEPT}
        if not kept:
            raise BuildError(f"cell {where} shows only {', '.join(output.data)}; give it one of {', '.join(KEPT)} too")
        if "image/png" in kept:
            kept["image/png"] = base64.b64encode(plain_png(base64.b64decode(kept["image/png"]))).decode() + "\n"
        for mime in set(kept) - {"image/png"}:
            refuse_what_changes(kept[mime], where)
        output.data = nbformat.from_dict(kept)
        output.metadata = nbformat.from_dict({mime: sizes for mime, sizes in output.metadata.items() if mime in KEPT})
        if "execution_count" in output:
            output.execution_count = number


def refuse_what_changes(text, where):
    """An address in memory changes from run to run, the project's folder from machine to machine."""
    address = re.search(r"\b0x[0-9a-f]{6,}\b", text)
    if address:
        raise BuildError(f"cell {where} shows an address ({address.group()}); end it with something worth showing")
    if str(ROOT) in text:
        raise BuildError(f"cell {where} shows where the project lies on this machine ({ROOT})")


def plain_png(png):
    """The same picture without its text chunks, in which the plotting library writes its name and version."""
    signature, rest = png[:8], png[8:]
    chunks = []
    while rest:
        length = struct.unpack(">I", rest[:4])[0] + 12  # a chunk: length, kind, data, checksum
        chunk, rest = rest[:length], rest[length:]
        if chunk[4:8] not in (b"tEXt", b"zTXt", b"iTXt", b"tIME"):
            chunks.append(chunk)
    return signature + b"".join(chunks)


# text: the bytes of an .ipynb


def text(notebook):
    """The notebook as it is stored: always the same characters for the same notebook."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def build(source, path):
    """The text of the notebook at `path`, built from `source`; exercises are stored as they are, not run."""
    folder = path.parent
    notebook = read(source, folder.name)
    if folder.name != "exercises":
        execute(notebook, folder)
        settle(notebook)
    return text(notebook)


# The course: which source makes which notebook


def course(root=ROOT):
    """Every notebook of the course, as {path of the notebook: its source}, in order."""
    return {
        root / folder / f"{source.stem}.ipynb": source
        for folder, sources in SOURCES.items()
        for source in sorted((root / sources).glob("*.py"))
    }


def chosen(names, notebooks):
    """The part of `notebooks` whose stems are in `names`; all of them when there are no names."""
    unknown = set(names) - {path.stem for path in notebooks}
    if unknown:
        known = ", ".join(path.stem for path in notebooks)
        raise SystemExit(f"build: no source named {', '.join(sorted(unknown))}; there are {known}")
    return {path: source for path, source in notebooks.items() if not names or path.stem in names}


def orphans(root=ROOT):
    """Stored notebooks whose source is gone."""
    return sorted({path for folder in SOURCES for path in (root / folder).glob("*.ipynb")} - set(course(root)))


def main(words=None):
    parser = argparse.ArgumentParser(prog="build", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="notebooks to build, such as 04_backprop; all without any")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a stored notebook differs")
    choice = parser.parse_args(words)

    wrong = [] if choice.names else [f"{path.relative_to(ROOT)}: has no source" for path in orphans()]
    for path, source in chosen(choice.names, course()).items():
        name = path.relative_to(ROOT)
        try:
            built = build(source, path)
        except Exception as error:  # a failing cell, or one that cannot be repeated; go on to the next notebook
            wrong.append(f"{name}: {error}")
            continue
        if not choice.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(built, encoding="utf-8", newline="\n")
            print(f"{name}: built")
        elif not path.exists() or path.read_text(encoding="utf-8") != built:
            wrong.append(f"{name}: differs from its source; run python course/build.py {path.stem}")
        else:
            print(f"{name}: as its source says")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
