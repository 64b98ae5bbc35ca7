"""The doctor names what is missing and says how to get it; `python -m minigrad` finds its commands."""

import re
import sys

import pytest

from minigrad import __main__ as command_line
from minigrad.study.doctor import Finding, Report, doctor, examine_packages


@pytest.fixture(scope="module")
def report():
    return doctor()


def test_this_machine_has_what_the_lessons_need(report):
    assert report.healthy, str(report)


def test_the_plain_report_has_no_version_in_it_and_so_is_the_same_everywhere(report):
    assert not re.search(r"\d+\.\d+", str(report) + report._repr_html_())


def test_the_verbose_report_has_every_version(report):
    text = str(doctor(verbose=True))

    assert sys.version.split()[0] in text
    assert re.search(r"numpy \d", text) and re.search(r"torch \d", text) and "kernels" in text


def test_a_package_that_is_not_there_is_missing_and_start_py_gets_it():
    finding = examine_packages("Moon", "cheese", "no_such_package")

    assert finding.state == "missing"
    assert "no_such_package" in finding.remedy and "start.py" in finding.remedy


def test_a_package_that_does_not_load_is_broken_and_says_why(tmp_path, monkeypatch):
    (tmp_path / "no_such_package.py").write_text("raise ImportError('libX.so.6: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    finding = examine_packages("Moon", "cheese", "no_such_package")

    assert finding.state == "broken"
    assert "no_such_package" in finding.remedy and "cannot open shared object file" in finding.remedy


def test_one_missing_thing_makes_the_report_unwell_and_a_missing_gpu_does_not():
    assert Report([Finding("CUDA", "", "not here")]).healthy
    assert not Report([Finding("NumPy", "", "missing", remedy="get it")]).healthy


def test_what_a_finding_says_cannot_break_the_table():
    shown = Report([Finding("<b>", "a & b", remedy="<script>")])._repr_html_()

    assert "&lt;b&gt;" in shown and "a &amp; b" in shown and "<script>" not in shown


def test_the_command_line_hands_the_words_after_its_name_to_the_command(monkeypatch):
    import minigrad.study.doctor  # noqa: F401, so that there is something to stand in for

    got = []
    monkeypatch.setattr(sys.modules["minigrad.study.doctor"], "main", lambda words: got.append(words) or 0)

    assert command_line.main(["doctor", "--help"]) == 0
    assert got == [["--help"]]


def test_an_unknown_command_is_named_beside_the_known_ones(capsys):
    assert command_line.main(["dcotor"]) == 2

    said = capsys.readouterr().err
    assert "dcotor" in said and "doctor" in said and "cifar10" in said


def test_no_command_shows_them_all(capsys):
    assert command_line.main([]) == 0
    assert "cifar10" in capsys.readouterr().out
