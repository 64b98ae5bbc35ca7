"""A program in the sandbox, seen from outside: its pipes, its clock, its end.

What comes out of the pipes is never trusted, only counted. Whatever the program does, every method returns or raises
Ended by the deadline (and the moment that killing takes), and `close` leaves no process and no file.
"""

import os
import select
import signal
import subprocess
import threading
import time

from .limits import USUAL, Ended

CHUNK = 1 << 16
LOOK = 0.1  # seconds between two looks at what it uses
HEAD, TAIL = 1 << 16, 1 << 12  # of stderr, what is kept of its beginning and its end
MOMENT = 2.0  # seconds until something killed must be gone


class Box:
    """What a tier knows about one program: where it writes, what belongs to it, and how all of it is ended.

    folder    a folder of the host that is its own, or None
    """

    folder = None
    descriptors = ()  # that the program is to inherit
    directory = None  # where the command starts

    def started(self, process):
        """Called once, with the Popen."""
        self.process = process

    def too_much(self, limits):
        """Which of its limits it is over: "disk", "memory" or None."""

    def kill(self):
        self.process.kill()

    def clear(self):
        """Called last, when everything is dead: remove what is left."""


class Sandbox:
    """A tier: one way of keeping a program from what is not its own.

    name        how reports call it
    children    whether a program in it can be allowed to start others
    """

    name, children = "", True

    def missing(self):
        """Why this tier cannot be had here, or ""."""
        raise NotImplementedError

    def start(self, argv, *, readable=(), environment=None, limits=USUAL):
        """Run a command inside; gives the Process.

        Its working directory is empty and its own. It sees /usr, the Python installation without site-packages, and
        `readable`: files and folders of this machine, at the same paths. `environment` is added to what little it gets.
        It dies with the thread that starts it, not only with the grader; that is how Linux sees parents.
        """
        raise NotImplementedError


class Process:
    """Started by a Sandbox; also a context manager, which closes it."""

    def __init__(self, command, environment, limits, box):
        self.limits, self.box = limits, box
        self.ended, self.status, self.closed = None, None, False
        self.began = self._next_look = time.monotonic()
        self._since, self._seconds = self.began, limits.wall
        self._received, self._head, self._tail, self._printed = bytearray(), bytearray(), bytearray(), 0
        self._lock = threading.Lock()
        try:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=box.directory,
                env=environment,
                pass_fds=box.descriptors,
                start_new_session=True,
            )
        except BaseException:
            box.clear()
            raise
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            os.set_blocking(pipe.fileno(), False)
        self._in, self._out, self._err = (p.fileno() for p in (self.popen.stdin, self.popen.stdout, self.popen.stderr))
        self._open = {self._out, self._err}
        try:
            box.started(self.popen)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the protocol's pipes ----

    def allow(self, seconds):
        """It has this long from now on, if its limits leave it as much: for one question of many."""
        self._since, self._seconds = min((time.monotonic(), seconds), (self.began, self.limits.wall), key=sum)

    def send(self, data):
        """Put bytes into its stdin."""
        if self.popen.stdin.closed:
            raise ValueError("its stdin was closed: nothing can be sent any more")
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self._turn(rest) :]

    def finish_input(self):
        """Close its stdin."""
        self.popen.stdin.close()

    def receive(self, count):
        """Exactly `count` bytes of its stdout."""
        if count > self.limits.output:
            raise self._end("flood", f"it wanted to hand over {count} bytes, more than {megabytes(self.limits.output)}")
        while len(self._received) < count:
            if self._out not in self._open:
                raise self._end(*self._how_it_ended())
            self._turn()
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def rest(self):
        """All of its stdout until it ends by itself, well or badly: then `status` is its exit status."""
        while self._open:
            self._turn()
        self.status = self._status(MOMENT)
        if self.status is None:
            raise self._end(*self._how_it_ended())
        return bytes(self._received)

    @property
    def received(self):
        """What came from its stdout and was not taken."""
        return bytes(self._received)

    @property
    def stderr(self):
        cut = self._printed - len(self._head) - len(self._tail)
        between = f"\n... {cut} bytes left out ...\n".encode() if cut > 0 else b""
        return bytes(self._head) + between + bytes(self._tail)

    def _left(self):
        return self._since + self._seconds - time.monotonic()

    def _turn(self, sending=b""):
        """Wait for the pipes once, and serve them; returns how many bytes were sent."""
        if self.ended:
            raise self.ended
        if self.closed:
            raise RuntimeError("this process was closed")
        left = self._left()
        if left <= 0:
            raise self._end("time", f"it had not ended after {self._seconds:g} seconds, and was stopped")
        self._look()
        poll = select.poll()
        for descriptor in self._open:
            poll.register(descriptor, select.POLLIN)
        if sending:
            poll.register(self._in, select.POLLOUT)
        sent = 0
        for descriptor, _ in poll.poll(1000 * min(left, LOOK)):
            if sending and descriptor == self._in:
                try:
                    sent = os.write(descriptor, sending[:CHUNK])
                except BlockingIOError:
                    sent = 0
                except OSError:
                    raise self._end(*self._how_it_ended()) from None
            else:
                self._read(descriptor)
        if not self._open and sending:
            raise self._end(*self._how_it_ended())
        if max(self._printed, len(self._received) - CHUNK) > self.limits.output:
            raise self._end("flood", f"it printed more than {megabytes(self.limits.output)}, and was stopped")
        return sent

    def _read(self, descriptor):
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._open.discard(descriptor)
        elif descriptor == self._out:
            self._received += data
        else:
            room = HEAD - len(self._head)
            self._head += data[:room]
            self._tail = (self._tail + data[max(room, 0) :])[-TAIL:]
            self._printed += len(data)

    def _look(self):
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK
        over = self.box.too_much(self.limits)
        if over == "disk":
            most = f"{megabytes(self.limits.files)} or {self.limits.entries} files"
            raise self._end("disk", f"it wrote more than {most}, and was stopped")
        if over == "memory":
            raise self._end("memory", f"it needed more than {megabytes(self.limits.memory)} of memory, and was stopped")

    # ---- its end ----

    def _end(self, kind, message):
        """End it, and remember why; what it does afterwards changes nothing."""
        if self.ended is None:
            self.ended = Ended(kind, message)
            self._kill()
        return self.ended

    def _status(self, seconds):
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _how_it_ended(self):
        """(kind, words) of a program that closed its side."""
        status = self._status(0.5)
        self._drain()
        if status is None:
            return "exit", "it closed its channel to the grader, and answers no more"
        number = -status if status < 0 else status - 128
        age = time.monotonic() - self.began
        processor = f"it needed more than {self.limits.cpu} seconds of processor time, and was stopped"
        memory = f"it needed more than {megabytes(self.limits.memory)} of memory"
        if number == signal.SIGXCPU or (number == signal.SIGKILL and age > 0.9 * self.limits.cpu):
            return "time", processor
        if number == signal.SIGKILL:
            return "memory", f"{memory}, and was stopped"
        if number == signal.SIGXFSZ:
            return "disk", f"it wrote more than {megabytes(self.limits.files)}"
        if number > 0:
            return "crash", f"Python itself crashed ({signal_name(number)})"
        last = self.stderr.rstrip().rpartition(b"\n")[2]
        if last.partition(b":")[0].endswith(b"MemoryError"):  # NumPy has one of its own
            return "memory", memory
        if last.startswith((b"OSError: [Errno 28]", b"OSError: [Errno 27]")):
            return "disk", f"it wrote more than {megabytes(self.limits.files)} or {self.limits.entries} files"
        return "exit", "it left before it answered, as by exit()" + (f" (exit status {status})" if status else "")

    def _drain(self):
        """Read what is still in stderr's pipe, so that the last words are known."""
        for descriptor in self._open & {self._err}:
            for _ in range(self.limits.output // CHUNK):
                before = self._printed
                self._read(descriptor)
                if self._printed == before:
                    break

    def _kill(self):
        try:
            self.box.kill()
        finally:
            self.popen.kill()
            self._status(MOMENT)

    def close(self):
        """End all that belongs to it, and remove its folder. Twice does no harm."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
        try:
            self._kill()
            self._drain()
        finally:
            for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
                pipe.close()
            self.box.clear()


def megabytes(count):
    return f"{count / (1 << 20):g} MB"


def signal_name(number):
    names = {signal.SIGSEGV: "a segmentation fault", signal.SIGABRT: "abort", signal.SIGFPE: "an arithmetic error"}
    try:
        return names.get(number) or signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
