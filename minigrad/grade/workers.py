"""Who does the work: processes on this machine, or a Dask cluster. Either way a worker may die, and the run goes on.

with on(scheduler=None, jobs=2) as pool:
    for submission, row in pool.each(work, settings, submissions):  # row is None where the worker died
"""

import contextlib
import multiprocessing
import os
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@contextlib.contextmanager
def on(scheduler, jobs):
    """The pool to work with: `jobs` processes here, or the workers of the Dask scheduler at this address."""
    pool = Cluster(scheduler) if scheduler else Processes(jobs)
    try:
        yield pool
    finally:
        pool.close()


class Processes:
    """Processes on this machine. No more files are under way than there are processes, so few suffer from one."""

    def __init__(self, jobs):
        self.jobs, self.pool = max(1, jobs), None

    def each(self, work, settings, submissions, **options):
        """Pairs (submission, what work gives), as they are ready; None for what was under way when a process died."""
        todo, running = list(reversed(submissions)), {}
        while todo or running:
            while todo and len(running) < self.jobs:
                one = todo.pop()
                running[self.started().submit(work, settings, one, **options)] = one
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                self.close()  # and a new one is started; which file it was is found out by trying each alone
                done = [*running]
            for future in done:
                one = running.pop(future)
                broken = future.cancelled() or not future.done() or isinstance(future.exception(), BrokenProcessPool)
                yield one, None if broken else future.result()

    def started(self):
        if self.pool is None:
            for name in ONE_THREAD:  # each process has a core; it reads this when NumPy loads
                os.environ.setdefault(name, "1")
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.jobs, context, initializer=settle, initargs=(os.getpid(),))
        return self.pool

    def close(self):
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = None


def settle(parent):
    """In a new process: end when the grader ends, however that happens, and leave Ctrl-C to it."""
    import signal
    import threading
    import time

    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if hasattr(os, "getppid"):
        threading.Thread(target=watch, daemon=True).start()


class Cluster:
    """The workers of a Dask scheduler: other processes, or other machines with the same minigrad and its solutions."""

    def __init__(self, address):
        try:
            from dask.distributed import Client
        except ImportError:
            raise RuntimeError("--scheduler needs Dask: pip install 'minigrad[cluster]'") from None
        try:
            self.client = Client(address, timeout="10s")
        except OSError as problem:
            raise RuntimeError(f"no Dask scheduler answers at {address} ({problem})") from None

    def each(self, work, settings, submissions, **options):
        """Pairs (submission, what work gives), as they are ready; None for a file at which workers died."""
        from dask.distributed import KilledWorker, as_completed

        futures = {
            self.client.submit(
                work, settings, one, **options, pure=False, key=f"grade-{i}-{id(one)}-{bool(options)}"
            ): one
            for i, one in enumerate(submissions)
        }
        for future in as_completed(futures):
            try:
                row = future.result()
            except KilledWorker:
                row = None
            yield futures[future], row

    def close(self):
        self.client.close()
