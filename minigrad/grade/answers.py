"""The answers in a notebook, found by name: whatever became of its cells, what they define last is what counts.

Cells may be copied, split, merged, reordered, without ids or metadata. An answer goes along with what it uses, and
nothing else: the imports, helpers and constants of the learner's own, in the order in which they stood.

What a name means depends on when it is looked up. `table = made(K)` uses `made` and K as they are when it runs; the
body of a function uses names as they are when it is called, which is after the last cell.
"""

import builtins
from bisect import bisect_left
from collections import defaultdict

from .python import TOKENS, NotPython, parsed, size
from .statement import statements

STEPS = 100_000  # of looking up what an answer needs


class Answers:
    """What the code cells of a notebook define. `problems`: cells that are no Python, in words."""

    def __init__(self, cells):
        self.statements, self.problems = [], []
        self.own, self.places = defaultdict(list), defaultdict(list)  # name -> the places of statements
        tokens = 0
        for number, source in enumerate(cells, start=1):
            tokens += size(source)
            if tokens > TOKENS:
                self.problems.append(f"there is too much code: cell {number} and all after it were not read")
                break
            try:
                self.statements += statements(*parsed(source))
            except NotPython as problem:
                self.problems.append(f"code cell {number} is not Python ({problem})")
        setters = {name: one.sets for one in self.statements if one.sets for name in one.gives}
        for place, one in enumerate(self.statements):
            one.changes |= setters.get(one.calls, set())
            for name in one.gives:
                self.own[name].append(place)
            for name in one.binds | one.stars:
                self.places[name].append(place)

    def defines(self, name):
        return name in self.own

    def text_of(self, name, given=()):
        """The text of an answer and of all it needs, but for the names that are `given` where it will run."""
        return "\n\n".join(self.statements[place].text for place in self.needed(name, set(given) - {name}))

    def needed(self, name, given):
        """The places of the statements that an answer needs, in an order in which they run.

        Each piece of work is a name and a time: what the name means when the statement of that place runs.
        """
        end = len(self.statements)
        chosen, before, steps = set(), defaultdict(set), 0
        work, seen = [(name, end)], set()
        while work:
            wanted, time = work.pop()
            makers = self.answer(name) if (wanted, time) == (name, end) else self.making(wanted, time)
            steps += 1 + len(makers)
            for place in makers:
                one = self.statements[place]
                chosen.add(place)
                before[time].add(place)
                uses = [(used, place) for used in one.uses] + [(used, time) for used in one.later]
                steps += len(uses)
                new = {use for use in uses if use not in seen and use[0] not in given}
                seen |= new
                work += new
            if steps > STEPS:  # too entangled to tell apart
                return [place for place, one in enumerate(self.statements) if one.binds or one.stars]
        future = [
            place for place, one in enumerate(self.statements) if one.is_future
        ]  # imports that come first, always
        return in_order(chosen, before, future if chosen else [])

    def answer(self, name):
        """The places that make an answer: its last definition that may be a function, and what changes it later."""
        places = self.own.get(name, [])
        last = next((place for place in reversed(places) if name not in self.statements[place].data), None)
        if last is None:
            return self.making(name, len(self.statements))
        after = [p for p in self.places[name] if p > last and name in self.statements[p].sets_parts]
        return [place for place in self.making(name, last + 1) if place <= last] + after

    def making(self, name, time):
        """The places of the last statement before `time` that defines `name`, and of those after it that change it.

        If nothing before it does, the notebook was run in another order: then what comes after is taken.
        """
        places = self.places.get(name)
        if places is None:  # it may come from a star import
            places = [] if hasattr(builtins, name) else self.places.get("*", [])
        found = []
        for place in reversed(places[: bisect_left(places, time)] or places):
            found.append(place)
            if self.statements[place].settles(name):
                break
        return found[::-1]


def in_order(chosen, before, first):
    """Places as they stood, except that what has to come before another one does."""
    opened, done, ordered = set(), set(), []
    for start in [*sorted(first), *sorted(chosen)]:
        stack = [start]
        while stack:
            place = stack[-1]
            if place not in opened:
                opened.add(place)
                stack += sorted((other for other in before.get(place, ()) if other not in opened), reverse=True)
                continue
            stack.pop()
            if place not in done:
                done.add(place)
                ordered.append(place)
    return ordered
