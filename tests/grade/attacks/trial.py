"""Tries attacks in a sandbox, and looks at what they got and at what they left behind.

    tried(plan)      what went wrong, as words; `plan`: pairs of an attack's place in `all_attacks()` and a target
    python trial.py '{"tier": ..., "plan": [...]}'      the same for another user, who starts this as a program

After each attack the same process must grade the next answer as if nothing had been.
"""

import atexit
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from minigrad.grade import sandbox, values
from minigrad.grade.visible import visible

from . import all_attacks
from .targets import answer, exercise

PROJECT = Path(__file__).resolve().parents[3]
TIERS = {tier.name: tier for tier in (sandbox.Bubblewrap, sandbox.Landlock)}
SEED = 0
PATIENT = 60.0  # seconds within which any attack is over, on a busy machine, too
FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run", str(PROJECT), str(PROJECT / "tests"))


class Outside:
    """The machine around a sandbox, and what must not change there."""

    def __init__(self):
        self.own = tempfile.tempdir = tempfile.mkdtemp(prefix="minigrad-attacked-")  # so that what is left is seen
        os.chmod(self.own, 0o755)
        self.secret = secrets.token_hex(12)
        os.environ["SECRET_OF_THE_GRADER"] = self.secret
        self.folder = tempfile.mkdtemp(prefix="minigrad-attacked-")
        os.chmod(self.folder, 0o777)
        self.canary = Path(self.folder, "canary")
        self.canary.write_text(self.secret)
        os.chmod(self.canary, 0o666)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(self.listener.getsockname())
        for line in (self.listener, self.datagrams):
            line.setblocking(False)
        self.signals = []
        for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGCONT):
            signal.signal(number, lambda number, _: self.signals.append(number))

    @property
    def facts(self):
        site = str(Path(__import__("numpy").__file__).parents[1])
        return str(self.canary), os.getpid(), self.listener.getsockname()[1], str(PROJECT), site

    def state(self):
        """What must be the same before and after, each thing by its name."""
        held = {
            "the canary": self.canary.read_text() if self.canary.exists() else "removed",
            "the canary's folder": (sorted(os.listdir(self.folder)), os.stat(self.folder).st_mode),
            "the canary's rights": (os.stat(self.canary).st_mode, os.stat(self.canary).st_mtime),
            "signals that came": list(self.signals),
            "the environment": dict(os.environ),
            "the working directory": os.getcwd(),
            "open descriptors": len(os.listdir("/proc/self/fd")),
            "threads": threading.active_count(),
            "rights and limits": limits(),
            "processes": below(os.getpid()),
            "files that run answers": digest(values.folders()),
            "NumPy": stamps(Path(__import__("numpy").__file__).parent),
            "boxes": sorted(name for name in os.listdir(self.own) if "box" in name),
            "kernel objects": "".join(Path(f"/proc/sysvipc/{kind}").read_text() for kind in ("msg", "sem")),
        }
        held |= {f"what is called attacked in {place}": attacked(place) for place in FOLDERS}
        return held

    def connections(self):
        """What came over the network."""
        found = []
        for what, line in (("a connection", self.listener.accept), ("a datagram", lambda: self.datagrams.recv(1))):
            try:
                line()
                found.append(what)
            except BlockingIOError:
                continue
        return found

    def close(self):
        self.listener.close()
        self.datagrams.close()
        atexit.register(shutil.rmtree, self.own)


def limits():
    import resource

    kinds = (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_AS)
    return [
        os.getresuid(),
        os.getpriority(os.PRIO_PROCESS, 0),
        sorted(os.sched_getaffinity(0)),
        *map(resource.getrlimit, kinds),
    ]


def below(number):
    """The command lines of a process's children, and theirs."""
    found = []
    for task in Path(f"/proc/{number}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                found += [Path(f"/proc/{child}/cmdline").read_text(), *below(child)]
            except OSError:
                continue
    return found


def digest(folder):
    """All files below a folder, as one number."""
    found = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if "__pycache__" not in path.parts:
            found.update(str(path).encode() + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()


def stamps(folder):
    return [(path.name, path.stat().st_size, path.stat().st_mtime) for path in sorted(folder.glob("*.py"))]


def attacked(place):
    return sorted(name for name in os.listdir(place) if "attacked-" in name and "minigrad-attacked-" not in name)


def tried(tier, plan, honest=None):
    """What went wrong with the attacks of a plan, in words; `honest`: with an honest answer after each."""
    box, outside, attacks = TIERS[tier](), Outside(), all_attacks()
    wrong, slow = [], {}
    try:
        for target in ("function", "gradient", "class"):  # everything that is made once is made before
            wrong += one(box, outside, target)
        for place, target in plan:
            attack, before, began = attacks[place], outside.state(), time.monotonic()
            found = trial(box, outside, attack, target)
            seconds = time.monotonic() - began
            slow[f"{attack.name} ({target})"] = round(seconds, 1)
            after = outside.state()
            found += [
                f"{name} changed: {before[name]} -> {after[name]}"[:600]
                for name in before
                if before[name] != after[name]
            ]
            found += [f"{what} came over the network" for what in outside.connections()]
            found += [f"it took {seconds:.0f} seconds"] if seconds > PATIENT else []
            found += one(box, outside, target) if honest else []
            wrong += [f"{attack.name} ({target}, {tier}, user {os.geteuid()}): {words}" for words in found]
        for target in ("function", "gradient", "class"):
            wrong += one(box, outside, target)
    finally:
        outside.close()
    return wrong, slow


def trial(box, outside, attack, target):
    """What an attack got or learned that it should not, in words."""
    try:
        verdict = values.verify(exercise(target), answer(attack, target, outside.facts), SEED, box, attack.limits)
    except Exception as error:
        return [f"the grader raised {type(error).__name__}: {error}"[:300]]
    found = ["it earned points"] if verdict else []
    told = f"{verdict.state} {verdict.said} {verdict.why} {verdict.sentence}"
    if os.environ.get("SAY"):
        print(f"{attack.name} ({target}): {visible(told, 150)}", flush=True)
    if outside.secret in told or "SECRET" in told:
        found.append(f"it learned what it should not: {visible(told, 300)}")
    if len(told) > 3000 or not visible(told).isprintable():
        found.append(f"what is said of it is {len(told)} characters long, or cannot be shown")
    return found


def one(box, outside, target):
    """Whether the reference still passes."""
    asked = exercise(target)
    text = (
        "import numpy as np\nimport minigrad as mg\nfrom minigrad import nn\n"
        if target == "class"
        else "import numpy as np\n"
    )
    verdict = values.verify(asked, text + asked.source, SEED, box)
    return [] if verdict else [f"the next honest answer ({target}) did not pass: {verdict}"]


if __name__ == "__main__":
    print(json.dumps(tried(**json.loads(sys.argv[1]))))
