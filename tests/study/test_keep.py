"""Progress is kept, and nothing that goes wrong loses it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from minigrad.study import keep
from minigrad.study.check import check, named
from minigrad.study.help import hint, reset, restore, solution


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIGRAD_PROGRESS", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def mul():
    return named("mul")[-1]


def right():
    def mul(x, y):
        return x * y, lambda g: g * y, lambda g: g * x

    return mul


def state(exercise):
    return keep.read().exercises.get(exercise.key, {}).get("state")


def test_what_passes_is_kept_as_text_that_runs(home, mul):
    check(right())
    names = {}
    exec(keep.parts()[mul.key], names)

    assert state(mul) == "passed"
    assert names["mul"](2.0, 3.0)[0] == 6.0


def test_nothing_is_kept_in_ci_while_grading_or_when_it_is_off(monkeypatch):
    monkeypatch.setenv("MINIGRAD_PROGRESS", "off")
    assert keep.folder() is None
    monkeypatch.delenv("MINIGRAD_PROGRESS")
    monkeypatch.setenv("CI", "true")
    assert keep.folder() is None
    monkeypatch.delenv("CI")
    monkeypatch.setenv("MINIGRAD_GRADING", "1")
    assert keep.folder() is None


def test_passed_stays_passed_when_a_later_try_fails(home, mul):
    check(right())
    with pytest.raises(AssertionError):
        check(mul.wrong[0].answer)

    assert state(mul) == "passed"


def test_two_notebooks_at_once_lose_no_count(home, mul):
    def count(_):
        with keep.change() as notebook:
            notebook.of(mul)["tries"] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))

    assert keep.read().exercises[mul.key]["tries"] == 40


def test_a_file_that_cannot_be_read_is_set_aside_and_told_and_the_parts_speak_for_it(home, mul):
    check(right())
    (home / "progress.json").write_text('{"version": 1, "exerc')
    notebook = keep.read()

    assert "progress.broken-1.json" in notebook.told
    assert (home / "progress.broken-1.json").read_text() == '{"version": 1, "exerc'
    assert state(mul) == "passed"


def test_a_file_of_a_newer_version_is_left_alone(home):
    home.mkdir()
    (home / "progress.json").write_text(json.dumps({"version": 99, "exercises": {}}))

    with pytest.raises(RuntimeError, match="newer minigrad"):
        keep.read()


def test_a_write_that_is_stopped_leaves_what_was_there(home, monkeypatch):
    keep.write(home / "a", "old")
    monkeypatch.setattr(keep.os, "fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep.write(home / "a", "new")

    assert (home / "a").read_text() == "old"


def test_reset_forgets_and_restore_brings_back(home, mul):
    check(right())
    reset("mul")
    assert state(mul) is None and mul.key not in keep.parts()
    restore()

    assert state(mul) == "passed" and mul.key in keep.parts()
    assert "nothing was reset" in repr(restore())


def test_hints_climb_three_rungs_and_stay_on_the_last(home, mul):
    seen = [repr(hint("mul")) for _ in range(4)]

    assert [f"hint {rung} of 3" in text for rung, text in zip((1, 2, 3, 3), seen)] == [True] * 4


def test_a_solution_is_shown_when_asked_twice_and_that_is_noted(home, mul):
    assert "def mul" not in repr(solution("mul"))
    assert "def mul" in repr(solution("mul"))
    assert keep.read().exercises[mul.key]["shown"]


def test_a_solution_is_shown_at_once_after_passing(home, mul):
    check(right())

    assert "def mul" in repr(solution("mul"))
    assert not keep.read().exercises[mul.key]["shown"]
