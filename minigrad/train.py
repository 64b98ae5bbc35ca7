"""The loop that trains: batches in, steps of an optimizer, accuracy on pictures not seen in training.

A `Run` is everything that changes while a model learns. It can be stopped with Ctrl-C after any step, saved, and gone
on with later, and will have taken exactly the steps that it would have taken undisturbed.
"""

import time

from . import random
from .graph import no_grad
from .interrupt import uninterrupted
from .nn import functional as F
from .optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from .serialization import load, save


class Run:
    """A model, what it learns from, and how far it has come.

    model       called with a batch of inputs, gives scores (N, classes)
    optimizer   of the model's parameters
    loader      a DataLoader of (inputs, labels)
    loss        called with scores and labels, gives one number
    scheduler   of the learning rate, if given: OneCycleLR is stepped after every batch, others after every epoch; one
                that wants a loss gets test_loss or loss
    device      where batches are moved to

    `history` holds one dict for every finished epoch: epoch, lr, loss, seconds and what `measure` added.
    """

    def __init__(self, model, optimizer, loader, *, loss=F.cross_entropy, scheduler=None, device="cpu"):
        self.model, self.optimizer, self.loader = model, optimizer, loader
        self.loss, self.scheduler, self.device = loss, scheduler, device
        self.history = []
        self.start_epoch()

    def start_epoch(self):
        self.trained = False  # whether the epoch under way has seen all its batches
        self.steps, self.seen, self.loss_sum, self.seconds = 0, 0, 0.0, 0.0
        self.last_loss = None  # of the step before

    def step(self, inputs, labels):
        """Learn from one batch; gives its loss."""
        start = time.perf_counter()
        inputs, labels = inputs.to(self.device), labels.to(self.device)
        self.optimizer.zero_grad()
        loss = self.loss(self.model(inputs), labels)
        loss.backward()
        self.optimizer.step()
        if isinstance(self.scheduler, OneCycleLR):
            self.scheduler.step()
        self.steps += 1
        self.seen += len(labels)
        self.last_loss = loss.item()
        self.loss_sum += self.last_loss * len(labels)
        self.seconds += time.perf_counter() - start
        return loss

    def train(self, epochs, *, measure=None, after_step=None, after_epoch=None):
        """Learn until `epochs` epochs are finished, counting those from before.

        measure      called with the model after an epoch, gives a dict for `history`, such as a test accuracy
        after_step   called with the run after every step
        after_epoch  called with the run after every epoch

        Ctrl-C waits until the step under way is done; KeyboardInterrupt then leaves the run fit to be saved, or to go
        on with train().
        """
        while len(self.history) < epochs:
            self.model.train()
            if self.steps and hasattr(self.loader, "load_state_dict"):  # in an epoch that was left: go on in it
                self.loader.load_state_dict(self.loader.state_dict())
            batches = iter(() if self.trained else self.loader)
            while not self.trained:
                with uninterrupted():  # a batch that was handed out is also learned from
                    batch = next(batches, None)
                    if batch is None:
                        self.trained = True
                    else:
                        self.step(*batch)
                if after_step and not self.trained:
                    after_step(self)
            measured = measure(self.model) if measure else {}
            with uninterrupted():
                self.finish_epoch(measured)
            if after_epoch:
                after_epoch(self)

    def finish_epoch(self, measured):
        lr = self.optimizer.param_groups[0]["lr"]
        row = {"epoch": len(self.history) + 1, "lr": lr, "loss": self.loss_sum / self.seen, "seconds": self.seconds}
        self.history.append({**row, **measured})
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(measured.get("test_loss", row["loss"]))
        elif self.scheduler and not isinstance(self.scheduler, OneCycleLR):
            self.scheduler.step()
        self.start_epoch()

    def state_dict(self):
        """All that `load_state_dict` needs to go on exactly here, random numbers included."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "loader": self.loader.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "random": random.default_generator.get_state(),
            "history": self.history,
            "epoch": {name: getattr(self, name) for name in ("trained", "steps", "seen", "loss_sum", "seconds")},
        }

    def load_state_dict(self, state):
        """Go on from what `state_dict` gave."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.loader.load_state_dict(state["loader"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        random.default_generator.set_state(state["random"])
        self.history = state["history"]
        for name, value in state["epoch"].items():
            setattr(self, name, value)

    def save(self, path):
        """Write a checkpoint; it is there wholly or not at all."""
        with uninterrupted():
            save(self.state_dict(), path)

    def load(self, path):
        """Go on from a checkpoint. Raises ValueError or RuntimeError if it cannot be read or does not fit."""
        state = load(path)
        missing = self.state_dict().keys() - (state.keys() if isinstance(state, dict) else ())
        if missing:
            raise ValueError(f"{path} is not the checkpoint of a run: it lacks {', '.join(sorted(missing))}.")
        self.load_state_dict(state)


def evaluate(model, loader, loss=F.cross_entropy, device="cpu"):
    """How the model does on all of `loader`: {"test_loss": ..., "test_accuracy": from 0 to 1}. Nothing is learned."""
    training = model.training
    model.eval()
    count, right, total = 0, 0, 0.0
    try:
        with no_grad():
            for inputs, labels in loader:
                labels = labels.to(device)
                scores = model(inputs.to(device))
                count += len(labels)
                right += int((scores.argmax(1) == labels).sum())
                total += loss(scores, labels).item() * len(labels)
    finally:
        model.train(training)
    return {"test_loss": total / count, "test_accuracy": right / count}
