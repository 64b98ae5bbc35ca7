"""The lists of packages agree: pyproject.toml, constraints.txt and environment.yml."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]

CONDA_NAMES = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}  # conda's smaller builds


def parse(requirement):
    """("nbval", "<0.12") from "nbval<0.12; some marker"."""
    name, bounds = re.match(r"([A-Za-z0-9_.-]+)\s*([^;#]*)", requirement).groups()
    return name.lower(), bounds.strip()


def conda_packages():
    """{name: bounds} of the packages that environment.yml takes from conda."""
    _, _, listed = (ROOT / "environment.yml").read_text().partition("dependencies:")
    lines = re.findall(r"^  - ([^\s:]+)$", listed, re.MULTILINE)
    return dict(parse(line) for line in lines)


def pinned():
    """{name: version} of constraints.txt."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    return dict(line.lower().split("==") for line in lines)


def test_conda_and_pip_get_the_same_packages():
    wanted = dict(parse(requirement) for requirement in PROJECT["dependencies"] + EXTRAS["lab"])

    found = conda_packages()
    del found["python"], found["pip"]
    assert found == {CONDA_NAMES.get(name, name): bounds for name, bounds in wanted.items()}


def test_conda_and_pip_want_the_same_python():
    assert conda_packages()["python"].startswith(PROJECT["requires-python"])


def test_every_package_that_is_asked_for_has_a_tested_version():
    asked = {parse(requirement)[0] for requirement in PROJECT["dependencies"] + EXTRAS["lab"] + EXTRAS["dev"]}

    assert asked <= set(pinned())


def test_torch_is_pinned_to_the_release_and_not_to_a_build_of_it():
    assert re.fullmatch(r"[\d.]+", pinned()["torch"])
