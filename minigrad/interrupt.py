"""Ctrl-C between steps, never inside one.

A KeyboardInterrupt can be raised between any two lines of Python. In the middle of an optimizer's loop it leaves half
of the parameters updated. Inside `with uninterrupted():` it waits.
"""

import contextlib
import signal
import threading

# The public functions look every handler up in an enum first, which takes 3 µs a call; these are what they call.
from _signal import getsignal as get_handler
from _signal import signal as set_handler

__all__ = ["uninterrupted"]


class Later(list):
    """A handler of Ctrl-C that keeps it for later."""

    def __call__(self, signum, frame):
        self.append(signum)


@contextlib.contextmanager
def uninterrupted():
    """Run a block wholly or not at all: a Ctrl-C (SIGINT) that arrives inside is delivered when the block ends.

    Of nested blocks, the outermost delivers. Every Ctrl-C that arrived is delivered, until one raises. Where the block
    itself raises too, KeyboardInterrupt is what leaves it, and the block's own error is its `__context__`.

    Only Python's main thread ever sees a Ctrl-C, so in other threads this does nothing. Neither does it where a program
    around Python handles SIGINT.
    """
    handler = get_handler(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
    if handler is None or isinstance(handler, Later):
        yield
        return

    later = Later()
    set_handler(signal.SIGINT, later)
    try:
        yield
    finally:
        set_handler(signal.SIGINT, handler)
        for signum in later:
            signal.raise_signal(signum)
