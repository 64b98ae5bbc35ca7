"""Learning rates that change as training goes on: call `step()` after each epoch (or batch, if that is the unit)."""

import math


class LRScheduler:
    """Sets the learning rate of every group of `optimizer` to `rate(initial rate, steps taken)`."""

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.last_epoch = 0
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self._set()

    def rate(self, lr, epoch):
        """The learning rate after `epoch` steps, when it was `lr` at first."""
        raise NotImplementedError(f"{type(self).__name__} has no rate(). Define it: def rate(self, lr, epoch): ...")

    def step(self):
        self.last_epoch += 1
        self._set()

    def _set(self):
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(group["initial_lr"], self.last_epoch)

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)
        self._set()


class StepLR(LRScheduler):
    """Every `step_size` epochs the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        return lr * self.gamma ** (epoch // self.step_size)


class LinearLR(LRScheduler):
    """A straight line from `start_factor` to `end_factor` times the rate, over `total_iters` epochs: a warm-up."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: factors lie between 0 and 1, and got {start_factor} and {end_factor}.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        part = min(epoch, self.total_iters) / self.total_iters
        return lr * (self.start_factor + (self.end_factor - self.start_factor) * part)


class CosineAnnealingLR(LRScheduler):
    """Half a cosine wave from the rate down to `eta_min` in `T_max` epochs.

    Source: Loshchilov and Hutter, SGDR, 2016.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        return self.eta_min + (lr - self.eta_min) * (1 + math.cos(math.pi * epoch / self.T_max)) / 2
