"""The library's own source, shown where it is talked about."""

import inspect
import textwrap


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
    """Lines of Python. As Markdown, since JupyterLab colours that to suit its theme."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        return f"```python\n{self.text}\n```"
