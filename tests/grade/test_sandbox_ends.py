"""How a program in the sandbox ends, and that nothing of it is left."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from in_the_box import SMALL, end_of, there

from minigrad.grade.sandbox import Bubblewrap, Ended, Landlock, Limits, NoSandbox, Plain, python

PROJECT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


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
