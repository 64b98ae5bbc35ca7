"""Runs inside the sandbox, by `python -I -S`: nbval on a notebook, one line on stdout for each cell with a grade_id.

    notebook_inside.py '{"notebook": PATH, "path": [...], "seconds": 60}'

The kernel must not reach the pipe that the lines go through: it is closed when a program is started, and this process
cannot be looked into by others. There is no network, so nbval and the kernel talk through sockets in the box.
"""

import ctypes
import functools
import json
import os
import shutil
import sys

SET_DUMPABLE = 4  # of prctl


def main(job):
    told = os.dup(1)  # not inherited
    os.dup2(2, 1)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    home = os.getcwd()
    os.environ |= {
        "PYTHONPATH": os.pathsep.join(job["path"]),
        "IPYTHONDIR": f"{home}/ipython",
        "JUPYTER_RUNTIME_DIR": f"{home}/run",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "MINIGRAD_GRADING": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "USER": "box",
    }
    sys.path += job["path"]
    import nbval.kernel
    import pytest

    nbval.kernel.KernelManager = functools.partial(nbval.kernel.KernelManager, transport="ipc")
    notebook = shutil.copy(job["notebook"], home)  # nbval starts the kernel in the notebook's folder
    words = ["-p", "nbval.plugin", "--nbval", "--nbval-current-env", f"--nbval-cell-timeout={job['seconds']}"]
    words += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", home, "--tb=no", "-q", notebook]
    pytest.main(words, plugins=[Teller(told)])


class Teller:
    """A pytest plugin: tells the outcome of each cell at once, so that a notebook that is stopped is not lost."""

    def __init__(self, pipe):
        self.pipe, self.grade_ids = pipe, {}

    def pytest_collection_modifyitems(self, items):
        self.grade_ids = {item.nodeid: item.cell.metadata.get("nbgrader", {}).get("grade_id") for item in items}
        self.last = items[-1].nodeid if items else None

    def pytest_runtest_logreport(self, report):
        grade_id = self.grade_ids.get(report.nodeid)
        if report.when != "call" and report.outcome == "passed":
            return
        if grade_id:
            os.write(self.pipe, f"{grade_id} {report.outcome}\n".encode())
        if report.when == "call" and report.nodeid == self.last:
            os._exit(0)  # the kernel is ended with the box, which is faster than asking it


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
