"""From the bytes of a file to the sources of its code cells, or a reason in words.

    cells(data)  ->  [source of every code cell, in order]
    read(path)   ->  the same, of a file

A file from a stranger may be anything. What could take long or much memory is counted first, by searches that run at
the speed of memory; only then is the JSON parsed. Of a notebook only the sources of code cells are looked at; its other
cells, outputs, ids and metadata may be as they like.
"""

import codecs
import json
import os
import stat

BYTES = 16 << 20  # of a file
SOURCE = 1 << 20  # characters of code in all
CELLS = 5_000  # with code
DEPTH = 64  # lists and objects in one another
OBJECTS = 200_000  # lists and objects in all; as many keys
VALUES = 1_000_000  # numbers, texts and so on, in all
ESCAPES = 4_000_000  # backslashes
DIGITS = 400  # of a number

MARKS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
SEPARATORS = bytes.maketrans(b"[]{}:", b",,,,,")
NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Unreadable(Exception):
    """A file is no notebook that can be graded; the message says why."""


def unreadable(why):
    return Unreadable(f"no notebook that can be read: {why}")


def read(path):
    """The sources of a notebook file's code cells. Raises Unreadable with the file's name in the message."""
    try:
        return cells(contents(path))
    except Unreadable as problem:
        raise Unreadable(f"{path} is {problem}") from None


def contents(path, limit=BYTES):
    """The bytes of a regular file. Links, pipes, devices and files above the limit are not opened, but Unreadable."""
    try:
        check_regular(os.lstat(path), limit)
        # should another file take its place just now: no link is followed, and no pipe waited for
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as file:
            check_regular(os.fstat(file.fileno()), limit)
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise unreadable("there is no such file") from None
    except (OSError, ValueError) as error:
        raise unreadable(f"the file cannot be opened ({getattr(error, 'strerror', None) or error})") from None
    if len(data) > limit:
        raise too_large(limit)
    return data


def check_regular(status, limit):
    """Raise Unreadable unless a file's status is that of a regular file of at most `limit` bytes."""
    if not stat.S_ISREG(status.st_mode):
        raise unreadable(f"it is {kind(status.st_mode)}, not a file")
    if status.st_size > limit:
        raise too_large(limit)


def kind(mode):
    """What a file of this mode is, in words."""
    if stat.S_ISLNK(mode):
        return "a symbolic link, which is not followed"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def too_large(limit=BYTES):
    return unreadable(f"it is larger than {limit >> 20} MB (clearing the outputs of all cells makes it small)")


def cells(data):
    """The sources of a notebook's code cells, in order, their lines ending with \\n. Raises only Unreadable."""
    if len(data) > BYTES:
        raise too_large()
    try:
        text = data.decode(next((encoding for mark, encoding in MARKS if data.startswith(mark)), "utf-8"))
    except UnicodeDecodeError:
        raise unreadable("it is not text in UTF-8, as notebooks are") from None
    if not text.strip():
        raise unreadable("it is empty")
    check_size(text)
    try:
        notebook = json.loads(text, object_pairs_hook=keys_once, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        raise unreadable(f"it is not JSON, or not all of it is there (line {error.lineno}: {error.msg})") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise unreadable(f"it is not JSON ({error})") from None
    sources = [source(cell, number) for number, cell in enumerate(listed(notebook), start=1) if is_code(cell, number)]
    if len(sources) > CELLS:
        raise unreadable(f"it has more than {CELLS:,} code cells")
    if sum(map(len, sources)) > SOURCE:
        raise unreadable("it has more than 1 MB of code")
    return sources


# ---- before parsing ----


def check_size(text):
    """Raise Unreadable if JSON text would be slow to parse, or nests deeply."""
    if text.count("\\") > ESCAPES:
        raise unreadable(f"it has more than {ESCAPES:,} backslashes")
    # without escapes, every second piece between quotes is outside of strings
    outside = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    skeleton = "".join(outside).encode("utf-8", "replace").translate(None, b" \t\r\n")
    brackets = skeleton.translate(None, NOT_BRACKETS)
    if len(brackets) > 2 * OBJECTS:
        raise unreadable(f"it has more than {OBJECTS:,} lists and objects")
    if skeleton.count(b":") > OBJECTS:
        raise unreadable(f"it has more than {OBJECTS:,} keys")
    if skeleton.count(b",") > VALUES:
        raise unreadable(f"it has more than {VALUES:,} values")
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH:
            raise unreadable(f"its lists and objects nest more than {DEPTH} deep")
    if max(map(len, skeleton.translate(SEPARATORS).split(b","))) > DIGITS:
        raise unreadable(f"it is not JSON, or has a number of more than {DIGITS} digits")


def keys_once(pairs):
    """A dict of a JSON object's pairs. Raises Unreadable if a key stands in it twice: which one would count?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for i, key in enumerate(keys) if found.pop(key, keys) is keys)
        raise unreadable(f"one of its objects has the key {twice[:40]!a} twice")
    return found


def no_constant(name):
    raise unreadable(f"it holds {name}, which is not JSON")


# ---- after parsing ----


def listed(notebook):
    """The cells of a parsed notebook; in nbformat 3 they lie on worksheets."""
    if not isinstance(notebook, dict):
        raise unreadable(f"it is {named(notebook)}, where a notebook is an object")
    sheets = [notebook] if "cells" in notebook else notebook.get("worksheets")
    if not isinstance(sheets, list) or not sheets:
        raise unreadable("it has no cells")
    if not all(isinstance(sheet, dict) and isinstance(sheet.get("cells"), list) for sheet in sheets):
        raise unreadable("its cells are not a list")
    return [cell for sheet in sheets for cell in sheet["cells"]]


def is_code(cell, number):
    if not isinstance(cell, dict):
        raise unreadable(f"cell {number} is {named(cell)}, not a cell")
    return cell.get("cell_type") == "code"


def source(cell, number):
    """The text of a code cell: a string, or a list of strings."""
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    if not isinstance(text, str):
        raise unreadable(f"the source of cell {number} is {named(text)}, not text")
    if "\0" in text:
        raise unreadable(f"the source of cell {number} has a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise unreadable(f"the source of cell {number} has half a character (a lone surrogate)") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def named(thing):
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list with things that are no text", str: "a text", type(None): "null"}
    return "a list" if thing == [] else names.get(type(thing), "a number")
