"""Learning rates that change as training goes on: call `step()` after each epoch (or batch, if that is the unit)."""

import math
from bisect import bisect_right


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


class MultiStepLR(LRScheduler):
    """At each epoch of `milestones` the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, milestones, gamma=0.1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        return lr * self.gamma ** bisect_right(self.milestones, epoch)


class ExponentialLR(LRScheduler):
    """Every epoch the rate is multiplied by `gamma`."""

    def __init__(self, optimizer, gamma):
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        return lr * self.gamma**epoch


class LambdaLR(LRScheduler):
    """The rate is multiplied by `lr_lambda(epoch)`; a list of functions holds one for each group."""

    def __init__(self, optimizer, lr_lambda):
        count = len(optimizer.param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(self.lr_lambdas) != count:
            raise ValueError(f"LambdaLR got {len(self.lr_lambdas)} functions for {count} groups of parameters.")
        super().__init__(optimizer)

    def _set(self):
        for group, function in zip(self.optimizer.param_groups, self.lr_lambdas):
            group["lr"] = group["initial_lr"] * function(self.last_epoch)

    def state_dict(self):
        return {"last_epoch": self.last_epoch}  # functions cannot be saved


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


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine wave from the rate down to `eta_min` in `T_0` epochs, then anew, each time `T_mult` times as long.

    Source: Loshchilov and Hutter, SGDR, 2016.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0):
        if T_0 <= 0 or T_mult < 1:
            raise ValueError(f"CosineAnnealingWarmRestarts: T_0 and T_mult are at least 1, and got {T_0} and {T_mult}.")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer)

    def rate(self, lr, epoch):
        length = self.T_0
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return self.eta_min + (lr - self.eta_min) * (1 + math.cos(math.pi * epoch / length)) / 2


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and down to almost nothing, once, stepped after every batch; momentum goes the other way.

    It starts at max_lr / div_factor and ends at max_lr / div_factor / final_div_factor; pct_start of the steps go up.
    Source: Smith and Topin, Super-Convergence, 2018.
    """

    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
    ):
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch.")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy is 'cos' or 'linear', and got {anneal_strategy!r}.")
        self.total_steps = epochs * steps_per_epoch if total_steps is None else total_steps
        self.anneal_strategy = anneal_strategy
        low, last = 1 / div_factor, 1 / div_factor / final_div_factor
        up, end = pct_start * self.total_steps - 1, self.total_steps - 1
        if three_phase:
            self.phases = [(up, low, 1, 1, 0), (2 * up, 1, low, 0, 1), (end, low, last, 1, 1)]
        else:
            self.phases = [(up, low, 1, 1, 0), (end, 1, last, 0, 1)]
        self.momenta = (base_momentum, max_momentum) if cycle_momentum else None
        for group in optimizer.param_groups:
            group["max_lr"] = max_lr
        super().__init__(optimizer)

    def at(self, epoch):
        """(part of max_lr, part of the way from base_momentum to max_momentum) after `epoch` steps."""
        if epoch >= self.total_steps:
            raise ValueError(f"OneCycleLR was made for {self.total_steps} steps, and step() was called once more.")
        start = 0
        for end, lr_from, lr_to, momentum_from, momentum_to in self.phases:
            if epoch <= end or end == self.total_steps - 1:
                part = (epoch - start) / (end - start)
                return self.between(lr_from, lr_to, part), self.between(momentum_from, momentum_to, part)
            start = end

    def between(self, start, end, part):
        return end + (start - end) * ((1 + math.cos(math.pi * part)) / 2 if self.anneal_strategy == "cos" else 1 - part)

    def _set(self):
        rate, momentum = self.at(self.last_epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = group["max_lr"] * rate
            if self.momenta:
                value = self.momenta[0] + (self.momenta[1] - self.momenta[0]) * momentum
                group.update({"betas": (value, group["betas"][1])} if "betas" in group else {"momentum": value})


class SequentialLR(LRScheduler):
    """One schedule after the other: number i + 1 begins at epoch `milestones[i]`."""

    def __init__(self, optimizer, schedulers, milestones):
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedulers need one milestone fewer, not {len(milestones)}."
            )
        self.schedulers, self.milestones = schedulers, milestones
        super().__init__(optimizer)

    def _set(self):
        number = bisect_right(self.milestones, self.last_epoch)
        schedule = self.schedulers[number]
        schedule.last_epoch = self.last_epoch - (self.milestones[number - 1] if number else 0)
        schedule._set()

    def state_dict(self):
        return {"last_epoch": self.last_epoch, "schedulers": [s.state_dict() for s in self.schedulers]}

    def load_state_dict(self, state_dict):
        for schedule, state in zip(self.schedulers, state_dict["schedulers"]):
            vars(schedule).update(state)
        self.last_epoch = state_dict["last_epoch"]
        self._set()


class ReduceLROnPlateau:
    """Multiplies the rate by `factor` when `metrics`, given to step(), has not got better for `patience` epochs.

    mode        "min": lower is better, "max": higher is
    threshold   by how much at least, as a part ("rel") or as a number ("abs"), to count as better
    cooldown    epochs after a reduction in which nothing is counted
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0,
        eps=1e-8,
    ):
        if factor >= 1 or mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                "ReduceLROnPlateau: factor is below 1, mode 'min' or 'max', threshold_mode 'rel' or 'abs'."
            )
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lr, self.eps = min_lr, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0

    def is_better(self, value):
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel" and math.isfinite(self.best):
            return sign * value > sign * self.best * (1 + sign * self.threshold)
        return sign * value > sign * self.best + self.threshold

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
            for group in self.optimizer.param_groups:
                lower = max(group["lr"] * self.factor, self.min_lr)
                if group["lr"] - lower > self.eps:
                    group["lr"] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def get_last_lr(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    state_dict = LRScheduler.state_dict

    def load_state_dict(self, state_dict):
        vars(self).update(state_dict)
