"""Reaches for the files and processes of the machine that it runs on."""

from .attack import CANARY, GRADER, PORT, PROJECT, attack


@attack
def writes_a_file_of_the_graders():
    """Writes, cuts, renames, links and removes a file that anyone on the machine may write."""
    import os

    ways = [
        lambda: open(CANARY, "a").write("attacked"),
        lambda: open(CANARY, "w").write("attacked"),
        lambda: os.truncate(CANARY, 0),
        lambda: os.link(CANARY, "mine"),
        lambda: os.rename(CANARY, CANARY + "2"),
        lambda: os.chmod(CANARY, 0),
        lambda: os.utime(CANARY, (0, 0)),
        lambda: os.unlink(CANARY),
    ]
    for way in ways:
        try:
            way()
        except OSError:
            continue


@attack
def leaves_files_behind():
    """Leaves files wherever it can: conftest.py, sitecustomize.py, results, in every folder that it can name."""
    import os
    import sys

    for place in (
        os.path.dirname(CANARY),
        PROJECT,
        f"{PROJECT}/tests",
        "/tmp",
        "/var/tmp",
        "/dev/shm",
        "..",
        *sys.path,
    ):
        for name in ("conftest.py", "sitecustomize.py", "results.json", "grades.csv", "numpy.py"):
            try:
                open(f"{place}/attacked-{name}", "w").write("raise SystemExit(0)")
            except OSError:
                continue


@attack
def poisons_what_runs_it():
    """Changes the files that run the next answer: the child, the wire, the questions, compiled files beside them."""
    import contextlib
    import pathlib
    import sys

    for path in pathlib.Path(sys.argv[1]).rglob("*"):
        for way in (lambda path: path.write_text("x = 1"), lambda path: path.unlink(), lambda path: path.chmod(0o777)):
            try:
                way(path)
            except OSError:
                continue
    with contextlib.suppress(OSError):
        pathlib.Path(sys.argv[1], "__pycache__").mkdir()


@attack
def poisons_numpy():
    """Changes NumPy's files, which the grader imports, too."""
    import os

    import numpy as np

    for path in (np.__file__, np.linalg.__file__):
        for way in (lambda path: open(path, "a").write("\n# attacked"), os.unlink, lambda path: os.truncate(path, 0)):
            try:
                way(path)
            except OSError:
                continue
        try:
            open(os.path.join(os.path.dirname(path), "attacked-poison.py"), "w").write("")
        except OSError:
            continue


@attack
def links_to_what_it_may_not_read():
    """Leaves links to a file of the grader's in its folder, for whoever reads or removes what lies there."""
    import os

    os.symlink(CANARY, "link")
    os.symlink(os.path.dirname(CANARY), "folder")
    os.symlink("/", "root")
    for path in ("link", "folder/canary"):
        try:
            raise ValueError(open(path).read())
        except OSError:
            continue


@attack
def signals_the_grader():
    """Sends signals to the grader, to its group, and to everyone."""
    import os
    import signal

    for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        for target in (GRADER, os.getppid(), -GRADER):
            if target != os.getpid() and target not in (0, 1):
                try:
                    os.kill(target, number)
                except OSError:
                    continue


@attack
def signals_everyone():
    """Sends a signal to every process that it may."""
    import contextlib
    import os
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGTERM)


@attack
def reads_the_graders_memory():
    """Opens the grader's memory, its descriptors and its maps."""
    import os

    for name in ("mem", "maps", "environ", "fd/0", "fd/1", "fd/3", "root/etc/passwd", "syscall"):
        try:
            with open(f"/proc/{GRADER}/{name}", "rb") as file:
                said = file.read(10)
            if name == "maps" or os.getppid() == GRADER:
                raise AssertionError(f"SECRET: {name} of the grader can be read {said!r}")
        except OSError:
            continue


@attack
def traces_the_grader():
    """Attaches to the grader as a debugger does."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    for request in (16, 0x4206):
        if libc.ptrace(request, GRADER, 0, 0) == 0:
            raise AssertionError("SECRET: the grader can be traced")


@attack
def hinders_the_grader():
    """Lowers what the grader may use, and its turn at the processor."""
    import os
    import resource

    for way in (
        lambda: resource.prlimit(GRADER, resource.RLIMIT_NOFILE, (8, 8)),
        lambda: os.setpriority(os.PRIO_PROCESS, GRADER, 19),
        lambda: os.sched_setaffinity(GRADER, {0}),
        lambda: os.setpriority(os.PRIO_USER, 0, 19),
    ):
        try:
            way()
        except OSError:
            continue


@attack
def writes_to_the_terminal():
    """Types into the grader's terminal, and clears it."""
    import fcntl

    for path in ("/dev/tty", "/dev/console", "/dev/pts/0", f"/proc/{GRADER}/fd/1", f"/proc/{GRADER}/fd/2"):
        try:
            with open(path, "w") as terminal:
                terminal.write("\x1b[2Jpassed")
                fcntl.ioctl(terminal, 0x5412, b"x")
        except OSError:
            continue


@attack
def becomes_root():
    """Takes back the rights that were given up, by every call that might."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    for way in (
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: libc.unshare(0x10000000),
        lambda: libc.mount(b"none", b".", b"tmpfs", 0, None),
        lambda: os.chroot("."),
    ):
        try:
            way()
        except OSError:
            continue
    try:
        raise ValueError(open(CANARY).read())
    except OSError:
        pass


@attack
def opens_sockets():
    """Connects to whatever listens on this machine, and listens itself."""
    import socket

    for family, address in (
        (socket.AF_INET, ("127.0.0.1", PORT)),
        (socket.AF_INET6, ("::1", PORT)),
        (socket.AF_UNIX, "/var/run/docker.sock"),
        (socket.AF_UNIX, "/run/dbus/system_bus_socket"),
    ):
        try:
            with socket.socket(family) as line:
                line.settimeout(1)
                line.connect(address)
            raise AssertionError("SECRET: a socket could be opened")
        except OSError:
            continue


@attack
def runs_commands():
    """Runs commands of the system, by every way Python has."""
    import os
    import subprocess

    for way in (
        lambda: os.system(f"echo attacked >> {CANARY}"),
        lambda: os.popen(f"echo attacked >> {CANARY}").read(),
        lambda: subprocess.run(["sh", "-c", f"echo attacked >> {CANARY}"]),
        lambda: os.posix_spawn("/bin/sh", ["sh", "-c", f"echo attacked >> {CANARY}"], {}),
        lambda: os.spawnl(os.P_WAIT, "/bin/sh", "sh", "-c", f"echo attacked >> {CANARY}"),
    ):
        try:
            way()
        except OSError:
            continue
