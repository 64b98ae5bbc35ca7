"""Talks to the grader past what runs it: an answer shares a process with the pipe's end, and can find it."""

from .attack import SHORT, attack, wrong


@attack
def says_that_it_passed_to_every_descriptor():
    """Writes what a passed exercise might look like into every open descriptor, as soon as it is defined."""
    import json
    import os
    import struct

    for line in ({"defined": True}, {"passed": True, "state": "passed", "points": 4, "seen": [], "error": None}):
        data = json.dumps(line).encode() + b"\n"
        for descriptor in range(64):
            try:
                os.write(descriptor, struct.pack("<I", len(data)) + data)
            except OSError:
                continue


@attack
def answers_with_the_right_tag_and_nothing_seen():
    """Finds the tag in the frames of its callers, and sends a reply of its own, with nothing in it, then exits."""
    import json
    import os
    import struct
    import sys

    def during(x):
        frame = sys._getframe()
        while "question" not in frame.f_locals:
            frame = frame.f_back
        line = {"tag": frame.f_locals["question"]["tag"], "seen": [], "error": None, "state": "passed", "passed": True}
        data = json.dumps(line).encode() + b"\n"
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, struct.pack("<I", len(data)) + data)
            except OSError:
                continue
        os._exit(0)


@attack
def the_right_tag_and_nothing_else():
    """Sends a reply with the right tag that lacks all else."""
    import sys

    import __main__ as child

    child.reply = lambda wire, asked, function, labels, question: ({"tag": question["tag"]}, b"")
    frame = sys._getframe()
    while frame:
        if "reply" in frame.f_globals:
            frame.f_globals["reply"] = child.reply
        frame = frame.f_back


def replaced(name, sentence, expression, **more):
    """An attack in which the child's whole reply is `expression`."""
    text = f"""
import sys
frame = sys._getframe()
while frame:
    if "reply" in frame.f_globals and "defined" in frame.f_globals:
        frame.f_globals["reply"] = lambda wire, asked, function, labels, question: ({expression}, b"")
    frame = frame.f_back
"""
    from .attack import written

    return written(name, sentence, text, **more)


TAG = '"tag": question["tag"]'
FORGED = {
    "nothing_seen": ("Says that nothing was to be seen.", '"seen": []'),
    "seen_without_end": ("Says that it has seen a million things.", '"seen": [["the result", ["n"]]] * 1_000_000'),
    "seen_by_name": ("Gives a word where the list of what was seen stands.", '"seen": "passed"'),
    "seen_in_pairs_of_three": ("Gives three things where two stand.", '"seen": [["the result", ["n"], "passed"]]'),
    "a_value_without_parts": ("Gives a value that lacks what its kind has.", '"seen": [["the result", ["b"]]]'),
    "an_array_without_shape": ("Gives an array that lacks its shape.", '"seen": [["the result", ["a", "float32"]]]'),
    "an_array_without_bytes": (
        "Speaks of an array whose bytes it does not send.",
        '"seen": [["the result", ["a", "float64", [1 << 20, 1 << 20]]]]',
    ),
    "an_array_of_many_axes": (
        "Speaks of an array with no elements, and far too large but for that.",
        '"seen": [["the result", ["a", "float64", [0, *[1 << 31] * 30]]]]',
    ),
    "an_array_of_objects": (
        "Speaks of an array of Python's objects.",
        '"seen": [["the result", ["a", "object", [1]]]]',
    ),
    "a_negative_shape": ("Speaks of an array whose axis is -1 long.", '"seen": [["the result", ["a", "int8", [-1]]]]'),
    "a_huge_number": (
        "Gives a whole number of a million digits.",
        '"seen": [["the result", ["i", "0x" + "f" * 1_000_000]]]',
    ),
    "a_dict_that_cannot_be": ("Gives a dict whose keys are lists.", '"seen": [["x", ["d", [[["l", []], ["n"]]]]]]'),
    "ifs_not_defined": ("Says, at every question, that it could be defined.", '"defined": True'),
    "an_error_that_is_no_pair": ("Gives a word where an error's kind and message stand.", '"seen": [], "error": "x"'),
    "an_error_of_many": (
        "Says that it raised a group of errors, which no message alone can make.",
        '"seen": [], "error": ["ExceptionGroup", "x"]',
    ),
    "an_error_that_is_an_exit": (
        "Says that it left, by the name of what is no error.",
        '"seen": [], "error": ["SystemExit", "0"]',
    ),
    "too_long_ago": ("Says that it took too long, without taking any time.", '"seen": [], "error": ["TooLong", ""]'),
    "a_stop": (
        "Says that a loop was at its end, in the middle of what looks.",
        '"seen": [], "error": ["StopIteration", ""]',
    ),
    "the_stubs_error": (
        "Says that it was not started.",
        '"seen": [], "error": ["NotImplementedError", "not started yet"]',
    ),
    "numbers_that_json_has_not": ("Sends NaN and Infinity in the line itself.", '"seen": float("inf")'),
    "many_printed_lines": ("Says that it printed a million lines.", '"seen": [], "printed": ["x"] * 1_000_000'),
    "other_kinds_everywhere": ("Gives numbers where words stand.", '"seen": [], "line": 1, "printed": 2, "changed": 3'),
}
for _name, (_sentence, _fields) in FORGED.items():
    globals()[_name] = replaced(_name, _sentence, "{" + TAG + ", " + _fields + "}")
for _name, _sentence, _expression in (
    ("a_line_that_is_a_list", "Sends a list where a dict stands.", '[question["tag"], []]'),
    ("a_line_that_is_a_number", "Sends a number where a dict stands.", "1"),
    ("another_tag", "Replies to another question than the one that was asked.", '{"tag": "0" * 16, "seen": []}'),
):
    globals()[_name] = replaced(_name, _sentence, _expression)


@attack
def answers_before_it_is_asked():
    """Sends replies for later questions ahead of time, with tags that it guesses."""
    import json
    import os
    import struct

    def during(x):
        for tag in ("0" * 16, "", None):
            data = json.dumps({"tag": tag, "seen": [["the result", ["n"]]], "error": None}).encode() + b"\n"
            for descriptor in (3, 4, 5, 6):
                try:
                    os.write(descriptor, struct.pack("<I", len(data)) + data)
                except OSError:
                    continue
        return wrong(x)


@attack
def noise():
    """Writes random bytes into the channel."""
    import os

    def during(x):
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, os.urandom(5000))
            except OSError:
                continue
        return wrong(x)


@attack
def a_frame_as_long_as_can_be_said():
    """Says that four gigabytes follow."""
    import os

    def during(x):
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b"\xff\xff\xff\xff")
            except OSError:
                continue
        return wrong(x)


@attack(**SHORT)
def a_frame_that_never_ends():
    """Says that a frame comes, and sends a byte of it now and then."""
    import os
    import time

    def during(x):
        while True:
            for descriptor in range(3, 10):
                try:
                    os.write(descriptor, b"\x00\x00\x01\x00" if not time.sleep(0.05) else b"")
                except OSError:
                    continue


@attack
def brackets_in_brackets():
    """Sends a line of JSON that is a million lists deep, and one with as many braces side by side."""
    import os
    import struct

    def during(x):
        for data in (b"[" * 1_000_000 + b"\n", b"[" + b"{}," * 300_000 + b"{}]\n"):
            for descriptor in range(3, 10):
                try:
                    os.write(descriptor, struct.pack("<I", len(data)) + data)
                except OSError:
                    continue
        return wrong(x)


@attack
def reads_the_questions_away():
    """Takes the next questions out of the channel before what runs it can see them."""
    import os

    def during(x):
        import threading

        def read():
            for descriptor in range(3, 10):
                try:
                    os.read(descriptor, 1 << 16)
                except OSError:
                    continue

        threading.Thread(target=read, daemon=True).start()
        return wrong(x)


@attack
def closes_every_descriptor():
    """Closes all descriptors, the channel's too, and goes on."""
    import os

    def during(x):
        os.closerange(0, 256)
        return wrong(x)


@attack
def exchanges_the_descriptors():
    """Puts its own pipe in the place of the channel."""
    import os

    def during(x):
        read, write = os.pipe()
        for descriptor in range(3, read):
            os.dup2(write, descriptor)
        return wrong(x)
