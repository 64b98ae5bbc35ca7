"""Results that are hard to look at, or that are something else each time somebody looks."""

from .attack import SHORT, attack, written, wrong

GIVEN = {
    "a_huge_number": ("A whole number of a million digits.", "1 << 4_000_000"),
    "a_number_too_large_for_a_float": ("A whole number that no float can hold.", "10 ** 400"),
    "a_number_too_large_for_the_type": ("A whole number of 65 bits.", "1 << 64"),
    "negative_infinity": ("Minus infinity.", "float('-inf')"),
    "not_a_number": ("One NaN.", "float('nan')"),
    "an_array_of_nan": ("NaN, of the right shape.", "np.full(x.shape, np.nan, 'float32')"),
    "an_array_of_infinities": ("Infinity, of the right shape.", "np.full(x.shape, np.inf, 'float32')"),
    "negative_zeros": ("-0.0 everywhere.", "np.full(x.shape, -0.0, 'float32')"),
    "an_array_of_objects": ("An array of objects.", "np.full(x.shape, None, object)"),
    "structured": ("An array with fields.", "np.zeros(x.shape, [('a', 'f4'), ('b', 'O')])"),
    "masked": ("An array with everything masked.", "np.ma.masked_all(x.shape, 'float32')"),
    "dates": ("An array of dates that are none.", "np.full(x.shape, 'NaT', 'datetime64[s]')"),
    "complex_numbers": ("Complex numbers.", "np.zeros(x.shape, complex)"),
    "words_in_an_array": ("An array of words.", "np.full(x.shape, 'right')"),
    "bytes_the_other_way_round": ("Numbers with their bytes the other way round.", "np.zeros(x.shape, '>f4')"),
    "negative_strides": ("A view that runs backwards.", "np.zeros(x.shape, 'float32')[::-1]"),
    "no_elements": ("An array without elements.", "np.zeros((0, 5), 'float32')"),
    "no_axes": ("An array without axes.", "np.array(0, 'float32')"),
    "many_axes": ("An array with 64 axes.", "np.zeros((1,) * 64, 'float32')"),
    "stretched": (
        "An array that says it has 2 ** 60 elements.",
        "np.lib.stride_tricks.as_strided(np.zeros(1, 'float32'), (1 << 60,), (0,))",
    ),
    "a_matrix": ("NumPy's matrix.", "np.matrix([[1.0]])"),
    "a_dict_with_hostile_keys": (
        "A dict with keys of every kind.",
        "{None: 1, float('nan'): 2, (1,): 3, 'x' * 100_000: {}, -0.0: 1, True: 2}",
    ),
    "deeply_nested": (
        "Lists in lists, a thousand deep.",
        "__import__('functools').reduce(lambda a, b: [a], range(900), 0)",
    ),
    "too_deeply_nested": (
        "Lists in lists, a million deep.",
        "__import__('functools').reduce(lambda a, b: [a], range(1_000_000), 0)",
    ),
    "itself_in_itself": ("A list that holds itself.", "(lambda a: (a.append(a), a)[1])([])"),
    "a_long_word": ("A word of 100 million letters.", "'x' * 100_000_000"),
    "a_long_list": ("A list of a million numbers.", "[0.5] * 1_000_000"),
    "bytes": ("Bytes.", "bytes(1000)"),
    "a_view_of_memory": ("A view of memory.", "memoryview(bytearray(1000))"),
    "nothing": ("Nothing.", "None"),
    "not_implemented": ("NotImplemented.", "NotImplemented"),
    "dots": ("An ellipsis.", "..."),
    "true": ("True.", "True"),
    "a_module": ("NumPy itself.", "np"),
    "a_dtype_of_its_own": ("A void of four bytes each.", "np.zeros(x.shape, 'V4')"),
}
for _name, (_sentence, _expression) in GIVEN.items():
    globals()[_name] = written(
        _name, f"Gives what is hard to look at. {_sentence}", f"during = lambda x: {_expression}"
    )


@attack
def another_at_each_look():
    """Gives a tensor whose array is another one each time."""

    class Tensor:
        count = 0
        requires_grad = False

        def detach(self):
            return self

        cpu = detach

        @property
        def data(self):
            import numpy as np

            Tensor.count += 1
            return np.full((3, 4), Tensor.count, "float32")

    def during(x):
        return Tensor()


@attack(**SHORT)
def a_generator_without_end():
    """Gives a list whose elements never end."""

    class Endless(list):
        def __iter__(self):
            while True:
                yield 0

    def during(x):
        return Endless()


@attack
def a_list_that_lies_about_its_length():
    """Gives a list with another length each time it is asked."""

    class Liar(list):
        lengths = iter(range(10**9))

        def __len__(self):
            return next(self.lengths)

    def during(x):
        return Liar([1, 2, 3])


@attack
def a_dict_that_changes():
    """Gives a dict that grows while somebody goes through it."""

    class Growing(dict):
        def items(self):
            for i in range(10):
                self[i] = i
                yield i, self

    def during(x):
        return Growing(a=1)


@attack
def an_object_that_does_everything():
    """Gives an object with every attribute and every method, all of which give the object."""

    class Everything:
        def __getattr__(self, name):
            return self

        def __call__(self, *x, **y):
            return self

        def __iter__(self):
            return iter([self])

        __len__ = __index__ = __int__ = lambda self: 1
        shape, dtype, ndim, requires_grad = (), "float32", 0, True

    def during(x):
        return Everything()


@attack
def an_object_that_fails_at_everything():
    """Gives an object that raises at whatever is asked of it."""

    class Fails:
        def __getattribute__(self, name):
            raise BaseException(name)

        __repr__ = __str__ = __bool__ = __eq__ = __len__ = __getattribute__

    def during(x):
        return Fails()


@attack
def a_tensor_with_a_gradient_of_its_own():
    """Gives a tensor whose backward is its own."""

    class Tensor:
        requires_grad, shape, dtype, gradients = True, (), "float32", ()

        def backward(self, *x):
            raise StopIteration

    def during(x):
        return Tensor()


@attack
def a_gradient_that_raises_stop():
    """Raises StopIteration, at which loops of others would end as if all had been seen."""

    def during(x):
        raise StopIteration


@attack
def a_generator_in_place_of_a_result():
    """Gives a generator, as one who was asked for pairs of names and values."""

    def during(x):
        yield "the result", wrong(x)
