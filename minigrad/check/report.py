"""A table of findings, as plain text for a terminal and as HTML for a notebook."""

from html import escape
from itertools import zip_longest


class Table:
    """Rows of cells under headings; a cell may have several lines. A `marked` row has an arrow before it."""

    def __init__(self, *headings):
        self.rows = [headings]
        self.marked = set()

    def row(self, *cells, marked=False):
        if marked:
            self.marked.add(len(self.rows))
        self.rows.append([str(cell) for cell in cells])

    def text(self):
        widths = [max(len(line) for cell in column for line in cell.split("\n")) for column in zip(*self.rows)]
        lines = []
        for i, row in enumerate(self.rows):
            for j, parts in enumerate(zip_longest(*(cell.split("\n") for cell in row), fillvalue="")):
                cells = "  ".join(part.ljust(width) for part, width in zip(parts, widths))
                lines.append(("-> " if i in self.marked and j == 0 else "   ") + cells.rstrip())
        return "\n".join(lines)

    def html(self, caption=""):
        style = "text-align: left; vertical-align: top; white-space: pre"
        lines = [f"<p>{escape(caption)}</p>"] if caption else []
        lines.append("<table>")
        for i, row in enumerate(self.rows):
            tag = "td" if i else "th"
            weight = "; font-weight: bold" if i in self.marked else ""
            font = "" if tag == "th" else "; font-family: monospace"
            cells = "".join(f'<{tag} style="{style}{weight}{font}">{escape(cell)}</{tag}>' for cell in row)
            lines.append(f"<tr>{cells}</tr>")
        return "\n".join([*lines, "</table>"])
