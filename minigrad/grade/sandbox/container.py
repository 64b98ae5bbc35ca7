"""The third tier: docker or podman, with an empty image into which this machine's Python is shown read only.

The daemon is trusted, as is its default filter of system calls. It is for Linux: elsewhere the container could not run
this machine's Python.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys

from . import installation
from .bubblewrap import BOX, SEEN
from .limits import USUAL
from .process import Box, Process, Sandbox

IMAGE = "minigrad-empty:1"
SECONDS = 20  # until a daemon that does not answer is given up
NOBODY = "65534:65534"


class Container(Sandbox):
    name = "container"

    def missing(self):
        if sys.platform != "linux":
            return "only for Linux"
        if not self.program():
            return "there is no docker and no podman here"
        try:
            have = self.ask("image", "inspect", IMAGE)
            made = have if have.returncode == 0 else self.ask("import", "-", IMAGE, input=bytes(10240))  # an empty tar
        except subprocess.TimeoutExpired:
            return f"{self.program()} did not answer in {SECONDS} seconds"
        return "" if made.returncode == 0 else made.stderr.decode("utf-8", "replace").strip().partition("\n")[0]

    def program(self):
        return shutil.which("docker") or shutil.which("podman")

    def ask(self, *words, **options):
        return subprocess.run([self.program(), *words], capture_output=True, timeout=SECONDS, **options)

    def start(self, argv, *, readable=(), environment=None, limits=USUAL):
        name = f"minigrad-{secrets.token_hex(8)}"
        command = [self.program(), "run", "--rm", "--interactive", "--name", name, "--hostname", "box"]
        command += ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        command += ["--pids-limit", str(limits.processes), "--user", NOBODY, "--workdir", BOX]
        command += ["--memory", str(limits.memory), "--memory-swap", str(limits.memory)]
        command += ["--ulimit", f"cpu={limits.cpu}:{limits.cpu + 1}", "--ulimit", "core=0"]
        command += ["--ulimit", f"fsize={limits.files}", "--ulimit", "nofile=1024"]
        command += ["--tmpfs", f"{BOX}:rw,exec,size={limits.files},nr_inodes={limits.entries},mode=1777"]
        command += ["--shm-size", "1m", *(["--init"] if limits.children else [])]
        for place in installation.hidden():
            command += ["--tmpfs", f"{place}:rw,size=1m,mode=0555"]
        places = [*installation.system(), *(name for name in ("/bin", "/lib", "/lib64") if os.path.isdir(name))]
        for place in dict.fromkeys(
            [*map(str, places), *filter(os.path.exists, SEEN), *installation.both_ways(readable)]
        ):
            command += ["--mount", f"type=bind,source={place},target={place},readonly"]
        argv = ["/usr/bin/timeout", "-s", "KILL", f"{limits.wall + 5:g}", *argv]  # if nobody is left to end it
        for key, value in installation.surroundings(BOX, environment or {}).items():
            command += ["--env", f"{key}={value}"]
        return Process([*command, IMAGE, *argv], dict(os.environ), limits, Named(self, name))


class Named(Box):
    """A container, ended and removed by its name."""

    def __init__(self, tier, name):
        self.tier, self.name = tier, name

    def kill(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.tier.ask("kill", self.name)

    def clear(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.tier.ask("rm", "--force", self.name)
