"""The HTML pages: one for each student, and one for the teacher. The templates lie beside this file.

They hold no scripts and ask for nothing from outside. Every text is made visible and escaped as it is put in, so a
template can forget neither.
"""

from pathlib import Path

import jinja2
from markupsafe import Markup

from ..visible import visible
from . import findings

MANY = 12  # more lines than this are folded away


def harmless(value):
    return visible(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value


def in_ticks(text):
    """Text with what stands between `ticks` as code; all of it escaped."""
    parts = harmless(text).split("`")
    if len(parts) % 2 == 0:
        return text
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


def number(points):
    """3 for 3.0, 2.5 for 2.5."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def out_of(points, of):
    """What somebody has of what there is: "2 of 3 points"."""
    return f"{number(points)} of {number(of)} point{'' if of == 1 else 's'}"


def percent(part, whole):
    return f"{100 * part / whole:.1f}" if whole else "0"


environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
    autoescape=True,
    finalize=harmless,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
environment.filters |= {"number": number, "in_ticks": in_ticks, "out_of": out_of}
environment.globals |= {"percent": percent, "MANY": MANY}


def student_page(student, book):
    return environment.get_template("student.html.j2").render(student=student, header=book.header)


def teacher_page(book, told=()):
    """The teacher's page. `told`: what could not be filled in for Canvas."""
    bars = findings.distribution(book)
    return environment.get_template("index.html.j2").render(
        book=book,
        header=book.header,
        told=told,
        bars=bars,
        highest=max([1, *(count for _, count in bars)]),
        middle=findings.middle(book),
        tallies=findings.tallies(book),
        mistakes=findings.mistakes(book),
        groups=findings.alike(book),
        looks=findings.looks(book),
        worth=findings.WORTH,
    )
