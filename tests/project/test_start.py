"""start.py: what it runs, what it leaves alone, and what it says where it cannot go on."""

import ast
import os
import shutil
from pathlib import Path

import pytest

import start

NOT_IN_PYTHON_2 = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Nonlocal, ast.YieldFrom, ast.AsyncFunctionDef)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A project in a folder of its own, on which nothing is run: the commands are written down instead."""
    for name in ["pyproject.toml", "constraints.txt"]:
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv").mkdir()
    commands = []

    def run(command, env=None):
        commands.append(command)
        if "--clear" in command:
            shutil.rmtree(start.VENV)
            os.mkdir(start.VENV)
        return 0

    monkeypatch.setattr(start, "ROOT", str(tmp_path))
    monkeypatch.setattr(start, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(start, "answers", lambda python, question: True)
    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "become", lambda command, env: commands.append((command, env)))
    return commands


def words(commands):
    return [" ".join(command[1:]) for command in commands]


def test_any_python_can_read_start_py():
    tree = ast.parse(Path(start.__file__).read_text(encoding="utf-8"), feature_version=(3, 4))

    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, NOT_IN_PYTHON_2)]
    assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.arguments) and node.kwonlyargs]


def test_the_first_start_installs_the_tested_versions(machine):
    start.prepare("lab")

    assert words(machine) == ["-m pip install --disable-pip-version-check --no-input -c constraints.txt -e .[lab]"]


def test_the_second_start_installs_nothing(machine):
    start.prepare("lab")
    machine.clear()
    start.prepare("lab")

    assert machine == []


def test_what_was_installed_for_the_tests_is_enough_for_the_lab_but_not_the_other_way(machine):
    start.prepare("lab")
    start.prepare("lab,dev")
    assert len(machine) == 2

    machine.clear()
    (Path(start.VENV) / "installed-lab").unlink()
    start.prepare("lab")
    assert machine == []


def test_another_package_list_is_installed(machine):
    start.prepare("lab")
    machine.clear()
    (Path(start.ROOT) / "constraints.txt").write_text("newer")
    start.prepare("lab")

    assert len(machine) == 1


def test_a_venv_whose_python_is_gone_is_made_anew_and_filled(machine, monkeypatch):
    start.prepare("lab")
    machine.clear()
    monkeypatch.setattr(start, "answers", lambda python, question: python != [start.VENV_PYTHON])
    start.prepare("lab")

    assert [command.split()[:2] for command in words(machine)] == [["-m", "venv"], ["-m", "pip"]]


def test_a_failed_install_is_told_in_plain_words_and_tried_again_next_time(machine, monkeypatch, capsys):
    monkeypatch.setattr(start, "run", lambda command, env=None: 1)
    with pytest.raises(SystemExit):
        start.prepare("lab")

    assert "No network?" in capsys.readouterr().err
    assert not start.is_installed("lab")


def test_test_runs_the_tests_and_then_the_notebooks(machine):
    (Path(start.ROOT) / "notebooks").mkdir()
    (Path(start.ROOT) / "notebooks" / "00.ipynb").write_text("")
    start.test([])

    tests, notebooks = words(machine)
    assert tests == "-m pytest -n2"
    assert "--nbval" in notebooks and notebooks.endswith(" notebooks")


def test_a_failing_test_does_not_keep_the_notebooks_from_being_tested_but_is_not_forgotten(machine, monkeypatch):
    (Path(start.ROOT) / "notebooks").mkdir()
    (Path(start.ROOT) / "notebooks" / "00.ipynb").write_text("")
    statuses = [1, 0]
    monkeypatch.setattr(start, "run", lambda command, env=None: statuses.pop(0))

    assert start.test([]) == 1
    assert statuses == []


def test_words_after_test_choose_what_pytest_runs(machine):
    start.test(["tests/project", "-k", "floors"])

    assert words(machine) == ["-m pytest tests/project -k floors"]


def test_the_lab_opens_the_start_page_and_passes_words_on(machine):
    start.open_lab(["--no-browser"])

    (command, _) = machine[0]
    assert command[2:] == ["jupyterlab", "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb", "--no-browser"]


def test_python_in_a_terminal_of_the_lab_is_the_one_that_has_minigrad(machine, monkeypatch):
    monkeypatch.setenv("PATH", "elsewhere")
    start.open_lab([])

    (command, env) = machine[0]
    assert env["PATH"].split(os.pathsep) == [os.path.dirname(command[0]), "elsewhere"]


def test_the_lab_opens_the_notebook_it_is_given(machine, monkeypatch):
    (Path(start.ROOT) / "notebooks").mkdir()
    monkeypatch.chdir(Path(start.ROOT) / "notebooks")
    start.open_lab(["04_backprop.ipynb", "--no-browser"])

    (command, _) = machine[0]
    assert command[3:] == ["--LabApp.default_url=/lab/tree/notebooks/04_backprop.ipynb", "--no-browser"]


@pytest.mark.parametrize(
    ("cpu", "before", "after"),
    [(True, None, "SkylakeX"), (True, "Haswell", "Haswell"), (False, None, None)],
    ids=["the CPU has AVX-512", "its owner chose already", "the CPU has none"],
)
def test_the_faster_products_are_chosen_where(machine, monkeypatch, cpu, before, after):
    monkeypatch.setattr(start, "has_avx512", lambda: cpu)
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    if before:
        monkeypatch.setenv("OPENBLAS_CORETYPE", before)
    start.open_lab([])

    (_, env) = machine[0]
    assert env.get("OPENBLAS_CORETYPE") == after


def test_an_old_python_looks_for_a_newer_one(monkeypatch):
    monkeypatch.setattr(start, "answers", lambda python, question: python == ["python3.12"])

    assert start.find_python() == ["python3.12"]


@pytest.mark.parametrize("platform", start.WHERE_TO_GET_PYTHON)
def test_without_a_new_enough_python_it_says_where_to_get_one(monkeypatch, platform):
    monkeypatch.setattr(start, "answers", lambda python, question: False)
    monkeypatch.setattr(start, "platform", lambda: platform)

    assert start.find_python() is None
    said = start.why_no_python()
    assert "needs Python 3.11 or newer" in said and start.WHERE_TO_GET_PYTHON[platform] in said


def test_without_venv_debian_is_told_the_package(monkeypatch):
    monkeypatch.setattr(start, "answers", lambda python, question: question == start.NEW_ENOUGH)
    monkeypatch.setattr(start, "platform", lambda: "debian")

    assert "sudo apt install python3." in start.why_no_python() and "-venv" in start.why_no_python()


def test_a_misspelt_word_starts_nothing(machine, capsys):
    with pytest.raises(SystemExit):
        start.main(["tset"])

    assert machine == []
    assert "tset" in capsys.readouterr().err


def test_a_program_that_is_not_there_answers_no():
    assert not start.answers([os.path.join("no", "such", "python")], start.NEW_ENOUGH)
