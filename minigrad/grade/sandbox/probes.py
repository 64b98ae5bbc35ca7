"""The self-test of a tier: a program inside tries to get out, and what came of it is looked at from outside.

The grader itself is not put at risk: a process of its own stands for it, as does a file in a new folder for its files.
"""

import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from . import installation
from .launch import address_space
from .limits import Ended, Limits
from .process import MOMENT

ATTEMPTS = Path(__file__).with_name("attempts.py")
LIMITS = Limits(wall=8.0, cpu=8, memory=256 << 20, files=4 << 20, processes=12, output=1 << 20)
WORDS = {
    "read_a_file": "reading a file of the grader",
    "list_home": "looking into the home folder",
    "write_a_file": "changing a file of the grader",
    "write_elsewhere": "writing outside its own folder",
    "send_by_tcp": "a TCP connection to this machine",
    "send_by_udp": "a UDP packet to this machine",
    "send_by_unix": "a Unix socket of this machine",
    "start_many": "starting many processes",
    "take_memory": "taking much memory",
    "trace_the_grader": "tracing a process of the grader",
    "hinder_the_grader": "slowing down a process of the grader",
    "signal_the_grader": "killing a process of the grader",
    "see_other_processes": "reading what other processes are",
    "become_root": "getting rights by a namespace",
    "change_the_kernel": "calls for the kernel's sake",
    "type_into_the_terminal": "typing into the terminal",
    "see_the_environment": "seeing the grader's environment",
    "disk": "filling the disk",
}


def probes(sandbox):
    """[(probe, whether it held, what happened)]; where a program may have children, all of it once more with them."""
    found = [*tried(sandbox, LIMITS), (WORDS["disk"], *filled(sandbox))]
    if sandbox.children:
        more = tried(sandbox, replace(LIMITS, children=True))
        found += [(f"{probe}, with children", held, happened) for probe, held, happened in more]
    return found


def tried(sandbox, limits):
    with tempfile.TemporaryDirectory(prefix="minigrad_probe_") as folder, contextlib.ExitStack() as stack:
        os.chmod(folder, 0o777)  # root's program inside is somebody else: only the sandbox is to keep it out
        outside = Outside(Path(folder), stack, limits)
        try:
            said = run(sandbox, json.dumps(outside.job), limits)
        except (Ended, OSError, ValueError) as error:
            return [("starting a program", False, str(error))]
        got_through = outside.got_through()
    found = []
    for name, (seems, happened) in said.items():
        seen = got_through.get(name, "")
        found.append((WORDS[name], not seems and not seen, seen or happened or "nothing came of it"))
    return found


def run(sandbox, job, limits):
    """What the attempts said."""
    with sandbox.start(installation.python(str(ATTEMPTS), job), readable=[ATTEMPTS], limits=limits) as process:
        said = process.rest()
        try:
            said = json.loads(said)
            if set(said) == set(WORDS) - {"disk"}:
                return said
        except (ValueError, TypeError):
            pass
        last = process.stderr.decode("utf-8", "replace").strip()[-300:]
        raise ValueError(f"exit status {process.status}: {last}")


def filled(sandbox):
    """(whether the disk was saved, what happened)"""
    with sandbox.start(installation.python(str(ATTEMPTS), "disk"), readable=[ATTEMPTS], limits=LIMITS) as process:
        try:
            process.receive(1)
        except Ended as ended:
            return ended.kind == "disk", str(ended)
        return False, "it said something"


class Outside:
    """Everything that the attempts are after."""

    def __init__(self, folder, stack, limits):
        self.name = f"probe-{secrets.token_hex(8)}"
        self.folder, self.canary = folder, folder / "canary"
        self.canary.write_text("a secret")
        self.canary.chmod(0o666)
        self.before = self.look()
        self.listening = {
            "send_by_tcp": [stack.enter_context(socket.create_server(("127.0.0.1", 0)))],
            "send_by_udp": [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))],
            "send_by_unix": [
                stack.enter_context(socket.socket(socket.AF_UNIX, kind))
                for kind in (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
            ],
        }
        self.listening["send_by_udp"][0].bind(("127.0.0.1", 0))
        stream, abstract, datagrams = self.listening["send_by_unix"]
        paths = [str(folder / "stream"), str(folder / "datagrams")]
        stream.bind(paths[0])
        datagrams.bind(paths[1])
        for path in paths:
            os.chmod(path, 0o777)
        stream.listen()
        if os.path.exists("/proc/net/unix"):  # names without a file are Linux's own
            abstract.bind("\0" + self.name)
            abstract.listen()
        program = ["sleep", "60"]
        self.victim = subprocess.Popen(program, env={"NAME": self.name, "PATH": os.defpath}, stdin=subprocess.DEVNULL)
        stack.callback(self.end_the_victim)
        home = os.path.expanduser("~")
        places = [*installation.system(), ATTEMPTS, ATTEMPTS.resolve()]
        shown = {os.path.relpath(place, home).partition("/")[0] for place in places}
        self.job = {
            "canary": str(self.canary),
            "home": home,
            "known": sorted(shown),  # on the way to the Python that runs inside
            "also": [os.getcwd(), str(Path(__file__).parents[3])],
            "name": self.name,
            "tcp": self.listening["send_by_tcp"][0].getsockname()[1],
            "udp": self.listening["send_by_udp"][0].getsockname()[1],
            "unix": paths[0],
            "unix_udp": paths[1],
            "processes": limits.processes,
            "memory": address_space(limits),
            "victim": self.victim.pid,
            "environment": sorted(installation.surroundings("", {})),
        }

    def look(self):
        found = self.canary.stat() if self.canary.exists() else None
        state = found and (found.st_mode, found.st_mtime, found.st_ino, self.canary.read_bytes())
        return state, sorted(path.name for path in self.folder.iterdir() if path.name not in ("stream", "datagrams"))

    def got_through(self):
        """{attempt: what is seen of it from outside}"""
        seen = {}
        if self.look() != self.before:
            seen["write_a_file"] = "the file is not as it was"
        for name, sockets in self.listening.items():
            if select.select(sockets, [], [], 0)[0]:
                seen[name] = "it arrived"
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.victim.pid}/status").read_text()
            if "TracerPid:\t0" not in status:
                seen["trace_the_grader"] = "the process is traced"
        time.sleep(0.02)
        if self.victim.poll() is not None:
            seen["signal_the_grader"] = "the process is dead"
        return seen

    def end_the_victim(self):
        self.victim.kill()
        self.victim.wait(MOMENT)
