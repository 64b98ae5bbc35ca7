"""Everything a class handed in, whatever it came in: folders, archives, archives of archives.

    collect([Path("submissions")])  ->  [Submission, ...]

A Submission has a student, the bytes of one file, or the reason why there are none. What is wrong with one file costs
its student and nobody else: links and pipes are not followed, archives not unpacked to disk, and nobody can use up what
is there for all. Whose a file is, layouts.py tells.
"""

import io
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from . import archives, layouts, reader
from .reader import Unreadable

NOTEBOOKS = 100  # of one student: more are not graded
ARCHIVES = 10  # of one student
STUDENT_BYTES = 64 << 20  # of one student's notebooks
ALL_BYTES = 1 << 30  # of everybody's
MEMBERS = 5_000  # files in an archive that are notebooks, archives, or wrong
ENTRIES = 10_000  # files and folders of one student, of any kind
ALL_ENTRIES = 200_000  # in the class's archive
UNPACKED = 256 << 20  # bytes of one student's archive that are gone through
DEPTH = 20  # folders in one another


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in, or the `problem` for which it cannot be graded.

    label     where it was found, with archive members as class.zip!ada/04_backprop.ipynb
    order     is larger for what was handed in later
    """

    student: str
    label: str
    data: bytes | None
    problem: str = ""
    order: float = 0.0


@dataclass(frozen=True)
class Found:
    """A file, in a folder or archive: the parts of its path (the last one is "" for a folder with nothing in it)."""

    parts: tuple
    label: str
    time: float = 0.0
    problem: str = ""
    is_astray: bool = False  # its path leads out of the archive, or nowhere
    read: Callable[[int], bytes] | None = None


def collect(paths):
    """All Submissions at some paths, in an order that does not depend on the disk's.

    Raises FileNotFoundError for a path that is not there; what is wrong inside becomes a Submission with a problem.
    """
    paths = [Path(os.path.abspath(path)) for path in paths]
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(f"there is no {path}")
    listing, home, depth = source_of(sorted(set(paths)))
    return Collection(listing, home).submissions(depth)


def source_of(paths):
    """(function that lists what is Found at some paths, the name of their place, how many archives they are in)."""
    if len(paths) == 1:
        path = only_archive_in(paths[0]) or paths[0]
        if is_folder(path):
            return lambda: in_folder(path, ()), path.name, 0
        if archives.is_archive(path.name) and is_file(path):
            return lambda: in_archive_file(path), archives.stem(path.name), 1
        return lambda: [entry(path, (path.name,))], path.parent.name, 0
    base = Path(os.path.commonpath([path.parent for path in paths]))

    def listing():
        for path in paths:
            parts = path.relative_to(base).parts
            yield from in_folder(path, parts) if is_folder(path) else [entry(path, parts)]

    return listing, base.name, 0


def only_archive_in(path):
    """The class's archive, if it is all there is in a folder; None if there is more, or it is one student's."""
    if not is_folder(path):
        return None
    try:
        names = [name for name in os.listdir(path) if not is_ignored(name)]
    except OSError:
        return None
    is_alone = len(names) == 1 and archives.is_archive(names[0]) and not layouts.is_of_student(names[0])
    return path / names[0] if is_alone and is_file(path / names[0]) else None


class Collection:
    """What was found, given to students, with an eye on how much each has had."""

    def __init__(self, listing, home):
        self.listing = listing
        places, people = [], {}
        for found in listing():
            if not found.problem and not found.is_astray:
                places.append(found.parts)
                if layouts.is_metadata(found.parts):
                    people |= self.people_in(found)
        self.layout = layouts.layout_of(places, home, people)
        self.notebooks, self.archives, self.bytes, self.told = Counter(), Counter(), Counter(), set()
        self.rows = []

    @staticmethod
    def people_in(found):
        try:
            return layouts.people_in(found.read(archives.BYTES))
        except Unreadable:
            return {}

    def submissions(self, depth):
        """The Submissions, by student and label; a student without any gets a row that says so."""
        taken, waiting = set(), {}
        for found in self.listing():  # once more: what streams past can be read only now
            students = [] if found.is_astray else list(map(shown, self.layout.students(found.parts)))
            if not self.is_looked_at(found):
                waiting |= {one: found.label for one in students if self.layout.expects(found.parts)}
                continue
            if not students and not found.problem:  # elsewhere, such as the source folder of nbgrader
                continue
            found = once(found, taken)
            self.hand_in(students or [found.label or self.layout.home], found, found.parts, depth)
        have = {row.student for row in self.rows}
        for student, label in waiting.items():
            if student not in have:
                self.rows.append(Submission(student, label.rpartition("/")[0] or label, None, "no notebook"))
        return sorted(self.rows, key=lambda row: (row.student, row.label))

    @staticmethod
    def is_looked_at(found):
        name = found.parts[-1] if found.parts else ""
        return bool(found.problem) or found.is_astray or layouts.is_notebook(name) or archives.is_archive(name)

    def hand_in(self, students, found, place, depth):
        """Rows for a notebook, or for those in an archive. `place`: the parts by which whose it is was told."""
        owner, order = students[0], self.layout.order(place, found.time)
        problem, data = self.too_much(owner), None
        if problem and (owner, problem) in self.told:
            return
        self.told.add((owner, problem))
        self.notebooks[owner] += 1
        try:
            if not (problem := problem or found.problem):
                if archives.is_archive(found.parts[-1]):
                    self.open(students, found, place, depth)
                    return
                data = found.read(reader.BYTES)
                self.bytes[owner] += len(data)
        except Unreadable as unreadable:
            problem = str(unreadable)
        self.rows += [Submission(student, found.label, data, problem, order) for student in students]

    def too_much(self, owner):
        """Why nothing more of a student is read, or ""."""
        if self.notebooks[owner] >= NOTEBOOKS:
            return f"more than {NOTEBOOKS} notebooks: this one and the rest were not read"
        if self.bytes[owner] >= STUDENT_BYTES:
            return f"more than {STUDENT_BYTES >> 20} MB of notebooks: this one and the rest were not read"
        if self.bytes.total() >= ALL_BYTES:
            return f"the class handed in more than {ALL_BYTES >> 30} GB: this was not read"
        return ""

    def open(self, students, found, place, depth):
        """Hand in what is in a student's own archive: all of it is theirs, whatever its names say."""
        if depth > 1:
            raise Unreadable("an archive in an archive in an archive is not opened")
        self.archives[students[0]] += 1
        if self.archives[students[0]] > ARCHIVES:
            raise Unreadable(f"more than {ARCHIVES} archives: this one was not opened")
        data = found.read(archives.BYTES)
        limit = min(UNPACKED, max(archives.BYTES, archives.RATIO * len(data)))
        any_notebook, taken = False, set()
        for inner in in_archive(io.BytesIO(data), found.parts[-1], found.label, limit, ENTRIES):
            if not self.is_looked_at(inner):
                continue
            any_notebook = True
            self.hand_in(students, once(inner, taken), place, depth + 1)
        if not any_notebook:
            raise Unreadable("no notebook in the archive")


def once(found, taken):
    """What is Found, or a problem if a file of that name came before: on some disks they would be one."""
    key = unicodedata.normalize("NFC", "/".join(found.parts)).casefold()
    clashes = key in taken and not found.problem
    taken.add(key)
    return replace(found, problem="another file has the same name, at most in other cases") if clashes else found


# ---- folders ----


def is_folder(path):
    return stat.S_ISDIR(os.lstat(path).st_mode)


def is_file(path):
    return stat.S_ISREG(os.lstat(path).st_mode)


def is_ignored(name):
    """Whether a file or folder is a program's own business, such as .ipynb_checkpoints."""
    return name.startswith((".", "~$")) or name == "__MACOSX"


def in_folder(folder, parts):
    """What is Found in a folder and those in it. Links are not followed, so this ends."""
    counts = Counter()
    work = [(folder, parts)]
    while work:
        place, above = work.pop()
        owner = above[: len(parts) + 1]
        try:
            names = sorted(name for name in os.listdir(place) if not is_ignored(name))
        except OSError as error:
            yield Found(above, shown_path(above), problem=f"the folder cannot be opened ({error.strerror})")
            continue
        counts[owner] += len(names)
        if len(above) - len(parts) > DEPTH or (owner != parts and counts[owner] > ENTRIES):
            yield Found(above, shown_path(above), problem="too many folders or files in it: they were not looked at")
            continue
        if not names and above:
            yield Found((*above, ""), shown_path(above))
        for name in names:
            try:
                if is_folder(place / name):
                    work.append((place / name, (*above, name)))
                    continue
            except OSError:
                pass  # entry() says why
            yield entry(place / name, (*above, name))


def entry(path, parts):
    """What is Found at a path that is no folder."""
    label = shown_path(parts)
    try:
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode):
            return Found(parts, label, status.st_mtime, read=lambda limit: reader.contents(path, limit))
        return Found(parts, label, problem=f"it is {reader.kind(status.st_mode)}, not a file")
    except (OSError, ValueError) as error:
        return Found(parts, label, problem=f"it cannot be opened ({getattr(error, 'strerror', None) or error})")


# ---- archives ----


def in_archive_file(path):
    """What is Found in the class's archive; what is wrong with all of it is one file with a problem."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            yield from in_archive(file, path.name, shown(path.name), archives.STREAM, ALL_ENTRIES)
    except OSError as error:
        yield Found((path.name,), shown(path.name), problem=f"it cannot be opened ({error.strerror})")


def in_archive(file, name, label, limit, entries):
    """What is Found in an open archive."""
    looked_at = 0
    try:
        for number, member in enumerate(archives.members(file, name, limit)):
            if number >= entries:
                raise Unreadable(f"more than {entries:,} files and folders in the archive: the rest was not looked at")
            parts, problem = parts_of(member.path)
            if any(map(is_ignored, parts)):
                continue
            found = Found(
                tuple(parts),
                f"{label}!{shown(member.path[: archives.NAME])}",
                member.time,
                problem or member.problem,
                bool(problem),
                member.read,
            )
            looked_at += Collection.is_looked_at(found)
            if looked_at > MEMBERS:
                raise Unreadable(f"more than {MEMBERS:,} files in the archive: the rest was not read")
            yield found
    except Unreadable as problem:
        yield Found((name,), label, problem=str(problem))


def parts_of(path):
    """([parts], problem) of a member's path; both kinds of slashes part it."""
    pieces = path.replace("\\", "/").split("/")
    parts = [piece for piece in pieces if piece not in ("", ".", "..")] + ([""] if pieces[-1] == "" else [])
    if len(path) > archives.NAME:
        return parts[:1], "its name is too long"
    if "\0" in path or not any(parts):
        return parts, "its name is no name of a file"
    if pieces[0] == "" or re.match("[A-Za-z]:", path) or ".." in pieces:
        return parts, "its name leads out of the archive"
    return parts, ""


# ---- names ----


def shown(text):
    r"""A name as it can be printed anywhere: control characters, and bytes that are no UTF-8, as \x1b and the like."""
    text = unicodedata.normalize("NFC", text.replace("\\", "\\\\"))
    pieces = (c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    return re.sub(r"\\udc([89a-f][0-9a-f])", r"\\x\1", "".join(pieces))


def shown_path(parts):
    return "/".join(map(shown, parts))
