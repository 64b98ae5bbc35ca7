"""Running a learner's code with care: it may loop for ever, print, raise, or write into what it was given.

Whatever it does, the line named is one of theirs.
"""

import contextlib
import io
import linecache
import signal
import sys
import sysconfig
import threading
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 4
OURS = str(Path(__file__).resolve().parents[1])
INSTALLED = tuple({OURS, *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))})


class TooLong(BaseException):
    """Code was stopped: it ran for longer than it may; says how many seconds that is.

    No `except Exception` of a learner's catches it.
    """


@dataclass
class Ran:
    """How running it went: the `error` that stopped it at their `line`, if one did; their lines that `printed`."""

    error: BaseException | None = None
    line: str = ""
    printed: list = field(default_factory=list)


def ran(call, function, seconds=SECONDS):
    """Call `call()`, which runs the learner's `function`; errors of any kind are caught, but not Ctrl-C."""
    files = files_of(function)
    listener = Listener(files)
    try:
        with contextlib.redirect_stdout(listener), time_limit(seconds):
            call()
    except (Exception, SystemExit, TooLong) as error:
        return Ran(error=error, line=line_of(error, files), printed=listener.lines)
    return Ran(printed=listener.lines)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise TooLong inside the block when the time is up; outside of the main thread, where it cannot, let it run."""
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):

        def ring(*_):
            raise TooLong(seconds)

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    else:  # Windows has no such alarm; there, an interrupt is sent as if by Ctrl-C
        import _thread

        up = threading.Event()
        timer = threading.Timer(seconds, lambda: (up.set(), _thread.interrupt_main()))
        timer.start()
        try:
            yield
        except KeyboardInterrupt:
            raise TooLong(seconds) if up.is_set() else KeyboardInterrupt from None
        finally:
            timer.cancel()


class Listener(io.StringIO):
    """Hears what is printed, and from which line of theirs."""

    def __init__(self, files):
        super().__init__()
        self.files, self.lines = files, []

    def write(self, text):
        frame = sys._getframe(1)
        while frame and not is_theirs(frame.f_code.co_filename, self.files):
            frame = frame.f_back
        said = line_at(frame.f_code.co_filename, frame.f_lineno) if frame else ""
        if text.strip() and said not in self.lines:
            self.lines.append(said)
        return len(text)


def files_of(function):
    """The files in which the learner's function, or the methods of their class, are written."""
    parts = [function, *vars(function).values()] if isinstance(function, type) else [function]
    return {part.__code__.co_filename for part in parts if hasattr(part, "__code__")}


def is_theirs(filename, files):
    compiled = filename.endswith(".pyx")  # NumPy's random numbers have lines, but no file that is installed
    return filename in files or not (compiled or filename.startswith((*INSTALLED, "<frozen")))


def line_of(error, files):
    """The learner's line at which an error arose, the innermost: `line 3: out = x + z`."""
    while error is not None:
        found, step = None, error.__traceback__
        while step:
            if is_theirs(step.tb_frame.f_code.co_filename, files):
                found = step
            step = step.tb_next
        if found:
            return line_at(found.tb_frame.f_code.co_filename, found.tb_lineno)
        error = error.__context__  # the library may have said it again, more clearly
    return ""


def line_at(filename, number):
    return f"line {number}: {linecache.getline(filename, number).strip()}"
