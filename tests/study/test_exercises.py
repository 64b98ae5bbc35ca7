"""The exercises themselves: judged as they should be, and in an order in which they can be learned."""

import ast
import re
from pathlib import Path

import pytest

from minigrad.study import chapters
from minigrad.study.proof import prove

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = chapters.exercises()
CHAPTERS = chapters.chapters()


@pytest.mark.parametrize("exercise", EXERCISES, ids=repr)
def test_the_blank_gets_nothing_the_reference_everything_and_wrong_answers_are_known_again(exercise):
    faults, known = prove(exercise, seed=0)

    assert faults == [] and known == len(exercise.wrong)


@pytest.mark.parametrize("exercise", EXERCISES, ids=repr)
def test_an_exercise_says_what_it_is_for(exercise):
    assert exercise.reference.__doc__ and exercise.points > 0 and 2 <= exercise.minutes <= 20
    assert len(exercise.cases) >= 2 and len({case.why for case in exercise.cases}) == len(exercise.cases)
    assert len({wrong.sentence for wrong in exercise.wrong}) == len(exercise.wrong)


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.part], ids=repr)
def test_a_part_has_its_place_in_the_library(exercise):
    from minigrad.study.parts import place, using

    assert callable(getattr(*place(exercise)))
    with using({exercise.key: exercise.reference}):
        pass


def names_in(path):
    """Every name and attribute in the code of a py:percent source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("chapter", [c for c in CHAPTERS if c.number], ids=lambda chapter: chapter.name)
def test_no_chapter_needs_a_name_that_a_later_one_teaches(chapter):
    later = {name: other.name for other in CHAPTERS if other.number > chapter.number for name in other.teaches}
    texts = [ROOT / "course" / folder / f"{chapter.name}.py" for folder in ("lessons", "exercises")]
    used = set().union(*(names_in(path) for path in texts if path.exists()))
    used |= {name for e in chapter.exercises.values() for name in re.findall(r"\w+", e.source)}

    assert {name: later[name] for name in used & set(later)} == {}
