"""Results for other systems: Gradescope, GitHub Classroom, and all that read JUnit XML."""

import json
import xml.etree.ElementTree as xml

from .gradebook import rank

NO_SANDBOX = "Graded without a sandbox, because the teacher said so."


def gradescope(student, header):
    """results.json of Gradescope's autograder. All of it is plain text: none of it is to be shown as HTML."""
    tests = [
        {
            "name": f"{result.chapter}: {result.name}",
            "score": result.points,
            "max_score": result.of,
            "status": "passed" if result.passed else "failed",
            "output": result.found,
            "visibility": "visible",
        }
        for result in student.results
    ]
    told = [f"{work.label}: {work.problem}" for work in student.works if work.problem]
    told += [NO_SANDBOX] if header.get("unsandboxed") else []
    return text_of(
        {
            "score": student.points,
            "output": "\n".join(told),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "stdout_visibility": "hidden",
            "tests": tests,
        }
    )


def github(student):
    """What a grader of GitHub Classroom hands to the reporter, which wants it in base64: a status, and the tests."""
    tests = [
        {
            "name": f"{result.chapter}: {result.name}",
            "status": "pass" if result.passed else "fail",
            "score": result.points,
            "message": "" if result.passed else result.found,
            "test_code": f"check({result.name})",
            "filename": result.chapter,
            "line_no": 0,
        }
        for result in student.results
    ]
    status = "error" if not tests else "pass" if all(result.passed for result in student.results) else "fail"
    return text_of({"version": 1, "status": status, "max_score": student.of, "tests": tests})


def text_of(thing):
    return json.dumps(thing, indent=1) + "\n"


def exit_code(rows, exercise):
    """A command's exit status for an exercise, "mul" or "04_backprop/mul": 0 if it passes for everybody in these rows,
    1 if it does not for somebody, 2 if nothing was graded."""
    chapter, _, name = exercise.rpartition("/")
    states = {}
    for row in sorted(rows, key=rank):
        for found in row["exercises"]:
            if found["name"] == name and chapter in ("", row["chapter"]):
                states[row["student"], row["chapter"]] = found["state"]
    return 2 if not states else int(any(state != "passed" for state in states.values()))


def junit(book):
    """JUnit XML: a suite for each student and chapter, a case for each exercise. There are no times in it."""
    told = f" ({NO_SANDBOX})" if book.header.get("unsandboxed") else ""
    suites = xml.Element("testsuites", name=f"minigrad{told}")
    for student in book.students:
        for work in student.works:
            failed = 0 if work.problem else len(work.results) - work.passed
            errors = 1 if work.problem else 0
            count = str(len(work.results) if not work.problem else 1)
            suite = xml.SubElement(suites, "testsuite", name=f"{student.shown} {work.chapter}", tests=count)
            suite.attrib |= {"failures": str(failed), "errors": str(errors), "skipped": "0"}
            if work.problem:
                case = xml.SubElement(suite, "testcase", classname=work.chapter, name=work.label)
                xml.SubElement(case, "error", message=work.problem)
                continue
            for result in work.results:
                case = xml.SubElement(suite, "testcase", classname=work.chapter, name=result.name)
                if not result.passed:
                    xml.SubElement(case, "failure", message=result.said, type=result.state).text = result.found
    xml.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(suites, encoding="unicode") + "\n"
