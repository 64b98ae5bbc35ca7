"""An answer judged by the values that it gives: it runs in a sandbox, and all judging is done here.

    verify(exercise, text, seed, sandbox)  ->  Verdict

The answer is asked one case after the other. What comes back is only ever compared: with PyTorch's values or the
reference's, which no answer can reach, by the same judge and in the same words as a learner's own `check`.
"""

import builtins
import dis
import inspect
import json
import secrets
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from ..study import run
from ..study.difference import settled
from ..study.guard import SECONDS, TooLong
from ..study.judge import judged
from ..study.trying import Tried
from . import library, questions, wire
from .sandbox import Ended, Limits, installation

LIMITS = Limits()
LONGEST = 2000  # characters of what is told about a case
PATIENCE = 2 * SECONDS  # for a case; a learner's own check stops after half of that
ERRORS = {name: thing for name, thing in vars(builtins).items() if isinstance(thing, type)}
ERRORS = {name: thing for name, thing in ERRORS.items() if issubclass(thing, Exception)}
del ERRORS["ExceptionGroup"]  # it cannot be made of a message alone
ERRORS |= {"WrongForm": run.WrongForm, "TooLong": TooLong}


@dataclass(frozen=True)
class Verdict:
    """What was found about an answer.

    state      as study.feedback has it, or "absent"; `passed` if it is right
    said       what is wrong, in a line; `why`: in which case, in several lines; of a hidden one only its number
    sentence   the known mistake that it is, or ""
    """

    state: str
    said: str = ""
    why: str = ""
    sentence: str = ""

    def __bool__(self):
        return self.state == "passed"


def verify(exercise, text, seed, sandbox, limits=LIMITS):
    """The Verdict on an answer's text, with its helpers; inputs are drawn from `seed`.

    The limits on time are those of one question. For each case there is besides what a learner's own check allows.
    """
    public = len(exercise.cases)
    cases = questions.cases(exercise, seed)
    numbers = {id(case): number for number, case in cases}
    try:
        with Answer(exercise, text, sandbox, limits, len(cases)) as answer:
            feedback = judged(
                exercise,
                lambda case: answer.tried(case, numbers[id(case)], seed),
                [case for _, case in cases],
                seed,
                questions.expected,
            )
    except Ended as ended:
        return Verdict("too slow" if ended.kind == "time" else "crashed", str(ended))
    except wire.Garbled:
        return Verdict("crashed", "what it sent back is not what an answer sends")
    return verdict(feedback, public)


def verdict(feedback, public):
    if feedback.state == "passed":
        more = f", {feedback.passed - public} of them hidden" if feedback.passed > public else ""
        return Verdict("passed", f"all {feedback.passed} cases are right{more}")
    if feedback.state == "not started":
        return Verdict("not started", "it is as it was given out")
    if feedback.passed >= public:
        return Verdict(feedback.state, hidden_said(feedback), f"hidden case {feedback.passed + 1 - public}")
    lines = [words for kind, words in feedback.lines() if kind in ("case", "given")]
    table = feedback.table()
    why = "\n".join([*lines, *([table.text()] if table else [])])
    return Verdict(feedback.state, feedback.summary(), why[:LONGEST], feedback.sentence)


def hidden_said(feedback):
    """Of a hidden case, what kind of failure it is, and no numbers: the next class has the same."""
    place = f" ({feedback.finding.place})" if feedback.finding.place else ""
    return f"{feedback.state} on inputs that only the grader has{place}"


class Answer:
    """An answer at work in a sandbox, to be asked. Raises Ended when it can say nothing more."""

    def __init__(self, exercise, text, sandbox, limits, count):
        self.exercise, self.trouble, self.patience = exercise, None, limits.wall
        self.place = folder_of(exercise)
        shelf, packages = installation.shelf("numpy")
        self.process = sandbox.start(
            installation.python("-B", str(self.place / "child.py"), str(self.place), shelf),
            readable=[self.place, *packages],
            environment={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            limits=replace(limits, wall=limits.wall + SECONDS * count, cpu=limits.cpu + SECONDS * count),
        )
        try:
            line, _ = self.ask({"answer": text, "name": exercise.name, "labels": labels(exercise)})
            if line.get("defined") is not True:
                self.trouble = Tried([], error_of(line.get("error")), words(line.get("line")))
        except BaseException:
            self.process.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.close()

    def ask(self, question, body=b""):
        self.process.allow(self.patience)
        self.process.send(wire.frame(question, body))
        line, body = wire.opened(self.process.receive(wire.length(self.process.receive(4))))
        if not isinstance(line, dict):
            raise wire.Garbled
        return line, body

    def tried(self, case, number, seed):
        """What the answer does on a case, as a Tried."""
        if self.trouble:
            return self.trouble
        tag = secrets.token_hex(8)
        inputs, options = run.drawn(case, seed)
        question, sent = asked(self.exercise.run, inputs, options, number, seed)
        line, body = self.ask({"tag": tag, "seconds": PATIENCE, **question}, sent)
        if line.get("tag") != tag:
            raise wire.Garbled
        parts = wire.Parts(body)
        seen = [(words(name), parts.get(value)) for name, value in pairs(line.get("seen"))]
        error = line.get("error") and error_of(line["error"])
        printed = tuple(map(words, line["printed"][:20])) if isinstance(line.get("printed"), list) else ()
        found = Tried(seen, error, words(line.get("line")), printed, words(line.get("changed")))
        return concluded(self.exercise.run, found, inputs, options, seed)


def asked(runner, inputs, options, number, seed):
    """A question and the arrays in it. The inputs are sent where they are plain; else the case is made there, anew.

    An input that would tell its answer has a method `plain`, which gives what is sent. Who is sent the inputs gets the
    seed only if the runner draws from it: they follow from it, and more than they tell.
    """
    parts = wire.Parts()
    inputs = [x.plain() if hasattr(x, "plain") else x for x in inputs]
    sent = {"inputs": parts.put(inputs), "options": parts.put(options)}
    arrays = [x for x in inputs if isinstance(x, np.ndarray)]
    if '"o"' in json.dumps(sent) or len({*map(id, arrays)}) < len(arrays):
        return {"case": number, "seed": seed}, b""
    return {**sent, "seed": seed if uses_seed(getattr(runner, "observe", runner)) else 0}, parts.body


@cache
def uses_seed(runner):
    return any(step.argval == "seed" for step in dis.get_instructions(runner))


def concluded(runner, found, inputs, options, seed):
    """What a runner's second step makes of what its first has seen."""
    if not hasattr(runner, "conclude"):
        return found

    def observed():
        yield from found.seen
        if found.error is not None:
            raise found.error

    seen, error = [], None
    try:
        for name, value in runner.conclude(observed(), inputs, options, seed):
            seen.append((name, settled(value)))
    except (Exception, TooLong) as raised:
        error = raised
    return Tried(seen, error, found.line, found.printed, found.changed)


@cache
def folder_of(exercise):
    """The folder that an exercise's answers have beside them; it lasts as long as this process."""
    place = Path(folders(), exercise.key.replace("/", "-")).resolve()
    place.mkdir()
    return library.folder(exercise, place)


@cache
def folders():
    return installation.lasting_folder("minigrad_grade_")


def labels(exercise):
    return [*inspect.signature(exercise.reference).parameters]


def error_of(told):
    """An error that came as [type, message]: of a type that is known, or of one of that name."""
    if not isinstance(told, list) or len(told) != 2:
        raise wire.Garbled
    name, message = map(words, told)
    kind = ERRORS.get(name) or type(wire.named(name), (Exception,), {})
    error = kind.__new__(kind)
    error.args = (PATIENCE if kind is TooLong else message,)
    return error


def pairs(listed):
    if not isinstance(listed, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in listed):
        raise wire.Garbled
    return listed


def words(text):
    """A text that came from outside, short; anything else is none."""
    return text[:500] if isinstance(text, str) else ""
