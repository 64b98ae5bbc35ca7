"""What a program in the sandbox can do, and which sandbox is chosen: in every tier that this machine has."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from in_the_box import run, there

from minigrad.grade import sandbox as boxes
from minigrad.grade.sandbox import Bubblewrap, Landlock, NoSandbox, Plain, python, shelf

PROJECT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


# ---- what it cannot do ----


def test_all_probes_hold(sandbox):
    found = boxes.probes(sandbox)

    assert len(found) >= 14
    assert [probe for probe, held, _ in found if not held] == []


def test_without_a_sandbox_the_probes_get_through():
    found = boxes.probes(there(Plain()))

    assert sum(not held for _, held, _ in found) >= 8


def test_only_what_is_readable_can_be_read(sandbox, tmp_path):
    for name in ("shown", "secret"):
        (tmp_path / name).write_text(name)
    code = "import sys\nfor path in sys.argv[1:]:\n try: print(open(path).read())\n except OSError: print('no')"

    said = run(sandbox, code, str(tmp_path / "shown"), str(tmp_path / "secret"), readable=[tmp_path / "shown"])

    assert said.split() == ["shown", "no"]


def test_what_is_readable_cannot_be_changed(sandbox, tmp_path):
    (tmp_path / "file").write_text("as it was")
    (tmp_path / "file").chmod(0o666)
    tmp_path.chmod(0o777)
    code = """
import os, sys
path = sys.argv[1]
for way in (lambda: open(path, "w"), lambda: os.unlink(path), lambda: os.chmod(path, 0), lambda: os.truncate(path, 0),
            lambda: os.open(path, os.O_RDONLY | os.O_TRUNC), lambda: open(path + "2", "w")):
    try:
        way()
        print("changed")
    except OSError:
        pass
"""
    assert run(sandbox, code, str(tmp_path / "file"), readable=[tmp_path]) == ""
    assert (tmp_path / "file").read_text() == "as it was" and len(list(tmp_path.iterdir())) == 1


def test_a_readable_link_shows_what_it_leads_to_and_not_its_neighbours(sandbox, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "shown").write_text("shown")
    (tmp_path / "real" / "secret").write_text("secret")
    (tmp_path / "link").symlink_to("real")
    code = "import sys\nfor path in sys.argv[1:]:\n try: print(open(path).read())\n except OSError: print('no')"
    paths = [str(tmp_path / "link" / name) for name in ("shown", "secret")]

    assert run(sandbox, code, *paths, readable=paths[:1]).split() == ["shown", "no"]


def test_the_environment_of_the_grader_is_not_seen(tier, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "x")

    said = json.loads(run(tier, "import os, json; print(json.dumps(dict(os.environ)))", environment={"GIVEN": "1"}))

    assert "SECRET_OF_THE_GRADER" not in said and said["GIVEN"] == "1"
    assert said["HOME"] == said["TMPDIR"] and said["HOME"] != os.environ.get("HOME")


def test_its_folder_is_empty_and_its_own(tier):
    code = "import os; open('a', 'w').write('x'); print(os.listdir(), os.getcwd() == os.environ['HOME'])"

    assert run(tier, code) == run(tier, code) == "['a'] True\n"


def test_only_packages_on_the_shelf_can_be_imported(sandbox):
    entry, readable = shelf("numpy")
    code = f"""
import sys
sys.path.append({entry!r})
import numpy
print(numpy.arange(3).sum())
for name in ("torch", "minigrad", "pytest"):
    try:
        __import__(name)
    except ImportError:
        print("no", name)
"""
    assert run(sandbox, code, readable=readable, memory=1 << 30).split("\n")[:-1] == [
        "3",
        "no torch",
        "no minigrad",
        "no pytest",
    ]


def test_threads_may_be_started_and_processes_may_not(sandbox):
    code = """
import os, subprocess, threading
for way in (os.fork, lambda: subprocess.run(["true"])):
    try:
        way()
    except OSError:
        print("no")
thread = threading.Thread(target=print, args=("thread",))
thread.start()
thread.join()
"""
    assert run(sandbox, code).split() == ["no", "no", "thread"]


# ---- choosing ----


def test_a_tier_that_leaks_is_refused_and_the_next_is_tried(monkeypatch):
    class Leaky(Plain):
        name, missing = "leaky", lambda self: ""

    class Sound(Plain):
        name, missing = "sound", lambda self: ""

    monkeypatch.setattr(boxes, "probes", lambda tier: [("reading", tier.name == "sound", "read 8 characters")])
    monkeypatch.setattr(boxes, "TIERS", (Leaky, Sound))
    assert boxes.choose().name == "sound"

    monkeypatch.setattr(boxes, "TIERS", (Leaky,))
    with pytest.raises(NoSandbox, match="leaky: reading did not hold"):
        boxes.choose()


def test_no_sandbox_must_be_asked_for():
    with pytest.raises(NoSandbox, match="not asked for"):
        boxes.choose("none")
    if not Plain().missing():
        assert boxes.choose("none", unsandboxed=True).name == "none"


def test_a_tier_nobody_knows_is_an_error():
    with pytest.raises(ValueError, match="bubblewrap, landlock"):
        boxes.choose("sand")


@linux
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become a plain user")
@pytest.mark.parametrize("kind", [Bubblewrap, Landlock], ids=lambda tier: tier.name)
def test_the_probes_hold_for_a_plain_user(kind):
    there(kind())
    own = python()[0] if boxes.landlock.reachable(python()[0]) else f"/usr/bin/python3.{sys.version_info.minor}"
    become = shutil.which("setpriv")
    if not (os.path.exists(own) and become and boxes.landlock.reachable(str(PROJECT / "minigrad" / "__init__.py"))):
        pytest.skip("no Python here that a plain user can run")
    code = f"""
from minigrad.grade import sandbox
tier = sandbox.{kind.__name__}()
print(tier.missing() or [probe for probe, held, _ in sandbox.probes(tier) if not held])
"""
    paths = [str(PROJECT), *(path for path in sys.path if path.endswith("-packages"))]
    environment = {"PYTHONPATH": os.pathsep.join(paths), "HOME": "/nonexistent", "PATH": os.environ["PATH"]}
    command = [become, "--reuid", "1234", "--regid", "1234", "--clear-groups", own, "-c", code]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr
