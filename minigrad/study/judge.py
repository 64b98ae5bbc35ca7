"""Judging an answer to an exercise: case by case, up to the first thing that is wrong.

    judge(exercise, answer, seed)  ->  Feedback

Each case is tried through the exercise's runner, which names what is looked at: the result first, gradients after it;
of each of them the shape comes first, then the number type, then the value. Where something is wrong, the wrong answers
that are known are tried on the same inputs. If one of them gives in every case what this answer gave, its sentence is
the best help there is.
"""

from functools import cache

from . import run
from .difference import Finding, difference, settled
from .feedback import Feedback
from .guard import TooLong
from .trying import Tried, tried


def judge(exercise, answer, seed):
    """The Feedback on `answer`, a function (or class), for inputs drawn from `seed`."""
    return judged(exercise, lambda case: here(exercise, answer, case, seed), exercise.cases, seed)


def judged(exercise, attempt, cases, seed, expect=None):
    """The Feedback on an answer of which `attempt(case)` gives what it does, wherever it runs: a Tried.

    expect: what gives (the Tried that is expected, whether by PyTorch); `expectation`, if left out
    """
    attempt = cache(attempt)
    printed, by_torch = {}, False
    for number, case in enumerate(cases):
        mine = attempt(case)
        printed.update(dict.fromkeys(mine.printed))
        if is_not_started(mine.error, exercise) and not mine.seen:
            return Feedback(exercise, "not started")
        expected, by_torch = (expect or expectation)(exercise, case, seed)
        finding = first_wrong(mine, expected, case.tolerance)
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
                sentence=recognised(exercise, attempt, cases, number, seed),
            )
    return Feedback(exercise, "passed", passed=len(cases), by_torch=by_torch, printed=list(printed))


def here(exercise, function, case, seed):
    """What a function does on a case of an exercise, in this process."""
    return tried(exercise.run, run.names(exercise.reference, case.inputs), function, case, seed)


def is_not_started(error, exercise):
    """Whether an error is the one that the exercise's stub raises."""
    return isinstance(error, NotImplementedError) and str(error) == f"{exercise.name}: not started yet"


# ---- what is expected ----


def expectation(exercise, case, seed):
    """(what is expected, whether PyTorch said it): the reference's answer where PyTorch has none, or is not there."""
    inputs, options = run.drawn(case, seed)
    try:
        theirs = run.theirs(exercise, inputs, options, seed)
    except ImportError:
        theirs = None
    except Exception:
        refused = here(exercise, exercise.reference, case, seed)
        if refused.error is None:
            raise
        return refused, True  # PyTorch refuses these inputs, too; the reference says by which error
    if theirs is None:
        return here(exercise, exercise.reference, case, seed), False
    return Tried([(name, settled(value)) for name, value in theirs]), True


def given(exercise, case, seed):
    """The inputs of a case, as pairs (name, value)."""
    inputs, options = run.drawn(case, seed)
    return [*zip(run.names(exercise.reference, case.inputs), inputs), *options.items()]


# ---- what is wrong ----


def first_wrong(mine, expected, tolerance=None):
    """The Finding about what was tried, or None where all is as expected. `tolerance`: as in `difference`."""
    at = f", at {mine.line}" if mine.line else ""
    new = "Make a new array: the caller still needs this one."
    if isinstance(mine.error, TooLong):
        return Finding("too slow", f"it had not ended after {mine.error} seconds, and was stopped{at}")
    if isinstance(mine.error, run.WrongForm):
        return Finding("wrong form", str(mine.error))
    if mine.error is not None and str(mine.error).endswith("read-only"):
        return Finding("crashed", f"it writes into what it was given{at}. {new}")
    if mine.changed:
        return Finding("crashed", f"it writes into {mine.changed}, which it was given. {new}")
    if expected.error is not None:
        return None if type(mine.error) is type(expected.error) else not_raised(mine.error, expected.error, at)
    for (place, theirs), (_, own) in zip(expected.seen, mine.seen):
        found = difference(own, theirs, tolerance)
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


def recognised(exercise, attempt, cases, number, seed):
    """The sentence of the wrong answer that gives in every case just what this one gives; "" where none does.

    Where only one wrong answer did so up to this case, and none in all, there may be a second mistake: perhaps.
    """

    def alike(suspects, cases):
        for case in cases:
            if suspects:
                own = attempt(case)
                suspects = [wrong for wrong in suspects if own.same(here(exercise, wrong.answer, case, seed))]
        return suspects

    if isinstance(attempt(cases[number]).error, TooLong):
        return ""
    so_far = alike(exercise.wrong, [cases[number], *cases[:number]])
    suspects = alike(so_far, cases[number + 1 :])
    if suspects:
        return suspects[0].sentence
    return f"Perhaps this: {so_far[0].sentence}" if len(so_far) == 1 else ""
