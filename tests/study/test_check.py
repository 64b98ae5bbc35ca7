"""check(f): what a learner reads, whatever they wrote."""

import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad.check.case import normal
from minigrad.study import chapters, run
from minigrad.study.check import check
from minigrad.study.exercise import Chapter, given
from minigrad.study.feedback import NotYet
from minigrad.study.judge import judge

chapter = Chapter("90_trial", "Trial")


@chapter.exercise(
    points=2,
    minutes=5,
    run=run.op,
    cases=[
        given("each factor's gradient is the other factor", normal(2, 3), normal(2, 3)),
        given("a row scales every row", normal(2, 3), normal(3)),
    ],
    hints=("a nudge", "the idea", "a skeleton"),
    part="ops.mul",
)
def mul(x, y):
    """x * y, elementwise."""
    ### BEGIN SOLUTION
    return (
        x * y,
        lambda g: g * y,
        lambda g: g * x,
    )
    ### END SOLUTION


chapter.wrong("mul", "The product rule is for one at a time.", "x * y,", "x + y,")
chapter.wrong("mul", "x's gradient is the other factor.", "lambda g: g * y", "lambda g: g * x")


@chapter.exercise(points=1, minutes=3, cases=[given("three", 3), given("none", 0)], hints=("a", "b", "c"))
def halves(n):
    """n / 2, for n above 0; ValueError for others."""
    ### BEGIN SOLUTION
    if n <= 0:
        raise ValueError("n must be above 0")
    return n / 2
    ### END SOLUTION


product = chapter.exercises["mul"]


@pytest.fixture(autouse=True)
def only_these(monkeypatch):
    monkeypatch.setattr(chapters, "exercises", lambda: list(chapter.exercises.values()))


def feedback(answer, exercise=product):
    return judge(exercise, answer, seed=0)


def said(answer):
    """What is shown, and the one red line."""
    found = feedback(answer)
    assert not found
    return f"{found!r}\n{found.line}"


def test_what_is_right_reads_the_same_with_other_numbers():
    words = {repr(judge(product, mul, seed)) for seed in range(5)}

    assert words == {"mul: 2 of 2 cases agree with PyTorch, value and gradient."}


def test_a_stub_is_no_error():
    names = {}
    exec(product.stub(), names)

    assert check(names["mul"]).state == "not started"


def test_a_stub_is_an_error_for_a_grader(monkeypatch):
    names = {}
    exec(product.stub(), names)
    monkeypatch.setenv("MINIGRAD_GRADING", "1")

    with pytest.raises(NotYet, match="not started"):
        check(names["mul"])


def test_a_wrong_value_is_shown_beside_pytorchs_and_raises_one_line(capsys):
    def mul(x, y):
        return x - y, lambda g: g * y, lambda g: g * x

    with pytest.raises(NotYet, match="^mul: not yet. The result: at .* hint\\(mul\\) helps.$") as caught:
        check(mul, seed=0)

    shown = capsys.readouterr().out
    assert "each factor's gradient is the other factor" in shown and "yours" in shown and "PyTorch" in shown
    assert "check(mul, seed=0)" in shown
    assert caught.value._render_traceback_() == [f"\x1b[31m{caught.value}\x1b[0m"]


def test_a_wrong_gradient_is_named_after_the_input_it_belongs_to():
    def mul(x, y):
        return x * y, lambda g: g * y, lambda g: g

    assert feedback(mul).state == "wrong gradient"
    assert "The gradient of y: at [" in said(mul)


def test_a_known_mistake_is_named():
    def mul(a, b):
        out = a * b
        return out, (lambda g: g * a), (lambda g: g * a)

    assert feedback(mul).sentence == "x's gradient is the other factor."


def test_a_mistake_that_is_like_a_known_one_so_far_is_only_perhaps_taken_for_it():
    def mul(x, y):
        return (x + y if y.ndim == 2 else x * y), lambda g: g * y, lambda g: g * x

    assert feedback(mul).sentence == "Perhaps this: The product rule is for one at a time."


def test_a_mistake_that_is_like_none_gets_no_sentence():
    def mul(x, y):
        return x * y * 1.5, lambda g: g * y, lambda g: g * x

    assert feedback(mul).sentence == ""


def test_shape_comes_before_dtype_and_dtype_before_value():
    assert feedback(lambda x, y: ((x * y).sum(0).astype("float64"), lambda g: g, lambda g: g)).state == "wrong shape"
    assert feedback(lambda x, y: ((x + y).astype("float64"), lambda g: g, lambda g: g)).state == "wrong dtype"


def test_a_missing_gradient_function_is_told_with_the_form_that_is_wanted():
    def mul(x, y):
        return x * y

    assert "mul must return its value and 2 gradient functions" in said(mul)
    assert "It returned an array." in said(mul)


def test_an_error_is_told_with_the_learners_line():
    def mul(x, y):
        return x * z  # noqa: F821

    assert "It raised NameError, at line" in said(mul)
    assert "return x * z" in said(mul)


def test_an_error_inside_a_gradient_is_told_with_the_learners_line():
    def mul(x, y):
        return x * y, lambda g: g * y, lambda g: undefined * x  # noqa: F821

    assert "lambda g: undefined * x" in said(mul)


def test_the_line_is_the_learners_also_where_compiled_code_raised():
    def mul(x, y):
        return np.random.default_rng("no seed")

    assert 'return np.random.default_rng("no seed")' in said(mul)


def test_an_endless_loop_is_stopped_and_its_line_told(monkeypatch):
    monkeypatch.setattr("minigrad.study.judge.tried.__defaults__", (0.2,))

    def mul(x, y):
        while True:
            pass

    assert feedback(mul).state == "too slow"
    assert "was stopped, at line" in said(mul)


def test_writing_into_an_input_is_told_with_the_line():
    def mul(x, y):
        x *= y
        return x, lambda g: g * y, lambda g: g * x

    assert "It writes into what it was given, at line" in said(mul)
    assert "x *= y" in said(mul)


def test_prints_are_kept_away_and_told(capsys):
    def mul(x, y):
        print("debugging", x)
        return x * y, lambda g: g * y, lambda g: g * x

    found = feedback(mul)

    assert found and capsys.readouterr().out == ""
    assert 'print("debugging", x)' in repr(found)


def test_an_error_that_is_asked_for_has_to_come():
    def halves(n):
        return n / 2

    found = feedback(halves, chapter.exercises["halves"])

    assert found.passed == 1 and "should raise ValueError here, and raised nothing" in found.line


def test_a_lambda_goes_by_the_name_of_its_variable():
    halves = lambda n: n / 2 if n > 0 else int("none")

    assert check(halves)


def test_what_is_no_function_or_no_exercise_is_told():
    def nul(x, y):
        return x

    with pytest.raises(TypeError, match="check wants the function itself"):
        check(3)
    with pytest.raises(LookupError, match="no exercise called 'nul'. Did you mean mul?"):
        check(nul)


def test_the_html_says_what_the_words_say():
    def mul(x, y):
        return x < y, lambda g: g * y, lambda g: g * x

    found = feedback(mul)

    assert "each factor&#x27;s gradient" in found._repr_html_() and "<script" not in found._repr_html_()
    assert found.sentence in found._repr_html_()


def test_the_answer_runs_on_copies_so_no_case_can_spoil_the_next():
    seen = []

    def mul(x, y):
        seen.append(x)
        return x * y, lambda g: g * y, lambda g: g * x

    assert feedback(mul)
    assert len({id(x) for x in seen}) == len(seen) and not any(x.flags.writeable for x in seen)
    assert isinstance(seen[0], np.ndarray) and not isinstance(seen[0], mg.Tensor)


def test_without_pytorch_the_librarys_own_answers_stand_in_and_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)

    def wrong(x, y):
        return x + y, lambda g: g, lambda g: g

    assert feedback(mul).line == "mul: 2 of 2 cases are right (by minigrad's own: PyTorch is not installed)."
    assert "by minigrad's own: PyTorch is not installed" in repr(feedback(wrong))
