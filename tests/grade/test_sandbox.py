"""What a program in the sandbox can do, and how it ends: in every tier that this machine has."""

import functools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minigrad.grade import sandbox as boxes
from minigrad.grade.sandbox import Bubblewrap, Ended, Landlock, Limits, NoSandbox, Plain, python, shelf

PROJECT = Path(__file__).resolve().parents[2]
SMALL = {"wall": 20.0, "cpu": 5, "memory": 256 << 20, "files": 4 << 20, "output": 1 << 20}
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@functools.cache
def reason_against(kind):
    """Why a tier cannot be tested here, or ""."""
    tier = kind()
    if tier.missing():
        return tier.missing()
    with tier.start(python("-c", "pass")) as process:
        process.rest()
    return process.stderr.decode() if process.status else ""


def there(tier):
    if reason_against(type(tier)):
        pytest.skip(f"{tier.name}: {reason_against(type(tier))}")
    return tier


@pytest.fixture(params=[Bubblewrap, Landlock], ids=lambda tier: tier.name)
def sandbox(request):
    return there(request.param())


@pytest.fixture(params=[Bubblewrap, Landlock, Plain], ids=lambda tier: tier.name)
def tier(request):
    """A sandbox, or none."""
    return there(request.param())


def run(tier, code, *words, readable=(), environment=None, **limits):
    """What a program prints."""
    limits = Limits(**{**SMALL, **limits})
    command = python("-c", code, *words)
    with tier.start(command, readable=readable, environment=environment, limits=limits) as process:
        said = process.rest()
    assert process.status == 0, process.stderr.decode()
    return said.decode()


def end_of(tier, code, *words, **limits):
    """How a program ends that ought to say something and does not."""
    command, most = python("-c", code, *words), Limits(**{**SMALL, **limits})
    with tier.start(command, limits=most) as process, pytest.raises(Ended) as raised:
        process.receive(1)
    return raised.value


def alive(word):
    """The numbers of the processes that have a word in their command line."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def gone(word, seconds=5.0):
    end = time.monotonic() + seconds
    while alive(word) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(word)


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


# ---- how it ends ----

ENDS = {
    "sleeper": ("import time; time.sleep(60)", {"wall": 1.0}, "time"),
    "busy loop": ("while True: pass", {"cpu": 1}, "time"),
    "hog": ("bytearray(1 << 40)", {}, "memory"),
    "slow hog": ("x = []\nwhile True: x.append(bytearray(1 << 20))", {}, "memory"),
    "flood on stderr": ("import os\nwhile True: os.write(2, bytes(65536))", {}, "flood"),
    "large file": ("f = open('a', 'wb')\nwhile True: f.write(bytes(65536))", {}, "disk"),
    "many files": ("i = 0\nwhile True:\n    i += 1\n    open(str(i), 'w').close()", {"entries": 100}, "disk"),
    "segfault": ("import ctypes; ctypes.string_at(0)", {}, "crash"),
    "abort": ("import os; os.abort()", {}, "crash"),
    "exit": ("import os; os._exit(0)", {}, "exit"),
    "exception": ("1 / 0", {}, "exit"),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_end_is_told_by_its_kind(tier, name):
    code, limits, kind = ENDS[name]

    assert end_of(tier, code, **limits).kind == kind


def test_who_closes_the_channel_and_stays_is_ended(tier):
    end = end_of(tier, "import os, time; os.close(1); time.sleep(60)", wall=2.0)

    assert end.kind in ("exit", "time")  # bubblewrap keeps the channel open a while longer


def test_files_whose_errors_are_caught_end_as_well(sandbox):
    code = """
number = 0
while True:
    number += 1
    try:
        open(str(number), "wb").write(bytes(1 << 20))
    except OSError:
        pass
"""
    assert end_of(sandbox, code).kind == "disk"


def test_files_are_counted_although_others_come_and_go(tier):
    code = """
import os, threading
def flicker(name):
    while True:
        os.mkdir(name)
        os.rmdir(name)
for name in "abcd":
    threading.Thread(target=flicker, args=(name,), daemon=True).start()
number = 0
while True:
    number += 1
    open(f"file{number}", "w").close()
"""
    assert end_of(tier, code, entries=200).kind == "disk"


def test_removed_files_that_are_still_open_count(sandbox):
    code = """
import os, time
kept = []
for _ in range(20):
    kept.append(open("a", "wb"))
    os.unlink("a")
    try:
        kept[-1].write(bytes(1 << 20))
        kept[-1].flush()
    except OSError:
        pass
time.sleep(60)
"""
    assert end_of(sandbox, code).kind == "disk"


def test_a_flood_that_was_not_asked_for_ends(tier):
    command = python("-c", "import os\nwhile True: os.write(1, bytes(65536))")
    with tier.start(command, limits=Limits(**SMALL)) as process, pytest.raises(Ended) as raised:
        process.rest()

    assert raised.value.kind == "flood" and "1 MB" in str(raised.value)


def test_more_than_may_be_printed_cannot_be_received(tier):
    with tier.start(python("-c", "pass"), limits=Limits(**SMALL)) as process, pytest.raises(Ended) as raised:
        process.receive(1 << 40)

    assert raised.value.kind == "flood"


def test_what_it_said_before_its_end_can_be_read(tier):
    code = "import os, sys; os.write(1, b'abc'); sys.stderr.write('oh')"
    with tier.start(python("-c", code), limits=Limits(**SMALL)) as process:
        assert process.receive(3) == b"abc"
        with pytest.raises(Ended):
            process.receive(1)

    assert process.stderr == b"oh"


def test_large_messages_go_both_ways(tier):
    code = "import os, sys\nwhile data := sys.stdin.buffer.read(1 << 16): sys.stdout.buffer.write(data)"
    message = os.urandom(900_000)
    with tier.start(python("-c", code), limits=Limits(**SMALL)) as process:
        process.send(message)
        process.finish_input()

        assert process.receive(len(message)) == message


def test_who_does_not_listen_is_ended_by_the_clock(tier):
    command, most = python("-c", "import time; time.sleep(60)"), Limits(**{**SMALL, "wall": 1.0})
    with tier.start(command, limits=most) as process, pytest.raises(Ended) as raised:
        process.send(bytes(1 << 20))

    assert raised.value.kind == "time"


def test_the_beginning_and_the_end_of_stderr_are_kept(tier):
    code = "import sys; sys.stderr.write('first' + 'x' * 500_000 + 'last')"
    with tier.start(python("-c", code), limits=Limits(**SMALL)) as process:
        process.rest()

    assert process.stderr.startswith(b"first") and process.stderr.endswith(b"last") and len(process.stderr) < 100_000


# ---- what is left ----

MANY = """
import os, time
for _ in range(1000):
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(60)
    except OSError:
        break
os.write(1, b"x")
time.sleep(60)
"""


@linux
def test_a_fork_bomb_is_bounded_and_all_of_it_dies():
    tier, word = there(Bubblewrap()), f"bomb{time.monotonic_ns()}"
    limits = Limits(**SMALL, children=True, processes=20)
    with tier.start(python("-c", MANY, word), limits=limits) as process:
        process.receive(1)
        assert 2 < len(alive(word)) <= 21 + 2  # and bubblewrap's own two

    assert gone(word, 0.5)


@linux
def test_without_a_sandbox_children_are_ended_as_well():
    tier, word = there(Plain()), f"family{time.monotonic_ns()}"
    code = "import os, time\nfor _ in range(3):\n  os.fork() or os.setsid()\nos.write(1, b'x')\ntime.sleep(60)"
    with tier.start(python("-c", code, word), limits=Limits(**SMALL)) as process:
        process.receive(8)
        assert len(alive(word)) == 8

    assert gone(word, 0.5)


def test_children_that_use_too_much_memory_together_are_ended():
    tier = there(Bubblewrap())
    code = "import os, time\nfor _ in range(3): os.fork()\nx = bytearray(b'x') * (64 << 20)\ntime.sleep(60)"

    assert end_of(tier, code, children=True).kind == "memory"


def test_with_landlock_there_are_no_children():
    with pytest.raises(NoSandbox, match="bubblewrap"):
        there(Landlock()).start(python(), limits=Limits(children=True))


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.mkdir('a', 0o700)\nopen('a/b', 'w')\nos.mkdir('c', 0)\nos.mkdir('d', 0o300)\nopen('d/e', 'w')",
        "import os\nfor _ in range(1500):\n    os.mkdir('a')\n    os.chdir('a')",
        "import os\nos.symlink('/', 'a')\nos.mkdir('b')\nos.symlink('/usr', 'b/c')",
    ],
    ids=["unreadable", "deep", "links"],
)
def test_no_folder_is_left(tier, code, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with tier.start(python("-c", code), limits=Limits(**SMALL)) as process, pytest.raises(Ended):
        process.receive(1)

    assert list(tmp_path.iterdir()) == []


@linux
def test_when_the_grader_is_killed_the_program_dies(tier, tmp_path):
    word = f"orphan{time.monotonic_ns()}"
    grader = f"""
from minigrad.grade import sandbox
process = sandbox.{type(tier).__name__}().start(
    sandbox.python("-c", "import os, time; os.write(1, b'x'); time.sleep(60)", {word!r})
)
process.receive(1)
print("runs", flush=True)
process.receive(1)
"""
    paths = os.pathsep.join(filter(None, [str(PROJECT), *sys.path]))
    environment = {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(tmp_path)}  # where its box is left
    with subprocess.Popen([sys.executable, "-c", grader], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"runs\n"
        assert len(alive(word)) >= 2
        process.kill()

    assert gone(word)


def test_closing_twice_does_no_harm_and_leaves_no_zombie(tier):
    process = tier.start(python("-c", "pass"))
    process.close()
    process.close()

    assert process.popen.returncode is not None


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
