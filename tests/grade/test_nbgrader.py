"""nbgrader takes solutions/ as its source folder: it makes what students get, and grades what comes back."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from minigrad.study.chapters import chapter

pytest.importorskip("nbgrader", reason="docs/teaching.md says how to run this")
ROOT = Path(__file__).resolve().parents[2]
NAME = "04_backprop"


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """{student: points}, after nbgrader has made the assignment and graded two who hand it in."""
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it runs a program, alembic
    course = tmp_path_factory.mktemp("course")
    (course / "source" / NAME).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{NAME}.ipynb", course / "source" / NAME)
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
    config.ExecutePreprocessor.timeout = config.ExecutePreprocessor.iopub_timeout = 120  # a busy machine
    teacher = NbGraderAPI(config=config)
    made = teacher.generate_assignment(NAME)
    assert made["success"], made["log"]
    for student, folder in (("reference", "source"), ("blank", "release")):
        shutil.copytree(course / folder / NAME, course / "submitted" / student / NAME)
        graded = teacher.autograde(NAME, student)
        assert graded["success"], graded["log"]
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}


def test_the_reference_gets_full_marks_and_the_blank_none(scores):
    assert scores == {"reference": sum(one.points for one in chapter(NAME).exercises.values()), "blank": 0}
