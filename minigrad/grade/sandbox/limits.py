"""What a program in the sandbox may use, and how its end is told."""

from dataclasses import dataclass


class NoSandbox(Exception):
    """No sandbox can be had here; the message says what was tried, and what to install."""


class Ended(Exception):
    """A program cannot answer any more.

    kind     "time", "memory", "crash", "exit", "flood" or "disk"
    message  the same in words, for the student
    """

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes. `wall` is by a clock outside, from the start on.

    children    whether it may start other processes: an answer has no need to, a notebook's kernel is one
    processes   how many there may be; without children: how many threads
    files       how much it may write into its folder, into how many files at most: `entries`
    output      how much it may print, on each of stdout (that nobody has asked for) and stderr
    """

    wall: float = 15.0
    cpu: int = 12
    memory: int = 1 << 30
    files: int = 32 << 20
    processes: int = 32
    output: int = 8 << 20
    children: bool = False
    entries: int = 2000


USUAL = Limits()
