"""What a teacher wants to know of a class: how it went, what went wrong most, and what to look at first."""

from collections import Counter
from dataclasses import dataclass

WORTH = 3  # equal answers to exercises of fewer points say nothing: there are few ways to write them
PERHAPS = "Perhaps this: "


@dataclass(frozen=True)
class Tally:
    """How an exercise went: how many handed its chapter in, pass, have begun it in vain, and have not begun it."""

    chapter: str
    name: str
    points: float
    all: int
    passed: int
    wrong: int
    absent: int

    @property
    def failed(self):
        return self.wrong + self.absent

    def percent(self, count):
        return 100 * count / self.all


@dataclass(frozen=True)
class Alike:
    """Students with the same answers. `same`: the results of one of them, as far as all have them."""

    students: tuple
    same: tuple

    @property
    def points(self):
        return sum(result.of for result in self.same)

    @property
    def wrong(self):
        """Answers that do not pass, and are the same all the same."""
        return [result for result in self.same if not result.passed]


def distribution(book):
    """[("0-9", 3), ..., ("100", 5)]: how many files got so many percent of their chapter's points."""
    counts = Counter(int(work.points * 10 // work.of) if work.of else 0 for work in book.works)
    return [(f"{10 * i}-{10 * i + 9}" if i < 10 else "100", counts[i]) for i in range(11)]


def middle(book):
    """The percentage that half of the files reach; None where there are none."""
    shares = sorted(100 * work.points / work.of for work in book.works if work.of)
    n = len(shares)
    return (shares[n // 2] + shares[(n - 1) // 2]) / 2 if n else None


def tallies(book):
    """A Tally of each exercise, in the order of the course."""
    results = {}
    for work in book.works:
        for result in work.results:
            results.setdefault((result.chapter, result.name), []).append(result)
    return [
        Tally(
            chapter=chapter,
            name=name,
            points=points,
            all=len(results[chapter, name]),
            passed=sum(result.passed for result in results[chapter, name]),
            wrong=sum(result.begun and not result.passed for result in results[chapter, name]),
            absent=sum(not result.begun for result in results[chapter, name]),
        )
        for chapter, exercises in book.chapters.items()
        for name, points in exercises
    ]


def mistakes(book, most=12):
    """[(how many students, chapter, exercise, the sentence)] of the commonest mistakes that were recognised."""
    counts = Counter(
        (result.chapter, result.name, result.sentence.removeprefix(PERHAPS))
        for work in book.works
        for result in work.results
        if result.sentence and not result.passed
    )
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(count, *what) for what, count in ordered[:most]]


def alike(book, worth=WORTH):
    """[Alike]: who has the same answers to exercises worth so many points; shared mistakes first.

    An answer that many have is the one that everybody finds (or everybody was shown), and is left out: more than four
    students and more than a tenth of them.
    """
    holders = {}
    for i, student in enumerate(book.students):
        for result in student.results:
            if result.answer and result.begun and result.of >= worth:
                holders.setdefault((result.chapter, result.name, result.answer), {})[i] = result
    common = max(4, len(book.students) // 10)
    groups = {}
    for who in holders.values():
        if 2 <= len(who) <= common:
            groups.setdefault(tuple(who), []).append(next(iter(who.values())))
    found = [Alike(tuple(book.students[i] for i in who), tuple(same)) for who, same in groups.items()]
    return sorted(found, key=lambda group: (-len(group.wrong), -group.points, [s.name for s in group.students]))


def looks(book):
    """[(student, where, words)]: what a person should look at, files that could not be graded first."""
    broken, flagged, twice = [], [], []
    for student in book.students:
        for work in student.works:
            if work.problem:
                broken.append((student, work.label, work.problem))
            flagged += [(student, work.title, words) for words in work.flags]
            for result in work.results:
                flagged += [(student, f"{work.title}, {result.name}", words) for words in result.flags]
            if work.others:
                words = f"handed in more than once; {work.label} counts, and not {', '.join(work.others)}"
                twice.append((student, work.title, words))
    return broken + flagged + twice
