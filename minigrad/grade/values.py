"""An answer judged by the values that it gives: it runs in a sandbox, and all judging is done here.

    verify(exercise, text, seed, sandbox)  ->  Verdict

The answer is asked one case after the other. What comes back is only ever compared: with PyTorch's values or the
reference's, which no answer can reach, by the same judge and in the same words as a learner's own `check`.
"""

import atexit
import builtins
import inspect
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..study import run
from ..study.difference import settled
from ..study.guard import TooLong
from ..study.judge import expectation, judged
from ..study.trying import Tried
from . import library, questions, wire
from .sandbox import Ended, Limits, installation

LIMITS = Limits()
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LONGEST = 2000  # characters of what is told about a case
SECONDS = 8  # for a case; a learner's own check stops after half of that
ERRORS = {name: thing for name, thing in vars(builtins).items() if isinstance(thing, type)}
ERRORS = {name: thing for name, thing in ERRORS.items() if issubclass(thing, Exception)}
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
    """The Verdict on an answer's text, with its helpers; inputs are drawn from `seed`."""
    public = len(exercise.cases)
    asked = questions.cases(exercise, seed)
    numbers = {id(case): number for number, case in asked}
    try:
        with Answer(exercise, text, sandbox, limits) as answer:
            feedback = judged(
                exercise,
                lambda case: answer.tried(case, numbers[id(case)], seed),
                [case for _, case in asked],
                seed,
                known,
            )
    except Ended as ended:
        return Verdict("too slow" if ended.kind == "time" else "crashed", str(ended))
    except wire.Garbled:
        return Verdict("crashed", "what it sent back is not what an answer sends")
    return verdict(feedback, public)


@cache
def known(exercise, case, seed):
    """What is expected: the same for every answer of a class."""
    return expectation(exercise, case, seed)


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

    def __init__(self, exercise, text, sandbox, limits):
        self.exercise, self.trouble = exercise, None
        self.place = folder_of(exercise)
        shelf, packages = installation.shelf("numpy")
        self.process = sandbox.start(
            installation.python("-B", str(self.place / "child.py"), str(self.place), shelf),
            readable=[self.place, *packages],
            environment={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            limits=limits,
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

    def ask(self, question):
        self.process.send(wire.frame(question))
        line, body = wire.opened(self.process.receive(wire.length(self.process.receive(4))))
        if not isinstance(line, dict):
            raise wire.Garbled
        return line, body

    def tried(self, case, number, seed):
        """What the answer does on a case, as a Tried."""
        if self.trouble:
            return self.trouble
        tag = secrets.token_hex(8)
        line, body = self.ask({"tag": tag, "case": number, "seed": seed, "seconds": SECONDS})
        if line.get("tag") != tag:
            raise wire.Garbled
        parts = wire.Parts(body)
        seen = [(words(name), parts.get(value)) for name, value in pairs(line["seen"])]
        error = line.get("error") and error_of(line["error"])
        printed = tuple(map(words, line["printed"][:20])) if isinstance(line.get("printed"), list) else ()
        found = Tried(seen, error, words(line.get("line")), printed, words(line.get("changed")))
        return concluded(self.exercise.run, found, case, seed)


def concluded(runner, found, case, seed):
    """What a runner's second step makes of what its first has seen."""
    if not hasattr(runner, "conclude"):
        return found

    def observed():
        yield from found.seen
        if found.error is not None:
            raise found.error

    inputs, options = run.drawn(case, seed)
    seen, error = [], None
    try:
        for name, value in runner.conclude(observed(), inputs, options, seed):
            seen.append((name, settled(value)))
    except Exception as raised:
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
    place = tempfile.mkdtemp(prefix="minigrad-grade-")
    os.chmod(place, 0o755)  # the sandbox may look with another user's eyes
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def labels(exercise):
    return [*inspect.signature(exercise.reference).parameters]


def error_of(told):
    """An error that came as [type, message]: of a type that is known, or of one of that name."""
    if not isinstance(told, list) or len(told) != 2:
        raise wire.Garbled
    name, message = map(words, told)
    kind = ERRORS.get(name) or type(wire.named(name), (Exception,), {})
    error = kind.__new__(kind)
    error.args = (message,)
    return error


def pairs(listed):
    if not isinstance(listed, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in listed):
        raise wire.Garbled
    return listed


def words(text):
    """A text that came from outside, short; anything else is none."""
    return text[:500] if isinstance(text, str) else ""
