"""canvas.csv: a gradebook that Canvas exported, with the scores in it; every other byte is as it was.

    Student,ID,SIS User ID,SIS Login ID,Section,04 backprop (98765)
        Points Possible,,,,,40.0
    "Lovelace, Ada",12345,s123,ada,Group A,

A student is found by Canvas's number, the login, or the name, in that order; a chapter by its name, or its number.
Who or what is not found, or found twice, is told and not filled in: no score goes where it may not belong.
"""

import re
import unicodedata
from dataclasses import dataclass

from ..visible import visible
from .gradebook import NAME

EXAM = re.compile(r"\b(quiz|exam|test|midterm|final)", re.IGNORECASE)  # whose number is not a chapter's
POINTS = "Points Possible"  # what Canvas has under Student in the line with the points
PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


class NoGradebook(Exception):
    """A file is no gradebook that Canvas exported; the message says why."""


@dataclass
class Field:
    """A field of the file: its value, and where its text begins and ends."""

    value: str
    begin: int
    end: int


def filled(data, book):
    """(The bytes of the export with the scores of a Gradebook, [what has to be told])."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NoGradebook("is UTF-16; Canvas exports UTF-8. Export it again, and do not save it from a spreadsheet.")
    text = data.decode("utf-8", "surrogateescape")
    head, *rows = table(text)
    names = [field.value.strip() for field in head]
    if "Student" not in names or "ID" not in names:
        raise NoGradebook("has no columns Student and ID. Export it from Canvas: Grades, Export Entire Gradebook.")
    at = {name: names.index(name) for name in PEOPLE if name in names}
    possible = next((row for row in rows if value(row, at["Student"]) == POINTS), [])
    people = [row for row in rows if value(row, at["Student"]) not in ("", POINTS)]

    told = []
    columns = columns_of(book, names, [value(possible, i) for i in range(len(names))], max(at.values()) + 1, told)
    places = lines_of(book, [[value(row, at.get(name)) for name in PEOPLE[:4]] for row in people], told)
    changes = []
    for student, place in places:
        for work in student.works:
            if work.chapter not in columns:
                continue
            column, line = columns[work.chapter], people[place]
            if column >= len(line):
                told.append(f"Canvas: {student.shown} has no cell for {work.chapter}; the line is too short.")
            elif value(line, column).upper() == "EX":
                told.append(f"Canvas: {student.shown} is excused from {work.chapter}, and stays so.")
            else:
                changes.append((line[column], score(work, value(possible, column))))
    for field, new in sorted(changes, key=lambda change: -change[0].begin):
        text = text[: field.begin] + new + text[field.end :]
    return text.encode("utf-8", "surrogateescape"), told


def table(text):
    """The lines of the file as lists of Fields."""
    first = text.partition("\n")[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    field = re.compile(rf'"((?:[^"]|"")*)"|([^{separator}\r\n]*)')
    rows, place = [[]], 1 if text.startswith("\ufeff") else 0
    while True:
        found = field.match(text, place)
        rows[-1].append(Field((found[1] or found[2] or "").replace('""', '"'), found.start(), found.end()))
        place = found.end()
        if place < len(text) and text[place] not in separator + "\r\n":
            line = text.count("\n", 0, place) + 1
            raise NoGradebook(f"cannot be read: in line {line}, something stands after a closing quotation mark.")
        if text.startswith(separator, place):
            place += 1
            continue
        place += 2 if text.startswith("\r\n", place) else 1
        if place >= len(text):
            return rows
        rows.append([])


def value(row, column):
    return row[column].value.strip() if column is not None and column < len(row) else ""


def score(work, possible):
    """The points as Canvas reads them, out of as many as it gives, with a decimal comma where it writes one."""
    theirs = number_of(possible)
    points = work.points * theirs / work.of if theirs and work.of else work.points
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return f'"{text.replace(".", ",")}"' if "," in possible and "." in text else text


# ---- columns ----


def columns_of(book, names, possible, first, told):
    """{chapter: its column}, as far as that is clear; no column is two chapters'."""
    choices = {}
    for chapter in book.chapters:
        free = [i for i in range(first, len(names)) if names[i] and is_open(possible[i])]
        some, by = candidates(chapter, {i: re.sub(r"\s*\(\d+\)$", "", names[i]) for i in free})
        if len(some) == 1:
            choices[chapter] = some[0]
            if by != "both":
                label = visible(names[some[0]], NAME)
                told.append(f'Canvas: the column "{label}" is taken for {chapter}, by its {by}.')
        else:
            why = f"{len(some)} columns could be its" if some else "no column has its name or number"
            told.append(f"Canvas: {chapter} is not filled in; {why}.")
    found = {}
    for chapter, column in choices.items():
        label, theirs = visible(names[column], NAME), number_of(possible[column])
        points = sum(of for _, of in book.chapters[chapter])
        if list(choices.values()).count(column) > 1:
            told.append(f'Canvas: {chapter} is not filled in; the column "{label}" could be another chapter\'s.')
            continue
        found[chapter] = column
        if theirs and theirs != points:
            told.append(f'Canvas: "{label}" gives {theirs:g} points, {chapter} {points:g}; the scores are scaled.')
    return found


def candidates(chapter, columns):
    """The columns, {place: name}, that can be a chapter's, and by what they are: its name, its number, or both."""
    number, _, words = chapter.partition("_") if chapter[:1].isdecimal() else ("", "", chapter)
    exact = [i for i, name in columns.items() if squeezed(name) and squeezed(name) in map(squeezed, (chapter, words))]
    named = [i for i, name in columns.items() if has_words(name, words)]
    numbered = [i for i, name in columns.items() if number.isdecimal() and numbers(name) == {int(number)}]
    both = exact or [i for i in named if i in numbered]
    if both:
        return both, "both"
    if named:
        return named, "name"
    return [i for i in numbered if not EXAM.search(columns[i])], "number"


def is_open(points):
    """Whether a column with such a cell in the line Points Possible takes scores: it is a number, or not yet said."""
    return not points or number_of(points) is not None


def has_words(name, words):
    """Whether a chapter's words stand in a name, one after the other."""
    name, words = (re.sub(r"[\W_]+", " ", text.casefold()).strip() for text in (name, words))
    return bool(words) and f" {words} " in f" {name} "


def number_of(text):
    return float(text.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", text) else None


def numbers(text):
    return {int(digits) for digits in re.findall(r"\d+", text)}


# ---- students ----


def lines_of(book, people, told):
    """[(student, the place of their line)], as far as that is clear; no line is two students'."""
    claims = {}
    for student in book.students:
        places = possible_lines(student.name, people)
        if len(places) == 1:
            claims.setdefault(places[0], []).append(student)
        else:
            why = f"{len(places)} lines could be theirs" if places else "no line is theirs"
            told.append(f"Canvas: {student.shown} is not filled in; {why}.")
    for place, students in claims.items():
        for student in students if len(students) > 1 else ():
            label = visible(people[place][0], NAME)
            told.append(f'Canvas: {student.shown} is not filled in; the line "{label}" could be another student\'s.')
    return [(students[0], place) for place, students in claims.items() if len(students) == 1]


def possible_lines(name, people):
    """The places of the lines that can be a student's: one if it is sure, none or several if it is not."""
    folded = name.strip().casefold()
    whole = [i for i, person in enumerate(people) if folded in {part.casefold() for part in person[1:] if part}]
    if whole:
        return whole
    parts = re.split(r"[_\s]+", folded)
    ids = {part for part in parts if part.isdecimal()}
    words = squeezed("".join(part for part in parts if part not in ids and part != "late"))
    named = [i for i, person in enumerate(people) if words and words in spellings(person[0])]
    if not ids:
        logins = [i for i, person in enumerate(people) if person[3].casefold().partition("@")[0] == folded != ""]
        return logins or named
    if words == "submission":  # a number of Gradescope's, which says nothing to Canvas
        return []
    numbered = [i for i, person in enumerate(people) if person[1] in ids]
    if not numbered:  # somebody of this name, but with another number
        return []
    return sorted({*numbered, *named}) if set(named).isdisjoint(numbered) else numbered


def spellings(name):
    """A name as Canvas writes it, "Lovelace, Ada", run together as in names of files: last name first, or last."""
    last, _, first = name.partition(",")
    return {squeezed(last + first), squeezed(first + last)} - {""}


def squeezed(text):
    """Small letters and digits only, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())
