"""The answers in a notebook, found by name: whatever became of its cells, what they define last is what counts.

Cells may be copied, split, merged, reordered, without ids or metadata. An answer goes along with what it uses: the
imports, helpers and constants of the learner's own, in the order in which they stood.
"""

import ast
import json
from dataclasses import dataclass
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager


class Unreadable(Exception):
    """A file is no notebook; the message says why."""


@dataclass
class Statement:
    """A statement at the top of a cell: its text, the names it gives a value (or changes), and the names it uses."""

    text: str
    binds: set
    uses: set


class Answers:
    """What the code cells of a notebook define. `problems`: cells that are no Python, in words."""

    def __init__(self, cells):
        self.statements, self.problems = [], []
        for number, source in enumerate(cells, start=1):
            try:
                text = TransformerManager().transform_cell(source)
                self.statements += [statement(node, text) for node in ast.parse(text).body]
            except (SyntaxError, ValueError, RecursionError) as error:
                self.problems.append(f"code cell {number} is not Python ({error})")

    def defines(self, name):
        return any(name in statement.binds for statement in self.statements)

    def text_of(self, name, given=()):
        """The text of an answer and of all it needs, but for the names that are `given` where it will run."""
        wanted, chosen = [name], set()
        seen = set(given) - {name}
        while wanted:
            needed = wanted.pop()
            if needed in seen:
                continue
            seen.add(needed)
            for i in self.making(needed):
                chosen.add(i)
                wanted += self.statements[i].uses
        return "\n\n".join(self.statements[i].text for i in sorted(chosen))

    def making(self, name):
        """The places of the last statement that defines `name`, and of those after it that change what it is."""
        places = [i for i, statement in enumerate(self.statements) if name in statement.binds]
        last = next((i for i in reversed(places) if name not in self.statements[i].uses), places[-1] if places else 0)
        return [i for i in places if i >= last]


def statement(node, text):
    """A Statement of a parsed one, with its decorators."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    binds, uses = set(), set()
    for inner in [node] if isinstance(node, ast.FunctionDef | ast.ClassDef) else ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            binds.add(inner.name)
        elif isinstance(inner, ast.alias):
            binds.add((inner.asname or inner.name).partition(".")[0])
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            binds.add(inner.id)
        elif isinstance(inner, ast.Subscript | ast.Attribute) and not isinstance(inner.ctx, ast.Load):
            root = inner
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            binds |= {root.id} if isinstance(root, ast.Name) else set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            uses.add(inner.id)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        uses.discard(node.name)  # it may call itself: that needs nothing before it
    return Statement("\n".join(lines), binds, uses)


def read(path):
    """The sources of a notebook's code cells, in order; nbformat 3 and a byte order mark do no harm."""
    try:
        notebook = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        sheets = notebook.get("worksheets") or [notebook]
        cells = [cell for sheet in sheets for cell in sheet["cells"] if cell.get("cell_type") == "code"]
        sources = [cell.get("source", cell.get("input", "")) for cell in cells]
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{path} is no notebook that can be read ({type(error).__name__}: {error})") from None
    return [source if isinstance(source, str) else "".join(map(str, source)) for source in sources]
