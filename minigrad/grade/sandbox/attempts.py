"""Runs inside the sandbox, by `python -I -S`, and tries to get out; probes.py looks from outside at what came of it.

    attempts.py '{"victim": 123, ...}'      tries everything once
    attempts.py disk                        writes until it is stopped

Prints one JSON object, {attempt: [whether it seems to have got through, what happened]}.
"""

import ctypes
import errno
import json
import os
import signal
import socket
import sys
import time

SEIZE, NEW_USER, KEY_JOIN = 0x4206, 0x10000000, 1
CALLS = {  # ptrace, mount, unshare, keyctl, io_uring_setup, clone by number
    "x86_64": {"ptrace": 101, "mount": 165, "unshare": 272, "keyctl": 250, "clone": 56},
    "aarch64": {"ptrace": 117, "mount": 40, "unshare": 97, "keyctl": 219, "clone": 220},
}
IO_URING_SETUP = 425


def call(number, *words):
    """The answer of a system call; raises OSError where it is refused."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
    result = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def read_a_file(job):
    with open(job["canary"]) as file:
        return f"read {len(file.read())} characters"


def list_home(job):
    names = sorted(set(os.listdir(job["home"])) - set(job["known"]))
    return f"saw {len(names)} names" if names else ""


def write_a_file(job):
    """Every way that there is; what matters is the file afterwards."""
    canary = job["canary"]
    ways = [
        lambda: os.open(canary, os.O_WRONLY | os.O_APPEND),
        lambda: os.open(canary, os.O_RDONLY | os.O_TRUNC),
        lambda: os.truncate(canary, 0),
        lambda: os.unlink(canary),
        lambda: os.rename(canary, canary + "x"),
        lambda: os.chmod(canary, 0o600),
        lambda: os.utime(canary, (0, 0)),
        lambda: os.close(os.open(canary + "y", os.O_WRONLY | os.O_CREAT)),
        lambda: os.symlink("/", canary + "z"),
    ]
    return attempted(ways)


def write_elsewhere(job):
    places = [
        "/tmp",
        "/var/tmp",
        "/dev",
        "/dev/shm",
        "/run",
        "/",
        "/usr",
        "/usr/local",
        "/proc",
        job["home"],
        *job["also"],
    ]
    done = []
    for place in places:
        try:
            os.close(os.open(f"{place}/{job['name']}", os.O_WRONLY | os.O_CREAT, 0o600))
            done.append(place)
            os.unlink(f"{place}/{job['name']}")
        except OSError:
            continue
    return f"wrote into {', '.join(done)}" if done else ""


def send_by_tcp(job):
    socket.create_connection(("127.0.0.1", job["tcp"]), timeout=1).close()
    return "connected"


def send_by_udp(job):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", job["udp"]))
    return ""  # nobody is told whether it arrives: the other side looks


def send_by_unix(job):
    def by_pair(address):
        one, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.sendto(b"x", address)

    stream = lambda address: socket.socket(socket.AF_UNIX).connect(address)
    return attempted(
        [lambda: stream(job["unix"]), lambda: stream("\0" + job["name"]), lambda: by_pair(job["unix_udp"])]
    )


def start_many(job):
    started = []
    try:
        for _ in range(job["processes"] + 8):
            number = os.fork()
            if not number:
                time.sleep(20)
                os._exit(0)
            started.append(number)
    except OSError:
        pass
    for number in started:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
    return f"started {len(started)} processes" if len(started) > job["processes"] else ""


def take_memory(job):
    taken = bytearray(job["memory"] + (64 << 20))
    return f"took {len(taken) >> 20} MB"


def trace_the_grader(job):
    """Attach to the victim, which stands for it; the other side looks whether it is traced."""
    call(CALLS["ptrace"], SEIZE, job["victim"], 0, 0)
    time.sleep(0.05)
    return ""


def signal_the_grader(job):
    os.kill(job["victim"], signal.SIGKILL)
    return ""


def hinder_the_grader(job):
    import resource

    victim = job["victim"]
    ways = [
        lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 64)),
        lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
        lambda: os.sched_setaffinity(victim, {0}),
    ]
    return attempted(ways)


def see_other_processes(job):
    seen = [name for name in ("cmdline", "environ", "maps") if can_read(f"/proc/{job['victim']}/{name}", job["name"])]
    return f"read {', '.join(seen)} of another process" if seen else ""


def can_read(path, word):
    try:
        with open(path, "rb") as file:
            return word.encode() in file.read()
    except OSError:
        return False


def become_root(job):
    return attempted(
        [
            lambda: call(CALLS["unshare"], NEW_USER),
            lambda: call(CALLS["clone"], NEW_USER | signal.SIGCHLD, 0, 0, 0, 0) or os._exit(0),
            lambda: os.setuid(0),
        ]
    )


def change_the_kernel(job):
    ways = [
        lambda: call(CALLS["mount"], b"none", b".", b"tmpfs", 0, None),
        lambda: call(IO_URING_SETUP, 1, ctypes.create_string_buffer(120)),
        lambda: call(CALLS["keyctl"], KEY_JOIN, b"x"),
        lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY),
        lambda: os.open("/dev/mem", os.O_RDONLY),
    ]
    return attempted(ways)


def type_into_the_terminal(job):
    import fcntl

    def paste(path):
        fcntl.ioctl(os.open(path, os.O_RDWR | os.O_NOCTTY), 0x5412, b"x")

    return attempted([lambda: paste("/dev/tty"), lambda: paste("/dev/ptmx"), lambda: os.open("/dev/tty", os.O_RDWR)])


def see_the_environment(job):
    strange = sorted(set(os.environ) - set(job["environment"]) - {"LC_CTYPE", "PWD"})
    return f"saw {', '.join(strange)}" if strange else ""


def attempted(ways):
    done = []
    for number, way in enumerate(ways, start=1):
        try:
            way()
            done.append(str(number))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                done.append(str(number))
    return f"way {', '.join(done)} of {len(ways)} worked" if done else ""


def fill_the_disk():
    """Writes what it may, then small files, for as long as it is let."""
    for number in range(100_000):
        with open(f"file{number}", "wb") as file:
            file.write(bytes(1 << 20))


ATTEMPTS = (
    read_a_file,
    list_home,
    write_a_file,
    write_elsewhere,
    send_by_tcp,
    send_by_udp,
    send_by_unix,
    start_many,
    take_memory,
    see_other_processes,
    become_root,
    change_the_kernel,
    type_into_the_terminal,
    see_the_environment,
    trace_the_grader,
    hinder_the_grader,
    signal_the_grader,
)


def main(job):
    global CALLS
    CALLS = CALLS.get(os.uname().machine, dict.fromkeys(CALLS["x86_64"], -1))
    said = {}
    for attempt in ATTEMPTS:
        try:
            happened = attempt(job)
            said[attempt.__name__] = [bool(happened), happened]
        except (OSError, MemoryError) as error:
            said[attempt.__name__] = [False, f"{type(error).__name__}: {error}"]
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "disk":
        fill_the_disk()
    else:
        main(json.loads(sys.argv[1]))
