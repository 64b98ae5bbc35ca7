r"""What was graded so far: a file that only grows, so that a run that is killed goes on where it stopped.

    {"grading": 1, "seed": 7, ...}                              the header: what all rows have in common
    {"student": "ada", "label": "ada/04_backprop.ipynb", ...}   a row for each file, as soon as it is graded

A row is one write, and is on the disk before the next file is graded. Whatever happens, the file holds whole lines and
perhaps half a line at its end; that half is cut off on opening, and its file graded again.
"""

import contextlib
import json
import os
import threading
from pathlib import Path

KEY = ("student", "label", "sha256")
COMMON = {  # what differs in the headers, in words
    "grading": "another version of the journal",
    "grader": "another version of the grader",
    "seed": "another seed",
    "exercises": "another list of exercises",
    "tier": "another sandbox",
    "unsandboxed": "another sandbox",
    "limits": "other limits",
    "notebooks": "another choice of --no-notebooks",
}


class Unusable(Exception):
    """A journal cannot be gone on with; the message says why, and what to do."""


class Journal:
    """The journal at `path`, opened or made; nobody else can write it until it is closed.

    header    what `begin` wrote, this time or an earlier one; None where nothing was begun
    rows      the rows, in the order in which their files were first graded; of two for the same file, the later
    """

    def __init__(self, path):
        self.path = Path(path)
        self.header, self.known = None, {}
        self.thread = threading.Lock()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = locked(self.path)
        try:
            new = not self.path.exists()
            self.file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except BaseException:
            self.lock.release()
            raise
        try:
            if new:
                settle_folder(self.path.parent)
            self.size = self.read()
        except BaseException:
            self.close()
            raise

    def read(self):
        """Take in the lines; where the last has no end, cut it off. Returns the size that is left."""
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        for number, line in enumerate(data[:whole].split(b"\n")[:-1], start=1):
            found = self.parsed(line, number)
            if number == 1:
                self.header = found
            else:
                self.known[tuple(found[name] for name in KEY)] = found
        if whole < len(data):
            os.truncate(self.path, whole)
            os.fsync(self.file)
        return whole

    def parsed(self, line, number):
        """A line as a dict that is what it should be."""
        wanted = ["grading"] if number == 1 else KEY
        try:
            found = json.loads(line.decode("utf-8"))
            missing = [name for name in wanted if name not in found]
            if not isinstance(found, dict) or missing:
                raise ValueError(f"no {missing[0]}" if missing else "no object")
            if number > 1 and not all(isinstance(found[name], str) for name in KEY):
                raise ValueError("its student, label and sha256 should be text")
        except (ValueError, TypeError, RecursionError) as error:
            raise Unusable(
                f"{self.path}, line {number} is damaged ({error}), and is not the last one. Nothing was changed. "
                + ("Take that line out, and its file is graded again" if number > 1 else "Move this file away")
                + ", or grade into another --out."
            ) from None
        return found

    @property
    def rows(self):
        return list(self.known.values())

    def __contains__(self, key):
        """Whether (student, label, sha256) is graded already."""
        return key in self.known

    def begin(self, header):
        """Write the header; where there is one, it must be the same: rows of two kinds cannot be compared."""
        header = json.loads(json.dumps(header))  # as it would be read back
        if self.header is None:
            self.append(header)
            self.header = header
            return
        names = sorted(header.keys() | self.header.keys(), key=[*COMMON, *header, *self.header].index)
        differ = dict.fromkeys(COMMON.get(name, name) for name in names if header.get(name) != self.header.get(name))
        if differ:
            raise Unusable(
                f"{self.path} was written with {' and '.join(differ)}: its grades and new ones could not be compared. "
                "Grade into another --out, or go on with what this one was begun with."
            )

    def add(self, row):
        """Write a row down for good: when this returns it is on the disk. Several threads may call it."""
        if self.header is None:
            raise RuntimeError("Journal.add() comes after begin(header).")
        row = json.loads(json.dumps(row))  # as it would be read back
        key = tuple(row[name] for name in KEY)
        with self.thread:
            self.append(row)
            self.known[key] = row

    def append(self, thing):
        line = json.dumps(thing, allow_nan=False).encode("ascii") + b"\n"
        written = 0
        try:
            written = os.write(self.file, line)
            os.fsync(self.file)
        finally:
            if written < len(line):  # the disk is full: no half line stays in front of the next row
                os.ftruncate(self.file, self.size)
        if written < len(line):
            raise OSError(f"{self.path}: a row could not be written in full. Is the disk full? Make room, and go on.")
        self.size += written

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self.file)
        self.lock.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def locked(path):
    """A lock beside the journal, taken."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(path.name + ".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Unusable(f"{path} is written by another grader now. Wait for it, or grade into another --out.") from None
    return lock


def settle_folder(folder):
    """Make sure that the folder itself remembers a new file (Windows does so unasked)."""
    if hasattr(os, "O_DIRECTORY"):
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
