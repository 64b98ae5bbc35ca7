"""What the grader gives to all answers that are known: the blank, the right ones, the wrong ones."""

import pytest

from minigrad.__main__ import main
from minigrad.grade import proof
from minigrad.study.check import named


def test_a_function_a_gradient_and_a_class_are_judged_as_they_should_be(capsys):
    assert main(["grade", "--proof", "02_forward/relu", "04_backprop/tanh", "07_modules/Sequential"]) == 0

    said = capsys.readouterr().out
    assert "3 exercises" in said and "0 of" in said


def test_a_reference_that_fails_is_told(sandbox, monkeypatch):
    tanh = named("tanh")[-1]
    monkeypatch.setattr(tanh, "wrong", [type("Right", (), {"text": tanh.source, "sentence": "no mistake"})])

    *_, broken = proof.proved(sandbox.name, tanh.key)

    assert len(broken) == 1 and broken[0].startswith("this wrong answer: no mistake passes")


@pytest.mark.slow
def test_all_chapters(capsys):
    assert main(["grade", "--proof"]) == 0, capsys.readouterr().out
