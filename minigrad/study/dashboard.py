"""How far one is: every exercise with its state, and which parts of the library are one's own."""

from html import escape

from . import chapters, keep
from .feedback import GREEN, GREY, RED
from .parts import my_parts

COLOURS = {"passed": GREEN, "not started": GREY}


def progress():
    """The dashboard: chapters, exercises, states, points."""
    notebook = keep.read()
    rows = []
    for exercise in chapters.exercises():
        known = notebook.exercises.get(exercise.key, {"state": "not started"})
        rows.append((exercise, known))
    return Progress(rows, notebook.told)


def parts():
    """Which places of the library can run on your parts, and which do."""
    return my_parts()


class Progress:
    """A table of exercises for the eyes; `points` and `possible` for a program."""

    def __init__(self, rows, told=""):
        self.rows, self.told = rows, told

    @property
    def points(self):
        return sum(exercise.points for exercise, known in self.rows if known["state"] == "passed")

    @property
    def possible(self):
        return sum(exercise.points for exercise, _ in self.rows)

    @property
    def summary(self):
        done = sum(known["state"] == "passed" for _, known in self.rows)
        return f"{done} of {len(self.rows)} exercises done, {self.points} of {self.possible} points"

    def by_chapter(self):
        """(chapter, its rows) for each chapter."""
        for chapter in chapters.chapters():
            yield chapter, [row for row in self.rows if row[0].chapter is chapter]

    def __repr__(self):
        lines = [self.summary, *filter(None, [self.told])]
        for chapter, rows in self.by_chapter():
            lines.append(f"\n{chapter.number:02} {chapter.title}")
            for exercise, known in rows:
                points = f"{exercise.points if known['state'] == 'passed' else 0}/{exercise.points}"
                lines.append(f"   {exercise.name:36}{remark(known):28}{points:>5}")
        return "\n".join(lines)

    def _repr_html_(self):
        cell = "text-align: left; padding: 2px 12px"
        lines = [f"<p><b>{escape(self.summary)}</b> {escape(self.told)}</p>", "<table>"]
        for chapter, rows in self.by_chapter():
            full = sum(exercise.points for exercise, _ in rows)
            own = sum(exercise.points for exercise, known in rows if known["state"] == "passed")
            lines.append(
                f'<tr><th style="{cell}" colspan="2">{chapter.number:02} {escape(chapter.title)}</th>'
                f'<th style="{cell}">{bar(own, full)}</th><th style="{cell}">{own} of {full}</th></tr>'
            )
            for exercise, known in rows:
                colour = COLOURS.get(known["state"], RED)
                lines.append(
                    f'<tr><td style="{cell}">{escape(exercise.name)}</td>'
                    f'<td style="{cell}; color: {GREY}">about {exercise.minutes} min</td>'
                    f'<td style="{cell}; color: {colour}; font-weight: bold">{escape(remark(known))}</td>'
                    f'<td style="{cell}">{exercise.points}</td></tr>'
                )
        return "\n".join([*lines, "</table>"])


def remark(known):
    """A state in words, with what helped."""
    hints = known.get("hints", 0)
    helped = ["solution seen"] if known.get("shown") else []
    helped += [f"{hints} hint{'s' * (hints > 1)}"] if hints else []
    state = {"passed": "done", "not started": "not started"}.get(known["state"], f"not yet: {known['state']}")
    return f"{state} ({', '.join(helped)})" if helped else state


def bar(own, full):
    """A bar, as text: ten squares."""
    filled = round(10 * own / full) if full else 0
    return f'<span style="color: {GREEN}">{"■" * filled}</span><span style="color: {GREY}">{"□" * (10 - filled)}</span>'
