"""Two commands, from a fresh copy of the project:

    python3 start.py          makes .venv, installs, opens JupyterLab on the start page
    python3 start.py test     installs what the tests need, runs all of them

Words that follow go on to the program that is started:

    python3 start.py --no-browser
    python3 start.py notebooks/04_backprop.ipynb
    python3 start.py test tests/project -k floors      (only these, by pytest)

Standard library only. Read it from the bottom up: main() is the story. Any Python can run it, down to 2.7, so that an
old one says what to do instead of stumbling over a word it does not know: hence no f-strings.
"""

from __future__ import print_function

import glob
import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
START_PAGE = "notebooks/00_start_here.ipynb"

LAB, TESTS = "lab", "lab,dev"  # extras of pyproject.toml

NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", "60", "-p", "no:randomly"]
TWO_AT_A_TIME = ["-n2", "--dist", "loadfile"]

# Exits with 0 where the Python that runs it is new enough and can make a .venv.
CAN_MAKE_A_VENV = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"

WHERE_TO_GET_PYTHON = {
    "windows": "Run:  winget install Python.Python.3.13      (or take the installer from python.org)",
    "mac": "Run:  brew install python@3.13      (or take the installer from python.org)",
    "debian": "Run:  sudo apt install python3 python3-venv      (Debian 12, Ubuntu 24.04 or newer)\n"
    "On an older system:  conda create -n py313 python=3.13,  then  conda activate py313",
    "fedora": "Run:  sudo dnf install python3.13",
    "other": "Install it with your system's package manager, or with conda:\n"
    "conda create -n py313 python=3.13,  then  conda activate py313",
}


def stop(message):
    """End here, with a reason in plain words."""
    print("\n" + message, file=sys.stderr)
    sys.exit(1)


def run(command, env=None):
    """Run a program to its end, in the project's folder. Its exit status; Ctrl-C is the program's to answer."""
    sys.stdout.flush()
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass


def become(command, env):
    """Hand the terminal over to a program for good."""
    sys.stdout.flush()
    if os.name == "posix":
        os.chdir(ROOT)
        os.execve(command[0], command, env)
    sys.exit(run(command, env))


def answers(python, question):
    """Whether `python` (a command, as a list) runs at all and says yes."""
    try:
        with open(os.devnull, "w") as silence:
            return subprocess.call(python + ["-c", question], stdout=silence, stderr=silence) == 0
    except OSError:
        return False


# Python


def platform():
    """A key of WHERE_TO_GET_PYTHON."""
    if os.name == "nt":
        return "windows"
    if sys.platform == "darwin":
        return "mac"
    if os.path.exists("/usr/bin/apt"):
        return "debian"
    if os.path.exists("/usr/bin/dnf"):
        return "fedora"
    return "other"


def find_python():
    """A Python that can make the .venv: the one that runs this file if it can, or one on PATH; None without one."""
    versions = ["3.11", "3.12", "3.13", "3.14"]
    candidates = [[sys.executable]]
    if os.name == "nt":
        candidates += [["py", "-" + version] for version in versions]
    candidates += [["python" + version] for version in versions] + [["python3"], ["python"]]
    for python in candidates:
        if answers(python, CAN_MAKE_A_VENV):
            return python
    return None


def why_no_python():
    """What is wrong with the Python that runs this file, and what to do about it."""
    version = "%d.%d" % sys.version_info[:2]
    if not answers([sys.executable], NEW_ENOUGH):
        return "minigrad needs Python 3.11 or newer; this is Python %s (%s).\n%s\nThen run start.py with it." % (
            version,
            sys.executable,
            WHERE_TO_GET_PYTHON[platform()],
        )
    problem = "This Python %s (%s) comes without venv and pip, so it cannot make the project's own .venv." % (
        version,
        sys.executable,
    )
    if platform() == "debian":
        return problem + "\nRun:  sudo apt install python%s-venv      and then start.py again." % version
    return problem + "\n" + WHERE_TO_GET_PYTHON[platform()] + "\nThen run start.py with it."


# .venv and what is in it


def fingerprint():
    """Changes when the packages asked for change, or the project moves."""
    digest = hashlib.sha256(ROOT.encode("utf-8"))
    for name in ["pyproject.toml", "constraints.txt"]:
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp(extras):
    """The file that holds the fingerprint at which these extras were installed. It goes when .venv goes."""
    return os.path.join(VENV, "installed-" + extras.replace(",", "-"))


def is_installed(extras):
    try:
        with open(stamp(extras)) as file:
            return file.read() == fingerprint()
    except (IOError, OSError):
        return False


def prepare(extras):
    """Make sure that .venv exists and holds the project with these extras. Quick where it does."""
    if not answers([VENV_PYTHON], NEW_ENOUGH):
        python = find_python() or stop(why_no_python())
        print("Making .venv ...")
        if run(python + ["-m", "venv", "--clear", VENV]) != 0:
            stop("Python could not make the folder .venv; its last line above says why.")
    if is_installed(extras) or is_installed(TESTS):
        return

    print("Installing minigrad and what it needs into .venv; the first time this takes some minutes ...")
    pip = [VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if run(pip + ["-c", "constraints.txt", "-e", ".[%s]" % extras]) != 0:
        stop(
            "pip could not install what minigrad needs; its last lines above say why.\n"
            "No network? Connect, and run start.py again: it goes on from here.\n"
            "Behind a proxy? Set HTTPS_PROXY first. A full disk? They take 2 GB, or 8 with CUDA in PyTorch.\n"
            "A Python newer than 3.14? Some packages may not be ready for it: try 3.13."
        )
    with open(stamp(extras), "w") as file:
        file.write(fingerprint())


# What is started


def has_avx512():
    """Whether OpenBLAS's AVX-512 kernels run on this CPU. Only Linux tells without help."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except (IOError, OSError):
        return False
    return {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= set(flags)


def open_lab(words):
    """JupyterLab in the project's folder, on the start page or on the notebook that is the first of `words`."""
    page = START_PAGE
    if words and not words[0].startswith("-"):
        page, words = os.path.relpath(words[0], ROOT).replace(os.sep, "/"), words[1:]
    env = dict(os.environ)
    # so that `python` in a terminal of the lab is the one that has minigrad
    env["PATH"] = os.path.dirname(VENV_PYTHON) + os.pathsep + env.get("PATH", "")
    if has_avx512():
        # On CPUs it does not know, OpenBLAS takes its AVX2 kernels: half as fast at matrix products.
        env.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    become([VENV_PYTHON, "-m", "jupyterlab", "--LabApp.default_url=/lab/tree/" + page] + words, env)


def test(words):
    """All tests: pytest on tests/ and the package, then every lesson and solution against its stored outputs."""
    pytest = [VENV_PYTHON, "-m", "pytest"]
    if words:
        return run(pytest + words)

    print("\n1 of 2: the tests")
    status = run(pytest + ["-n2"])

    folders = [name for name in ["notebooks", "solutions"] if glob.glob(os.path.join(ROOT, name, "*.ipynb"))]
    if folders:
        print("\n2 of 2: the notebooks against their stored outputs")
        status = run(pytest + NBVAL + TWO_AT_A_TIME + folders) or status
    print("\nSomething failed; look above." if status else "\nAll passed.")
    return status


def main(words):
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if words[:1] == ["test"]:
        prepare(TESTS)
        return test(words[1:])
    if words and not words[0].startswith("-") and not os.path.exists(words[0]):
        stop("start.py does not know '%s', and no notebook has that name.\n%s" % (words[0], __doc__))
    prepare(LAB)
    return open_lab(words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        stop("Stopped. Run start.py again to go on.")
