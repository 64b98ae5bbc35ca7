"""Processes that make batches ahead of time, and are never waited for in vain.

Worker w of W makes batches w, w + W, w + 2 W ... and writes them into a pipe of its own; the loader reads the pipes in
turn. That is all they say to each other. A full pipe makes a worker wait, so it is never more than a batch ahead; a
pipe that nobody reads any more makes it leave, however the reader ended; and the reader sees at once when a writer is
gone. No lock is shared that a dying process could take along.
"""

import pickle
import signal
import time
import traceback

LOOK_AFTER = 0.5  # seconds of silence after which the loader looks whether the worker is alive
GRACE = 1.0  # seconds that workers have to leave by themselves before they are made to


def batches_from_workers(make_batch, numbers, num_workers, timeout=0, context=None):
    """What `make_batch` gives for each of `numbers`, in order, made by worker processes.

    An exception in a worker is raised here too, with the worker's traceback as a note. RuntimeError if a worker is
    killed, or silent for `timeout` seconds. However this ends, no process is left behind.
    """
    import multiprocessing  # on use, so that importing minigrad stays quick

    if context is None or isinstance(context, str):
        context = multiprocessing.get_context(context)
    num_workers = min(num_workers, len(numbers))
    readers, workers = [], []
    try:
        for w in range(num_workers):
            reader, writer = context.Pipe(duplex=False)
            readers.append(reader)
            with writer:  # closed here once the worker has it: a pipe whose only writer dies says so
                task = (make_batch, numbers[w::num_workers], writer, readers)
                workers.append(start(context, f"DataLoader worker {w}", task))
        for turn, number in enumerate(numbers):
            w = turn % num_workers
            yield receive(readers[w], workers[w], f"batch {number}", timeout)
    finally:
        stop(readers, workers)


def start(context, name, task):
    """Start one worker. TypeError if what it needs cannot be sent to a new process."""
    worker = context.Process(target=work, name=name, args=(name, *task), daemon=True)
    try:
        worker.start()
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(
            f"{name} could not be given the dataset: {error}. What a worker needs must be defined at the top level of "
            "a module, not inside a function. Or use num_workers=0."
        ) from error
    return worker


def work(name, make_batch, numbers, writer, readers):
    """What a worker does, in its own process: make its batches and write each into its pipe, as (batch, error)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the loader, whose end is ours
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for reader in readers:  # with a copy open here, a pipe would never be without reader
        reader.close()
    for number in numbers:
        try:
            message = pickle.dumps((make_batch(number), None), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            message = pickle.dumps((None, portable(error, name)))
        try:
            writer.send_bytes(message)
        except OSError:  # nobody reads any more
            return


def portable(error, name):
    """The exception, fit to be sent to another process, with its traceback as a note."""
    note = f"In {name}:\n{traceback.format_exc()}"
    try:
        error = pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(note)
    return error


def receive(reader, worker, what, timeout):
    """The next batch of a worker, or the reason why it does not come."""
    since = time.monotonic()
    try:
        while not reader.poll(LOOK_AFTER):
            if not worker.is_alive() and not reader.poll():
                raise EOFError
            if timeout and time.monotonic() - since > timeout:
                raise RuntimeError(f"{worker.name} (process {worker.pid}) has not given {what} in {timeout} seconds.")
        message = reader.recv_bytes()
    except (EOFError, OSError):
        worker.join(GRACE)
        end = how_it_ended(worker)
        raise RuntimeError(f"{worker.name} (process {worker.pid}) {end} before it gave {what}.") from None
    batch, error = pickle.loads(message)
    if error is not None:
        raise error
    return batch


def how_it_ended(worker):
    if worker.exitcode is None:
        return "closed its pipe"
    if worker.exitcode < 0:
        name = signal.Signals(-worker.exitcode).name
        return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    return f"left with exit code {worker.exitcode}"


def stop(readers, workers):
    """Let the workers go, and see them gone."""
    for reader in readers:
        reader.close()
    deadline = time.monotonic() + GRACE
    for worker in workers:
        worker.join(max(0, deadline - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()
