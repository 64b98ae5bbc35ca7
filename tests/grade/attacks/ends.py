"""Exits, hangs and crashes, in the hope that somebody takes silence for a pass."""

from .attack import SHORT, attack, written

DONE = {
    "exits": ("Leaves, as if all were done.", "os._exit(0)"),
    "exits_politely": ("Leaves by sys.exit.", "sys.exit(0)"),
    "kills_itself": ("Kills itself.", "os.kill(os.getpid(), signal.SIGKILL)"),
    "terminates_itself": ("Terminates itself.", "os.kill(os.getpid(), signal.SIGTERM)"),
    "aborts": ("Aborts.", "os.abort()"),
    "reads_address_zero": ("Reads where nothing is.", "ctypes.string_at(0)"),
    "writes_everywhere": ("Writes over the memory of Python itself.", "ctypes.memset(id(object), 0, 400)"),
    "divides_by_zero_in_c": ("Sends itself an arithmetic error.", "os.kill(os.getpid(), signal.SIGFPE)"),
    "recurses": ("Calls itself for ever.", "during(x)"),
    "recurses_without_a_limit": (
        "Calls itself for ever, with no limit left.",
        "sys.setrecursionlimit(1 << 30) or (lambda f: f(f))(lambda f: [f(f)])",
    ),
    "recurses_in_c": (
        "Has the interpreter call itself until its stack is used up.",
        "functools.reduce(lambda a, b: (a,), range(1_000_000), ()).__hash__()",
    ),
    "raises_out_of_memory": ("Says that memory is used up.", "(_ for _ in ()).throw(MemoryError)"),
    "becomes_true": ("Becomes another program, which is content with everything.", "os.execv('/bin/true', ['true'])"),
    "forks_and_leaves": ("Leaves a child behind, and leaves.", "os.fork() and os._exit(0)"),
    "closes_the_channel": ("Closes the channel, and stays.", "(os.closerange(3, 64), time.sleep(100))"),
}
LASTING = {
    "loops": ("Loops for ever.", "[0 for _ in iter(int, 1)]"),
    "sleeps": ("Sleeps.", "(signal.setitimer(signal.ITIMER_REAL, 0), time.sleep(1000))"),
    "stops_itself": ("Stops itself, without ending.", "os.kill(os.getpid(), signal.SIGSTOP)"),
    "waits_for_a_signal": (
        "Waits for a signal that never comes.",
        "(signal.setitimer(signal.ITIMER_REAL, 0), signal.pause())",
    ),
    "waits_for_itself": ("Waits for a lock that it holds.", "(lambda l: (l.acquire(), l.acquire()))(threading.Lock())"),
    "computes_in_c": ("Computes where no signal of Python's is looked at.", "7 ** (7 ** 9)"),
    "backtracks": ("Has a pattern looked for in a way that takes for ever.", "re.match('(a+)+$', 'a' * 40 + 'b')"),
}
IMPORTS = "import ctypes, functools, os, re, signal, sys, threading, time\n"
for _name, (_sentence, _expression) in {**DONE, **LASTING}.items():
    globals()[_name] = written(
        _name,
        _sentence,
        f"{IMPORTS}during = lambda x: {_expression}",
        **(SHORT if _name in LASTING or _name in ("closes_the_channel", "recurses_without_a_limit") else {}),
    )


@attack
def exits_at_once():
    """Leaves before it is defined."""
    import os

    os._exit(0)


@attack(**SHORT)
def hangs_when_it_leaves():
    """Leaves, but has something that takes for ever done first."""
    import atexit
    import sys
    import time

    atexit.register(time.sleep, 1000)

    def during(x):
        raise KeyboardInterrupt(sys)


@attack(**SHORT)
def hangs_when_it_is_defined():
    """Loops before it is defined."""
    import time

    while True:
        time.sleep(1)


@attack(**SHORT)
def overflows_the_stack_of_a_thread():
    """Starts a thread with a stack of its own, and uses it up."""
    import sys
    import threading

    def deeper(n):
        return deeper(n + 1) + 1

    def during(x):
        sys.setrecursionlimit(1 << 30)
        threading.stack_size(1 << 16)
        thread = threading.Thread(target=deeper, args=(0,))
        thread.start()
        thread.join()
