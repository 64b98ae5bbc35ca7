"""Runs as a program of its own, by `python -I -S`: gives up rights, then becomes the program it is to launch.

    launcher.py '{"limits": {...}, "shown": [...], ...}' COMMAND ...

What is given up cannot be had back, and goes on to whatever the program starts. In this order: resources, the rights of
root, living on without the grader, new rights by setuid programs, files and network (Landlock), calls (seccomp).
"""

import ctypes
import json
import os
import sys

DIE_WITH_PARENT, KEEP_RIGHTS, NO_NEW_RIGHTS, FILTER, AMBIENT = 1, 8, 38, 22, 47  # of prctl
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the calls of Landlock, the same on every machine
READ_SEARCH = 2  # CAP_DAC_READ_SEARCH: pass through and read what belongs to others (here: what Landlock shows)
SETS_RIGHTS = {"x86_64": 126, "aarch64": 91}  # capset

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE = 1 << 14
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE  # a rule on a file may give no others
DEVICES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 15  # making devices, sockets and pipes; commands to devices


def main(wanted, command):
    limit(wanted["limits"], wanted.get("lenient", False))
    if wanted.get("user"):
        become(wanted["user"], wanted["reach"])
    if sys.platform == "linux":
        prctl(DIE_WITH_PARENT, 9)
        if os.getppid() != wanted["parent"]:
            sys.exit("the grader is gone")
        prctl(NO_NEW_RIGHTS, 1)
    if "shown" in wanted:
        wall(wanted)
        refuse(wanted)
    os.execv(command[0], command)


def limit(limits, lenient):
    """`limits`: {"cpu": [12, 13], ...}, as the standard library's `resource` calls them."""
    import resource

    for name, pair in limits.items():
        try:
            kind = getattr(resource, f"RLIMIT_{name.upper()}")
            hard = resource.getrlimit(kind)[1]
            pair = [most if hard == resource.RLIM_INFINITY else min(most, hard) for most in pair]
            resource.setrlimit(kind, tuple(pair))
        except (AttributeError, OSError, ValueError):
            if not lenient:
                raise


def become(user, reach):
    """Another user, without any right of root's but, if the Python here is out of others' `reach`, to pass through."""
    os.setgroups([])
    os.setresgid(user, user, user)
    if reach:
        prctl(KEEP_RIGHTS, 1)
    os.setresuid(user, user, user)
    if reach:
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        low = 1 << READ_SEARCH
        sets = (ctypes.c_uint32 * 6)(low, low, low, 0, 0, 0)
        call(SETS_RIGHTS[os.uname().machine], header, sets)
        prctl(AMBIENT, 2, READ_SEARCH)


def wall(wanted):
    """Landlock: read `shown` without `hidden`, write `folder`, and nothing else that is a file; no TCP, no signals."""
    version = call(CREATE_RULESET, None, 0, 1)
    handled = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        handled |= 1 << bit if version >= since else 0
    fields = [handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0]
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = call(CREATE_RULESET, (ctypes.c_uint64 * 3)(*fields), size, 0)

    def allow(path, rights, follow=True):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
        rights &= handled if os.path.isdir(path) else handled & OF_FILES
        rule = ctypes.create_string_buffer(rights.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder), 12)
        call(ADD_RULE, rules, 1, rule, 0)
        os.close(place)

    def show(path, hidden):
        """Rules add up, so a folder with something hidden in it is shown part by part; its list of names is seen."""
        hidden = [place for place in hidden if place == path or place.startswith(path + "/")]
        if path in hidden:
            return
        if not hidden:
            allow(path, EXECUTE | READ_FILE | READ_DIR, follow=False)
            return
        allow(path, READ_DIR)
        for name in os.listdir(path):
            part = f"{path}/{name}"
            if not os.path.islink(part):
                show(part, hidden)

    for path in wanted["shown"]:
        show(path, wanted["hidden"])
    for path in wanted["readable"]:
        allow(path, EXECUTE | READ_FILE | READ_DIR)
    for path in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"):
        if os.path.exists(path):
            allow(path, READ_FILE | (WRITE_FILE if path == "/dev/null" else 0))
    allow(wanted["folder"], handled & ~DEVICES)
    call(RESTRICT_SELF, rules, 0)
    os.close(rules)


def refuse(wanted):
    """seccomp: the filter was written by the grader, with a `mark` where this process's own number belongs."""
    mark, own = (number.to_bytes(4, sys.byteorder) for number in (wanted["mark"], os.getpid()))
    program = bytes.fromhex(wanted["filter"]).replace(mark, own)

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]

    kept = Program(len(program) // 8, program)
    prctl(FILTER, 2, ctypes.addressof(kept))


def prctl(*words):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(*(ctypes.c_ulong(word) for word in (*words, *[0] * (5 - len(words))))) < 0:
        raise OSError(ctypes.get_errno(), f"prctl{words}: {os.strerror(ctypes.get_errno())}")


def call(number, *words):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
    result = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return result


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
