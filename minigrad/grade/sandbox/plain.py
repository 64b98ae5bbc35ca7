"""No sandbox: limits on what a program uses, and nothing else. For one's own notebooks, or where a teacher insists.

The program can read and write whatever the grader can. Points stay honest even so, because they are not given inside.
"""

import contextlib
import os
import signal
import sys

from . import installation
from .launch import Folder, launcher, pairs
from .limits import USUAL
from .process import Process, Sandbox


class Plain(Sandbox):
    name = "none"

    def missing(self):
        return "" if os.name == "posix" else "not on Windows; in its Linux (WSL) this works"

    def start(self, argv, *, readable=(), environment=None, limits=USUAL):
        box = Tree()
        try:
            most = pairs(limits)
            del most["nproc"]  # the kernel counts all tasks of a user together, and root's not at all
            wanted = {"limits": most, "lenient": sys.platform != "linux", "parent": os.getpid()}
            surroundings = installation.surroundings(box.folder, environment or {})
        except BaseException:
            box.clear()
            raise
        return Process([*launcher(wanted), *argv], surroundings, limits, box)


class Tree(Folder):
    """All that a program started, as far as it can be found: it leads a group of processes, and has children."""

    def kill(self):
        for _ in range(10):
            found = descendants(self.process.pid)
            for number in found:
                with contextlib.suppress(OSError):
                    os.kill(number, signal.SIGSTOP)  # so that none can start another while they are looked for
            if set(descendants(self.process.pid)) <= set(found):
                break
        for number in found:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)


def descendants(first):
    """The process numbers below one, where /proc tells them."""
    found, waiting = [], [first]
    while waiting:
        number = waiting.pop()
        with contextlib.suppress(OSError, ValueError):
            for task in os.listdir(f"/proc/{number}/task"):
                with open(f"/proc/{number}/task/{task}/children") as file:
                    below = [int(word) for word in file.read().split()]
                found += below
                waiting += below
    return found
