"""Who does the work: processes on this machine, or a Dask cluster. Either way a worker may die, and the run goes on.

    with on(scheduler=None, jobs=2) as pool:
        for submission, row in pool.each(work, settings, submissions):  # row is None where the worker died

An error that `work` raises is raised here. On a cluster, too, the work is done by processes of its own (worker.py): the
threads of a Dask worker come and go, and so would the sandboxes that they start.
"""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from functools import cache
from multiprocessing import connection
from pathlib import Path

from .sandbox.launch import remove
from .worker import READY

PROJECT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PREFIX = "minigrad_run_"
PATIENCE = 15  # seconds for a scheduler to answer, and for its first worker
YOUNG = 2.0  # seconds in which a folder may be made and not yet held


class NoWorkers(Exception):
    """Nobody is there to do the work; the message says why."""


@contextlib.contextmanager
def on(scheduler, jobs):
    """The pool to work with: `jobs` processes here, or the workers of the Dask scheduler at this address."""
    if scheduler:
        with contextlib.closing(Cluster(scheduler)) as pool:
            yield pool
    else:
        with scratch() as folder, contextlib.closing(Processes(jobs, folder)) as pool:
            yield pool


class Worker:
    """A process, and the line to it. `piece`: what it is working on; `ready`: it has started."""

    def __init__(self, folder):
        self.piece, self.ready = None, False
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the grader alone
                env={**ONE_THREAD, **os.environ, "PYTHONPATH": path, "TMPDIR": folder},
            )
        self.line = connection.Connection(ours.detach())

    def fileno(self):
        return self.line.fileno()

    def give(self, piece, work, *words, **options):
        self.piece = piece
        with contextlib.suppress(OSError):  # it died: that is heard later
            self.line.send((work, words, options))

    def hear(self):
        """What it says next: READY, or (True, result), or (False, error). Raises EOFError if it died."""
        try:
            return self.line.recv()
        except OSError:
            raise EOFError from None

    def close(self):
        self.line.close()
        self.process.kill()
        self.process.wait()


class Processes:
    """Processes on this machine, each of which has one file under way; so one that dies costs nobody else."""

    def __init__(self, jobs, folder):
        self.jobs, self.folder, self.workers = jobs, folder, []

    def each(self, work, settings, pieces, **options):
        """Pairs (piece, what work gives), as they are ready; None for a piece at which a process died."""
        todo, underway = deque(pieces), 0
        while todo or underway:
            while len(self.workers) < min(self.jobs, len(todo) + underway):
                self.workers.append(Worker(self.folder))
            for worker in self.workers:
                if todo and worker.ready and worker.piece is None:
                    worker.give(todo[0], work, settings, todo.popleft(), **options)
                    underway += 1
            for worker in connection.wait(self.workers):
                for piece, result in self.heard(worker):
                    underway -= 1
                    yield piece, result

    def heard(self, worker):
        """[(piece, result)] if a worker has come to an end with one; else []."""
        try:
            said = worker.hear()
        except EOFError:
            worker.close()
            self.workers.remove(worker)
            if not worker.ready:
                raise NoWorkers("a process that grades could not start; what it said stands above") from None
            return [] if worker.piece is None else [(worker.piece, None)]
        if said == READY:
            worker.ready = True
            return []
        done, result = said
        if not done:
            raise result
        piece, worker.piece = worker.piece, None
        return [(piece, result)]

    def close(self):
        for worker in self.workers:
            worker.close()


class Cluster:
    """The workers of a Dask scheduler: other processes, or other machines with the same minigrad and its solutions."""

    def __init__(self, address):
        try:
            from distributed import Client
        except ImportError:
            raise NoWorkers("--scheduler needs Dask: pip install 'minigrad[cluster]'") from None
        try:
            self.client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError, TypeError) as problem:
            raise NoWorkers(f"no Dask scheduler answers at {address} ({problem})") from None
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.close()
            raise NoWorkers(f"the scheduler at {address} has no workers. Start some: dask worker {address}") from None

    def each(self, work, settings, pieces, **options):
        """Pairs (piece, what work gives), as they are ready; None for a piece at which workers died."""
        from distributed import CancelledError, KilledWorker, as_completed

        todo, futures = deque(pieces), {}
        ready = as_completed()
        most = 2 * sum(self.client.nthreads().values())  # no more are on their way than keep all busy

        def submit():
            future = self.client.submit(there, work, settings, todo[0], options, pure=False)
            futures[future] = todo.popleft()
            ready.add(future)

        while todo and len(futures) < most:
            submit()
        for future in ready:
            try:
                result = future.result()
            except KilledWorker:
                result = None
            except CancelledError:
                raise NoWorkers(
                    "the Dask scheduler is gone. What was graded is kept; the same command goes on"
                ) from None
            yield futures.pop(future), result
            if todo:
                submit()

    def close(self):
        self.client.close()


def there(work, settings, piece, options):
    """On a Dask worker: a piece of work, done by a process that this thread has for itself."""
    pool = getattr(own, "pool", None)
    if pool is None:
        pool = own.pool = Processes(1, folder_of_process())
    [(_, result)] = pool.each(work, settings, [piece], **options)
    return result


own = threading.local()


@cache
def folder_of_process():
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(scratch())


@contextlib.contextmanager
def scratch():
    """A folder for what is written in between. If its grader is killed, the next run removes it."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if place.lstat().st_uid == os.geteuid() and time.time() - place.lstat().st_mtime > YOUNG:
                with held(place):
                    remove(str(place))
    folder = tempfile.mkdtemp(prefix=PREFIX)
    os.chmod(folder, 0o711)  # the sandbox, with another user's eyes, passes through
    try:
        with held(folder):
            yield folder
    finally:
        with contextlib.suppress(OSError):
            remove(folder)


@contextlib.contextmanager
def held(folder):
    """Hold a folder as one's own, as long as one lives. Raises OSError if somebody else does."""
    import fcntl

    place = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(place)
