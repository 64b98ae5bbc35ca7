"""Comparisons patched, shadowed or overloaded, in the hope that they are made where an answer can reach."""

from .attack import NAME, attack, wrong


@attack
def equal_to_everything():
    """Gives an object that says it is equal to whatever it is compared with."""

    class Equal:
        __eq__ = __le__ = __ge__ = __lt__ = lambda self, other: True
        __ne__ = __gt__ = lambda self, other: False
        __sub__ = __rsub__ = __abs__ = __mul__ = __rmul__ = __add__ = __radd__ = lambda self, *other: self
        __bool__ = lambda self: True
        __hash__ = None

    def during(x):
        return Equal()


@attack
def an_array_that_answers_for_numpy():
    """Gives an array of a class of its own, which takes over NumPy's functions and says that all is close."""
    import numpy as np

    class Close(np.ndarray):
        def __array_function__(self, function, types, arguments, options):
            return True

        def __array_ufunc__(self, function, method, *arguments, **options):
            return np.zeros(self.shape) if function.__name__ in ("subtract", "absolute") else True

    def during(x):
        return np.zeros(x.shape, "float32").view(Close)


@attack
def an_array_made_at_the_last_moment():
    """Gives an object that NumPy asks for its array, again and again; it gives another each time."""
    import numpy as np

    class Late:
        count = 0

        def __array__(self, *arguments, **options):
            Late.count += 1
            return np.full((3, 4), Late.count, "float32")

    def during(x):
        return Late()


@attack
def a_class_that_lies():
    """Gives an object whose __class__ is that of an array, with everything else passed on."""
    import numpy as np

    class Liar:
        __class__ = property(lambda self: np.ndarray)
        __eq__ = lambda self, other: True

        def __getattr__(self, name):
            return getattr(np.zeros(3, "float32"), name)

    def during(x):
        return Liar()


@attack
def instances_of_everything():
    """Gives a thing whose metaclass says yes to isinstance and to ==."""

    class Meta(type):
        __instancecheck__ = __subclasscheck__ = __eq__ = lambda self, other: True
        __hash__ = type.__hash__

    class Thing(metaclass=Meta):
        pass

    def during(x):
        return Thing


@attack
def numbers_that_are_always_right():
    """Gives numbers and words of classes of its own, equal to all others."""

    class Number(float):
        __eq__ = __le__ = __lt__ = lambda self, other: True
        __sub__ = __rsub__ = __abs__ = lambda self, *other: Number(0)
        __hash__ = float.__hash__

    class Word(str):
        __eq__ = lambda self, other: True
        __hash__ = str.__hash__

    def during(x):
        return [Number(1), Word("right")]


@attack
def replaces_numpys_comparisons():
    """Puts functions that always say yes in the place of NumPy's that compare."""
    import numpy as np

    for name in ("allclose", "isclose", "array_equal", "array_equiv", "equal", "all"):
        setattr(np, name, lambda *arguments, **options: True)
    for name in ("abs", "absolute", "subtract"):
        setattr(np, name, lambda x, *arguments, **options: x * 0)
    for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
        setattr(np.testing, name, lambda *arguments, **options: None)


@attack
def replaces_the_judges_comparisons():
    """Puts functions that find no difference in the place of those that find one, wherever they are loaded."""
    import sys

    for module in list(sys.modules.values()):
        for name in ("difference", "compare", "first_wrong", "of_arrays", "of_parts", "gap", "judge", "judged"):
            if hasattr(module, name):
                setattr(module, name, lambda *arguments, **options: None)


@attack
def shadows_the_builtins():
    """Makes all(), any(), isinstance(), len(), zip() and the like say what an answer would want."""
    import builtins

    kept = {name: getattr(builtins, name) for name in ("isinstance", "len", "hasattr", "callable")}
    kept["isinstance"]
    builtins.all = lambda *x: True
    builtins.any = lambda *x: False
    builtins.abs = lambda x: 0
    builtins.callable = lambda x: True


@attack
def answers_by_what_it_cannot_be_told_from():
    """Gives itself, the function (or class) that was asked for."""

    def during(x):
        return globals()[NAME]


@attack
def not_a_number_anywhere():
    """Gives NaN, which is unlike everything, so that no difference is larger than what is allowed."""

    def during(x):
        return wrong(x) + float("nan")


@attack
def endless_tolerance():
    """Makes NumPy's number types say that everything is near."""
    import numpy as np

    class Wide:
        eps = tiny = max = resolution = 1e30
        precision = 1

    np.finfo = lambda *x: Wide()
    np.isfinite = lambda x: True
    np.isnan = lambda x: True


@attack
def swaps_zero_for_what_it_is_compared_with():
    """Gives an array whose buffer it goes on holding, and fills it with something else while it is looked at."""
    import threading

    import numpy as np

    made = []

    def change():
        while True:
            for array in made[-3:]:
                array += 1

    threading.Thread(target=change, daemon=True).start()

    def during(x):
        made.append(np.zeros(x.shape, "float32"))
        return made[-1]
