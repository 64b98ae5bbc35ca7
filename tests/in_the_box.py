"""Programs run in every tier of the sandbox that can start one here."""

import functools

import pytest

from minigrad.grade.sandbox import Ended, Limits, python

SMALL = {"wall": 20.0, "cpu": 5, "memory": 256 << 20, "files": 4 << 20, "output": 1 << 20}


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
