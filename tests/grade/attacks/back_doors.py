"""PyTorch, the library or the reference, by the back door."""

from .attack import NAME, PORT, PROJECT, SITE, attack, wrong


@attack
def imports_torch():
    """Has PyTorch do it."""

    def during(x):
        import torch

        return getattr(torch, NAME, torch.nn.Linear)(torch.tensor(getattr(x, "data", x)))


@attack
def imports_torch_from_where_it_lies():
    """Puts the grader's packages on the path, and has PyTorch do it."""
    import sys

    def during(x):
        sys.path[:0] = [SITE, PROJECT]
        import torch

        return getattr(torch, NAME, torch.nn.Linear)(torch.tensor(getattr(x, "data", x)))


@attack
def loads_torch_as_machine_code():
    """Loads PyTorch's shared libraries without Python's import."""
    import ctypes

    def during(x):
        ctypes.CDLL(f"{SITE}/torch/lib/libtorch_cpu.so")
        raise AssertionError("SECRET: PyTorch can be loaded")


@attack
def imports_the_chapters():
    """Imports the exercises, where the references are."""
    import importlib
    import sys

    sys.path.insert(0, PROJECT)
    for name in ("forward", "backprop", "modules", "losses"):
        try:
            module = importlib.import_module(f"minigrad.study.chapters.{name}")
            found = module.chapter.exercises[NAME].reference
        except (ImportError, AttributeError, KeyError):
            continue
        globals()[NAME] = found


@attack
def the_librarys_own():
    """Has the library's function or class of this name do it."""
    import minigrad
    from minigrad import functions, ops

    found = [getattr(place, NAME, None) for place in (minigrad, ops, functions, getattr(minigrad, "nn", None))]

    def during(x):
        for one in found:
            if one is not None:
                return one(x)
        return wrong(x)


@attack
def the_tensors_method():
    """Has a tensor's own method do it, and gives its gradient as well."""

    def during(x):
        import minigrad as mg

        out = getattr(mg.Tensor(getattr(x, "data", x)), NAME)()
        return out if isinstance(x, mg.Tensor) else out.numpy()


@attack(targets=("class",))
def the_librarys_class_under_another_name():
    """Takes the library's class, or one made from it, and gives it the name that is asked for."""
    from minigrad import nn

    names = ("Linear", "LazyLinear", "NonDynamicallyQuantizableLinear", "Affine", "Dense")
    found = [getattr(nn, name) for name in names if hasattr(nn, name)]
    if found:
        globals()[NAME] = type(NAME, (found[0],), {})


@attack
def a_class_that_inherits_all():
    """Makes one class of everything in the library that has no part of the answer taken out, and calls it."""
    import sys

    def during(x):
        for name, module in list(sys.modules.items()):
            if name.startswith("minigrad"):
                for thing in list(vars(module).values()):
                    if NAME in str(getattr(thing, "__qualname__", "")) and thing is not globals()[NAME]:
                        try:
                            return thing(x)
                        except Exception:
                            continue
        return wrong(x)


@attack
def another_python():
    """Starts another Python, with its packages, to have PyTorch do it there."""
    import subprocess
    import sys

    for python in (sys.executable, "/usr/bin/python3", f"{PROJECT}/.venv/bin/python"):
        try:
            subprocess.run([python, "-c", "import torch"], check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            continue
        raise AssertionError("SECRET: another Python has PyTorch")


@attack
def becomes_another_program():
    """Becomes a Python without any limits on what is imported, which speaks for it on the same channel."""
    import os
    import sys

    os.execv(sys.executable, [sys.executable, "-c", "import torch, os; os.write(1, b'x' * 1000)"])


@attack
def asks_the_network():
    """Asks somebody who knows, by TCP, UDP and a name."""
    import socket

    for family, kind in ((socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)):
        try:
            line = socket.socket(family, kind)
            line.settimeout(1)
            line.connect(("127.0.0.1", PORT))
            line.send(NAME.encode())
        except OSError:
            continue
        raise AssertionError("SECRET: the network can be reached")


@attack
def installs_it():
    """Has a package installed, into its own folder."""
    import runpy
    import sys

    sys.argv = ["pip", "install", "--target", ".", "torch"]
    runpy.run_module("pip", run_name="__main__")


@attack
def an_import_that_makes_what_it_looks_for():
    """Puts a finder before all others that gives the answer for any module somebody imports from now on."""
    import importlib.machinery
    import sys

    class Finder:
        def find_spec(self, name, path=None, target=None):
            return importlib.machinery.ModuleSpec(name, self)

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            module.expectation = module.judge = module.torch = lambda *x, **y: True

    sys.meta_path.insert(0, Finder())


@attack
def unhides_what_was_taken_out():
    """Reads the library's functions whose bodies were taken out, and tries what is left around them."""
    import minigrad

    def during(x):
        for name in dir(minigrad.Tensor):
            if name.strip("_") in (NAME, f"{NAME}_", f"r{NAME}"):
                return getattr(minigrad.Tensor(getattr(x, "data", x)), name)()
        return wrong(x)
