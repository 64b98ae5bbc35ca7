"""Reports say what the journal says, to whomever reads them, and nothing in them does what a submission would like."""

import csv
import io
import json
import os
import re
import unicodedata
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

import pytest
from made_up_class import HEADER, MadeUp, rows

from minigrad.grade import reports
from minigrad.grade.journal import Journal
from minigrad.grade.reports import findings
from minigrad.grade.reports.gradebook import gradebook
from minigrad.grade.reports.grades import cell
from minigrad.grade.reports.names import safe_name
from minigrad.grade.visible import visible

CHAPTERS = {"01_tensors": {"stride": 2, "view": 3}, "04_backprop": {"mul": 4}}
SMALL = HEADER | {
    "exercises": [{"chapter": c, "name": n, "points": p} for c, some in CHAPTERS.items() for n, p in some.items()]
}


def result(name, state="passed", points=None, **more):
    of = {**CHAPTERS["01_tensors"], **CHAPTERS["04_backprop"]}[name]
    points = points if points is not None else of if state == "passed" else 0
    words = {"said": "", "why": "", "sentence": "", "hint": "", "flags": [], "answer": ""}
    return {"name": name, "points": points, "of": of, "state": state, **words, **more}


def row(student, chapter, *results, **more):
    label = f"{student}/{chapter}.ipynb"
    row = {"student": student, "chapter": chapter, "label": label, "sha256": label, "problem": ""}
    return row | {"exercises": list(results), "notebook": None, "flags": [], "seconds": 1.0} | more


ADA = row("ada", "01_tensors", result("stride"), result("view"))
BOB = row("bob", "01_tensors", result("stride"), result("view", "wrong value", said="view: not yet. It is 1."))
EVE = row("eve", "01_tensors", problem="it is no JSON")
ADA4 = row("ada", "04_backprop", result("mul", "not started", hint="think"))
CLASS = [ADA, BOB, EVE, ADA4]


def book(*rows):
    return gradebook(SMALL, rows)


def written(folder, rows=CLASS, header=SMALL, **options):
    """{name: bytes} of the reports."""
    reports.write(MadeUp(rows, header), folder, **options)
    return files(folder)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def page_of(found, student):
    return found[f"students/{safe_name(student)}.html"].decode()


# ---- what they say ----


def test_points_are_the_sums_of_what_passed():
    ada, bob, eve = book(*CLASS).students

    assert (ada.points, ada.of) == (5, 9)
    assert (bob.points, bob.of) == (2, 5)
    assert (eve.points, eve.of) == (0, 5)


def test_grades_have_nbgraders_header_and_blanks_where_nothing_was_handed_in(tmp_path):
    header, *lines = written(tmp_path)["grades.csv"].decode().splitlines()

    assert header == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
        "raw_score,late_submission_penalty,score,max_score"
    )
    assert lines == [
        "01_tensors,,,ada,,,,5.0,0.0,5.0,5.0",
        "04_backprop,,,ada,,,,0.0,0.0,0.0,4.0",
        "01_tensors,,,bob,,,,2.0,0.0,2.0,5.0",
        "04_backprop,,,bob,,,,,,,4.0",
        "01_tensors,,,eve,,,,0.0,0.0,0.0,5.0",
        "04_backprop,,,eve,,,,,,,4.0",
    ]


def test_a_file_of_no_chapter_has_its_line_and_its_reason(tmp_path):
    found = written(tmp_path, [*CLASS, row("dan", "", problem="a symbolic link")])

    assert "(no chapter found),,,dan,,,,0.0,0.0,0.0,0.0" in found["grades.csv"].decode()
    assert "a symbolic link" in page_of(found, "dan") and "a symbolic link" in found["index.html"].decode()


def test_of_two_files_for_a_chapter_the_later_counts_and_both_are_told(tmp_path):
    late = BOB | {"label": "bob/again.ipynb", "exercises": ADA["exercises"], "order": 2.0}
    broken = EVE | {"student": "bob", "label": "bob/broken.ipynb", "order": 3.0}
    for some in ([BOB, late, broken], [broken, late, BOB]):
        (bob,) = book(*some).students
        assert bob.points == 5
        assert bob.works[0].others == ("bob/broken.ipynb", "bob/01_tensors.ipynb")

    found = written(tmp_path, [late, broken, BOB])
    assert "handed in more than once; bob/again.ipynb counts" in found["index.html"].decode()


def test_a_file_that_was_replaced_is_not_told_of_again(tmp_path):
    broken = row("bob", "", label=BOB["label"], sha256="1", problem="it was cut off")
    first = BOB | {"sha256": "2", "exercises": EVE["exercises"]}
    found = written(tmp_path, [broken, first, BOB | {"order": 2.0}])

    assert "it was cut off" not in found["index.html"].decode()
    assert "handed in more than once" not in found["index.html"].decode()


def test_a_broken_file_in_the_place_of_a_good_one_takes_no_points_and_is_told_of(tmp_path):
    broken = row("bob", "", label=BOB["label"], sha256="1", problem="it was cut off", order=2.0)
    (bob,) = book(BOB | {"order": 1.0}, broken).students

    assert bob.points == 2
    assert "it was cut off" in written(tmp_path, [broken, BOB | {"order": 1.0}])["index.html"].decode()


def test_a_file_that_could_not_be_graded_has_no_points_whatever_its_row_says():
    (ada,) = book(ADA | {"problem": "it was cut off"}).students

    assert ada.points == 0 and ada.of == 5


def test_a_thousand_files_of_one_student_do_not_drown_the_others(tmp_path):
    many = [row("dan", "", label=f"{i}.ipynb", sha256=str(i), problem="no") for i in range(1000)]
    many += [BOB | {"label": f"bob/{i}.ipynb", "order": float(i)} for i in range(1000)]
    found = written(tmp_path, many)

    assert "and 990 more files" in page_of(found, "dan") and "989 more" in page_of(found, "bob")
    assert len(found["index.html"]) < 30_000


def test_gradescope_has_a_test_for_each_exercise_and_shows_no_output_of_the_run(tmp_path):
    ada = json.loads(written(tmp_path)[f"gradescope/{safe_name('ada')}/results.json"])

    assert ada["score"] == 5 == sum(test["score"] for test in ada["tests"])
    assert [test["max_score"] for test in ada["tests"]] == [2, 3, 4]
    assert [test["status"] for test in ada["tests"]] == ["passed", "passed", "failed"]
    assert ada["stdout_visibility"] == "hidden" and ada["test_output_format"] == "text"


def test_github_gets_a_status_and_the_points(tmp_path):
    found = written(tmp_path)
    bob = json.loads(found[f"github/{safe_name('bob')}.json"])

    assert bob["status"] == "fail" and bob["max_score"] == 5
    assert [(test["name"], test["status"], test["score"]) for test in bob["tests"]] == [
        ("01_tensors: stride", "pass", 2),
        ("01_tensors: view", "fail", 0),
    ]


def test_an_exercise_has_an_exit_code():
    assert reports.exit_code([ADA, ADA4], "stride") == 0
    assert reports.exit_code([ADA, ADA4], "01_tensors/stride") == 0
    assert reports.exit_code([ADA, ADA4], "mul") == 1
    assert reports.exit_code([ADA, BOB], "view") == 1
    assert reports.exit_code([ADA, EVE], "04_backprop/mul") == 2


def test_junit_has_a_suite_for_each_chapter_and_a_case_for_each_exercise(tmp_path):
    root = xml.fromstring(written(tmp_path)["junit.xml"])
    suites = {suite.get("name"): suite for suite in root}

    assert list(suites) == ["ada 01_tensors", "ada 04_backprop", "bob 01_tensors", "eve 01_tensors"]
    assert suites["bob 01_tensors"].get("tests") == "2" and suites["bob 01_tensors"].get("failures") == "1"
    assert [case.get("name") for case in suites["bob 01_tensors"]] == ["stride", "view"]
    assert suites["bob 01_tensors"].find("testcase/failure").get("message") == "It is 1."
    assert suites["eve 01_tensors"].find("testcase/error").get("message") == "it is no JSON"


def test_a_students_page_has_the_first_failing_case_the_mistake_and_the_hint(tmp_path):
    told = result("view", "crashed", why="Case 2 of 3: a row\nx = [1]", sentence="You count from 1.", hint="Count.")
    page = page_of(
        written(tmp_path, [row("bob", "01_tensors", result("stride"), told, flags=["for your eyes"])]), "bob"
    )

    for words in ("<b>2</b>", "of 5 points", "Case 2 of 3: a row", "x = [1]", "You count from 1.", "Count."):
        assert words in page
    assert "for your eyes" not in page  # that is for the teacher


def test_what_was_run_without_a_sandbox_says_so(tmp_path):
    free = written(tmp_path / "a", header=SMALL | {"unsandboxed": True})
    boxed = written(tmp_path / "b")

    assert "Graded without a sandbox" in free["index.html"].decode() and "without a sandbox" in page_of(free, "ada")
    assert not any(b"without a sandbox" in data for data in boxed.values())


# ---- findings ----


def test_scores_fall_into_tenths_and_full_marks_stand_alone():
    assert dict(findings.distribution(book(*CLASS))) == {
        **{f"{low}-{low + 9}": 0 for low in range(0, 100, 10)},
        "0-9": 2,
        "40-49": 1,
        "100": 1,
    }
    assert findings.middle(book(ADA, BOB, EVE)) == 40


def test_an_exercise_is_tallied_over_those_who_handed_its_chapter_in():
    stride, view, mul = findings.tallies(book(*CLASS))

    assert (stride.all, stride.passed, stride.wrong, stride.absent) == (3, 2, 0, 1)
    assert (view.all, view.passed, view.wrong, view.absent) == (3, 1, 1, 1)
    assert (mul.all, mul.failed, mul.percent(mul.failed)) == (1, 1, 100)


def test_mistakes_are_counted_also_where_they_are_only_perhaps_the_mistake():
    def wrong(student, sentence):
        return row(student, "01_tensors", result("view", "crashed", sentence=sentence))

    made = book(wrong("a", "One."), wrong("b", "Perhaps this: Two."), wrong("c", "Two."), ADA)
    assert findings.mistakes(made) == [(2, "01_tensors", "view", "Two."), (1, "01_tensors", "view", "One.")]


def answers(student, view, mul, state="passed"):
    stride = result("stride", answer="everybody's")
    return [
        row(student, "01_tensors", stride, result("view", state, answer=view)),
        row(student, "04_backprop", result("mul", answer=mul)),
    ]


def test_those_with_the_same_answers_are_found_and_shared_mistakes_come_first():
    made = [*answers("a", "v1", "m1"), *answers("b", "v1", "m1")]
    made += [*answers("c", "v2", "m3", "wrong value"), *answers("d", "v2", "m4", "wrong value")]
    first, second = findings.alike(book(*made))

    assert [student.name for student in first.students] == ["c", "d"]
    assert [one.name for one in first.wrong] == ["view"]
    assert [student.name for student in second.students] == ["a", "b"]
    assert [one.name for one in second.same] == ["view", "mul"] and second.points == 7  # stride is too small


def test_an_answer_that_many_have_and_one_that_is_none_say_nothing():
    many = [one for i in range(5) for one in answers(str(i), "v", str(i))]
    none = [row(name, "01_tensors", result("view", "not started", answer="stub")) for name in "xy"]

    assert findings.alike(book(*many, *none)) == []


def test_what_to_look_at_begins_with_what_could_not_be_graded():
    flagged = row("ada", "04_backprop", result("mul", flags=["it passes here and not there"]), flags=["odd"])
    looks = [(student.name, words) for student, _, words in findings.looks(book(ADA, flagged, EVE))]

    assert looks == [("eve", "it is no JSON"), ("ada", "odd"), ("ada", "it passes here and not there")]


# ---- the same bytes, whole files ----


def test_the_order_of_rows_and_their_times_make_no_difference(tmp_path):
    late = [one | {"seconds": 9.0} for one in reversed(rows())]

    assert written(tmp_path / "a", rows(), HEADER) == written(tmp_path / "b", late, HEADER)


def test_a_journal_that_was_read_again_gives_the_same_reports(tmp_path):
    for _ in range(2):
        with Journal(tmp_path / "journal.jsonl") as journal:
            journal.begin(HEADER)
            for one in rows() if not journal.rows else ():
                journal.add(one)
            reports.write(journal, tmp_path / "a")
            first = files(tmp_path / "a")

    assert first == written(tmp_path / "b", rows(), HEADER)


def test_a_class_of_nobody_has_reports(tmp_path):
    assert "none" in written(tmp_path, [])["index.html"].decode()


def test_writing_that_is_stopped_at_any_file_leaves_whole_files_and_is_mended_by_the_next(tmp_path, monkeypatch):
    before, after = written(tmp_path / "before", [ADA, BOB]), written(tmp_path / "after", [ADA4, EVE])
    nobody = written(tmp_path / "nobody", [])
    real, place = os.replace, tmp_path / "here"
    for stop in range(len(before) + len(after)):
        written(place, [ADA, BOB])
        countdown = iter(range(stop))

        def replace(new, old, countdown=countdown):
            if next(countdown, None) is None:
                raise KeyboardInterrupt
            real(new, old)

        monkeypatch.setattr(os, "replace", replace)
        try:
            written(place, [ADA4, EVE])
        except KeyboardInterrupt:
            for name, data in files(place).items():
                assert name.endswith((".new", "reports.json")) or data in (before.get(name), after.get(name))
        monkeypatch.undo()
        again, wanted = (([ADA4, EVE], after), ([], nobody))[stop % 2]
        assert written(place, again) == wanted


def test_reports_of_those_who_are_gone_go_but_what_others_put_there_stays(tmp_path):
    written(tmp_path)
    bob, eve = (tmp_path / "students" / f"{safe_name(name)}.html" for name in ("bob", "eve"))
    eve.write_text("with a remark of the teacher's")
    (tmp_path / "students" / "notes.txt").write_text("mine")
    (tmp_path / "journal.jsonl").write_text("mine")
    found = written(tmp_path, [ADA])

    assert not bob.exists() and not (tmp_path / "gradescope" / safe_name("bob")).exists()
    assert eve.exists() and {"students/notes.txt", "journal.jsonl"} <= set(found)


def test_a_list_of_reports_that_names_files_elsewhere_takes_nothing_away(tmp_path):
    keep = tmp_path / "keep.txt"
    keep.write_text("")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # the hash of no bytes at all
    place = tmp_path / "out"
    place.mkdir()
    for text in (json.dumps({"../keep.txt": [empty], str(keep): [empty]}), "[1]", "{", '{"a": 1}'):
        (place / "reports.json").write_text(text)
        written(place)
        assert keep.exists()


# ---- hostile text ----

NASTY = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' onmouseover='x",
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "a `<u>tick</u>` and <u>none</u>",
    "```<u>`",
    '=HYPERLINK("http://evil/")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    'a";=1',
    "a\n=1,b",
    "]]></failure><testcase/>",
    "&amp;&#27;&unknown;",
    "\x1b[2J\x1b]0;owned\x07\x9b31m\x00\x08\x7f",
    "\u202egpj.exe\u2066\u200b\ufeff\u2028\u2029\x85",
    "\ud800 \udfff \udcff \ufffe \uffff \U000e0041",
    "../../../etc/passwd",
    "..\\..\\x",
    "/abs",
    "CON",
    "nul.txt",
    "a/b:c*d?e|f",
    ".",
    "..",
    "",
    " ",
    "x" * 5000,
    "Ada",
    "ADA",
    "ada",
    "zoe\u0301",
    "zo\u00e9",
]


def hostile_class():
    made = []
    for text in NASTY:
        wrong = result("view", "wrong value", said=text, why=text, sentence=text, hint=text, flags=[text], answer=text)
        cells = {"passed": 1, "failed": 1, "cells": [{"grade_id": text, "outcome": text}]}
        made.append(row(text, "01_tensors", wrong, result("stride"), label=text, flags=[text], notebook=cells))
        made.append(row(text, text, label=text + "2", sha256=text, problem=text))
    return made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return written(tmp_path_factory.mktemp("hostile") / "out", hostile_class())


VOID = {"meta", "br", "img", "link", "input", "hr", "base"}


class Page(HTMLParser):
    """The elements of a page, all of them closed in order; and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text, self.ids = [], [], "", set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_pages_have_only_elements_of_ours_no_scripts_and_nothing_from_outside(hostile):
    pages = {name: data.decode() for name, data in hostile.items() if name.endswith(".html")}
    tags = "html head meta title style body main header footer section h1 h2 h3 p b i a bdi br code dl dt dd div span"
    tags += " table thead tbody tr th td ul li details summary"
    assert len(pages) == 1 + len(set(NASTY))
    for text in pages.values():
        page = Page(text)
        assert text.lower().count("<script") == 0
        for tag, attributes in page.elements:
            assert tag in tags.split(), tag
            assert not any(name.startswith("on") or name in ("src", "srcset", "action") for name in attributes)
            link = attributes.get("href", "students/x.html")
            assert re.fullmatch(r"students/[a-z0-9-]+\.html", link), link
        assert "url(" not in text and "@import" not in text
        policy = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
        assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_what_was_handed_in_is_shown_as_text_and_not_as_a_template(hostile):
    page = Page(page_of(hostile, NASTY[0]))
    assert NASTY[0] in page.text
    assert "{{ 7 * 7 }}" in page_of(hostile, NASTY[2])


def test_links_lead_to_pages_that_are_there(hostile):
    for tag, attributes in Page(hostile["index.html"].decode()).elements:
        if tag == "a":
            assert attributes["href"] in hostile


def test_no_report_holds_a_character_that_cannot_be_seen(hostile):
    for name, data in hostile.items():
        for character in set(data.decode("utf-8")) - {"\n"}:
            assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"), (name, character)
        if name.endswith(".json"):
            for text in strings(json.loads(data)):
                assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl") for c in text)


def strings(thing):
    """All text in a JSON value."""
    if isinstance(thing, str):
        yield thing
    for part in thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ():
        yield from strings(part)


def test_no_cell_of_the_grades_is_a_formula(hostile):
    text = hostile["grades.csv"].decode()
    table = list(csv.reader(io.StringIO(text)))

    assert {len(line) for line in table} == {11}
    for separator in ",;\t|":
        for line in csv.reader(io.StringIO(text), delimiter=separator):
            for value in line:
                assert value.lstrip()[:1] not in tuple("=+-@＝＋－＠"), (separator, value)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\n=1", " =1", "＝1", "'=1", '"=1'])
def test_a_formula_gets_a_quotation_mark(text):
    assert cell(text).startswith("'")


def test_junit_is_xml_with_a_suite_for_every_row(hostile):
    root = xml.fromstring(hostile["junit.xml"])

    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "error"}
    assert len(root) == 2 * len(NASTY)


def test_names_of_files_are_harmless_on_every_system_and_nobodys_are_the_same(hostile):
    names = [name for name in hostile if "/" in name]
    assert len({name.lower() for name in names}) == len(names) == 3 * len(set(NASTY))
    reserved = {"con", "prn", "aux", "nul", *(f"{kind}{i}" for kind in ("com", "lpt") for i in range(10))}
    for name in names:
        assert re.fullmatch(r"(students|github|gradescope)/[a-z0-9-]{9,60}(\.html|\.json|/results\.json)", name)
        assert name.split("/")[1].partition(".")[0] not in reserved


def test_two_long_names_that_begin_alike_stay_two_lines(tmp_path):
    found = written(tmp_path, [row("x" * 300 + end, "01_tensors", result("stride")) for end in "ab"])

    lines = found["grades.csv"].decode().splitlines()[1:]
    assert len(lines) == 2 == len(set(lines))


def test_visible_leaves_names_of_the_world_as_they_are():
    for name in ("Zoë Müller", "王小明", "محمد", "नारायण", "Ἀρχιμήδης", "Nguyễn", "می\u200cخواهم"):
        assert visible(name) == name


def test_visible_shows_what_would_move_a_cursor_or_turn_text_round():
    assert visible("\x1b[2J\x9b\x7f\u202e\ud800\U000e0041\n") == r"\x1b[2J\x9b\x7f\u202e\ud800\U000e0041\n"
    assert visible("a\nb", keep="\n") == "a\nb"
