"""The grader's proof: for every exercise, the blank gets nothing, the reference everything, each wrong answer fails.

`python -m minigrad proof [CHAPTER ...]` prints it as a table, and ends with status 1 where it does not hold. A wrong
answer should also be known by its own sentence and not by another's; the last column counts those that are. Of a
class's grader, in its sandbox, `python -m minigrad grade --proof` proves the same.
"""

from ..check.report import Table
from . import chapters
from .exercise import made
from .judge import judge

SEEDS = (0, 1, 2)


def prove(exercise, seed):
    """What does not hold for this exercise, as sentences; how many wrong answers are known by their own sentence."""
    broken = []
    stub = made(exercise, exercise.stub(), "the stub of")
    if judge(exercise, stub, seed).state != "not started":
        broken.append("the blank is not seen as not started")
    for answer, what in [(exercise.reference, "the reference"), *exercise.ways]:
        feedback = judge(exercise, answer, seed)
        if not feedback:
            broken.append(f"{what} fails. {feedback.line}")
    known = 0
    for wrong in exercise.wrong:
        feedback = judge(exercise, wrong.answer, seed)
        if feedback:
            broken.append(f"this wrong answer passes: {wrong.sentence}")
        elif feedback.sentence == wrong.sentence:
            known += 1
        elif feedback.sentence:
            broken.append(f"this wrong answer: {wrong.sentence}\n    is taken for: {feedback.sentence}")
        else:
            broken.append(f"this wrong answer is not known again: {wrong.sentence} ({feedback.state})")
    if len(exercise.hints) != 3 or not 3 <= len(exercise.wrong) <= 8:
        broken.append(f"it has {len(exercise.hints)} hints and {len(exercise.wrong)} wrong answers; 3, and 3 to 8")
    return broken, known


def main(words=()):
    """`python -m minigrad proof`, for all chapters or those whose names begin with the words given."""
    table, faults, sums = Table("exercise", "cases", "hints", "blank", "reference", "wrong", "known"), [], [0, 0, 0, 0]
    for exercise in chapters.exercises():
        if words and not exercise.key.startswith(tuple(words)):
            continue
        found = [prove(exercise, seed) for seed in SEEDS]
        broken = dict.fromkeys(line for lines, _ in found for line in lines)
        faults += [f"{exercise}: {line}" for line in broken]
        known, wrong = min(known for _, known in found), len(exercise.wrong)
        table.row(exercise, len(exercise.cases), len(exercise.hints), 0, exercise.points, f"{wrong} fail", known)
        sums = [a + b for a, b in zip(sums, (1, len(exercise.hints), wrong, known))]
    print(table.text())
    print("\n{} exercises, {} hints, {} wrong answers, {} of them known by their own sentence".format(*sums))
    for line in faults:
        print(line)
    return 1 if faults else 0
