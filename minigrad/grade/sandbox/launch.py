"""What the tiers have in common that start a program through launcher.py: its limits, and a folder for it to write in."""

import contextlib
import json
import os
import stat
import tempfile
from pathlib import Path

from . import installation
from .process import Box

LAUNCHER = Path(__file__).with_name("launcher.py")


def launcher(wanted):
    return [*installation.python(str(LAUNCHER)), json.dumps(wanted)]


def resource_limits(limits):
    """{name: "soft:hard"}, as prlimit and `resource` name them, for one process each.

    Where there are children, memory is watched over all of them; an address space may then be larger than what is used.
    """
    memory = limits.memory * (4 if limits.children else 1)
    most = {"as": memory, "cpu": limits.cpu, "fsize": limits.files, "nproc": limits.processes}
    most |= {"nofile": 1024 if limits.children else 128, "core": 0, "stack": 64 << 20}
    return {name: f"{soft}:{soft + (name == 'cpu')}" for name, soft in most.items()}


def pairs(limits):
    return {name: [int(most) for most in pair.split(":")] for name, pair in resource_limits(limits).items()}


class Folder(Box):
    """A folder of the host for a program to write in, watched because nothing else keeps it small."""

    def __init__(self, user=None):
        self.user = user
        self.folder = self.directory = os.path.realpath(tempfile.mkdtemp(prefix="minigrad_box_"))
        if user:
            os.chown(self.folder, user.number, user.number)

    def too_much(self, limits):
        room, left = limits.files, limits.entries
        waiting = [self.folder]
        try:
            while waiting:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        found = entry.stat(follow_symlinks=False)
                        room, left = room - 512 * found.st_blocks, left - 1
                        if room < 0 or left < 0:
                            return "disk"
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
        except FileNotFoundError:
            return None  # something was removed while it was looked at: the next look will see the rest
        except OSError:
            return "disk"  # a folder that cannot be looked into, or is too deep down
        return "disk" if room < self.unlinked() else None

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
            remove(self.folder)
            self.folder = None
        if self.user:
            self.user.release()


def remove(folder):
    """Remove a folder, however deep it is and whatever rights its folders have: what is below is moved up first."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    with contextlib.suppress(FileNotFoundError):
        os.chmod(folder, 0o700)
        top = os.open(folder, flags)
        try:
            while names := os.listdir(top):
                for name in names:
                    if not is_folder(name, top):
                        os.unlink(name, dir_fd=top)
                        continue
                    os.chmod(name, 0o700, dir_fd=top)
                    inner = os.open(name, flags, dir_fd=top)
                    try:
                        for part in os.listdir(inner):
                            if is_folder(part, inner):
                                os.chmod(part, 0o700, dir_fd=inner)
                                os.rename(part, os.urandom(16).hex(), src_dir_fd=inner, dst_dir_fd=top)
                            else:
                                os.unlink(part, dir_fd=inner)
                    finally:
                        os.close(inner)
                    os.rmdir(name, dir_fd=top)
        finally:
            os.close(top)
        os.rmdir(folder)


def is_folder(name, place):
    return stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode)
