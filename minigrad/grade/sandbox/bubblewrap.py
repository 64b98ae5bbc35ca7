"""The first tier: bubblewrap gives the program a file system, a network and a table of processes of its own.

As a plain user it needs namespaces that the system lets users make (Ubuntu does not, unless told). As root it goes
without, and the program inside becomes a user of its own: limits on processes do not bind root.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import installation, seccomp
from .launch import resource_limits
from .limits import USUAL
from .process import MOMENT, Box, Process, Sandbox
from .users import Nobody

BOX = "/box"
SEEN = ("/etc/ld.so.cache", "/etc/alternatives")  # where libraries lie; on Debian some are links through the second


class Bubblewrap(Sandbox):
    name = "bubblewrap"

    def missing(self):
        if not seccomp.supported():
            return "only for Linux on x86_64 or aarch64"
        wanted = ["bwrap", "prlimit", *(["setpriv"] if os.geteuid() == 0 else [])]
        lacking = [name for name in wanted if not shutil.which(name)]
        if lacking:
            return f"there is no {' and no '.join(lacking)} here; install bubblewrap and util-linux"
        helped = subprocess.run([shutil.which("bwrap"), "--help"], capture_output=True, text=True)
        if "--size" not in helped.stdout + helped.stderr:
            return "bubblewrap is too old here; 0.7 or later is needed"
        return ""

    def start(self, argv, *, readable=(), environment=None, limits=USUAL):
        root = os.geteuid() == 0
        user = Nobody() if root else None
        box = Namespace(user)
        try:
            walls = [*self.walls(readable, limits, root), "--info-fd", str(box.note), "--seccomp"]
            walls.append(str(box.holding(seccomp.program(processes=limits.children))))
            told = box.holding("\0".join([*walls, ""]).encode())  # not as words, which can be read inside
            command = [shutil.which("bwrap"), "--args", str(told)]
            if root:
                command += ["--cap-drop", "ALL"]
                for right in ("SETUID", "SETGID", "SETPCAP"):
                    command += ["--cap-add", f"CAP_{right}"]
                command += [shutil.which("setpriv"), "--reuid", str(user.number), "--regid", str(user.number)]
                command += ["--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
            command += [
                shutil.which("prlimit"),
                *(f"--{name}={most}" for name, most in resource_limits(limits).items()),
            ]
            surroundings = installation.surroundings(BOX, environment or {})
        except BaseException:
            box.clear()
            raise
        return Process([*command, *argv], surroundings, limits, box)

    def walls(self, readable, limits, root):
        """What there is inside; the order is the order in which it is built."""
        words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        words += ["--die-with-parent", "--new-session", "--hostname", "box"]
        words += [] if root else ["--unshare-user"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        for link, target in installation.links().items():
            words += ["--symlink", target, link]
        made = []
        for place in [*installation.system(), *installation.short_folders(), *filter(os.path.exists, SEEN)]:
            words += shown(str(place), made)
        hidden = [str(place) for place in installation.hidden()]
        for place in hidden:
            words += ["--size", "1048576", "--perms", "0755", "--tmpfs", place]
        for place in sorted(installation.both_ways(readable), key=len):
            if within(place, hidden) or not within(place, made):
                words += shown(place, made)
        words += ["--size", str(limits.files + (1 << 20)), "--perms", "0777", "--tmpfs", BOX]
        for place in [*hidden, "/dev", "/"]:
            words += ["--remount-ro", place]
        return [*words, "--chdir", BOX]


def shown(place, made):
    """Show a place of the host, read only; the folders above it can be passed through by everyone."""
    words = []
    for above in reversed(Path(place).parents[:-1]):
        if not within(str(above), made):
            words += ["--perms", "0755", "--dir", str(above)]
    made.append(place)
    return [*words, "--ro-bind", place, place]


def within(place, places):
    return any(place == other or place.startswith(other + "/") for other in places)


class Namespace(Box):
    """The processes inside: with the first of them all the others die, and the kernel waits for each."""

    def __init__(self, user):
        self.user, self.first, self.handle = user, None, None
        self.reading, self.note = os.pipe()
        self.descriptors, self.directory = (self.note,), "/"

    def holding(self, data):
        """A descriptor from which bubblewrap reads some bytes; a pipe holds 64 kB."""
        reading, writing = os.pipe()
        self.descriptors += (reading,)
        with open(writing, "wb") as file:
            file.write(data)
        return reading

    def started(self, process):
        super().started(process)
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()
        text, end = b"", time.monotonic() + MOMENT
        while b"}" not in text and select.select([self.reading], [], [], max(0.0, end - time.monotonic()))[0]:
            more = os.read(self.reading, 4096)
            if not more:
                break
            text += more
        with contextlib.suppress(ValueError, KeyError, OSError):
            self.first = int(json.loads(text)["child-pid"])
            self.handle = os.pidfd_open(self.first)

    def too_much(self, limits):
        if self.first is None:
            return None
        with contextlib.suppress(OSError):
            inside = os.statvfs(f"/proc/{self.first}/root{BOX}")
            used = (inside.f_blocks - inside.f_bfree) * inside.f_frsize
            built = inside.f_blocks * inside.f_frsize <= limits.files + (2 << 20)
            if built and (used > limits.files or inside.f_files - inside.f_ffree > limits.entries):
                return "disk"
        if limits.children and resident(self.first) > limits.memory:
            return "memory"
        return None

    def kill(self):
        if self.handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        self.process.kill()
        if self.handle is not None:
            select.select([self.handle], [], [], MOMENT)

    def clear(self):
        for descriptor in (self.reading, self.handle, *self.descriptors):
            if descriptor is not None:
                os.close(descriptor)
        self.descriptors, self.reading, self.handle = (), None, None
        if self.user:
            self.user.release()


def resident(first):
    """Bytes in memory of a process and all below it; what two share counts once, as files do not count at all."""
    total, waiting = 0, [first]
    while waiting:
        number = waiting.pop()
        with contextlib.suppress(OSError, ValueError):
            with open(f"/proc/{number}/statm") as file:
                words = file.read().split()
            total += (int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")
            for task in os.listdir(f"/proc/{number}/task"):
                with open(f"/proc/{number}/task/{task}/children") as file:
                    waiting += map(int, file.read().split())
    return total
