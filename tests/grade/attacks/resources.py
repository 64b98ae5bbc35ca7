"""Takes all there is of memory, processes, files, descriptors, output."""

from .attack import SHORT, attack


@attack
def forks():
    """Starts processes that start processes."""
    import os

    for _ in range(10_000):
        try:
            os.fork()
        except OSError:
            break


@attack(**SHORT)
def starts_threads():
    """Starts ten thousand threads."""
    import threading
    import time

    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()


@attack
def takes_memory():
    """Takes eight gigabytes of memory at once, and then in pieces."""
    import contextlib

    import numpy as np

    kept = []
    with contextlib.suppress(MemoryError):
        kept.append(np.ones(1 << 30))
    while True:
        kept.append(bytearray(64 << 20))


@attack
def takes_memory_for_ever():
    """Takes memory in pieces, and goes on when there is none."""
    kept = []

    def during(x):
        for size in (64 << 20, 1 << 20, 1 << 12):
            try:
                while True:
                    kept.append(bytearray(size))
            except MemoryError:
                continue


@attack
def maps_memory():
    """Takes memory that no allocator of Python's sees."""
    import mmap

    kept = []

    def during(x):
        while True:
            kept.append(mmap.mmap(-1, 64 << 20))
            kept[-1].write(bytes(64 << 20))


@attack
def gives_a_gigabyte():
    """Gives a result that is far larger than what anybody asked for."""
    import numpy as np

    def during(x):
        return np.ones(40 << 20, "float32")


@attack(**SHORT)
def writes_a_large_file():
    """Writes a file without end."""
    with open("large", "wb") as file:
        while True:
            file.write(bytes(1 << 20))


@attack
def writes_a_file_with_holes():
    """Makes a file that says it has a terabyte."""
    with open("holes", "wb") as file:
        file.truncate(1 << 40)


@attack(**SHORT)
def writes_many_files():
    """Makes a hundred thousand files."""
    for i in range(100_000):
        open(f"file{i}", "w").close()


@attack
def makes_deep_folders():
    """Makes folders in folders, which a path is too short for."""
    import os

    for _ in range(1000):
        os.mkdir("deeper" * 30)
        os.chdir("deeper" * 30)


@attack(**SHORT)
def opens_everything():
    """Opens files until there are no descriptors left, and answers then."""
    import os

    def during(x):
        while True:
            os.open("/dev/null", os.O_RDONLY)


@attack
def floods_stderr():
    """Writes a hundred megabytes where messages go."""
    import sys

    for _ in range(100):
        sys.stderr.write("x" * (1 << 20))


@attack
def floods_the_channel():
    """Writes a hundred megabytes into the channel."""
    import os

    def during(x):
        for descriptor in range(3, 10):
            try:
                for _ in range(100):
                    os.write(descriptor, bytes(1 << 20))
            except OSError:
                continue


@attack
def prints_without_end():
    """Prints for as long as it is let."""
    while True:
        print("x" * 10_000)


@attack(**SHORT)
def waits_at_a_pipe():
    """Makes a pipe with a name, and waits for somebody at its other end."""
    import os

    os.mkfifo("pipe")
    open("pipe").read()


@attack
def raises_its_limits():
    """Gives itself higher limits, and uses them."""
    import resource

    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            continue
    bytearray(4 << 30)


@attack
def holds_shared_memory():
    """Leaves shared memory, queues and semaphores behind, which outlive a process."""
    import ctypes
    from multiprocessing import shared_memory

    libc = ctypes.CDLL(None)
    libc.shmget(0x7A7A, 1 << 20, 0o1666)
    libc.msgget(0x7A7A, 0o1666)
    libc.semget(0x7A7A, 1, 0o1666)
    shared_memory.SharedMemory("attacked", create=True, size=1 << 20)
