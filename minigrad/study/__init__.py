"""Learning in a notebook: `from minigrad.study import *` gives all of it.

check(f)        your function beside PyTorch's: what is right, and which mistake it is if it is not
hint(f)         a nudge, then the idea, then a skeleton
solution(f)     how it is done, and other ways
show(f)         how the library writes it
progress()      every exercise, and how far you are
parts()         what of the library runs on your own functions; using(my_parts()) makes it do so
reset(f)        forget an exercise; restore() takes that back
doctor()        whether this machine has what the lessons need
"""

import sys
from importlib.metadata import PackageNotFoundError, version

from .check import check
from .dashboard import parts, progress
from .doctor import doctor
from .help import hint, reset, restore, show, solution
from .parts import my_parts, using

__all__ = [
    *("check", "hint", "solution", "show", "progress", "parts", "my_parts", "using", "reset", "restore", "doctor"),
]


def ready():
    """One line for the first cell: what is here, or what is missing and how to get it."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        return (
            "ready, but without PyTorch: answers are compared with minigrad's own. Get it with: python3 start.py, "
            "or pip install torch"
        )
    from minigrad import device

    place = "cuda" if device.is_available("cuda") else "cpu"
    return f"ready: minigrad {version('minigrad')}, torch {torch.partition('+')[0]} ({place})"


if hasattr(sys.modules.get("builtins"), "__IPYTHON__"):
    print(ready())
