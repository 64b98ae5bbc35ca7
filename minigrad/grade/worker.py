"""A process that does pieces of work, one after the other: `python -m minigrad.grade.worker SOCKET`.

It ends when the one who started it does, however that happens: then nobody holds the other end of the socket. The work
is done by the first thread, on which a sandbox's life depends.
"""

import os
import pickle
import queue
import sys
import threading
from multiprocessing import connection

READY = "ready"


def main(number):
    line, todo = connection.Connection(int(number)), queue.SimpleQueue()
    threading.Thread(target=listen, args=(line, todo), daemon=True).start()
    line.send(READY)
    while True:
        try:
            work, words, options = pickle.loads(todo.get())
            answer = True, work(*words, **options)
        except Exception as error:
            answer = False, error
        line.send(answer)


def listen(line, todo):
    """Hand on what comes; end when nothing can come any more."""
    try:
        while True:
            todo.put(line.recv_bytes())
    except (EOFError, OSError):
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
