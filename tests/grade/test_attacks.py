"""No attack earns a point or does harm: in both tiers of Linux, as root and as a plain user, on three exercises."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from grade.attacks import CLASSES, all_attacks, trial

from minigrad.grade import sandbox, values
from minigrad.grade.sandbox import landlock, python
from minigrad.study import chapters

PROJECT = Path(__file__).resolve().parents[2]
PLAIN = 1234  # a user number of no importance
ATTACKS = all_attacks()
USERS = ("root", "a plain user")
OF_TIERS = ("back_doors", "expectations", "outside")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these tiers are Linux's")


def tried(tier, user, plan, **more):
    """What went wrong with a plan, as this user or, where this is root, as another one."""
    order = {"tier": tier, "plan": plan, **more}
    if os.geteuid() != 0 and user == "root":
        pytest.skip("only root can be root")
    reason = trial.TIERS[tier]().missing()
    if reason:
        pytest.skip(f"{tier}: {reason}")
    paths = [str(PROJECT), str(PROJECT / "tests"), *(path for path in sys.path if path.endswith("-packages"))]
    environment = {"PYTHONPATH": os.pathsep.join(paths), "HOME": "/nonexistent", "PATH": os.environ["PATH"]}
    environment |= {"OMP_NUM_THREADS": "1", "SAY": os.environ.get("SAY", "")}
    command = [sys.executable, "-m", "grade.attacks.trial", json.dumps(order)]
    if os.geteuid() == 0 and user != "root":
        command = [*as_plain(), *command[1:]]
    done = subprocess.run(command, env=environment, cwd="/", stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"the grader ended with {done.returncode}: {done.stdout[-500:]}"
    *said, last = done.stdout.splitlines()
    print(*said, sep="\n")
    return json.loads(last)


@cache
def as_plain():
    """The beginning of a command that becomes a plain user, with a Python that this one can reach."""
    own = python()[0] if landlock.reachable(python()[0]) else f"/usr/bin/python3.{sys.version_info.minor}"
    become = shutil.which("setpriv")
    if not (os.path.exists(own) and become and landlock.reachable(str(PROJECT / "minigrad" / "__init__.py"))):
        pytest.skip("no Python here that a plain user can run")
    return [become, "--reuid", str(PLAIN), "--regid", str(PLAIN), "--clear-groups", own]


def turns(tier, user):
    """Of the attacks those whose turn it is: each with one target, in one tier, as one user; and some in both tiers.

    What comes of an attack on the protocol has nothing to do with the tier. Others are tried in both, as either user.
    """
    tiers, plan = list(trial.TIERS), []
    for place, attack in enumerate(ATTACKS):
        mine = tiers[place % 2] == tier or attack.name.partition("/")[0] in OF_TIERS
        as_user = USERS[(place // 2 + tiers.index(tier)) % 2] == user or os.geteuid() != 0
        if mine and as_user:
            plan.append((place, attack.targets[(place // 4 + tiers.index(tier)) % len(attack.targets)]))
    return plan


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", trial.TIERS)
def test_no_attack_earns_a_point_or_does_harm(tier, user):
    wrong, seconds = tried(tier, user, turns(tier, user))

    print("the slowest:", *sorted(seconds.items(), key=lambda pair: -pair[1])[:10], sep="\n    ")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", trial.TIERS)
@pytest.mark.parametrize("kind", CLASSES)
def test_no_attack_of_any_class_does_on_any_exercise(kind, tier, user):
    plan = [(i, target) for i, one in enumerate(ATTACKS) if one.name.startswith(f"{kind}/") for target in one.targets]

    wrong, _ = tried(tier, user, plan, honest=True)

    assert not wrong, "\n".join(wrong)


READS_THE_CALL = """
import re
import sys

import numpy as np


def why_no_learning(runs):
    frame = sys._getframe()
    while frame:
        case, asked = frame.f_locals.get("case"), frame.f_locals.get("asked")
        if case and asked:
            seed = int(re.search(r"seed=([0-9]+)", repr(asked.run.drawn(case, frame.f_locals["question"]["seed"])))[1])
            causes = map(str, np.random.default_rng(seed).permutation(list(asked.REMEDIES)))
            return dict(zip("ABCDE", ((cause, asked.REMEDIES[cause]) for cause in causes)))
        frame = frame.f_back
"""


def test_runs_that_are_to_be_explained_do_not_tell_the_call_that_made_them():
    exercise = chapters.chapter("09_first_network").exercises["why_no_learning"]
    box = sandbox.Landlock()
    if box.missing():
        pytest.skip(box.missing())

    verdict = values.verify(exercise, READS_THE_CALL, 3, box)

    assert verdict.state == "crashed", verdict


def test_there_are_attacks_of_every_class_and_each_says_what_it_tries():
    assert len(ATTACKS) >= 60 and len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert all(attack.sentence and attack.sentence.strip().endswith(".") for attack in ATTACKS)
    for kind in CLASSES:
        assert sum(attack.name.startswith(f"{kind}/") for attack in ATTACKS) >= 3


def test_everything_has_its_turn():
    plans = {(tier, user): dict(turns(tier, user)) for tier in trial.TIERS for user in USERS}

    for place, attack in enumerate(ATTACKS):
        turn = [pair for pair, plan in plans.items() if place in plan]
        assert turn
        if attack.name.startswith(OF_TIERS):
            assert {tier for tier, _ in turn} == set(trial.TIERS)
    for plan in plans.values():
        assert {target for _, target in plan.items()} == {"function", "gradient", "class"}
