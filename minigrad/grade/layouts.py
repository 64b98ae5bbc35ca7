r"""Whose file is this? Told from where it lies, for each way in which files of a class are handed on.

    ada_04_backprop.ipynb, 04_backprop_ada.ipynb, ada.ipynb          a folder of notebooks         -> ada
    ada/04_backprop.ipynb                                            a folder per student          -> ada
    submitted/ada/04_backprop/04_backprop.ipynb                      nbgrader                      -> ada
    lovelaceada_LATE_12345_67890_04_backprop-1.ipynb                 Canvas                        -> lovelaceada_12345
    submission_123456/04_backprop.ipynb                              Gradescope      -> as submission_metadata.yml says
    04-backprop-ada/exercises/04_backprop.ipynb                      GitHub Classroom              -> ada

The first part of a path decides, and nothing that a student can put below it.
"""

import re
from dataclasses import dataclass, field

from ..study.chapters import NAMES
from .archives import is_archive, stem

METADATA = "submission_metadata.yml"
NBGRADER = {"source", "release", "submitted", "autograded", "feedback", "solution"}
NOTEBOOK = re.compile(r"\.ipynb(?:\.json|\.txt)?$", re.IGNORECASE)  # some browsers add the second
CANVAS = re.compile(r"(?P<name>.+?)(?:_LATE)?_(?P<user>\d{1,15})_(?P<attachment>\d{1,15})_(?P<file>.+)", re.DOTALL)
TEXT_ENTRY = re.compile(r"(?P<name>.+?)(?:_LATE)?_(?P<user>\d{1,15})_text\.html", re.DOTALL)
SUBMISSION = re.compile(r"submission_\d+")
COPY = re.compile(r"(?:[-_ ]?\(\d+\)|-\d{1,3}|-Copy\d+)$")


def is_notebook(name):
    return NOTEBOOK.search(name) is not None


@dataclass
class Layout:
    """How the files of a class are laid out.

    home      whose the files are that bear no student's name
    above     the folders that the students' are in
    people    Gradescope's submissions -> names
    """

    home: str
    above: tuple = ()
    people: dict = field(default_factory=dict)

    def below(self, parts):
        """The parts of a path from the student's on; none if it lies elsewhere."""
        skip = len(self.above)
        return parts[skip:] if parts[:skip] == self.above and any(parts[skip:]) else ()

    def students(self, parts):
        """[the students] whose file lies at `parts`, folders and file name; several, if a group handed it in."""
        parts = self.below(parts)
        if not parts:
            return []
        first = parts[0]
        if len(parts) == 1:
            canvas = CANVAS.fullmatch(first) or TEXT_ENTRY.fullmatch(first)
            return [f"{canvas['name']}_{canvas['user']}" if canvas else self.from_file(first)]
        if SUBMISSION.fullmatch(first):
            return self.people.get(first) or [first]
        return [from_repository(first) or first]

    def expects(self, parts):
        """Whether a file that is no notebook shows that somebody handed something in."""
        parts = self.below(parts)
        return len(parts) > 1 or bool(parts and (CANVAS.fullmatch(parts[0]) or TEXT_ENTRY.fullmatch(parts[0])))

    def from_file(self, name):
        """The student in a file name such as ada_04_backprop.ipynb."""
        name = without_suffix(name)
        return (without_chapter(name) if chapter_in(name) else name) or self.home

    def order(self, parts, time):
        """What is larger for what was handed in later: Canvas numbers attachments as they come."""
        parts = self.below(parts)
        canvas = CANVAS.fullmatch(parts[0]) if len(parts) == 1 else None
        return float(canvas["attachment"]) if canvas else time


def layout_of(places, home, people=None):
    """The Layout of all places (parts of paths) of a class. `home`: the name of the folder or archive they are in."""
    places = [parts for parts in places if parts and parts[-1]]
    tops = {parts[0] for parts in places if len(parts) > 1}
    files = {parts[0] for parts in places if len(parts) == 1}
    only = "submitted" if "submitted" in tops and tops <= NBGRADER else next(iter(tops)) if len(tops) == 1 else None
    if only and not files:
        inside = [parts[1:] for parts in places if parts[0] == only]
        if only == "submitted" or is_wrapper(inside):
            inner = layout_of(inside, only, people)
            return Layout(inner.home, (only, *inner.above), inner.people)
    return Layout(without_chapter(home) or home, people=people or {})


def is_metadata(parts):
    """Whether this is Gradescope's list of students: beside the submissions, not in one of them."""
    return parts[-1:] == (METADATA,) and len(parts) <= 2 and not SUBMISSION.fullmatch(parts[0])


def is_of_student(archive):
    """Whether an archive's name is one that a student's has, not that of a class."""
    return bool(CANVAS.fullmatch(archive) or (chapter_in(archive) and is_named(archive)))


def is_wrapper(places):
    """Whether the only folder there is holds the students, and is not a student's own."""
    files = [parts[0] for parts in places if len(parts) == 1]
    folders = {parts[0] for parts in places if len(parts) > 1}
    notebooks = [name for name in files if is_notebook(name) or is_archive(name)]
    if METADATA in files:
        return True
    if notebooks:
        is_own = any(chapter_in(name) and not is_named(name) for name in notebooks)
        return not is_own and (len(notebooks) > 1 or is_of_student(notebooks[0]))
    own = [name for name in folders if name == "exercises" or (chapter_in(name) and not is_named(name))]
    return len(own) < len(folders)


def plain(text):
    """Names as they are compared: 04-backprop, 04_backprop and "04 backprop" are the same."""
    return re.sub(r"[-_ .]+", "_", text.casefold())


def without_suffix(name):
    return stem(name) if is_archive(name) else NOTEBOOK.sub("", name)


def chapter_in(name):
    """The chapter that the name of a file or folder starts or ends with, or ""."""
    bare = plain(COPY.sub("", without_suffix(name)))
    return next((c for c in NAMES if bare == c or bare.startswith(f"{c}_") or bare.endswith(f"_{c}")), "")


def without_chapter(name):
    """What is left of a name without the chapter's."""
    pattern = chapter_in(name).replace("_", "[-_ .]+")
    if not pattern:
        return name
    at_end = re.fullmatch(rf"(.*?)[-_ .]*{pattern}(?:{COPY.pattern[:-1]})?", name, re.IGNORECASE | re.DOTALL)
    at_start = re.fullmatch(rf"{pattern}[-_ .]+(.+)", name, re.IGNORECASE | re.DOTALL)
    return (at_end or at_start or [name, name])[1]


def is_named(name):
    """Whether something stands beside the chapter in the name of a file or folder."""
    return bool(without_chapter(without_suffix(name)))


def from_repository(folder):
    """The student in the name of a GitHub Classroom repository, such as 04-backprop-ada, or ""."""
    bare = plain(folder)
    chapter = next((chapter for chapter in NAMES if bare.startswith(f"{chapter}_")), "")
    rest = re.match(re.sub("_", "[-_ .]+", re.escape(chapter)) + "[-_ .]+", folder, re.IGNORECASE) if chapter else None
    return folder[rest.end() :] if rest else ""


def people_in(metadata):
    """{submission: [student]} of Gradescope's submission_metadata.yml: e-mail address, else number, else name.

    Only the lines that are needed are looked at. What students wrote stands deeper in the file than these.
    """
    people, submission, is_listing, person = {}, None, False, {}
    for line in [*metadata.decode("utf-8", "replace").splitlines(), "end"]:
        inside = is_listing and re.match(r"  (?P<new>- |  ):(?P<key>name|sid|email):(?P<value>.*)", line)
        if (is_listing and not line.startswith(("  - ", "    "))) or (inside and inside["new"] == "- "):
            if person:
                people.setdefault(submission, []).append(
                    next(filter(None, map(person.get, ("email", "sid", "name"))), submission)
                )
            person = {}
            is_listing = bool(inside)
        if inside:
            person[inside["key"]] = inside["value"].strip().strip("'\"")
        elif top := re.match(r"(submission_\d+):\s*$", line):
            submission = top[1]
        elif submission and re.match(r"  :submitters:\s*$", line):
            is_listing = True
    return people
