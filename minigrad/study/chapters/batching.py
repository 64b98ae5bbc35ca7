"""Chapter 08, data: from a list of pairs to a loader, and what is done to pictures on their way."""

import random as of_python
from dataclasses import dataclass, field

import numpy as np

from minigrad import Tensor, random
from minigrad.data import collate as library
from minigrad.data import transforms

from ...check import pytorch as torch
from ...check.case import exactly, normal
from .. import run
from ..difference import kind
from ..exercise import Chapter, given

chapter = Chapter(
    "08_data",
    "Data",
    teaches=(
        *("DataLoader", "TensorDataset", "random_split", "default_collate", "num_workers"),
        *("transforms", "Compose", "ToFloat", "Normalize", "RandomCrop", "RandomHorizontalFlip"),
    ),
)

# ---- laws: what holds of every right answer, whatever numbers it drew ----


@dataclass(frozen=True)
class Verdict:
    """Whether a law is kept. Where it is broken, `seen` says by what; answers that break it are alike in that."""

    kept: bool
    seen: str = field(default="", compare=False)

    def __repr__(self):
        return "kept" if self.kept else f"broken ({self.seen})" if self.seen else "broken"


class Dice(np.random.Generator):
    """`np.random.default_rng(seed)`, which says what it is."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))
        self.seed = seed

    def __repr__(self):
        return f"np.random.default_rng({self.seed})"


def dice(seed):
    return run.built(f"np.random.default_rng({seed})", lambda rng: Dice(seed))


NEXT = "what the generator gives next"


def has_moved(generator, following):
    """Whether numbers were drawn from a generator: what it gave next is not what a fresh one gives first."""
    return not np.array_equal(following, np.random.default_rng(generator.seed).random(4))


# ---- batches and orders ----


@chapter.exercise(
    points=1,
    minutes=6,
    cases=[
        given("six in batches of two: three batches", list(range(6)), 2),
        given("the order is what was given, not sorted", [3, 0, 2, 1], 2),
        given("what is left over makes a smaller batch at the end", list(range(7)), 3),
        given("drop_last leaves out a batch that is not full", list(range(7)), 3, drop_last=True),
        given("drop_last leaves out nothing where every batch is full", list(range(6)), 3, drop_last=True),
        given("a batch larger than all there is: one batch of what there is", [0, 1, 2], 10),
        given("nothing in, no batch out", [], 4),
        given("a batch of -1 makes no sense: in a shape, -1 means as many as fit, but not here", [0, 1, 2], -1),
    ],
    torch=lambda indices, batch_size, drop_last=False: list(
        torch.utils.data.BatchSampler(indices, batch_size, drop_last)
    ),
    hints=(
        "At which positions in the list does a batch begin? Write them down for 7 indices in batches of 3.",
        "Batches begin at 0, batch_size, 2 * batch_size ...: that is range with a step. Each is a slice of the list, "
        "and a slice that reaches over the end stops there by itself. With drop_last, stop where the last full batch "
        "ends.",
        """
        def batches(indices, batch_size, drop_last=False):
            if ...:
                raise ValueError(f"a batch_size of {batch_size}?")
            stop = len(indices)
            if drop_last:
                stop -= ...
            return [indices[start : ...] for start in range(0, stop, ...)]
        """,
    ),
)
def batches(indices, batch_size, drop_last=False):
    """Cut a list of indices into batches.

    indices: a list    batch_size: how many go into a batch    ->    a list of lists, in order

    The last batch holds what is left, and may be smaller; with `drop_last`, a last batch that is not full is left out.
    ValueError if batch_size is below 1.

    >>> batches([0, 1, 2, 3, 4], 2)
    [[0, 1], [2, 3], [4]]
    """
    ### BEGIN SOLUTION
    if batch_size < 1:
        raise ValueError(f"batches wants a batch_size of at least 1, and got {batch_size}.")
    stop = len(indices)
    if drop_last:
        stop -= stop % batch_size
    return [indices[start : start + batch_size] for start in range(0, stop, batch_size)]
    ### END SOLUTION


@chapter.hidden("batches")
def lists_unseen(rng):
    """Indices and sizes that nobody has seen."""

    def indices(count):
        return rng.integers(0, 1000, count).tolist()

    size = int(rng.integers(3, 9))
    return [
        given("indices nobody has seen", indices(4 * size + int(rng.integers(1, size))), size),
        given("without what is left over", indices(3 * size + int(rng.integers(1, size))), size, drop_last=True),
        given("every batch is full", indices(3 * size), size, drop_last=True),
        given("batches of one", indices(size), 1),
    ]


@chapter.way("batches", "Cut first, and then look whether the last one is full: clear as well.")
def batches_cut_first(indices, batch_size, drop_last=False):
    if batch_size < 1:
        raise ValueError("a batch holds at least one")
    cut = [indices[start : start + batch_size] for start in range(0, len(indices), batch_size)]
    if drop_last and cut and len(cut[-1]) < batch_size:
        cut.pop()
    return cut


chapter.wrong(
    "batches",
    "What is left over at the end is lost, even without drop_last. Seven samples in batches of 3 are three batches.",
    "if drop_last:",
    "if True:",
)
chapter.wrong(
    "batches",
    "Where everything fits, an empty batch comes at the end. How many batches are 6 samples in batches of 2?",
    "range(0, stop, batch_size)",
    "range(0, stop + (not drop_last), batch_size)",
)
chapter.wrong("batches", "It takes no notice of drop_last.", "stop -= stop % batch_size", "pass")
chapter.wrong(
    "batches",
    "A batch begins at every index, so that they overlap: each sample would be learned from several times.",
    "range(0, stop, batch_size)",
    "range(stop)",
)


@chapter.wrong("batches", "With drop_last it leaves out the last batch even where that is full.")
def drops_always(indices, batch_size, drop_last=False):
    if batch_size < 1:
        raise ValueError("a batch holds at least one")
    cut = [indices[start : start + batch_size] for start in range(0, len(indices), batch_size)]
    return cut[:-1] if drop_last else cut


@chapter.wrong("batches", "It makes batch_size batches. That number says how many go into one, not how many there are.")
def so_many_batches(indices, batch_size, drop_last=False):
    if batch_size < 1:
        raise ValueError("a batch holds at least one")
    return [part.tolist() for part in np.array_split(indices, batch_size)]


@chapter.wrong("batches", "A batch_size of -1 goes through, and gives no batches: a training that does nothing.")
def takes_anything(indices, batch_size, drop_last=False):
    stop = len(indices) - (len(indices) % batch_size if drop_last else 0)
    return [indices[start : start + batch_size] for start in range(0, stop, batch_size)]


AGAIN, FURTHER = 20, 299


def orders(shuffled, n, seed):
    """Orders of one seed and of others; and what others draw after that from the streams that all share."""

    def order(seed):
        out = shuffled(n, seed)
        if not hasattr(out, "__len__"):
            raise run.WrongForm(f"shuffled must return a list of the numbers from 0 to n - 1; it returned {out!r}.")
        return [int(i) for i in out]

    yield "an order", order(seed)
    if n > 2:
        yield "orders of the same seed", [order(seed) for _ in range(AGAIN)]
        yield "orders of other seeds", [order(seed + further) for further in range(1, 1 + FURTHER)]
    yield "what others draw", [*np.random.random(3).tolist(), *(of_python.random() for _ in range(3))]


def laws_of_orders(observed, inputs, options, seed):
    """What holds of every shuffle, asked one by one."""
    observed, (n, _) = iter(observed), inputs
    first = next(observed)[1]
    yield "how many numbers there are", len(first)
    yield "the law that all are from 0 to n - 1", Verdict(all(0 <= i < n for i in first), f"{first}")
    yield "the law that none comes twice", Verdict(len(set(first)) == n, f"{first}")
    if n > 2:
        again = next((order for order in next(observed)[1] if order != first), first)
        yield "the law that the same seed gives the same order", Verdict(again == first, f"{first}, then {again}")
        others = next(observed)[1]
        different = {tuple(other) for other in others}
        yield "the law that other seeds give other orders", Verdict(different != {tuple(first)}, f"always {first}")
        all_orders = all(sorted(other) == list(range(n)) for other in others)
        yield "the law that those are orders, too", Verdict(len(others) == FURTHER and all_orders)
    if n > 3:
        steps = [(b - a) % n for other in others for a, b in zip(other, other[1:])]
        alike = max(np.bincount(steps)) > len(steps) / 2
        yield "the law that neighbours do not stay neighbours", Verdict(not alike)
    if n == 3:
        yield "how many different orders 300 seeds give", len(different)
    drawn = next(observed)[1]
    of_all, of_python_ = np.random.RandomState(seed % 2**32).random_sample(3), of_python.Random(seed)
    undisturbed = drawn == [*of_all.tolist(), *(of_python_.random() for _ in range(3))]
    yield "the law that what others draw is not disturbed", Verdict(undisturbed, "they go on from elsewhere")


@run.concluded(laws_of_orders)
def laws_of_shuffled(function, inputs, options, seed):
    """The orders, for a function of the learner's. The streams that all share stand where they stood afterwards."""
    with random.seeded(seed):
        yield from orders(function, *inputs)


def laws_of_randperm(n, seed):
    def shuffled(n, seed):
        return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()

    with random.seeded(seed):
        yield from laws_of_orders(orders(shuffled, n, seed), (n, seed), {}, seed)


@chapter.exercise(
    points=2,
    minutes=8,
    run=laws_of_shuffled,
    cases=[
        given("ten samples: every one comes, and none twice", 10, 0),
        given("three samples can stand in six orders, and all six should come up", 3, 1),
        given("an order of one", 1, 0),
        given("nothing to put in order", 0, 5),
        given("a large seed is a seed as any other", 6, 2**40 + 1),
    ],
    torch=laws_of_randperm,
    hints=(
        "You need a source of random numbers that starts from `seed` and is nobody else's. NumPy has one.",
        "rng = np.random.default_rng(seed) is such a source: the same seed, the same numbers. It can draw a "
        "permutation, which is all numbers from 0 to n - 1 in a random order. tolist() makes a list of it.",
        """
        def shuffled(n, seed):
            rng = np.random.default_rng(...)
            return rng.permutation(...).tolist()
        """,
    ),
)
def shuffled(n, seed):
    """The numbers from 0 to n - 1 in a random order that follows from `seed`.

    n: a number    seed: a number, at least 0    ->    a list of n numbers

    Each number is in it just once. The same seed gives the same order; another seed gives another one (as a rule: of
    few numbers there are few orders). The random numbers that others draw are not disturbed.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    return rng.permutation(n).tolist()
    ### END SOLUTION


@chapter.hidden("shuffled")
def seeds_unseen(rng):
    """Lengths and seeds that nobody has seen."""
    lengths = (int(rng.integers(5, 30)), 3, int(rng.integers(30, 60)))
    return [given("a length and a seed nobody has seen", n, int(rng.integers(2**50))) for n in lengths]


@chapter.way("shuffled", "A list of numbers, shuffled in place.")
def shuffled_in_place(n, seed):
    order = list(range(n))
    np.random.default_rng(seed).shuffle(order)
    return order


@chapter.way("shuffled", "A random number for each, and the order in which those are sorted.")
def shuffled_by_sorting(n, seed):
    return np.argsort(np.random.default_rng(seed).random(n)).tolist()


chapter.wrong(
    "shuffled",
    "It draws n numbers, each from all: some come twice, others never. An order has every number once.",
    "rng.permutation(n)",
    "rng.integers(n, size=n) if n else np.zeros(0)",
)
chapter.wrong(
    "shuffled",
    "The seed is not used: each call gives another order, and nobody can repeat your training.",
    "np.random.default_rng(seed)",
    "np.random.default_rng()",
)
chapter.wrong(
    "shuffled",
    "It always starts from the same number, so that every seed gives the same order.",
    "np.random.default_rng(seed)",
    "np.random.default_rng(0)",
)
chapter.wrong(
    "shuffled",
    "It begins somewhere else and goes round: neighbours stay neighbours. Of n numbers that gives n orders, and there "
    "are n! of them.",
    "rng.permutation(n)",
    "np.roll(np.arange(n), rng.integers(n) if n else 0)",
)
chapter.wrong(
    "shuffled",
    "It seeds the random numbers that all of the program shares: whoever draws next gets other numbers because of you. "
    "Make a source of your own.",
    "rng = np.random.default_rng(seed)\n    return rng.permutation(n).tolist()",
    "np.random.seed(seed % 2**32)\n    return np.random.permutation(n).tolist()",
)


# ---- one batch of many samples ----


def as_collate(answer):
    """A learner's collate in the loader's place: Tensors come out, and samples of other kinds are the library's."""

    def collate(samples):
        first = samples[0]
        if not (type(first) is tuple and len(first) == 2 and isinstance(first[0], np.ndarray)):
            return library.default_collate(samples)
        return [Tensor(array) for array in answer(samples)]

    return collate


def halves(function, inputs, options, seed):
    """The two arrays of a batch."""
    batch = function(*inputs)
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        raise run.WrongForm(f"collate must return two arrays: return xs, ys. It returned {kind(batch)}.")
    yield from zip(("the stack of x's", "the stack of y's"), batch)


def halves_by_torch(samples):
    yield from zip(("the stack of x's", "the stack of y's"), torch.utils.data.default_collate(samples))


@chapter.exercise(
    points=2,
    minutes=10,
    run=halves,
    cases=[
        given("two samples of three numbers each", [(normal(3), 1), (normal(3), 0)]),
        given("pictures: the batch gets a new axis, in front", [(normal(1, 2, 2), 4), (normal(1, 2, 2), 7)]),
        given("a batch of one is a batch: the axis is there, with length 1", [(normal(3), 5)]),
        given(
            "bytes stay bytes: a batch of pictures in float64 takes eight times the room",
            [(exactly([0, 255], "uint8"), 0), (exactly([7, 8], "uint8"), 1), (exactly([1, 2], "uint8"), 2)],
        ),
        given("y may be an array, too: what is to be found out may be several numbers", [(normal(3), normal(2))] * 2),
        given("x may be a single number", [(normal(), 1), (normal(), 0)]),
        given(
            "a sample of another shape cannot be stacked, and must not be stretched", [(normal(3), 0), (normal(1), 1)]
        ),
    ],
    torch=halves_by_torch,
    hints=(
        "You have a list of pairs, and want a pair of stacks. First sort out what is an x and what is a y.",
        "xs are the first halves of all pairs, ys the second: a comprehension for each, or zip(*samples). np.stack "
        "puts arrays of one shape on top of each other along a new axis in front, keeps their number type, and "
        "refuses those of different shapes. It takes plain numbers as well.",
        """
        def collate(samples):
            xs = [x for x, y in samples]
            ys = ...
            return np.stack(...), np.stack(...)
        """,
    ),
    part="data.loader.default_collate",
    adapt=as_collate,
)
def collate(samples):
    """Make one batch of many samples.

    samples: a list of N pairs (x, y), the x's arrays of one shape, the y's numbers or arrays of one shape
    ->       (xs, ys): arrays of shape (N, *shape of an x) and (N, *shape of a y), of the number types of their parts

    ValueError if shapes differ (np.stack raises it).
    """
    ### BEGIN SOLUTION
    xs, ys = zip(*samples)
    return np.stack(xs), np.stack(ys)
    ### END SOLUTION


@chapter.hidden("collate")
def samples_unseen(rng):
    """As many samples as nobody has seen, of shapes that nobody has seen."""

    def shape(axes):
        return tuple(map(int, rng.integers(2, 6, axes)))

    def labels(count):
        return map(int, rng.integers(0, 1000, count))

    wide, high, pixels = shape(1), shape(3), int(rng.integers(2, 6))
    return [
        given("samples nobody has seen", [(normal(*wide), y) for y in labels(rng.integers(3, 9))]),
        given("pictures nobody has seen", [(normal(*high), y) for y in labels(rng.integers(3, 6))]),
        given("bytes", [(exactly(rng.integers(0, 256, pixels), "uint8"), y) for y in labels(4)]),
        given("arrays for y", [(normal(*wide), normal(*shape(0), 3)) for _ in range(rng.integers(2, 5))]),
    ]


@chapter.way("collate", "The same, spelt out: first all x's, then all y's.")
def collate_spelt_out(samples):
    return np.stack([x for x, y in samples]), np.stack([y for x, y in samples])


chapter.wrong(
    "collate",
    "It glues the samples end to end along an axis they have. A batch needs a new axis, which counts the samples.",
    "np.stack(xs)",
    "np.concatenate([np.atleast_1d(x) for x in xs])",
)
chapter.wrong(
    "collate",
    "np.vstack makes no new axis where there are two or more: of two pictures it makes one that is twice as high.",
    "np.stack(xs)",
    "np.vstack(xs)",
)
chapter.wrong(
    "collate",
    "The new axis is the last one. By custom it is the first: xs[0] should be the first sample.",
    "np.stack(xs)",
    "np.stack(xs, axis=-1)",
)
chapter.wrong(
    "collate", "x's and y's are exchanged.", "return np.stack(xs), np.stack(ys)", "return np.stack(ys), np.stack(xs)"
)
chapter.wrong(
    "collate",
    "The y's are made floats. A class is a whole number: cross_entropy uses it as an index.",
    "np.stack(ys)",
    "np.stack(ys).astype(np.float32)",
)
chapter.wrong(
    "collate",
    "The y's stand in a column, (N, 1). Against scores of shape (N,) such a column broadcasts to N x N without a word.",
    "np.stack(ys)",
    "np.stack(ys).reshape(len(ys), -1)",
)


@chapter.wrong(
    "collate",
    "np.zeros makes float64 unless it is told otherwise. A batch should have the number type of its samples.",
)
def into_float64(samples):
    xs = np.zeros((len(samples), *np.shape(samples[0][0])))
    for i, (x, _) in enumerate(samples):
        if np.shape(x) != xs.shape[1:]:
            raise ValueError("shapes differ")
        xs[i] = x
    return xs, np.stack([y for x, y in samples])


@chapter.wrong(
    "collate",
    "It fills an array that it made beforehand, and `out[i] = x` stretches an x of shape (1,) to (3,) in silence. Such "
    "a sample is a mistake in the data, and should be refused.",
)
def into_place(samples):
    first = np.asarray(samples[0][0])
    xs = np.empty((len(samples), *first.shape), first.dtype)
    for i, (x, _) in enumerate(samples):
        xs[i] = x
    return xs, np.stack([y for x, y in samples])


# ---- transforms ----


def as_transform(answer):
    """The library's transform of the same name, where the pictures are changed by the learner's."""
    library = getattr(transforms, answer.__name__)

    class Stand(library):
        def apply(self, images):
            return answer(**vars(self))(images)

    return Stand


def as_random_transform(answer):
    """The same for one that takes one picture, and draws from a generator that it is given."""
    library = getattr(transforms, answer.__name__)

    class Stand(library):
        def apply(self, images):
            if np.ndim(next(iter(vars(self).values()))):  # a size (height, width)
                return super().apply(images)
            change = answer(**vars(self), generator=random.default_generator.numpy)
            return np.stack([change(image) for image in images])

    return Stand


def on_images(function, inputs, options, seed):
    """What a transform makes of the pictures."""
    yield "the result", function(*inputs)(options["images"])


bytes_ = exactly(np.arange(12).reshape(3, 2, 2), "uint8")


@chapter.exercise(
    points=2,
    minutes=10,
    run=on_images,
    cases=[
        given(
            "every channel has a mean and a std of its own",
            *((1.0, 10.0, 100.0), (1.0, 2.0, 4.0)),
            images=exactly([[[1, 2], [3, 5]], [[10, 12], [14, 8]], [[100, 104], [96, 108]]]),
        ),
        given(
            "three channels, three rows, three columns: nothing complains when a mean meets the wrong axis",
            *((1.0, 2.0, 3.0), (0.5, 1.0, 2.0)),
            images=normal(3, 3, 3),
        ),
        given("a batch: every picture of it alike", (0.5, 0.25), (0.5, 2.0), images=normal(3, 2, 2, 4)),
        given("grey pictures have one channel", (0.5,), (0.25,), images=normal(1, 2, 3)),
        given("plain numbers are for all channels", 0.5, 0.25, images=normal(3, 2, 2)),
        given("with mean 0 and std 1 nothing changes", (0.0, 0.0), (1.0, 1.0), images=normal(2, 2, 2)),
        given("bytes are refused: the means are for numbers from 0 to 1", (0.5,) * 3, (0.2,) * 3, images=bytes_),
    ],
    hints=(
        "Pictures are (..., C, H, W), and mean is (C,). Broadcasting compares shapes from the right: which axis would "
        "a mean of shape (3,) meet?",
        "Give mean and std the shape (C, 1, 1): then they are stretched over rows and columns, and over a batch in "
        "front. np.reshape(mean, (-1, 1, 1)) does it for a tuple and for a plain number. Then (x - mean) / std. Mind "
        "the number type: an array made of Python's floats is float64.",
        """
        class Normalize:
            def __init__(self, mean, std):
                self.mean, self.std = mean, std

            def __call__(self, images):
                if images.dtype.kind != "f":
                    raise ...
                mean = np.reshape(self.mean, ...).astype(images.dtype)
                std = ...
                return ...
        """,
    ),
    part="data.transforms.Normalize",
    adapt=as_transform,
)
class Normalize:
    """(x - mean) / std, channel by channel.

    mean, std: a number for each channel, or one for all

    Called with a picture (C, H, W) or a batch (N, C, H, W) of floats it gives a new array of the same shape and number
    type. TypeError if the numbers are not floats: pictures of bytes from 0 to 255 have to be made floats first.

    >>> Normalize(mean=(5.0,), std=(2.0,))(np.array([[[5.0, 9.0]]]))
    array([[[0., 2.]]])
    """

    def __init__(self, mean, std):
        self.mean, self.std = mean, std

    def __call__(self, images):
        ### BEGIN SOLUTION
        if images.dtype.kind != "f":
            raise TypeError(f"Normalize wants floats, and got {images.dtype}. Divide by 255 first.")
        mean = np.reshape(self.mean, (-1, 1, 1)).astype(images.dtype)
        std = np.reshape(self.std, (-1, 1, 1)).astype(images.dtype)
        return (images - mean) / std
        ### END SOLUTION


@chapter.hidden("Normalize")
def means_unseen(rng):
    """Means and spreads that nobody has seen, of as many channels as nobody has seen."""

    def numbers(count):
        return tuple(map(float, rng.uniform(0.2, 3, count).round(3)))

    channels = [int(c) for c in rng.integers(2, 6, 2)]
    return [
        given("channels nobody has seen", numbers(channels[0]), numbers(channels[0]), images=normal(channels[0], 4, 3)),
        given("a batch", numbers(channels[1]), numbers(channels[1]), images=normal(3, channels[1], 2, 5)),
        given("one number for all channels", *numbers(2), images=normal(3, 2, 2)),
    ]


chapter.wrong(
    "Normalize",
    "Mean and std meet the last axis, the columns. They are for the channels, which are the third axis from the right.",
    "np.reshape(self.mean, (-1, 1, 1)).astype(images.dtype)\n        std = np.reshape(self.std, (-1, 1, 1))",
    "np.asarray(self.mean).astype(images.dtype)\n        std = np.asarray(self.std)",
)
chapter.wrong(
    "Normalize",
    "images[c] is channel c of one picture, but picture c of a batch. Count the axis of the channels from the end.",
    "return (images - mean) / std",
    "out = images.copy()\n        for c in range(len(mean)):\n            out[c] = (images[c] - mean[c]) / std[c]\n"
    "        return out",
)
chapter.wrong(
    "Normalize",
    "It divides first and then subtracts. The mean has to go while the numbers are still those it was taken of.",
    "(images - mean) / std",
    "images / std - mean",
)
chapter.wrong(
    "Normalize",
    "It divides by the variance. After that the spread is 1 / std, not 1.",
    "(images - mean) / std",
    "(images - mean) / std**2",
)
chapter.wrong(
    "Normalize",
    "It takes mean and std of the pictures at hand, so that each batch is measured by another rule. Those given are "
    "the same for all pictures, in training and in use.",
    "(images - mean) / std",
    "(images - images.mean((-2, -1), keepdims=True)) / images.std((-2, -1), keepdims=True)",
)
chapter.wrong(
    "Normalize",
    "It writes the result into the pictures it was given: in the next epoch they are normalized once more.",
    "return (images - mean) / std",
    "images -= mean\n        images /= std\n        return images",
)
chapter.wrong(
    "Normalize",
    "float32 pictures come out as float64: Python's own numbers, made an array, are float64, and that spreads.",
    "np.reshape(self.mean, (-1, 1, 1)).astype(images.dtype)",
    "np.reshape(self.mean, (-1, 1, 1)).astype(np.float64)",
)
chapter.wrong(
    "Normalize",
    "Bytes go through. 200 minus a mean of 0.5 is about 200: that picture is far from normal, and nobody is told.",
    'if images.dtype.kind != "f":\n'
    '            raise TypeError(f"Normalize wants floats, and got {images.dtype}. Divide by 255 first.")\n',
    "images = images.astype(images.dtype if images.dtype.kind == 'f' else np.float32)\n",
)


def laws_of_crops(observed, inputs, options, seed):
    """Laws of 150 crops of one picture, and then the first of them in full."""
    observed, (size, padding, generator), image = iter(observed), inputs, options["image"]
    made = next(observed)[1]
    yield "the shape of a crop", np.shape(made[0])
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    known = {windows[:, i, j].tobytes() for i, j in np.ndindex(windows.shape[1:3])}
    different = {np.asarray(one, image.dtype).tobytes(): one for one in made}
    strange = [one for key, one in different.items() if key not in known]
    said = f"by {np.asarray(strange[0]).tolist()}" if strange else ""
    yield "the law that each crop is a window of the padded picture", Verdict(not strange, said)
    yield "how many different windows there are in 150 crops", len(different)
    drew = has_moved(generator, next(observed)[1])
    yield "the law that it draws from the generator it was given", Verdict(drew or len(known) == 1)
    for number, one in enumerate(made[:3], start=1):
        yield f"crop {number}", one


@run.concluded(laws_of_crops)
def crops(function, inputs, options, seed):
    """Crops; one that draws from the streams that all share is to be repeatable, too."""
    with random.seeded(seed):
        crop = function(*inputs)
        yield "the crops", [np.array(crop(options["image"])) for _ in range(150)]
        yield NEXT, inputs[2].random(4)


def counted(*shape):
    """1, 2, 3 ... as a picture of this shape."""
    return exactly(np.arange(1, 1 + np.prod(shape)).reshape(shape))


@chapter.exercise(
    points=3,
    minutes=15,
    run=crops,
    cases=[
        given(
            "2 x 2 out of 4 x 4 can stand in 3 x 3 places, those at the far edges included",
            2,
            0,
            dice(0),
            image=counted(1, 4, 4),
        ),
        given("all of the picture: one place, and no choice", 3, 0, dice(1), image=counted(1, 3, 3)),
        given("padding puts zeros around the picture, and so makes room", 3, 1, dice(2), image=counted(1, 3, 3)),
        given("colours stay together: no padding between the channels", 2, 1, dice(3), image=counted(3, 2, 2)),
        given("a picture wider than high has more places across than down", 2, 0, dice(4), image=counted(1, 2, 5)),
        given("bytes stay bytes", 2, 1, dice(5), image=exactly([[[255, 254], [253, 252]]], "uint8")),
        given(
            "a window larger than the padded picture: there is no place for it", 6, 1, dice(6), image=counted(1, 3, 3)
        ),
    ],
    hints=(
        "Draw the padded picture on paper, 6 x 6, and a window of 4 x 4 in it. In which rows can its top edge stand?",
        "First pad rows and columns (np.pad, with (0, 0) for the channels). The top edge can stand in rows 0 up to and "
        "with H + 2 * padding - size. generator.integers(n) draws one of 0 ... n - 1. Draw top, then left, and slice.",
        """
        def __call__(self, image):
            around = (self.padding, self.padding)
            image = np.pad(image, ((0, 0), ..., ...))
            rows, columns = ..., ...
            top = self.generator.integers(...)
            left = self.generator.integers(...)
            return image[:, top : ..., left : ...]
        """,
    ),
    part="data.transforms.RandomCrop",
    adapt=as_random_transform,
)
class RandomCrop:
    """A square window somewhere in a picture, after zeros were put around it.

    size: of the window, in pixels    padding: how many zeros on each of the four sides
    generator: where to draw from, such as np.random.default_rng(0)

    Called with a picture (C, H, W) it gives one (C, size, size). Each time it draws two numbers, first the row at which
    the window begins, then the column, each by `generator.integers(n)`, where n is the number of places there are.
    ValueError if the window is larger than the padded picture.
    """

    def __init__(self, size, padding, generator):
        self.size, self.padding, self.generator = size, padding, generator

    def __call__(self, image):
        ### BEGIN SOLUTION
        around = (self.padding, self.padding)
        image = np.pad(image, ((0, 0), around, around))
        rows, columns = image.shape[1] - self.size + 1, image.shape[2] - self.size + 1  # the places there are
        if rows < 1 or columns < 1:
            raise ValueError(f"RandomCrop cannot cut {self.size} x {self.size} out of {image.shape[1:]}.")
        top = self.generator.integers(rows)
        left = self.generator.integers(columns)
        return image[:, top : top + self.size, left : left + self.size]
        ### END SOLUTION


@chapter.hidden("RandomCrop")
def crops_unseen(rng):
    """Pictures, sizes and generators that nobody has seen."""
    several = []
    for channels, padding in ((1, 0), (3, 1), (2, 2)):
        height, width = map(int, rng.integers(4, 7, 2))
        size, generator = int(rng.integers(2, 4)), dice(int(rng.integers(2**31)))
        image = exactly(rng.uniform(-9, 9, (channels, height, width)).round(2))
        several.append(given("a picture nobody has seen", size, padding, generator, image=image))
    return several


chapter.wrong(
    "RandomCrop",
    "The last place is never drawn: integers(n) stops at n - 1, and the window may also stand at the far edge.",
    "image.shape[1] - self.size + 1, image.shape[2] - self.size + 1",
    "image.shape[1] - self.size, image.shape[2] - self.size",
)
chapter.wrong(
    "RandomCrop",
    "The channels are padded as well: black channels come in, and colours change places.",
    "((0, 0), around, around)",
    "self.padding",
)
chapter.wrong(
    "RandomCrop",
    "One number serves for row and column: the window only ever moves along the diagonal.",
    "left = self.generator.integers(columns)",
    "left = min(top, columns - 1)",
)
chapter.wrong(
    "RandomCrop",
    "Every law holds, but the column is drawn before the row. Who repeats your training from its seed needs the order "
    "agreed on: first the row, then the column.",
    "top = self.generator.integers(rows)\n        left = self.generator.integers(columns)",
    "left = self.generator.integers(columns)\n        top = self.generator.integers(rows)",
)
chapter.wrong(
    "RandomCrop",
    "It repeats the picture's edge where zeros belong.",
    "np.pad(image, ((0, 0), around, around))",
    'np.pad(image, ((0, 0), around, around), mode="edge")',
)
chapter.wrong(
    "RandomCrop",
    "It makes a generator of its own in each call, so that each call draws the same numbers. Draw from the one given.",
    "top = self.generator.integers(rows)\n        left = self.generator.integers(columns)",
    "generator = np.random.default_rng(0)\n        top, left = generator.integers(rows), generator.integers(columns)",
)
chapter.wrong(
    "RandomCrop",
    "It draws from the random numbers that all of the program shares, not from the generator it was given.",
    "top = self.generator.integers(rows)\n        left = self.generator.integers(columns)",
    "top, left = np.random.randint(rows), np.random.randint(columns)",
)
chapter.wrong(
    "RandomCrop",
    "The places are counted without the padding. In a padded picture there is more room than in the picture itself.",
    "image.shape[1] - self.size + 1, image.shape[2] - self.size + 1",
    "image.shape[1] - 2 * self.padding - self.size + 1, image.shape[2] - 2 * self.padding - self.size + 1",
)


def laws_of_flips(observed, inputs, options, seed):
    """A picture that was changed, laws of 400 calls, and then which of the first ten flipped."""
    observed, (p, generator), image = iter(observed), inputs, options["image"]
    made = next(observed)[1]
    changed = [not np.array_equal(one, image) for one in made]
    yield "a picture that came out changed, or else the first", made[changed.index(True) if any(changed) else 0]
    yield "the law that it draws from the generator it was given", Verdict(has_moved(generator, next(observed)[1]))
    about = abs(np.mean(changed) - p) < 0.1
    yield "the law that a share of p is flipped", Verdict(bool(about), f"{sum(changed)} of 400, with p = {p}")
    yield "which of the first ten flipped", [number for number in range(10) if changed[number]]


@run.concluded(laws_of_flips)
def flips(function, inputs, options, seed):
    """Pictures; a flip that draws from the streams that all share is to be repeatable, too."""
    with random.seeded(seed):
        flip = function(*inputs)
        yield "the pictures", [np.array(flip(options["image"])) for _ in range(400)]
        yield NEXT, inputs[1].random(4)


@chapter.exercise(
    points=2,
    minutes=8,
    run=flips,
    cases=[
        given("with p = 1 every picture is mirrored: left becomes right", 1.0, dice(0), image=counted(1, 2, 3)),
        given("with p = 0 none is", 0.0, dice(1), image=counted(1, 2, 3)),
        given(
            "three channels, three rows, three columns: which axis is left to right?",
            1.0,
            dice(2),
            image=counted(3, 3, 3),
        ),
        given("one in two, each drawn anew", 0.5, dice(3), image=counted(1, 1, 2)),
        given("one in five: p counts the flips, not the pictures left alone", 0.2, dice(4), image=counted(1, 2, 2)),
        given("bytes stay bytes", 1.0, dice(5), image=exactly([[[0, 128, 255]]], "uint8")),
    ],
    hints=(
        "generator.random() draws a number from 0 to 1 (never 1 itself), each as likely as any other. How often is it "
        "below 0.2?",
        "If generator.random() < p, give the picture with its last axis, the columns, turned round: a slice with step "
        "-1 does that. Else give it as it is.",
        """
        def __call__(self, image):
            if ... < self.p:
                return image[:, :, ...]
            return image
        """,
    ),
    part="data.transforms.RandomHorizontalFlip",
    adapt=as_random_transform,
)
class RandomHorizontalFlip:
    """A picture as in a mirror, left for right, with probability `p`; else as it is.

    p: from 0 to 1    generator: where to draw from, such as np.random.default_rng(0)

    Called with a picture (C, H, W) it gives one of the same shape. Each time it draws one number by
    `generator.random()`, and flips the picture if that is below p.
    """

    def __init__(self, p, generator):
        self.p, self.generator = p, generator

    def __call__(self, image):
        ### BEGIN SOLUTION
        if self.generator.random() < self.p:
            return image[:, :, ::-1]
        return image
        ### END SOLUTION


@chapter.hidden("RandomHorizontalFlip")
def flips_unseen(rng):
    """Pictures, probabilities and generators that nobody has seen."""
    several = []
    for p in (1.0, *rng.uniform(0.2, 0.8, 2).round(3).tolist()):
        shape, generator = rng.integers(2, 5, 3), dice(int(rng.integers(2**31)))
        several.append(given("a picture nobody has seen", p, generator, image=exactly(rng.standard_normal(shape))))
    return several


@chapter.way("RandomHorizontalFlip", "np.flip says it in words.")
class FlipInWords:
    def __init__(self, p, generator):
        self.p, self.generator = p, generator

    def __call__(self, image):
        return np.flip(image, axis=2) if self.generator.random() < self.p else image.copy()


chapter.wrong(
    "RandomHorizontalFlip",
    "It stands on its head: the rows were turned round, not the columns.",
    "[:, :, ::-1]",
    "[:, ::-1]",
)
chapter.wrong(
    "RandomHorizontalFlip",
    "The first axis is the channels: red and blue were exchanged, and the picture is not mirrored.",
    "[:, :, ::-1]",
    "[::-1]",
)
chapter.wrong(
    "RandomHorizontalFlip",
    "np.flip without an axis turns every axis round: rows and channels, too.",
    "image[:, :, ::-1]",
    "np.flip(image)",
)
chapter.wrong(
    "RandomHorizontalFlip",
    "p is the share that it should flip, and it flips all others.",
    "self.generator.random() < self.p",
    "self.generator.random() >= self.p",
)
chapter.wrong(
    "RandomHorizontalFlip",
    "It flips half of them, whatever p is.",
    "self.generator.random() < self.p",
    "self.generator.random() < 0.5",
)
chapter.wrong(
    "RandomHorizontalFlip",
    "It writes into the picture it was given, which is the dataset's own: it stays flipped for good.",
    "return image[:, :, ::-1]",
    "image[:] = image[:, :, ::-1].copy()",
)


chapter.wrong(
    "RandomHorizontalFlip",
    "It draws from the random numbers that all of the program shares, not from the generator it was given.",
    "self.generator.random()",
    "np.random.random()",
)


@chapter.wrong(
    "RandomHorizontalFlip",
    "It draws once, when it is made, and then treats all pictures alike. Each picture needs a draw of its own.",
)
class DrawnOnce:
    def __init__(self, p, generator):
        self.flip = generator.random() < p

    def __call__(self, image):
        return image[:, :, ::-1] if self.flip else image


# ---- the loader ----


@dataclass(frozen=True)
class Samples:
    """A small dataset: sample i is ([i, times * i], i)."""

    count: int
    times: int = 10

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if not isinstance(index, int | np.integer):
            raise TypeError(f"this dataset gives one sample for one number, and was asked for {kind(index)}")
        if not 0 <= index < self.count:
            raise IndexError(f"there are {self.count} samples, and none has the number {index}")
        return np.array([index, self.times * index], np.float32), int(index)

    def __repr__(self):
        return f"{self.count} samples; number i is ([i, {self.times} * i], i)"


def epochs(make, dataset, batch_size, shuffle=False, seed=0, watch="one epoch"):
    """What loaders give that `make(seed)` makes: batches with their x's in one epoch, else the samples' numbers."""

    def epoch(loader):
        return [[int(y) for y in ys] for xs, ys in loader]

    loader = make(seed)
    if watch == "one epoch":
        yield "len(loader)", len(loader)
        yield "the batches", [tuple(np.array(part) for part in batch) for batch in loader]
    else:
        yield "an epoch", epoch(loader)
    if watch == "two epochs":
        yield "the second epoch", epoch(loader)
    if watch == "a second loader":
        again = make(seed)
        yield "the next epoch, and two of a loader with the same seed", [epoch(loader), epoch(again), epoch(again)]
        yield "an epoch of another seed", epoch(make(seed + 1))
    if watch == "a loop left early":
        yield "the first batch", next([int(y) for y in ys] for xs, ys in loader)
        yield "the next epoch", epoch(loader)


def laws_of_loaders(observed, inputs, options, seed):
    """What holds of every loader, by what was seen of one."""
    observed, (dataset, batch_size) = iter(observed), inputs
    watch, name = options.get("watch", "one epoch"), "the law that the second epoch has "

    def joined(batches):
        return [number for batch in batches for number in batch]

    if watch == "one epoch":
        yield next(observed)
        seen = next(observed)[1]
        yield "how many batches came", len(seen)
        if not options.get("shuffle"):
            yield "the first batch", seen[0]
        yield "how many samples are in each batch", [len(ys) for xs, ys in seen]
        together = all(np.array_equal(xs, np.stack([ys, dataset.times * ys], 1)) for xs, ys in seen)
        yield "the law that every x keeps its y", Verdict(together)
        numbers = [int(y) for xs, ys in seen for y in ys]
        once = sorted(numbers) == list(range(len(dataset)))
        yield "the law that every sample comes just once", Verdict(once, f"{numbers}")
        if not options.get("shuffle"):
            yield "the order", numbers
        return
    first = next(observed)[1]
    everything = list(range(len(dataset)))
    if watch == "two epochs":
        second = next(observed)[1]
        yield f"{name}the same samples", Verdict(sorted(joined(second)) == sorted(joined(first)), f"{second}")
        yield f"{name}another order", Verdict(first != second, f"twice {first}")
        rows = [set(range(start, start + batch_size)) for start in range(0, len(dataset), batch_size)]
        mixed = not all(set(batch) in rows for batch in first[:-1])
        yield "the law that batches are not just neighbours", Verdict(mixed, f"{first}")
    if watch == "a second loader":
        further, *again = next(observed)[1]
        same = [first, further] == again
        yield "the law that the same seed gives the same epochs", Verdict(same, f"{first} at first")
        other = next(observed)[1]
        yield "the law that another seed gives another order", Verdict(other != first, f"{first} again")
    if watch == "a loop left early":
        left, after = next(observed)[1], next(observed)[1]
        yield "the law that the next epoch is whole", Verdict(sorted(joined(after)) == everything, f"{after}")
        yield "the law that the next epoch has an order of its own", Verdict(after[0] != left, f"{left} first, again")


@run.concluded(laws_of_loaders)
def loaded(function, inputs, options, seed):
    dataset, batch_size = inputs
    given = {name: options[name] for name in ("shuffle",) if name in options}
    yield from epochs(lambda seed: function(dataset, batch_size, **given, seed=seed), *inputs, **options)


def loaded_by_torch(dataset, batch_size, shuffle=False, seed=0, watch="one epoch"):
    def make(seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.utils.data.DataLoader(dataset, batch_size, shuffle, generator=generator)

    seen = epochs(make, dataset, batch_size, shuffle, seed, watch)
    yield from laws_of_loaders(seen, (dataset, batch_size), {"shuffle": shuffle, "watch": watch}, seed)


@chapter.exercise(
    points=4,
    minutes=20,
    run=loaded,
    cases=[
        given("four samples in batches of two, in order", Samples(4), 2),
        given("the last batch holds what is left, and counts in len", Samples(5), 2),
        given("a batch larger than the dataset: one batch", Samples(3), 10),
        given("shuffled, every sample still comes once, with its own label", Samples(7), 3, shuffle=True),
        given("every epoch has an order of its own", Samples(9), 3, shuffle=True, watch="two epochs"),
        given("all of it can be repeated from the seed", Samples(9), 3, shuffle=True, watch="a second loader"),
        given(
            "each loop begins an epoch of its own, also after a `break`",
            *(Samples(9), 3),
            shuffle=True,
            watch="a loop left early",
        ),
    ],
    torch=loaded_by_torch,
    hints=(
        "You have built the three parts of it: an order, its batches, and a batch made of samples. In which of the "
        "three methods does each belong? And what must each epoch have anew?",
        "__init__ keeps what it is given, and makes a generator from the seed. __iter__ begins an epoch: it draws a "
        "seed from the generator and with it an order (or takes range), cuts that with `batches`, and for each batch "
        "yields collate of the samples at its indices. With `yield` in it, each call of __iter__ is a walk of its own. "
        "len is the number of samples divided by batch_size, rounded up.",
        """
        class Loader:
            def __init__(self, dataset, batch_size, shuffle=False, seed=0):
                self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
                self.generator = np.random.default_rng(...)

            def __len__(self):
                return -(-... // ...)

            def __iter__(self):
                order = list(range(...))
                if self.shuffle:
                    order = shuffled(..., int(self.generator.integers(2**32)))
                for indices in batches(...):
                    yield collate([... for i in indices])
        """,
    ),
    needs=("batches", "shuffled", "collate"),
)
class Loader:
    """Go through a dataset in batches, again and again: `for xs, ys in loader` is one epoch.

    dataset: has a length, and dataset[i] is a pair (x, y)    batch_size: how many samples go into a batch
    shuffle: a new random order in each epoch, or else the dataset's own    seed: all these orders follow from it

    A batch is (xs, ys), as `collate` makes it of the samples; the last one may be smaller. `len(loader)` is the number
    of batches. A loader with the same seed gives the same epochs, one after the other. Each loop begins a new epoch,
    with an order of its own, even if the last loop was left early.
    """

    def __init__(self, dataset, batch_size, shuffle=False, seed=0):
        ### BEGIN SOLUTION
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.generator = np.random.default_rng(seed)  # of the seeds of the epochs
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return -(-len(self.dataset) // self.batch_size)  # rounded up
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        order = list(range(len(self.dataset)))
        if self.shuffle:
            order = shuffled(len(order), int(self.generator.integers(2**32)))
        for indices in batches(order, self.batch_size):
            yield collate([self.dataset[i] for i in indices])
        ### END SOLUTION


@chapter.hidden("Loader")
def loaders_unseen(rng):
    """Datasets, sizes and seeds that nobody has seen."""

    def one(why, **options):
        size = int(rng.integers(4, 7))
        dataset = Samples(size * int(rng.integers(3, 6)) + int(rng.integers(1, size)), int(rng.integers(2, 100)))
        return given(why, dataset, size, seed=int(rng.integers(2**30)), **options)

    return [
        one("a dataset nobody has seen"),
        one("a dataset nobody has seen, shuffled", shuffle=True),
        *(one(watch, shuffle=True, watch=watch) for watch in ("two epochs", "a second loader", "a loop left early")),
    ]


chapter.wrong(
    "Loader",
    "Every epoch has the same order: it is made from the same seed each time. What could differ from epoch to epoch?",
    "int(self.generator.integers(2**32))",
    "0",
)
chapter.wrong(
    "Loader",
    "Its orders do not follow from the seed: nobody can repeat this training.",
    "np.random.default_rng(seed)",
    "np.random.default_rng()",
)
chapter.wrong(
    "Loader",
    "len leaves out the last batch, which is not full but comes all the same.",
    "-(-len(self.dataset) // self.batch_size)",
    "len(self.dataset) // self.batch_size",
)
chapter.wrong(
    "Loader",
    "len counts samples. A loader's length is the number of its batches.",
    "-(-len(self.dataset) // self.batch_size)",
    "len(self.dataset)",
)
chapter.wrong(
    "Loader",
    "It gives lists of samples. A batch should be (xs, ys): one array for each, made by collate.",
    "yield collate([self.dataset[i] for i in indices])",
    "yield [self.dataset[i] for i in indices]",
)


@chapter.wrong(
    "Loader",
    "It shuffles whole batches: the same samples always sit together. Shuffle the samples first, and cut then.",
)
class ShufflesBatches(Loader):
    def __iter__(self):
        cut = batches(list(range(len(self.dataset))), self.batch_size)
        if self.shuffle:
            cut = [cut[i] for i in shuffled(len(cut), int(self.generator.integers(2**32)))]
        for indices in cut:
            yield collate([self.dataset[i] for i in indices])


@chapter.wrong(
    "Loader",
    "It can be walked once: the batches are made in __init__ and used up by the first epoch. Each __iter__ has to "
    "begin anew.",
)
class WalkedOnce(Loader):
    def __init__(self, *inputs, **options):
        super().__init__(*inputs, **options)
        self.walk = Loader.__iter__(self)

    def __iter__(self):
        return self.walk


@chapter.wrong(
    "Loader",
    "The epoch counts only once its loop has come to the end. After a `break`, the same order comes again.",
)
class CountsAtTheEnd(Loader):
    def __init__(self, dataset, batch_size, shuffle=False, seed=0):
        super().__init__(dataset, batch_size, shuffle)
        self.seed = 1000 * seed

    def __iter__(self):
        order = shuffled(len(self.dataset), self.seed) if self.shuffle else list(range(len(self.dataset)))
        for indices in batches(order, self.batch_size):
            yield collate([self.dataset[i] for i in indices])
        self.seed += 1
