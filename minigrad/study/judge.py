"""Judging an answer to an exercise: case by case, up to the first thing that is wrong.

    judge(exercise, answer, seed)  ->  Feedback

Each case is tried through the exercise's runner, which names what is looked at: the result first, gradients after it;
of each of them the shape comes first, then the number type, then the value. Where something is wrong, the wrong answers
that are known are tried on the same inputs. If one of them gives in every case what this answer gave, its sentence is
the best help there is.
"""

import copy
from dataclasses import dataclass

import numpy as np

from . import run
from .difference import Finding, difference, settled
from .feedback import Feedback
from .guard import SECONDS, TooLong, ran


@dataclass
class Tried:
    """What came of trying a function on a case: what was `seen`, pairs of name and value, or the `error` it raised.

    line      the learner's line at which it raised
    printed   their lines that print
    changed   the input that was written into, or ""
    """

    seen: list
    error: BaseException | None = None
    line: str = ""
    printed: tuple = ()
    changed: str = ""

    def same(self, other):
        """Whether two functions did the same: raised the same error, or gave equal things."""
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error) and str(self.error) == str(other.error)
        if self.changed != other.changed or len(self.seen) != len(other.seen):
            return False
        return not any(difference(mine, theirs) for (_, mine), (_, theirs) in zip(self.seen, other.seen))


def judge(exercise, answer, seed):
    """The Feedback on `answer`, a function (or class), for inputs drawn from `seed`."""
    printed, by_torch = {}, False
    for number, case in enumerate(exercise.cases):
        mine = tried(exercise, answer, case, seed)
        printed.update(dict.fromkeys(mine.printed))
        if is_not_started(mine.error, exercise) and not mine.seen:
            return Feedback(exercise, "not started")
        expected, by_torch = expectation(exercise, case, seed)
        finding = first_wrong(mine, expected)
        if finding:
            return Feedback(
                exercise,
                finding.state,
                passed=number,
                by_torch=by_torch,
                printed=list(printed),
                case=case,
                seed=seed,
                given=given(exercise, case, seed),
                finding=finding,
                mine=mine.seen,
                expected=expected.seen,
                sentence=recognised(exercise, answer, mine, case, seed),
            )
    return Feedback(exercise, "passed", passed=len(exercise.cases), by_torch=by_torch, printed=list(printed))


def is_not_started(error, exercise):
    """Whether an error is the one that the exercise's stub raises."""
    return isinstance(error, NotImplementedError) and str(error) == f"{exercise.name}: not started yet"


# ---- trying ----


def tried(exercise, function, case, seed, seconds=SECONDS):
    """What `function` does on a case: whatever it does, this returns."""
    inputs, options = run.drawn(case, seed)
    labelled = zip(run.names(exercise.reference, case.inputs), inputs)
    plain = {name: x for name, x in labelled if isinstance(x, np.ndarray | list)}
    before = copy.deepcopy(plain)
    freeze([inputs, list(options.values())])
    seen = []

    def look():
        seen.extend((name, settled(value)) for name, value in exercise.run(function, inputs, options, seed))

    with np.errstate(all="ignore"):
        result = ran(look, function, seconds)
    changed = next((name for name, x in plain.items() if difference(settled(x), settled(before[name]))), "")
    return Tried(seen, result.error, result.line, tuple(result.printed), changed)


def freeze(x):
    """Close every array in x for writing, so that who writes into it is stopped at the line that does."""
    if isinstance(x, np.ndarray):
        x.setflags(write=False)
    elif isinstance(x, list | tuple):
        for part in x:
            freeze(part)


def expectation(exercise, case, seed):
    """(what is expected, whether PyTorch said it): the reference's answer where PyTorch has none, or is not there."""
    inputs, options = run.drawn(case, seed)
    try:
        theirs = run.theirs(exercise, inputs, options, seed)
    except ImportError:
        theirs = None
    except Exception:
        refused = tried(exercise, exercise.reference, case, seed)
        if refused.error is None:
            raise
        return refused, True  # PyTorch refuses these inputs, too; the reference says by which error
    if theirs is None:
        return tried(exercise, exercise.reference, case, seed), False
    return Tried([(name, settled(value)) for name, value in theirs]), True


def given(exercise, case, seed):
    """The inputs of a case, as pairs (name, value)."""
    inputs, options = run.drawn(case, seed)
    return [*zip(run.names(exercise.reference, case.inputs), inputs), *options.items()]


# ---- what is wrong ----


def first_wrong(mine, expected):
    """The Finding about what was tried, or None where all is as expected."""
    at = f", at {mine.line}" if mine.line else ""
    new = "Make a new array: the caller still needs this one."
    if isinstance(mine.error, TooLong):
        return Finding("too slow", f"it had not ended after {SECONDS} seconds, and was stopped{at}")
    if isinstance(mine.error, run.WrongForm):
        return Finding("wrong form", str(mine.error))
    if mine.error is not None and str(mine.error).endswith("read-only"):
        return Finding("crashed", f"it writes into what it was given{at}. {new}")
    if mine.changed:
        return Finding("crashed", f"it writes into {mine.changed}, which it was given. {new}")
    if expected.error is not None:
        return None if type(mine.error) is type(expected.error) else not_raised(mine.error, expected.error, at)
    for (place, theirs), (_, own) in zip(expected.seen, mine.seen):
        found = difference(own, theirs)
        if found:
            return found.at(place)
    if str(mine.error).endswith(": not started yet"):
        return Finding("crashed", f"a part of it is not written yet{at}")
    if mine.error is not None:
        message = str(mine.error).strip().partition("\n")[0].rstrip(".")
        if "does not support ufuncs" in message:
            message = "a function of NumPy was given a tensor; say x.exp() in place of np.exp(x)"
        return Finding("crashed", f"it raised {type(mine.error).__name__}{at}" + (f" ({message})" if message else ""))
    if len(mine.seen) < len(expected.seen):
        return Finding("wrong gradient", "is missing: no gradient came back.", expected.seen[len(mine.seen)][0])
    return None


def not_raised(error, wanted, at):
    did = "raised nothing" if error is None else f"raised {type(error).__name__}{at}"
    return Finding("wrong value", f"it should raise {type(wanted).__name__} here, and {did}")


# ---- the mistake recogniser ----


def recognised(exercise, answer, mine, case, seed):
    """The sentence of the wrong answer that gives in every case just what this one gives; "" where none does.

    Where only one wrong answer did so up to this case, and none in all, there may be a second mistake: perhaps.
    """
    if isinstance(mine.error, TooLong):
        return ""
    suspects = [wrong for wrong in exercise.wrong if mine.same(tried(exercise, wrong.answer, case, seed))]
    before = exercise.cases[: exercise.cases.index(case)]
    after = exercise.cases[len(before) + 1 :]
    so_far = alike(exercise, answer, suspects, before, seed)
    suspects = alike(exercise, answer, so_far, after, seed)
    if suspects:
        return suspects[0].sentence
    return f"Perhaps this: {so_far[0].sentence}" if len(so_far) == 1 else ""


def alike(exercise, answer, suspects, cases, seed):
    """Those of the suspects that give what this answer gives in all of these cases."""
    for case in cases:
        if suspects:
            own = tried(exercise, answer, case, seed)
            suspects = [wrong for wrong in suspects if own.same(tried(exercise, wrong.answer, case, seed))]
    return suspects
