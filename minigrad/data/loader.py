"""The DataLoader: a dataset, dealt out in batches.

Everything random in one pass over the data (an *epoch*) follows from a single number, the epoch's seed, drawn when the
pass begins. The order of the samples follows from it; what batch k draws while it is made (crops, flips) follows from
it and from k. So any batch can be made anywhere, without the ones before it: any number of worker processes gives the
same batches, and a pass that was interrupted goes on with exactly the next one.
"""

import numpy as np

from .. import random
from .collate import default_collate
from .dataset import fetch
from .worker import batches_from_workers

__all__ = ["DataLoader"]


class DataLoader:
    """Go through a dataset in batches: `for images, labels in DataLoader(dataset, batch_size=100, shuffle=True)`.

    shuffle       a new random order in every epoch
    drop_last     leave out the last batch if it is not full
    num_workers   how many processes make batches ahead; 0: each is made here, when it is asked for
    collate_fn    makes a batch from a list of samples; `default_collate` if not given
    generator     where the seed of each epoch is drawn; the default one if not given
    timeout       seconds to wait for a worker, then RuntimeError; 0: as long as it lives
    multiprocessing_context   how workers start, "fork" or "spawn"; as is usual on this system if not given
    """

    def __init__(
        self, dataset, batch_size=1, shuffle=False, *, drop_last=False, num_workers=0, collate_fn=None, generator=None,
        timeout=0, multiprocessing_context=None,
    ):  # fmt: skip
        if not isinstance(batch_size, (int, np.integer)) or isinstance(batch_size, bool) or batch_size < 1:
            raise ValueError(f"DataLoader wants a whole number of at least 1 as batch_size, and got {batch_size!r}.")
        if num_workers < 0 or timeout < 0:
            raise ValueError(f"DataLoader got num_workers={num_workers} and timeout={timeout}; neither can be below 0.")
        if not hasattr(dataset, "__len__"):
            raise TypeError(
                f"DataLoader wants a dataset that knows its length, and got {type(dataset).__name__}. "
                "Give it a __len__(self), or make a list of it first."
            )
        if len(dataset) == 0:
            raise ValueError("DataLoader got an empty dataset: there is no sample to make a batch of.")
        if drop_last and len(dataset) < batch_size:
            raise ValueError(
                f"DataLoader would have no batch to give: {len(dataset)} samples do not fill a batch of {batch_size}, "
                "and drop_last leaves out what is not full. Use drop_last=False, or a smaller batch_size."
            )
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, int(batch_size), shuffle, drop_last
        self.num_workers, self.timeout, self.multiprocessing_context = num_workers, timeout, multiprocessing_context
        self.collate_fn = collate_fn or default_collate
        self.generator = generator or random.default_generator
        self.epoch = None  # the one under way
        self.resumed = None  # the one that `load_state_dict` brought back, until it goes on

    def __len__(self):
        """The number of batches in an epoch."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self):
        epoch, self.resumed = self.resumed or Epoch(self, seed=int(self.generator.numpy.integers(2**63))), None
        self.epoch = epoch
        return self.deal(epoch)

    def deal(self, epoch):
        """The batches of an epoch that are still to be handed out."""
        numbers = range(epoch.handed_out, len(self))
        if self.num_workers == 0:
            batches = (epoch.make_batch(number) for number in numbers)
        else:
            how = (self.num_workers, self.timeout, self.multiprocessing_context)
            batches = batches_from_workers(epoch.make_batch, numbers, *how)
        for batch in batches:
            epoch.handed_out += 1
            yield batch
        if self.epoch is epoch:
            self.epoch = None

    def state_dict(self):
        """Where the loader stands: in which epoch, if in any, and how many of its batches it has handed out.

        After a `break` that is where the loop was left. Numbers and strings only, ready for a checkpoint.
        """
        epoch = self.resumed or self.epoch
        return {
            "epoch_seed": epoch and epoch.seed,
            "batches_handed_out": epoch.handed_out if epoch else 0,
            "batches_per_epoch": len(self),
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state):
        """Stand where `state` says: the next pass goes on with the next batch, and loads none of those before it."""
        if state["batches_per_epoch"] != len(self):
            raise ValueError(
                f"DataLoader cannot go on in the middle of an epoch of {state['batches_per_epoch']} batches: it has "
                f"{len(self)} itself. Use the dataset, batch_size and drop_last that the state was saved with."
            )
        self.generator.set_state(state["generator"])
        self.epoch = self.resumed = None
        if state["epoch_seed"] is not None:
            self.resumed = Epoch(self, state["epoch_seed"], state["batches_handed_out"])


class Epoch:
    """One pass over a dataset: all that is needed to make any batch of it."""

    def __init__(self, loader, seed, handed_out=0):
        self.dataset, self.batch_size, self.collate_fn = loader.dataset, loader.batch_size, loader.collate_fn
        self.seed, self.handed_out = seed, handed_out
        count = len(loader.dataset)
        self.order = random.Generator(seed).numpy.permutation(count) if loader.shuffle else np.arange(count)

    def make_batch(self, number):
        start = number * self.batch_size
        indices = self.order[start : start + self.batch_size].tolist()
        seed = np.random.SeedSequence([self.seed, number]).generate_state(1, np.uint64)[0]
        with random.seeded(int(seed)):
            return self.collate_fn(fetch(self.dataset, indices))
