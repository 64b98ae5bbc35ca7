"""One JupyterLab for all tests of a process. Where Chromium or Playwright is missing, they are skipped."""

from importlib.util import find_spec
from pathlib import Path

import in_the_lab
import pytest


def pytest_collection_modifyitems(items):
    missing = None
    if in_the_lab.CHROMIUM is None:
        missing = "Chromium is not installed: apt install chromium"
    elif find_spec("playwright") is None:
        missing = "Playwright is not installed: pip install playwright"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # Lab, its kernel and the browser answer in their own time: a test fails that fails twice.
            item.add_marker(pytest.mark.skip(reason=missing) if missing else pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with in_the_lab.running(tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")) as lab:
        yield lab
