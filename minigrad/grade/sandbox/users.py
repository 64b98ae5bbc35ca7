"""A user number that nobody else has, for a program that root starts."""

import os
import socket

FIRST, COUNT = 60000, 5000  # between people and what systems give away; inside the 65536 that containers have


class Nobody:
    """The number is taken by a socket's name, which the kernel frees if the grader dies."""

    def __init__(self):
        self.taken = socket.socket(socket.AF_UNIX)
        start = os.getpid() * 37 % COUNT
        for i in range(COUNT):
            self.number = FIRST + (start + i) % COUNT
            try:
                self.taken.bind(f"\0minigrad-grade-{self.number}")
                return
            except OSError:
                continue
        self.taken.close()
        raise RuntimeError(f"all {COUNT} user numbers for the sandbox are taken")

    def release(self):
        self.taken.close()


def tasks(user):
    """How many threads a user has now, in all processes."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return count
