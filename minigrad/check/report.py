"""A table of findings, as plain text for a terminal and as HTML for a notebook."""

from html import escape


class Table:
    """Rows of cells under headings. A `marked` row has an arrow before it."""

    def __init__(self, *headings):
        self.rows = [headings]
        self.marked = set()

    def row(self, *cells, marked=False):
        if marked:
            self.marked.add(len(self.rows))
        self.rows.append([str(cell) for cell in cells])

    def text(self):
        widths = [max(map(len, column)) for column in zip(*self.rows)]
        lines = []
        for i, row in enumerate(self.rows):
            cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
            lines.append(("-> " if i in self.marked else "   ") + cells.rstrip())
        return "\n".join(lines)

    def html(self, caption=""):
        style = "text-align: left; white-space: nowrap"
        lines = [f"<p>{escape(caption)}</p>"] if caption else []
        lines.append("<table>")
        for i, row in enumerate(self.rows):
            tag = "td" if i else "th"
            weight = "; font-weight: bold" if i in self.marked else ""
            cells = "".join(f'<{tag} style="{style}{weight}">{escape(cell)}</{tag}>' for cell in row)
            lines.append(f"<tr>{cells}</tr>")
        return "\n".join([*lines, "</table>"])
