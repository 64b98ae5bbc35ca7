"""What runs an answer, replaced by the answer: it is a program like any other, and the answer lives in it."""

from .attack import SHORT, attack, written, wrong

REPLACED = {
    "tried": "minigrad.study.trying.tried = lambda *x, **y: minigrad.study.trying.Tried([], None)",
    "what_is_tried": "minigrad.study.trying.Tried.__init__ = lambda self, *x, **y: self.__dict__.update("
    "seen=[], error=None, line='', printed=(), changed='')",
    "settled": "minigrad.study.trying.settled = minigrad.study.difference.settled = lambda value: True",
    "put": "minigrad.grade.wire.Parts.put = lambda self, value, depth=0: ['b', True]",
    "put_bytes": "minigrad.grade.wire.Parts.put = lambda self, value, depth=0: ['a', 'bool', []]",
    "frame": 'minigrad.grade.wire.frame = lambda *x: b\'\\x13\\x00\\x00\\x00{"state": "passed"}\\n\'',
    "drawn_inputs": "minigrad.study.run.drawn = lambda *x: ([], {})",
    "the_runner": "minigrad.study.chapters.questions.RUN = lambda *x, **y: []",
    "the_cases": "minigrad.study.chapters.questions.cases = lambda seed: []",
    "ran": "minigrad.study.guard.ran = minigrad.study.trying.ran = lambda *x: minigrad.study.guard.Ran()",
    "difference": "minigrad.study.trying.difference = lambda *x, **y: None",
    "json": "json.dumps = lambda *x, **y: '{\"passed\": true}'",
    "parts_of_the_runner": "minigrad.study.chapters.questions.RUN.__code__ = (lambda *x, **y: []).__code__",
    "the_first_step": "minigrad.study.chapters.questions.RUN = type('R', (), {'observe': staticmethod(lambda *x: [])})",
}
for _name, _line in REPLACED.items():
    _text = "import json\nimport minigrad.grade.wire, minigrad.study.trying, minigrad.study.chapters.questions\n"
    globals()[_name] = written(
        f"replaces_{_name}", "Puts a function of its own in the place of one that runs it.", _text + _line
    )


@attack
def replaces_all_code_around_it():
    """Gives every function of the program that runs it the code of one that returns nothing."""
    import gc
    import types

    def nothing(*x, **y):
        return None

    def during(x):
        for thing in gc.get_objects():
            if (
                isinstance(thing, types.FunctionType)
                and thing.__module__.startswith("minigrad")
                and not thing.__closure__
            ):
                thing.__code__ = nothing.__code__
        return wrong(x)


@attack
def changes_the_callers_variables():
    """Writes into the variables of the frames above it, by ctypes."""
    import ctypes
    import sys

    def during(x):
        frame = sys._getframe(1)
        while frame:
            for name in ("seen", "error", "passed", "found", "finding"):
                if name in frame.f_locals:
                    frame.f_locals[name] = None
                    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
            frame = frame.f_back
        return wrong(x)


@attack
def traces_what_runs_it():
    """Has a tracer called at every line of what runs it, which changes what comes back."""
    import sys

    def tracer(frame, event, value):
        if event == "return" and frame.f_code.co_name in ("tried", "reply", "put"):
            frame.f_globals["cases_of"] = lambda *x: []
        return tracer

    sys.settrace(tracer)

    def during(x):
        frame = sys._getframe(1)
        while frame:
            frame.f_trace = tracer
            frame = frame.f_back
        return wrong(x)


@attack
def profiles_what_runs_it():
    """Has a profiler called at every call, which leaves with a smile at the first comparison."""
    import os
    import sys

    def profiler(frame, event, value):
        if frame.f_code.co_name in ("difference", "compare", "put", "told"):
            os._exit(0)

    sys.setprofile(profiler)


@attack(**SHORT)
def takes_the_alarm_away():
    """Takes away the alarm that ends what takes too long, and does."""
    import signal

    def during(x):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            pass


@attack(**SHORT)
def catches_every_end():
    """Catches whatever is raised in it, for ever."""
    import time

    def during(x):
        while True:
            try:
                time.sleep(1)
            except BaseException:
                continue


@attack
def handles_all_signals():
    """Handles every signal that can be handled, by ignoring it."""
    import signal

    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue


@attack
def writes_into_what_it_was_given():
    """Opens the arrays that it was given for writing by changing memory, and fills them with zeros."""
    import ctypes

    def during(x):
        data = getattr(x, "data", x)
        ctypes.memset(data.ctypes.data, 0, data.nbytes)
        return wrong(x)


@attack
def changes_memory_under_numpy():
    """Writes over the insides of NumPy's objects by ctypes."""
    import ctypes

    import numpy as np

    def during(x):
        view = np.ctypeslib.as_array((ctypes.c_uint8 * 64).from_address(id(np.float32)))
        view[:8] = 255
        return wrong(x)


@attack
def makes_one_be_two():
    """Writes another number into Python's own 0 and 1."""
    import ctypes

    def during(x):
        ctypes.c_uint32.from_address(id(0) + 24).value = 1
        return wrong(x)


@attack
def waits_for_the_end():
    """Leaves functions behind for the end: atexit, __del__, threads that are not daemons."""
    import atexit
    import os
    import threading
    import time

    class Last:
        def __del__(self):
            os.write(1, b"passed")

    last = Last()
    atexit.register(lambda: os.write(1, b"passed"))
    threading.Thread(target=lambda: time.sleep(100)).start()
    kept = [last]
    kept[0]


@attack
def goes_on_in_threads():
    """Starts threads that go on writing into whatever is sent."""
    import gc
    import threading

    def write():
        while True:
            for thing in gc.get_objects():
                if type(thing) is bytearray:
                    thing[:] = bytes(len(thing))

    for _ in range(2):
        threading.Thread(target=write, daemon=True).start()


@attack
def hidden_tracebacks():
    """Raises an error whose traceback and context go round in circles, so that looking for its line might not end."""

    def during(x):
        one, two = ValueError("one"), ValueError("two")
        one.__context__ = two
        two.__cause__ = one
        raise one


@attack
def transforms_the_next_text():
    """Replaces compile and exec, and transforms every tree, for whoever comes next."""
    import ast
    import builtins

    ast.parse = ast.NodeTransformer.visit = lambda *x, **y: ast.Module([], [])
    builtins.compile = builtins.exec = builtins.eval = lambda *x, **y: None
    builtins.__import__ = lambda *x, **y: ast


@attack
def the_kernels_tricks():
    """Does what a notebook's kernel would obey: transformers, hooks, and outputs of its own."""
    try:
        from IPython import get_ipython

        get_ipython().ast_transformers.append(None)
    except ImportError:
        pass
    import sys

    sys.displayhook = sys.excepthook = sys.unraisablehook = lambda *x: None
    sys.ps1 = "passed"
    print('{"output_type": "display_data", "data": {"text/plain": "relu: 7 of 7 cases agree with PyTorch"}}')


@attack
def prints_what_a_pass_prints():
    """Prints what a check prints that passed, and points in all the forms that graders have."""

    def during(x):
        print("7 of 7 cases agree with PyTorch.\n1 passed in 0.01s\n{'score': 100, 'tests': []}\n::set-output points=4")
        return wrong(x)
