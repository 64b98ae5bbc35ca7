"""What tiers have in common: limits as the kernel names them, launcher.py, and a folder for a program to write in."""

import contextlib
import json
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from . import installation
from .process import Box
from .users import NOBODIES

HOUR = 3600.0
LAUNCHER = Path(__file__).with_name("launcher.py")


def launcher(wanted):
    return [*installation.python(str(LAUNCHER)), json.dumps(wanted)]


def resource_limits(limits):
    """{name: "soft:hard"}, as prlimit and `resource` name them, for one process each."""
    most = {"as": address_space(limits), "cpu": limits.cpu, "fsize": limits.files, "nproc": limits.processes}
    most |= {"nofile": 1024 if limits.children else 128, "core": 0, "stack": 8 << 20}  # the usual; each thread has one
    return {name: f"{soft}:{soft + (name == 'cpu')}" for name, soft in most.items()}


def address_space(limits):
    """Bytes for one process. Memory of many is watched from outside, and its address space is larger than it is."""
    return limits.memory * (4 if limits.children else 1)


def pairs(limits):
    return {name: [int(most) for most in pair.split(":")] for name, pair in resource_limits(limits).items()}


def sweep():
    """Remove what a grader left that was killed long ago."""
    for place in Path(tempfile.gettempdir()).glob("minigrad_box_*"):
        with contextlib.suppress(OSError):
            found = place.lstat()
            ours = found.st_uid == os.geteuid() or (os.geteuid() == 0 and found.st_uid in NOBODIES)
            if stat.S_ISDIR(found.st_mode) and ours and time.time() - found.st_mtime > HOUR:
                remove(place)


class Folder(Box):
    """A folder of the host for a program to write in, watched because nothing else keeps it small."""

    def __init__(self, user=None):
        self.user = user
        self.folder = self.directory = os.path.realpath(tempfile.mkdtemp(prefix="minigrad_box_"))
        if user:
            os.chown(self.folder, user.number, user.number)

    def too_much(self, limits):
        room, left, waiting = limits.files - self.unlinked(), limits.entries, [self.folder]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        with contextlib.suppress(FileNotFoundError):  # removed while it was looked at
                            room -= 512 * entry.stat(follow_symlinks=False).st_blocks
                        left -= 1
                        if room < 0 or left < 0:
                            return "disk"
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
            except FileNotFoundError:
                continue
            except OSError:
                return "disk"  # a folder that cannot be looked into, or is too deep down
        return "disk" if room < 0 else None

    def unlinked(self):
        """Bytes of files that were removed and are still open."""
        total, place = 0, f"/proc/{self.process.pid}/fd"
        with contextlib.suppress(OSError):
            for name in os.listdir(place):
                with contextlib.suppress(OSError):
                    found = os.stat(f"{place}/{name}")
                    total += 512 * found.st_blocks if found.st_nlink == 0 else 0
        return total

    def clear(self):
        if self.folder:
            try:
                remove(self.folder)
            except OSError:  # somebody is still at work in it: that can be where there is no sandbox
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        if self.user:
            self.user.release()


def remove(folder):
    """Remove a folder, however deep it is and whatever rights its folders have; nobody is at work in it by now."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    os.chmod(folder, 0o700)
    here, way = os.open(folder, flags), []
    waiting = [emptied(here)]  # on each level of the way down, the folders that are still to be removed
    while way or waiting[-1]:
        if waiting[-1]:
            way.append(waiting[-1].pop())
            os.chmod(way[-1], 0o700, dir_fd=here)
            there = os.open(way[-1], flags, dir_fd=here)
            waiting.append(emptied(there))
        else:
            there = os.open("..", flags, dir_fd=here)
            waiting.pop()
            os.rmdir(way.pop(), dir_fd=there)
        os.close(here)
        here = there
    os.close(here)
    os.rmdir(folder)


def emptied(folder):
    """Remove what is no folder from an open one; gives the names of those that are."""
    folders = []
    for name in os.listdir(folder):
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            folders.append(name)
        else:
            os.unlink(name, dir_fd=folder)
    return folders
