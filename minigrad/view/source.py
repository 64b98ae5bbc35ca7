"""The library's own source, shown where it is talked about."""

import html
import inspect
import keyword
import re
import textwrap

# In a notebook that is trusted, JupyterLab's own colours; else ones that can be read on white and on black.
COLOURS = {
    "comment": "color: #7a7a7a; color: var(--jp-mirror-editor-comment-color)",
    "string": "color: #c0504d; color: var(--jp-mirror-editor-string-color)",
    "keyword": "color: #2f8f4e; color: var(--jp-mirror-editor-keyword-color)",
}
COLOURED = re.compile(
    r"(?P<comment>#[^\n]*)"
    r'|(?P<string>"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)"
)
BOX = "margin: 4px 0 4px 5px; white-space: pre; overflow-x: auto; font-size: 13px"


def show(thing):
    """How a function, class or module is written; coloured in a notebook.

    Raises TypeError for what has no source in Python, such as a number or a function of NumPy's core.
    """
    try:
        return Source(textwrap.dedent(inspect.getsource(thing)).rstrip())
    except TypeError:
        raise TypeError(
            f"show is for functions, classes and modules written in Python, and got a {type(thing).__name__}."
        ) from None


class Source:
    """Lines of Python that colour themselves."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        parts, end = [], 0
        for found in COLOURED.finditer(self.text):
            parts.append(html.escape(self.text[end : found.start()]))
            parts.append(f'<span style="{COLOURS[found.lastgroup]}">{html.escape(found.group())}</span>')
            end = found.end()
        return f'<pre style="{BOX}">{"".join(parts)}{html.escape(self.text[end:])}</pre>'
