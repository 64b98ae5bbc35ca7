"""A sandbox for programs that nobody has read: no files but those shown to it, no network, and limits on what it uses.

    choose()             the strongest tier that is there and holds: a Sandbox
    sandbox.start(...)   runs a command in it: a Process, with pipes
    named(tier)          the Sandbox of a tier that was chosen before
    probes(sandbox)      what was tried from inside, and whether it held

limits        what a program may use; Ended, NoSandbox
process       a running program, seen from outside
bubblewrap, landlock, container, plain      the tiers, from the strongest to none at all
launch        what those have in common that start a program through the launcher
seccomp       the filter of system calls that the first two put on
launcher      a program: gives up rights, then becomes the program it is to launch
installation  the Python inside; which packages it can import (shelf)
probes        the self-test; attempts.py is its part inside
"""

from .bubblewrap import Bubblewrap
from .container import Container
from .installation import python, shelf
from .landlock import Landlock
from .launch import sweep
from .limits import Ended, Limits, NoSandbox
from .plain import Plain
from .probes import probes
from .process import Process, Sandbox

TIERS = (Bubblewrap, Landlock, Container, Plain)


def choose(name=None, unsandboxed=False):
    """The strongest tier that is there and passes its probes, or the one with this name if it does.

    The tier "none" is no sandbox: it is taken only if `unsandboxed`, and only if it is named or nothing else is left.
    """
    names = [tier.name for tier in TIERS]
    if name is not None and name not in names:
        raise ValueError(f"there is no sandbox called {name!r}; there are {', '.join(names)}")
    tried = []
    sweep()
    for tier in TIERS:
        if name not in (None, tier.name):
            continue
        sandbox = tier()
        if tier is Plain and not unsandboxed:
            tried.append("none: this is no sandbox, and was not asked for")
            continue
        reason = sandbox.missing() or (unheld(sandbox) if tier is not Plain else "")
        if not reason:
            return sandbox
        tried.append(f"{tier.name}: {reason}")
    raise NoSandbox("no sandbox can be had here, so nothing is run:\n    " + "\n    ".join(tried) + f"\n{ADVICE}")


def named(name):
    """The tier of this name, as it is: `choose` has proved it."""
    return next(tier for tier in TIERS if tier.name == name)()


ADVICE = """On Linux, install bubblewrap (apt install bubblewrap), or use a kernel from 5.13 on, or docker or podman.
On Windows this works in WSL2; on macOS, in a virtual machine with Linux."""


def unheld(sandbox):
    """Which probes got through, in words, or ""."""
    return "; ".join(f"{probe} did not hold ({happened})" for probe, held, happened in probes(sandbox) if not held)
