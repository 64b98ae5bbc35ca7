"""The second tier: Landlock and seccomp, which any user of Linux 5.13 or later may put on a program.

There is no network and no file but what is shown. The program is a single process (threads are allowed), which is what
makes one kill end it. What remains: it shares the table of processes and the disk with everyone. It can see that a file
or a process exists, and the size of a file, but not what is in it, and nothing that is in /proc; the names in folders
that are shown in part can be listed. What it writes is watched from outside, ten times a second.
"""

import ctypes
import os
import sys

from . import installation, seccomp
from .launch import Folder, launcher, pairs
from .limits import USUAL, NoSandbox
from .process import Process, Sandbox
from .users import Nobody, tasks

MARK = 0x7A7A7A7A  # stands for the program's own process number, until it has one


class Landlock(Sandbox):
    name, children = "landlock", False

    def missing(self):
        if sys.platform != "linux" or not seccomp.supported():
            return "only for Linux on x86_64 or aarch64"
        if version() < 1:
            return "the kernel has no Landlock: 5.13 is the first that has, and it must be turned on (lsm=landlock,...)"
        return ""

    def start(self, argv, *, readable=(), environment=None, limits=USUAL):
        if limits.children:
            raise NoSandbox("with Landlock a program cannot start others: this needs bubblewrap or a container")
        root = os.geteuid() == 0
        readable = installation.both_ways(readable)
        shown = [str(place) for place in (*installation.system(), *installation.short_folders())]
        box = Folder(Nobody() if root else None)
        try:
            most = pairs(limits)
            if not root:  # the kernel counts all tasks of a user together
                most["nproc"] = [tasks(os.getuid()) + limits.processes] * 2
            wanted = {
                "limits": most,
                "user": box.user.number if root else 0,
                "reach": root and not all(map(reachable, [*shown, *readable, os.path.dirname(box.folder)])),
                "parent": os.getpid(),
                "shown": [*shown, *filter(os.path.exists, ["/etc/ld.so.cache"])],
                "hidden": [str(place) for place in installation.hidden()],
                "readable": readable,
                "folder": box.folder,
                "filter": seccomp.program(alone=MARK).hex(),
                "mark": MARK,
            }
            surroundings = installation.surroundings(box.folder, environment or {})
        except BaseException:
            box.clear()
            raise
        return Process([*launcher(wanted), *argv], surroundings, limits, box)


def version():
    """The kernel's version of Landlock, or -1."""
    call = ctypes.CDLL(None).syscall
    call.restype = ctypes.c_long
    return call(ctypes.c_long(444), None, ctypes.c_long(0), ctypes.c_long(1))


def reachable(path):
    """Whether any user may get to a file or folder, as far as its rights and those above it tell."""
    above = os.path.dirname(path)
    return bool(os.stat(path).st_mode & 0o4) and all_may_pass(above)


def all_may_pass(folder):
    above = os.path.dirname(folder)
    return bool(os.stat(folder).st_mode & 0o1) and (above == folder or all_may_pass(above))
