"""Learning rates that change as training goes on: call `step()` after each epoch (or batch, if that is the unit).

As in PyTorch, most schedules change the rate from what it is now, rather than compute it from the beginning: so several
of them can work on one optimizer, and to go on from a checkpoint takes the state of both, schedule and optimizer.
"""

import math
from bisect import bisect_right
from collections import Counter
from types import FunctionType

from .optimizer import Optimizer


class LRScheduler:
    """Sets the learning rate of every group of `optimizer` to what `get_lr()` says.

    last_epoch: how many steps the schedule goes on from; the groups then need their "initial_lr". -1 begins.
    """

    def __init__(self, optimizer, last_epoch=-1):
        self.optimizer = checked(optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"group {number} has no 'initial_lr' for a schedule to go on from at {last_epoch}.")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._begin()

    def _begin(self):
        self._step_count = 0
        self.step()

    def get_lr(self):
        """The rate of every group after `last_epoch` steps, most often made from what it is now."""
        return [group["lr"] * self.factor() for group in self.optimizer.param_groups]

    def factor(self):
        """By what all rates are multiplied to get to step `last_epoch`."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr(). Define it: def get_lr(self): return [...]")

    def step(self):
        self._step_count += 1
        self.last_epoch += 1
        for group, lr in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = lr
        self._last_lr = rates(self.optimizer)

    @property
    def _is_initial(self):
        """Whether this is the step that __init__ takes, which leaves a rate that is gone on from as it is."""
        return self._step_count == 1

    def get_last_lr(self):
        return self._last_lr

    def state_dict(self):
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)


def checked(optimizer):
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"a schedule is for an optimizer, and got a {type(optimizer).__name__}.")
    return optimizer


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def one_for_each_group(optimizer, name, value):
    """`value` as a list, one for each group: the same for all, if it is not one already."""
    count = len(optimizer.param_groups)
    values = list(value) if isinstance(value, (list, tuple)) else [value] * count
    if len(values) != count:
        raise ValueError(f"{name} holds {len(values)} values, for {count} groups of parameters.")
    return values


class StepLR(LRScheduler):
    """Every `step_size` epochs the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def factor(self):
        return 1 if self.last_epoch == 0 or self.last_epoch % self.step_size else self.gamma


class MultiStepLR(LRScheduler):
    """At each epoch of `milestones` the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def factor(self):
        return self.gamma ** self.milestones.get(self.last_epoch, 0)


class ExponentialLR(LRScheduler):
    """Every epoch the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self):
        return 1 if self._is_initial else self.gamma


class LinearLR(LRScheduler):
    """A straight line from `start_factor` to `end_factor` times the rate, over `total_iters` epochs: a warm-up."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not 0 < start_factor <= 1 or not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: factors lie between 0 and 1, and got {start_factor} and {end_factor}.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self):
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return 1
        slope = self.end_factor - self.start_factor
        return 1 + slope / (self.total_iters * self.start_factor + (self.last_epoch - 1) * slope)


class LambdaLR(LRScheduler):
    """The rate is multiplied by `lr_lambda(epoch)`; a list of functions holds one for each group."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = one_for_each_group(optimizer, "lr_lambda", lr_lambda)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [lr * function(self.last_epoch) for lr, function in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self):
        """Functions cannot be saved, only the attributes of objects that can be called."""
        saved = [None if isinstance(f, FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": saved}

    def load_state_dict(self, state_dict):
        for function, saved in zip(self.lr_lambdas, state_dict["lr_lambdas"]):
            if saved is not None:
                vars(function).update(saved)
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})


class CosineAnnealingLR(LRScheduler):
    """Half a cosine wave from the rate down to `eta_min` in `T_max` epochs.

    Source: Loshchilov and Hutter, SGDR, 2016.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        now = rates(self.optimizer)
        if self._is_initial:
            return now
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # up again, from where the rate is eta_min
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [lr + (base - self.eta_min) * rise for lr, base in zip(now, self.base_lrs, strict=True)]
        before, after = (1 + math.cos(math.pi * epoch / self.T_max) for epoch in (self.last_epoch - 1, self.last_epoch))
        return [after / before * (lr - self.eta_min) + self.eta_min for lr in now]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine wave from the rate down to `eta_min` in `T_0` epochs, then anew, each time `T_mult` times as long.

    step(epoch): go to that epoch, which may lie between two, as in step(epoch + batch / batches).
    Source: Loshchilov and Hutter, SGDR, 2016.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if not (isinstance(T_0, int) and isinstance(T_mult, int) and T_0 > 0 and T_mult > 0):
            raise ValueError(f"CosineAnnealingWarmRestarts: T_0 and T_mult are integers above 0; got {T_0}, {T_mult}.")
        if not isinstance(eta_min, (int, float)):
            raise ValueError(f"CosineAnnealingWarmRestarts: eta_min is a number, and got {eta_min!r}.")
        self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = T_0, T_0, T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (lr - self.eta_min) * height for lr in self.base_lrs]

    def step(self, epoch=None):
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur % self.T_i, self.T_i * self.T_mult
        else:
            epoch = epoch or 0
            if epoch < 0:
                raise ValueError(f"CosineAnnealingWarmRestarts: an epoch is at least 0, and got {epoch}.")
            self.T_cur, self.T_i = epoch, self.T_0
            while self.T_cur >= self.T_i:
                self.T_cur, self.T_i = self.T_cur - self.T_i, self.T_i * self.T_mult
        self.last_epoch = math.floor(epoch) - 1
        super().step()


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and down to almost nothing, once, stepped after every batch; momentum goes the other way.

    It starts at max_lr / div_factor and ends at max_lr / div_factor / final_div_factor; pct_start of the steps go up.
    three_phase: down to where it started in as many steps, and only then to the end.
    Source: Smith and Topin, Super-Convergence, 2018.
    """

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
        anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
        final_div_factor=1e4, three_phase=False, last_epoch=-1,
    ):  # fmt: skip
        checked(optimizer)
        counts = [epochs, steps_per_epoch] if total_steps is None else [total_steps]
        if not all(isinstance(count, int) and count > 0 for count in counts):
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch, integers above 0.")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start is a float from 0 to 1, and got {pct_start!r}.")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy is 'cos' or 'linear', and got {anneal_strategy!r}.")
        self.total_steps = math.prod(counts)
        self.anneal_strategy, self.cycle_momentum = anneal_strategy, cycle_momentum
        top, last = pct_start * self.total_steps - 1, self.total_steps - 1
        up = (0, top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            down = (top, 2 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum")
            self.phases = [up, down, (2 * top, last, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        else:
            self.phases = [up, (top, last, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, one_for_each_group(optimizer, "max_lr", max_lr)):
                low = lr / div_factor
                group.update(initial_lr=low, max_lr=lr, min_lr=low / final_div_factor)
        if cycle_momentum:
            if not {"momentum", "betas"} & optimizer.defaults.keys():
                raise ValueError("OneCycleLR: this optimizer has no momentum. Say cycle_momentum=False.")
            bounds = (one_for_each_group(optimizer, "momentum", value) for value in (base_momentum, max_momentum))
            if last_epoch == -1:
                for group, base, largest in zip(optimizer.param_groups, *bounds):
                    group.update(base_momentum=base, max_momentum=largest)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch > self.total_steps:
            raise ValueError(f"OneCycleLR was made for {self.total_steps} steps, and step() was called more often.")
        phase = next((phase for phase in self.phases if self.last_epoch <= phase[1]), self.phases[-1])
        start, end, lr_from, lr_to, momentum_from, momentum_to = phase
        part = (self.last_epoch - start) / (end - start)
        if self.cycle_momentum:
            for group in self.optimizer.param_groups:
                momentum = self.between(group[momentum_from], group[momentum_to], part)
                group.update({"betas": (momentum, group["betas"][1])} if "betas" in group else {"momentum": momentum})
        return [self.between(group[lr_from], group[lr_to], part) for group in self.optimizer.param_groups]

    def between(self, start, end, part):
        return end + (start - end) * ((1 + math.cos(math.pi * part)) / 2 if self.anneal_strategy == "cos" else 1 - part)


class SequentialLR(LRScheduler):
    """One schedule after the other: number i + 1 begins at epoch `milestones[i]`."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if not schedulers or len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules need one milestone fewer, not {len(milestones)}."
            )
        for scheduler in schedulers:
            name = type(scheduler).__name__
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(f"SequentialLR: a {name} is not a schedule.")
            if isinstance(scheduler, ReduceLROnPlateau) or scheduler.optimizer is not optimizer:
                raise ValueError(f"SequentialLR: {name} is of another optimizer, or needs more than step().")
        self.optimizer, self._schedulers, self._milestones = optimizer, schedulers, milestones
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._undo()
        self._at(0)._begin()
        self._last_lr = rates(optimizer)

    def _undo(self):
        """Take back the step that every schedule took when it was made."""
        for scheduler in self._schedulers:
            if isinstance(scheduler, SequentialLR):
                scheduler._undo()
            else:
                scheduler.last_epoch -= 1

    def _at(self, epoch):
        return self._schedulers[bisect_right(self._milestones, epoch)]

    def step(self):
        self.last_epoch += 1
        scheduler = self._at(self.last_epoch)
        if self.last_epoch in self._milestones:
            for group, lr in zip(self.optimizer.param_groups, scheduler.base_lrs, strict=True):
                group["lr"] = lr
            scheduler.last_epoch = -1
            scheduler._begin()
        else:
            scheduler.step()
        self._last_lr = rates(self.optimizer)

    def state_dict(self):
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict):
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"]):
            scheduler.load_state_dict(state)
        super().load_state_dict({**state_dict, "_schedulers": self._schedulers})


class ReduceLROnPlateau(LRScheduler):
    """Multiplies the rate by `factor` when `metrics`, given to step(), has not got better for `patience` epochs.

    mode        "min": lower is better, "max": higher is
    threshold   by how much at least, as a part ("rel") or as a number ("abs"), to count as better
    cooldown    epochs after a reduction in which nothing is counted
    min_lr      no rate goes lower; a number, or a list with one for each group
    eps         a reduction by less than this is not made
    """

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0, eps=1e-8,
    ):  # fmt: skip
        if factor >= 1 or mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                "ReduceLROnPlateau: factor is below 1, mode 'min' or 'max', threshold_mode 'rel' or 'abs'."
            )
        self.optimizer, self.mode, self.factor, self.patience = checked(optimizer), mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lr, self.eps = min_lr, eps
        one_for_each_group(optimizer, "min_lr", min_lr)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = rates(optimizer)

    def is_better(self, value):
        sign = 1 if self.mode == "max" else -1
        margin = sign * self.threshold
        return sign * value > sign * (self.best * (1 + margin) if self.threshold_mode == "rel" else self.best + margin)

    def step(self, metrics):
        value = float(metrics)
        self.last_epoch += 1
        if self.is_better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(
                self.optimizer.param_groups, one_for_each_group(self.optimizer, "min_lr", self.min_lr)
            ):
                lower = max(group["lr"] * self.factor, least)
                if group["lr"] - lower > self.eps:
                    group["lr"] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = rates(self.optimizer)
