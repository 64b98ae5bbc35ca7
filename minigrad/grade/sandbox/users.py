"""A user number that nobody else has, for a program that root starts."""

import os
import socket

NOBODIES = range(60000, 65000)  # between people and what systems give away; inside the 65536 that containers have


class Nobody:
    """The number is taken by a socket's name, which the kernel frees if the grader dies."""

    def __init__(self):
        self.taken = socket.socket(socket.AF_UNIX)
        for i in range(len(NOBODIES)):
            self.number = NOBODIES[(os.getpid() * 37 + i) % len(NOBODIES)]
            try:
                self.taken.bind(f"\0minigrad-grade-{self.number}")
                return
            except OSError:
                continue
        self.taken.close()
        raise RuntimeError(f"all {len(NOBODIES)} user numbers for the sandbox are taken")

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
