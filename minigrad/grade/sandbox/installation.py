"""What of this machine a program in the sandbox sees: the Python it runs on, and single packages.

    python()                   the interpreter, as the words that begin a command
    shelf("numpy")             (entry, readable): a folder of links to packages, and what must be readable for them

Site-packages are hidden in every tier, so that only what is on the shelf can be imported: not PyTorch, not minigrad.
"""

import atexit
import functools
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

BASE = Path(sys.base_prefix).resolve()


def python(*options):
    """The command that runs this Python without its surroundings; `-I -S` keeps environment and site-packages away."""
    names = (f"python{sys.version_info.major}.{sys.version_info.minor}", "python3", "python")
    places = [BASE / "bin" / name for name in names]
    found = next((place for place in places if place.exists()), Path(sys.executable))
    return [str(found.resolve()), "-I", "-S", *options]


def system():
    """The folders of the host that every program sees, but for what is `hidden`."""
    places = [Path("/usr"), *(BASE / name for name in ("bin", "lib", "lib64"))]
    places = [place for place in places if place.is_dir()]
    return [place for place in places if not any(other in place.parents for other in places)]


def links():
    """{"/lib": "usr/lib", ...}: the short ways into /usr, where they are links."""
    names = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
    return {name: os.readlink(name) for name in names if os.path.islink(name)}


def short_folders():
    """/lib and the like, on a machine where they are folders of their own."""
    return [Path(name) for name in ("/bin", "/lib", "/lib64") if os.path.isdir(name) and not os.path.islink(name)]


@functools.cache
def hidden():
    """The folders with installed packages inside `system`, of whatever Python."""
    roots = {Path("/usr"), Path("/usr/local"), BASE}
    kinds = ("lib*/python*/site-packages", "lib*/python*/dist-packages", "lib/pypy*/*-packages")
    return sorted({place for root in roots for kind in kinds for place in root.glob(kind) if not place.is_symlink()})


def lasting_folder(prefix):
    """A folder that lasts as long as this process, and that a program in the sandbox can be shown."""
    folder = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)  # another user looks in here, where the grader is root
    return folder


@functools.cache
def shelf(*packages):
    """(entry, readable): put `entry` on sys.path inside, and give `readable` to `start`.

    The entry is a folder of links, because a folder that is only partly visible cannot be searched in every tier.
    """
    folder = lasting_folder("minigrad_shelf_")
    readable = [folder]
    for package in packages:
        found = importlib.util.find_spec(package)
        if found is None or not found.origin:
            raise ModuleNotFoundError(f"there is no package {package} here to lend to the sandbox")
        place = Path(found.origin)
        place = place.parent if found.submodule_search_locations else place
        for part in (place, place.parent / f"{package}.libs"):
            if part.exists():
                os.symlink(part.resolve(), os.path.join(folder, part.name))
                readable.append(str(part.resolve()))
    return folder, tuple(readable)


def both_ways(paths):
    """Each path as it was given, and where it really is; what is missing is named in an error."""
    found = {}
    for path in paths:
        path = os.path.abspath(path)
        if not os.path.exists(path):
            raise FileNotFoundError(f"the sandbox should show {path}, which is not there")
        found[path] = found[os.path.realpath(path)] = None
    return list(found)


def surroundings(folder, environment):
    """The environment inside: nothing of the grader's own; mathematics on one thread."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"}
    return {**own, **threads, "PYTHONDONTWRITEBYTECODE": "1", **environment}
