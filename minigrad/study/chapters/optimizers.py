"""Chapter 06, optimizers: update rules in order of increasing complexity, a schedule, and gradients kept in bounds."""

import inspect
from dataclasses import dataclass
from functools import partial

import numpy as np

import minigrad as mg
from minigrad import optim

from ...check import pytorch as torch
from ...check.case import exactly, normal
from ...interrupt import uninterrupted
from .. import run
from ..difference import kind
from ..exercise import Chapter, given

chapter = Chapter(
    "06_optimizers",
    "Optimizers",
    teaches=("SGD", "RMSprop", "Adam", "AdamW", "Optimizer", "lr_scheduler", "clip_grad_norm_", "param_groups"),
)

# ---- how they are tried: a few steps on a small loss, looked at after each ----


@dataclass(frozen=True, eq=False)
class Descent:
    """Parameters by name, and some steps down a loss of them, on minigrad or on PyTorch."""

    leaves: dict
    steps: int
    loss: str

    def __repr__(self):
        leaves = ", ".join(f"{name} = {value}" for name, value in self.leaves.items())
        return f"[{leaves}]; {self.steps} step{'s' * (self.steps != 1)} on loss = {self.loss}"

    def run(self, library, optimizer, options):
        """("after step 1, w", the parameter), ... with the parameters given to the optimizer by a generator."""
        made = {name: library.tensor(value, requires_grad=True) for name, value in self.leaves.items()}
        optimizer = optimizer((p for p in made.values()), **options)
        for step in range(1, self.steps + 1):
            eval(self.loss, {"__builtins__": {}}, made).backward()  # our own texts, below
            optimizer.step()
            optimizer.zero_grad()
            for name, p in made.items():
                yield f"after step {step}, {name}", p


def descent(steps, loss, **leaves):
    return run.built("a descent", lambda rng: Descent(leaves, steps, loss))


def steps(function, inputs, options, seed):
    """The parameters after each step of the optimizer that a learner's class makes."""
    try:
        for name, p in inputs[0].run(mg, function, options):
            if p.grad is not None and not isinstance(p.grad, mg.Tensor):
                raise run.WrongForm(f"after zero_grad(), p.grad should be None. It is {kind(p.grad)}.")
            yield name, p.detach().numpy().copy()
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise RuntimeError("a tensor's array is closed for writing: change the tensor itself") from error


def by_torch(name):
    """The same steps by the optimizer of this name in PyTorch."""

    def theirs(params, **options):
        for label, p in params.run(torch, getattr(torch.optim, name), options):
            yield label, p.detach().clone()

    return theirs


def one_step_by_torch(p, g, velocity, lr, momentum=0.9, nesterov=False):
    """One step of PyTorch's SGD, whose memory is `velocity`."""
    optimizer = torch.optim.SGD([p], lr=lr, momentum=momentum, nesterov=nesterov)
    p.grad, optimizer.state[p]["momentum_buffer"] = g, velocity
    optimizer.step()
    return p, velocity


# ---- how they stand in: in the library's class, with the learner's rule ----


def as_sgd(answer):
    """The library's SGD, where plain steps are those of the learner's."""
    further = optim.SGD([mg.zeros(1)]).defaults.keys() - {"lr"}

    class SGD(optim.SGD):
        def step(self, closure=None):
            if closure or any(group[setting] for group in self.param_groups for setting in further):
                return super().step(closure)
            with uninterrupted():
                for group in self.param_groups:
                    answer(group["params"], lr=group["lr"]).step()

    return SGD


def with_velocity(looks_ahead, answer):
    """The library's SGD, where steps with momentum (with nesterov, if it `looks_ahead`) are the learner's."""

    class SGD(optim.SGD):
        def update(self, p, g, state, lr, momentum, dampening, weight_decay, nesterov, maximize):
            if not momentum or dampening or nesterov != looks_ahead:
                return super().update(p, g, state, lr, momentum, dampening, weight_decay, nesterov, maximize)
            g = optim.rules.directed(p, g, weight_decay, maximize)
            velocity = state.get("momentum_buffer", np.zeros_like(p))
            p[...], state["momentum_buffer"] = answer(p.copy(), g, velocity, lr, momentum)

    return SGD


def as_optimizer(library, answer):
    """The library's class, where steps are the learner's unless they need settings that theirs does not have."""
    usual = library([mg.zeros(1)]).defaults
    known = inspect.signature(answer.update).parameters

    class Stand(library):
        def __init__(self, *inputs, **options):
            super().__init__(*inputs, **options)
            self.own = answer(self._all())

        def update(self, p, g, state, **settings):
            if any(settings[name] != usual[name] for name in settings.keys() - known):
                return super().update(p, g, state, **settings)
            self.own.update(p, g, state, **{name: value for name, value in settings.items() if name in known})

    return Stand


# ---- the rules ----


@chapter.exercise(
    points=3,
    minutes=15,
    run=steps,
    cases=[
        given("at w = 3 the slope of w * w is 6: one step to 3 - 0.1 * 6", descent(1, "w * w", w=3.0), lr=0.1),
        given(
            "each step starts where the last one ended, with a gradient of its own", descent(3, "w * w", w=3.0), lr=0.1
        ),
        given(
            "several parameters, of different shapes",
            descent(2, "(w * w).sum() + b * 3", w=[[1.0, 2.0], [3.0, 4.0]], b=1.0),
            lr=0.1,
        ),
        given(
            "a parameter that the loss does not use has no gradient (None): it stays, and the others go on",
            descent(2, "(w * w).sum()", unused=[1.0, 2.0], w=[3.0, -1.0]),
            lr=0.5,
        ),
        given(
            "too large a rate: each step lands farther out, and that is no mistake", descent(3, "w * w", w=1.0), lr=1.5
        ),
        given("the rate is 0.001 if nobody says", descent(1, "(w * w * 500).sum()", w=[1.0, -2.0])),
    ],
    torch=by_torch("SGD"),
    hints=(
        "Three things to write: keep what you were given, forget gradients, take a step. Which line did the stepping "
        "in lesson 00, and inside which block did it stand?",
        "step: inside `with mg.no_grad():`, for every parameter that has a gradient, subtract lr times its gradient "
        "from it, in place. zero_grad: put None for every gradient. And `params` may be a generator, which can be "
        "walked only once: what makes a list of it?",
        """
        class SGD:
            def __init__(self, params, lr=1e-3):
                self.params, self.lr = ..., lr

            def zero_grad(self):
                for p in self.params:
                    ...

            def step(self):
                with mg.no_grad():
                    for p in self.params:
                        if ... is not None:
                            p -= ...
        """,
    ),
    part="optim.SGD",
    adapt=as_sgd,
)
class SGD:
    """Gradient descent: every parameter goes a little against its gradient.

    params: the parameters to change: Tensors, in any iterable (often the generator model.parameters())
    lr:     the learning rate

    `step()` changes each parameter in place, to p - lr * p.grad. A parameter whose `.grad` is None stays as it is.
    `zero_grad()` forgets all gradients, so that the next backward() starts anew.
    """

    def __init__(self, params, lr=1e-3):
        ### BEGIN SOLUTION
        self.params, self.lr = list(params), lr
        ### END SOLUTION

    def zero_grad(self):
        ### BEGIN SOLUTION
        for p in self.params:
            p.grad = None
        ### END SOLUTION

    def step(self):
        ### BEGIN SOLUTION
        with mg.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * p.grad
        ### END SOLUTION


def descents(rng, **settings):
    """Descents that nobody has seen: with the usual settings, with a rate of their own, and with `settings`."""
    cases = []
    for own in ({}, {"lr": round(float(rng.uniform(0.02, 0.2)), 3)}, {"lr": 0.05, **settings}):
        w = (rng.uniform(0.5, 3, (2, 3)) * rng.choice([-1, 1], (2, 3))).round(2).tolist()
        b, k, m = rng.uniform(0.5, 3, 3).round(2).tolist()
        loss = f"(w * w).sum() * {k} + b * b * {m}"
        cases.append(given("a descent made by chance", descent(3, loss, w=w, unused=[b], b=b), **own))
    return cases


@chapter.hidden("SGD")
def other_descents(rng):
    """Descents that nobody has seen."""
    return descents(rng)


@chapter.way("SGD", "Zeros forget a gradient, too. But None says that there was none, and takes no memory.")
class zeros_for_none:
    def __init__(self, params, lr=1e-3):
        self.params, self.lr = list(params), lr

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self):
        with mg.no_grad():
            for p in filter(lambda p: p.grad is not None, self.params):
                p.copy_(p - self.lr * p.grad)


chapter.wrong("SGD", "It goes uphill. The gradient points to where the loss grows.", "p -= self", "p += self")
chapter.wrong(
    "SGD",
    "`p = p - ...` makes a new tensor and calls that p; the parameter itself, which the model holds, stays as it was. "
    "It has to be changed in place.",
    "p -= self.lr * p.grad",
    "p = p - self.lr * p.grad",
)
chapter.wrong(
    "SGD",
    "The first walk through a generator uses it up: from then on there are no parameters any more. Keep something that "
    "can be walked again and again.",
    "list(params)",
    "params",
)
chapter.wrong(
    "SGD",
    "A parameter that took no part in the loss has None for a gradient, and None cannot be multiplied. Such a "
    "parameter should stay as it is.",
    "if p.grad is not None:",
    "if True:",
)
chapter.wrong(
    "SGD",
    "Old gradients are not forgotten: backward() adds to what is there, and so each step follows the sum of all "
    "gradients so far.",
    "for p in self.params:\n            p.grad = None",
    "pass",
)
chapter.wrong(
    "SGD",
    "The step is being recorded, as if it were part of the loss. There is a block inside which nothing is.",
    "with mg.no_grad():",
    "if True:",
)
chapter.wrong(
    "SGD",
    "`p.data -= ...` was the way before there was no_grad. The array of a tensor that is part of a record is closed "
    "for writing; change the tensor itself, where nothing is recorded.",
    "p -= self.lr * p.grad",
    "p.data -= self.lr * p.grad.data",
)
chapter.wrong(
    "SGD",
    "It ends at the first parameter without a gradient. The ones after it want their step, too.",
    "if p.grad is not None:",
    "if p.grad is None:\n                    break\n                else:",
)


@chapter.exercise(
    points=1,
    minutes=8,
    cases=[
        given("at first the velocity is 0: a plain step", normal(3), normal(3), exactly([0.0, 0.0, 0.0]), lr=0.1),
        given("the slope goes on as before: it gets faster", exactly([5.0]), exactly([1.0]), exactly([1.0]), lr=0.1),
        given("on flat ground it rolls on", exactly([5.0]), exactly([0.0]), exactly([1.0]), lr=0.1),
        given(
            "across a ravine the slope turns round at each step, and slows it down",
            exactly([0.5]),
            exactly([-1.0]),
            exactly([0.9]),
            lr=0.1,
        ),
        given("elementwise, for any shape", normal(2, 3), normal(2, 3), normal(2, 3), lr=0.01),
        given(
            "half of the velocity is lost at each step",
            exactly([1.0, 2.0]),
            exactly([1.0, -1.0]),
            exactly([4.0, 2.0]),
            lr=0.5,
            momentum=0.5,
        ),
    ],
    torch=one_step_by_torch,
    hints=(
        "A ball keeps most of its velocity, and the slope adds to it. In which order do you update the two: the "
        "velocity first, or the place?",
        "new velocity = momentum * velocity + g. Then the plain rule, with the new velocity in place of g.",
        """
        def momentum(p, g, velocity, lr, momentum=0.9):
            velocity = ... * velocity + ...
            return p - lr * ..., velocity
        """,
    ),
    part="optim.SGD",
    adapt=partial(with_velocity, False),
)
def momentum(p, g, velocity, lr, momentum=0.9):
    """One step with momentum: the gradient changes a velocity, and the velocity changes the parameter.

    p:        the parameter, an array        g: its gradient, of the same shape
    velocity: what was remembered from the step before (at first zeros), of the same shape
    momentum: the part of the velocity that is kept
    ->        (the new p, the new velocity), as new arrays

    momentum(p=5, g=1, velocity=1, lr=0.1) gives (5 - 0.1 * 1.9, 1.9).
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + g
    return p - lr * velocity, velocity
    ### END SOLUTION


chapter.wrong(
    "momentum",
    "It takes the average of velocity and slope. In PyTorch's rule the slope counts in full, so that a ball on an even "
    "slope gets up to ten times as fast as a plain step.",
    "momentum * velocity + g",
    "momentum * velocity + (1 - momentum) * g",
)
chapter.wrong(
    "momentum", "The velocity is computed, but the step is still taken along g.", "p - lr * velocity", "p - lr * g"
)
chapter.wrong(
    "momentum",
    "The rate is inside the velocity. With a rate that never changes, that is the same path; PyTorch keeps it outside, "
    "so that a new rate counts at once.",
    "velocity = momentum * velocity + g\n    return p - lr * velocity",
    "velocity = momentum * velocity + lr * g\n    return p - velocity",
)
chapter.wrong(
    "momentum",
    "It is slowed down after the slope was added: so a part of this step's gradient is lost, too.",
    "momentum * velocity + g",
    "momentum * (velocity + g)",
)
chapter.wrong(
    "momentum",
    "The step is taken with the velocity from before; this step's gradient would be felt only at the next one.",
    "velocity = momentum * velocity + g\n    return p - lr * velocity, velocity",
    "return p - lr * velocity, momentum * velocity + g",
)
chapter.wrong(
    "momentum",
    "The two are there, in the wrong order: first the new p, then the new velocity.",
    "return p - lr * velocity, velocity",
    "return velocity, p - lr * velocity",
)
chapter.wrong(
    "momentum",
    "The velocity has the opposite sign: here it points uphill, like g, and is subtracted.",
    "velocity = momentum * velocity + g\n    return p - lr * velocity",
    "velocity = momentum * velocity - g\n    return p + lr * velocity",
)


@chapter.exercise(
    points=2,
    minutes=8,
    cases=[
        given(
            "even the first step is longer than a plain one: 1 + 0.9",
            exactly([5.0]),
            exactly([1.0]),
            exactly([0.0]),
            lr=0.1,
        ),
        given("on flat ground it rolls on, by 0.9 * 0.9", exactly([5.0]), exactly([0.0]), exactly([1.0]), lr=0.1),
        given(
            "where the slope turns round, it brakes earlier than momentum does",
            exactly([0.5]),
            exactly([-1.0]),
            exactly([0.9]),
            lr=0.1,
        ),
        given("elementwise, for any shape", normal(2, 3), normal(2, 3), normal(2, 3), lr=0.01),
        given(
            "with half of the velocity lost at each step",
            exactly([1.0, 2.0]),
            exactly([1.0, -1.0]),
            exactly([4.0, 2.0]),
            lr=0.5,
            momentum=0.5,
        ),
    ],
    torch=lambda p, g, velocity, **options: one_step_by_torch(p, g, velocity, nesterov=True, **options),
    hints=(
        "The velocity changes as before. Only the direction of the step is new: it uses the new velocity as if one "
        "more step had begun.",
        "direction = g + momentum * (the new velocity). The velocity that is remembered is the one from before this.",
        """
        def nesterov(p, g, velocity, lr, momentum=0.9):
            velocity = ...  # as in momentum
            return p - lr * (... + momentum * ...), velocity
        """,
    ),
    part="optim.SGD",
    adapt=partial(with_velocity, True),
)
def nesterov(p, g, velocity, lr, momentum=0.9):
    """One step with Nesterov's momentum: along the gradient plus the velocity that the next step will keep.

    p, g, velocity, lr, momentum: as in `momentum`    ->    (the new p, the new velocity), as new arrays

    The velocity changes as with momentum. The step goes along g + momentum * (the new velocity).
    """
    ### BEGIN SOLUTION
    velocity = momentum * velocity + g
    return p - lr * (g + momentum * velocity), velocity
    ### END SOLUTION


@chapter.hidden("momentum")
@chapter.hidden("nesterov")
def other_settings(rng):
    """Settings that nobody has seen."""
    lr, momentum = rng.uniform(0.05, 0.95, 2).round(3).tolist()
    return [
        given("a rate made by chance", normal(3), normal(3), normal(3), lr=lr),
        given("a momentum made by chance", normal(2, 4), normal(2, 4), normal(2, 4), lr=lr, momentum=momentum),
    ]


@chapter.way(
    "nesterov", "The same rule applied twice: first for the velocity, then from the new velocity for the step."
)
def momentum_twice(p, g, velocity, lr, momentum=0.9):
    def rule(velocity):
        velocity = momentum * velocity + g
        return p - lr * velocity, velocity

    _, velocity = rule(velocity)
    return rule(velocity)[0], velocity


chapter.wrong(
    "nesterov",
    "That is plain momentum's step. Where does it look ahead? With the new velocity, not with the old one.",
    "(g + momentum * velocity)",
    "velocity",
)
chapter.wrong(
    "nesterov",
    "Ahead lies only what is kept of the velocity: momentum times it.",
    "(g + momentum * velocity)",
    "(g + velocity)",
)
chapter.wrong(
    "nesterov",
    "It takes the average of velocity and slope. As with momentum, the slope counts in full.",
    "momentum * velocity + g\n",
    "momentum * velocity + (1 - momentum) * g\n",
)
chapter.wrong(
    "nesterov",
    "The factor stands at the wrong one of the two: the gradient counts in full, the velocity in part.",
    "(g + momentum * velocity)",
    "(momentum * g + velocity)",
)
chapter.wrong(
    "nesterov",
    "The direction of the look ahead is remembered as the velocity. It is for this step only; what is remembered is "
    "momentum * velocity + g.",
    "return p - lr * (g + momentum * velocity), velocity",
    "velocity = g + momentum * velocity\n    return p - lr * velocity, velocity",
)


ravine = "w[0] * w[0] * 50 + w[1] * w[1]"


@chapter.exercise(
    points=3,
    minutes=12,
    run=steps,
    cases=[
        given(
            "one direction 50 times as steep as the other: both go equally far",
            descent(1, ravine, w=[1.0, 1.0]),
            lr=0.01,
            alpha=0.9,
        ),
        given(
            "the average remembers: later steps divide by old gradients, too",
            descent(3, "(w * w).sum()", w=[3.0, -1.0]),
            lr=0.1,
            alpha=0.5,
        ),
        given(
            "each parameter has an average of its own, of its own shape",
            descent(2, "(w * w).sum() + b * 3", w=[[1.0, 2.0], [3.0, 4.0]], b=1.0),
            lr=0.01,
        ),
        given("a large eps holds small gradients back", descent(2, ravine, w=[0.1, 0.1]), lr=0.1, eps=1.0),
        given("no slope in one direction: nothing to divide, no step", descent(2, ravine, w=[0.0, 1.0]), lr=0.01),
        given("the settings if nobody says", descent(2, ravine, w=[1.0, -1.0])),
    ],
    torch=by_torch("RMSprop"),
    hints=(
        "Keep, for each number, how large its gradient has been of late. Then divide by that.",
        "square_avg starts at 0 and becomes alpha * square_avg + (1 - alpha) * g * g. The step is "
        "lr * g / (the root of square_avg, plus eps). Change p in place: p -= ...",
        """
        def update(self, p, g, state, lr, alpha, eps):
            old = state.get("square_avg", 0)
            state["square_avg"] = ... * old + (1 - ...) * ...
            p -= lr * g / (... + eps)
        """,
    ),
    part="optim.RMSprop",
    adapt=partial(as_optimizer, optim.RMSprop),
)
class RMSprop(optim.Optimizer):
    """Steps of about the same length in every direction: each gradient is divided by its own recent size.

    The loop over the parameters and zero_grad() come from `Optimizer`. It calls `update` for each parameter with

    p: the parameter's array, to be changed in place      g: its gradient's array
    state: a dict that belongs to this parameter, empty at first; what is put into it is there at the next step

    and the settings. Remember in state["square_avg"] the running average of g * g: at every step a part `alpha` of
    what it was (0 at first), and 1 - alpha of the new one. Then p changes by -lr * g / (its root + eps).
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8):
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps})

    def update(self, p, g, state, lr, alpha, eps):
        ### BEGIN SOLUTION
        state["square_avg"] = alpha * state.get("square_avg", 0) + (1 - alpha) * g * g
        p -= lr * g / (np.sqrt(state["square_avg"]) + eps)
        ### END SOLUTION


@chapter.hidden("RMSprop")
def with_other_averages(rng):
    """Descents and settings that nobody has seen."""
    alpha, eps = rng.uniform(0.3, 0.95), rng.uniform(0.1, 1)
    return descents(rng, alpha=round(float(alpha), 3), eps=round(float(eps), 3))


@chapter.way("RMSprop", "The library's way: one array that is changed in place, so that no new memory is taken.")
class in_one_array(optim.Optimizer):
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8):
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps})

    def update(self, p, g, state, lr, alpha, eps):
        average = state.setdefault("square_avg", np.zeros_like(p))
        average *= alpha
        average += (1 - alpha) * np.square(g)
        p -= lr * g / (np.sqrt(average) + eps)


chapter.wrong(
    "RMSprop",
    "It divides by the average square, not by its root. A gradient twice as large should give about the same step.",
    'np.sqrt(state["square_avg"])',
    'state["square_avg"]',
)
chapter.wrong(
    "RMSprop",
    "eps stands inside the root. PyTorch adds it after: 1e-8 inside would be 1e-4 outside.",
    'np.sqrt(state["square_avg"]) + eps',
    'np.sqrt(state["square_avg"] + eps)',
)
chapter.wrong(
    "RMSprop",
    "It adds the squares up without end, so that the steps get shorter and shorter. (That is a rule of its own, "
    "Adagrad.) Here old squares fade.",
    'alpha * state.get("square_avg", 0) + (1 - alpha) * g * g',
    'state.get("square_avg", 0) + g * g',
)
chapter.wrong(
    "RMSprop",
    "The two weights are exchanged: alpha, near 1, is the part of the old average that stays.",
    'alpha * state.get("square_avg", 0) + (1 - alpha) * g * g',
    '(1 - alpha) * state.get("square_avg", 0) + alpha * g * g',
)
chapter.wrong(
    "RMSprop",
    "Nothing is remembered: each step starts its average again at 0.",
    'alpha * state.get("square_avg", 0) + ',
    "",
)
chapter.wrong(
    "RMSprop",
    "At the first step `state` is empty: nothing has been put into it yet. What should the average have been before?",
    'state.get("square_avg", 0)',
    'state["square_avg"]',
)
chapter.wrong(
    "RMSprop",
    "The average starts at the first square. In PyTorch it starts at 0, so that the first steps are longer.",
    'state.get("square_avg", 0)',
    'state.get("square_avg", g * g)',
)
chapter.wrong(
    "RMSprop",
    "The parameter has not moved. `p = p - ...` only makes a new array and calls that p, and what update gives back is "
    "not looked at: the parameter's own array has to be changed, in place.",
    "p -= lr * g / (",
    "p = p - lr * g / (",
)


@chapter.exercise(
    points=4,
    minutes=18,
    run=steps,
    cases=[
        given(
            "the first step is lr long in each direction, however steep it is", descent(1, ravine, w=[1.0, 1.0]), lr=0.1
        ),
        given(
            "the corrections fade step by step", descent(3, "(w * w).sum()", w=[3.0, -1.0]), lr=0.1, betas=(0.9, 0.99)
        ),
        given(
            "each parameter counts its own steps",
            descent(2, "(w * w).sum() + b * b * 3", w=[[1.0, 2.0], [3.0, 4.0]], b=1.0),
            lr=0.1,
        ),
        given("a large eps holds small gradients back", descent(2, ravine, w=[0.1, 0.1]), lr=0.1, eps=1.0),
        given(
            "weight decay adds the slope of weight_decay * p * p / 2 to the gradient",
            descent(3, "(w * w * w).sum()", w=[1.0, -2.0]),
            lr=0.1,
            weight_decay=0.5,
        ),
        given("the settings if nobody says", descent(2, "(w * w * 500).sum()", w=[1.0, -2.0])),
    ],
    torch=by_torch("Adam"),
    hints=(
        "Two running averages: one of g, which is the velocity, and one of g * g, which is the size. Both start at 0, "
        "so at first they are too small. By how much, after one step?",
        "After t steps an average with weight beta has seen only a part 1 - beta ** t: divide by that, in both. Then "
        "the step is lr * mean / (root of size + eps). Weight decay comes first of all: g + weight_decay * p.",
        """
        def update(self, p, g, state, lr, betas, eps, weight_decay):
            g = g + ...
            state["step"] = t = state.get("step", 0) + 1
            state["exp_avg"] = betas[0] * state.get("exp_avg", 0) + ...
            state["exp_avg_sq"] = betas[1] * state.get("exp_avg_sq", 0) + ...
            mean = state["exp_avg"] / (1 - ...)
            size = state["exp_avg_sq"] / (1 - ...)
            p -= lr * mean / (... + eps)
        """,
    ),
    part="optim.Adam",
    adapt=partial(as_optimizer, optim.Adam),
)
class Adam(optim.Optimizer):
    """RMSprop with momentum, where both averages are corrected for having started at 0.

    `update` is called for each parameter as in RMSprop, and changes the array p in place:

    weight decay   g becomes g + weight_decay * p
    averages       state["exp_avg"] of g, which keeps a part betas[0]; state["exp_avg_sq"] of g * g, with betas[1]
    correction     after t steps (state["step"]) they are divided by 1 - betas[0] ** t and 1 - betas[1] ** t
    step           p changes by -lr * (corrected average) / (root of the corrected average of squares + eps)

    What is remembered is not corrected; the correction is made anew in each step.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def update(self, p, g, state, lr, betas, eps, weight_decay):
        ### BEGIN SOLUTION
        g = g + weight_decay * p
        state["step"] = t = state.get("step", 0) + 1
        state["exp_avg"] = betas[0] * state.get("exp_avg", 0) + (1 - betas[0]) * g
        state["exp_avg_sq"] = betas[1] * state.get("exp_avg_sq", 0) + (1 - betas[1]) * g * g
        mean = state["exp_avg"] / (1 - betas[0] ** t)
        size = state["exp_avg_sq"] / (1 - betas[1] ** t)
        p -= lr * mean / (np.sqrt(size) + eps)
        ### END SOLUTION


chapter.wrong(
    "Adam",
    "The averages are not corrected. They start at 0 and are too small at first, the two of them not equally so.",
    'mean = state["exp_avg"] / (1 - betas[0] ** t)\n        size = state["exp_avg_sq"] / (1 - betas[1] ** t)',
    'mean, size = state["exp_avg"], state["exp_avg_sq"]',
)
chapter.wrong(
    "Adam",
    "The corrected average is remembered. Then the next step corrects it once more: keep the one, use the other.",
    'mean = state["exp_avg"] / (1 - betas[0] ** t)',
    'mean = state["exp_avg"] = state["exp_avg"] / (1 - betas[0] ** t)',
)
chapter.wrong(
    "Adam",
    "Steps are counted from 0. After no steps an average has seen nothing, and 1 - beta ** 0 is 0, by which one cannot "
    "divide: the first step is number 1.",
    'state["step"] = t = state.get("step", 0) + 1',
    't = state.get("step", 0)\n        state["step"] = t + 1',
)
chapter.wrong(
    "Adam",
    "One count for all parameters: it goes up with each of them, so that the second believes it is one step further. "
    "Each parameter counts in its own `state`.",
    'state["step"] = t = state.get("step", 0) + 1',
    'self.steps = t = getattr(self, "steps", 0) + 1',
)
chapter.wrong(
    "Adam",
    "eps stands inside the root. It is added after the root was taken.",
    "np.sqrt(size) + eps",
    "np.sqrt(size + eps)",
)
chapter.wrong(
    "Adam",
    "The weights are shrunk by themselves, past the averages. That is AdamW, the next one; here decay is a part of the "
    "gradient.",
    "g = g + weight_decay * p",
    "p *= 1 - lr * weight_decay",
)
chapter.wrong(
    "Adam",
    "Only the gradient's average is corrected. That of the squares started at 0 as well, and with 0.999 it takes much "
    "longer to grow.",
    'state["exp_avg_sq"] / (1 - betas[1] ** t)',
    'state["exp_avg_sq"]',
)


@chapter.exercise(
    points=2,
    minutes=8,
    run=steps,
    cases=[
        given(
            "a gradient of 0: the weight only shrinks, by lr * weight_decay of itself",
            descent(1, "(w * 0).sum()", w=[1.0, -2.0]),
            lr=0.1,
            weight_decay=0.5,
        ),
        given(
            "shrunk first, then a step of Adam", descent(3, "(w * w).sum()", w=[3.0, -1.0]), lr=0.1, weight_decay=0.5
        ),
        given(
            "a steep direction and a flat one shrink alike", descent(2, ravine, w=[1.0, 1.0]), lr=0.1, weight_decay=1.0
        ),
        given("without decay it is Adam", descent(2, ravine, w=[1.0, -1.0]), lr=0.1, weight_decay=0),
        given(
            "several parameters, of different shapes",
            descent(2, "(w * w).sum() + b * 3", w=[[1.0, 2.0], [3.0, 4.0]], b=1.0),
            lr=0.1,
            weight_decay=0.1,
        ),
        given("the decay is 0.01 if nobody says", descent(1, "(w * w).sum()", w=[100.0, -200.0]), lr=0.1),
    ],
    torch=by_torch("AdamW"),
    hints=(
        "Your Adam can do all but one line of it. What must it not do here?",
        "First p *= 1 - lr * weight_decay, in place. Then Adam's update, told that there is no weight decay; "
        "super().update(...) calls it.",
        """
        def update(self, p, g, state, lr, betas, eps, weight_decay):
            p *= ...
            super().update(p, g, state, lr, betas, eps, weight_decay=...)
        """,
    ),
    part="optim.AdamW",
    adapt=partial(as_optimizer, optim.AdamW),
    needs=("Adam",),
)
class AdamW(Adam):
    """Adam with decoupled weight decay: the weights are shrunk by themselves, and the averages know nothing of it.

    `update` is called as in Adam. First p shrinks to 1 - lr * weight_decay times what it was; then comes a step of Adam
    without weight decay.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, p, g, state, lr, betas, eps, weight_decay):
        ### BEGIN SOLUTION
        p *= 1 - lr * weight_decay
        super().update(p, g, state, lr, betas, eps, weight_decay=0)
        ### END SOLUTION


@chapter.hidden("Adam")
@chapter.hidden("AdamW")
def with_other_betas(rng):
    """Descents and settings that nobody has seen."""
    first, second, eps, decay = rng.uniform((0.3, 0.3, 0.1, 0.1), (0.95, 0.95, 1, 0.9)).round(3).tolist()
    return [
        *descents(rng, betas=(first, second), eps=eps, weight_decay=decay),
        *descents(rng, weight_decay=decay)[1:],
    ]


chapter.wrong(
    "AdamW",
    "That is Adam as it was: the decay goes through the gradient and its averages, where a steep direction is decayed "
    "less than a flat one.",
    "p *= 1 - lr * weight_decay\n        super().update(p, g, state, lr, betas, eps, weight_decay=0)",
    "super().update(p, g, state, lr, betas, eps, weight_decay)",
)
chapter.wrong(
    "AdamW",
    "The weights are decayed twice: by themselves, and once more through Adam's gradient.",
    "weight_decay=0)",
    "weight_decay)",
)
chapter.wrong(
    "AdamW",
    "The decay forgets the learning rate: so it would go on at full strength while a schedule lowers the steps.",
    "1 - lr * weight_decay",
    "1 - weight_decay",
)
chapter.wrong(
    "AdamW",
    "It shrinks after the step, and so shrinks the step, too. First the weight, then the step.",
    "p *= 1 - lr * weight_decay\n        super().update(p, g, state, lr, betas, eps, weight_decay=0)",
    "super().update(p, g, state, lr, betas, eps, weight_decay=0)\n        p *= 1 - lr * weight_decay",
)
chapter.wrong(
    "AdamW",
    "The sum is the wrong way round: what is left of the weight is 1 minus the decay, not the decay itself.",
    "1 - lr * weight_decay",
    "lr * weight_decay",
)


# ---- the rate ----


def schedule_by_torch(step, total, lr, warmup=0, lr_min=0.0):
    """The rate in step `step` of PyTorch's schedules: a straight line up, where asked for, and half a cosine down."""
    schedules = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    if step < warmup:
        schedule = schedules.LinearLR(optimizer, 1 / warmup, total_iters=max(warmup - 1, 1))
    else:
        schedule = schedules.CosineAnnealingLR(optimizer, total - warmup, eta_min=lr_min)
        step -= warmup
    for _ in range(step):
        optimizer.step()
        schedule.step()
    return optimizer.param_groups[0]["lr"]


@chapter.exercise(
    points=2,
    minutes=12,
    cases=[
        given("it starts at lr", 0, 10, 0.4),
        given("half way it is at half", 5, 10, 0.4),
        given("a quarter of the way it is still high: it leaves slowly", 3, 12, 0.4),
        given("it ends at 0", 10, 10, 0.4),
        given("with a lowest rate, it runs between that one and lr", 5, 10, 0.5, lr_min=0.1),
        given("the first step of the warm-up is not 0, or it would be wasted", 0, 20, 0.4, warmup=4),
        given("the last step of the warm-up is at lr", 3, 20, 0.4, warmup=4),
        given("after the warm-up the cosine has only the steps that are left", 12, 20, 0.4, warmup=4),
    ],
    torch=schedule_by_torch,
    hints=(
        "cos(0) is 1 and cos(pi) is -1; bring that to between 1 and 0. Which part of the way has been gone, in 0 to 1?",
        "progress = (step - warmup) / (total - warmup), and the rate is "
        "lr_min + (lr - lr_min) * (1 + cos(pi * progress)) / 2. In the warm-up (step < warmup) it is "
        "lr * (step + 1) / warmup instead.",
        """
        def cosine_schedule(step, total, lr, warmup=0, lr_min=0.0):
            if step < warmup:
                return lr * ... / warmup
            progress = ...
            return lr_min + ... * (1 + np.cos(np.pi * progress)) / 2
        """,
    ),
)
def cosine_schedule(step, total, lr, warmup=0, lr_min=0.0):
    """The learning rate for step number `step`: up along a line, if there is a warm-up, then down along half a cosine.

    step:   from 0 to total         total: steps in all, warm-up included
    warmup: the first steps, in which it rises by equal amounts, the last of them being at lr: of four steps, the first
            has a quarter of lr
    lr:     the highest rate, where the cosine starts (at step `warmup`)
    lr_min: the lowest, where it ends (at step `total`)
    ->      a number

    cosine_schedule(5, 10, 0.4) is 0.2.
    """
    ### BEGIN SOLUTION
    if step < warmup:
        return lr * (step + 1) / warmup
    progress = (step - warmup) / (total - warmup)
    return lr_min + (lr - lr_min) * (1 + np.cos(np.pi * progress)) / 2
    ### END SOLUTION


@chapter.hidden("cosine_schedule")
def other_steps(rng):
    """Steps of schedules that nobody has seen, in the warm-up and after it."""
    lr, lr_min = rng.uniform((0.2, 0.01), (1, 0.1)).round(3).tolist()
    warmup, total = rng.integers((4, 20), (12, 40)).tolist()
    early, late = rng.integers((0, warmup + 1), (warmup, total)).tolist()
    return [
        given("a step made by chance", late, total, lr),
        given("with a lowest rate", late, total, lr, lr_min=lr_min),
        given("in the warm-up", early, total, lr, warmup=warmup),
        given("after the warm-up, with a lowest rate", late, total, lr, warmup=warmup, lr_min=lr_min),
    ]


chapter.wrong(
    "cosine_schedule",
    "That is a straight line: half way it agrees, at a quarter it does not.",
    "(1 + np.cos(np.pi * progress)) / 2",
    "(1 - progress)",
)
chapter.wrong(
    "cosine_schedule",
    "1 + cos runs from 2 to 0: at the start the rate is twice as high as it should be.",
    "(1 + np.cos(np.pi * progress)) / 2",
    "(1 + np.cos(np.pi * progress))",
)
chapter.wrong(
    "cosine_schedule",
    "The cosine counts the steps of the warm-up as if it had run in them. It starts when the warm-up is over.",
    "(step - warmup) / (total - warmup)",
    "step / total",
)
chapter.wrong(
    "cosine_schedule",
    "The warm-up starts at 0: its first step changes nothing, and its last has not arrived at lr.",
    "(step + 1)",
    "step",
)
chapter.wrong(
    "cosine_schedule",
    "np.cos takes its angle in radians, where half a turn is pi, not 180.",
    "np.pi * progress",
    "180 * progress",
)
chapter.wrong(
    "cosine_schedule",
    "The lowest rate is added on top, so that it starts above lr. What runs along the cosine is the distance between "
    "the two.",
    "(lr - lr_min)",
    "lr",
)


# ---- gradients kept in bounds ----


@dataclass(frozen=True, eq=False)
class Gradients:
    """Parameters that have these gradients (None: none), in minigrad or in PyTorch."""

    numbers: tuple

    def __repr__(self):
        return f"Tensors with the gradients {', '.join(map(str, self.numbers))}"

    def run(self, library, clip, options):
        """The norm that `clip` gives, and the gradients that it leaves; it is given a generator."""
        made = []
        for g in self.numbers:
            made.append(library.zeros_like(library.tensor(g or 0.0)).requires_grad_())
            made[-1].grad = None if g is None else library.tensor(g)
        yield "the result", clip((p for p in made), **options)
        for number, p in enumerate(made):
            if p.grad is not None:
                yield f"the gradient of parameter {number}", p.grad


def gradients(*numbers):
    return run.built("gradients", lambda rng: Gradients(numbers))


def clipped(function, inputs, options, seed):
    for name, value in inputs[0].run(mg, function, options):
        if value is None:
            raise run.WrongForm("clip_grad_norm_ must return the norm from before. It returned nothing (None).")
        yield name, np.array(value.data if hasattr(value, "data") else value, dtype="float32")


def clipped_by_torch(parameters, **options):
    for name, value in parameters.run(torch, torch.nn.utils.clip_grad_norm_, options):
        yield name, value.clone()


def as_tensor(clip):
    """A learner's function, whose norm may be a plain number, where the library gives a Tensor."""

    def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
        if norm_type != 2 or error_if_nonfinite:
            return LIBRARY_CLIP(parameters, max_norm, norm_type, error_if_nonfinite)
        parameters = [parameters] if isinstance(parameters, mg.Tensor) else parameters
        norm = clip(parameters, max_norm)
        return norm if isinstance(norm, mg.Tensor) else mg.tensor(norm)

    return clip_grad_norm_


LIBRARY_CLIP = mg.nn.utils.clip_grad_norm_


@chapter.exercise(
    points=2,
    minutes=12,
    run=clipped,
    cases=[
        given("3 and 4 have the norm 5: to be 1 long, both are divided by 5", gradients([3.0, 4.0]), max_norm=1.0),
        given("a gradient that is short enough stays as it is", gradients([0.3, 0.4]), max_norm=1.0),
        given("all parameters together make one vector", gradients([2.0, 4.0], [[4.0, 8.0]]), max_norm=5.0),
        given("a parameter without a gradient does not count", gradients([6.0], None, 8.0), max_norm=5.0),
        given("all gradients 0: nothing to scale, and nothing to divide by", gradients([0.0, 0.0]), max_norm=1.0),
        given("no gradient at all: the norm is 0", gradients(None, None), max_norm=1.0),
    ],
    torch=clipped_by_torch,
    hints=(
        "Put all gradients, in your mind, one after the other into one long vector. How long is that, by Pythagoras?",
        "norm = root of the sum of all squares, over all parameters that have a gradient. Where it is larger than "
        "max_norm, multiply every gradient by max_norm / norm. And `parameters` may be a generator: walk it once.",
        """
        def clip_grad_norm_(parameters, max_norm):
            grads = [p.grad for p in parameters if ...]
            norm = sum(((g * g).sum() for g in grads), mg.tensor(0.0)) ** ...
            if ... > max_norm:
                for g in grads:
                    g *= ...
            return norm
        """,
    ),
    part="nn.utils.clip_grad_norm_",
    adapt=as_tensor,
)
def clip_grad_norm_(parameters, max_norm):
    """Scale all gradients by one factor so that, taken as one vector, they are at most `max_norm` long.

    parameters: Tensors, in any iterable; those whose `.grad` is None do not count
    ->          the norm (length) from before, a Tensor that holds one number; the gradients are changed in place

    Gradients that are short enough stay as they are. With gradients [3, 4] and max_norm 1 it gives 5, and leaves
    [0.6, 0.8].
    """
    ### BEGIN SOLUTION
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = sum(((g * g).sum() for g in grads), mg.tensor(0.0)).sqrt()
    if norm > max_norm:
        for g in grads:
            g *= max_norm / norm
    return norm
    ### END SOLUTION


@chapter.hidden("clip_grad_norm_")
def other_gradients(rng):
    """Gradients that nobody has seen, too long and short enough, some of them missing."""
    cases = []
    for long in (True, False, True):
        numbers = [(rng.normal(size=shape) * 3).round(2).tolist() for shape in ((2,), (2, 3), (1, 4))]
        norm = float(np.sqrt(sum(np.square(g).sum() for g in numbers)))
        limit = round(norm * float(rng.uniform(0.1, 0.9) if long else rng.uniform(1.1, 2)), 2)
        numbers.insert(int(rng.integers(4)), None)
        cases.append(given("gradients made by chance", gradients(*numbers), max_norm=limit))
    return cases


@chapter.way("clip_grad_norm_", "A factor of at most 1; PyTorch adds 1e-6, and needs no question about 0.")
def clip_by_factor(parameters, max_norm):
    parameters = list(parameters)
    norm = float(np.sqrt(sum((p.grad.numpy() ** 2).sum() for p in parameters if p.grad is not None)))
    for p in parameters:
        if p.grad is not None:
            p.grad *= min(1.0, max_norm / (norm + 1e-6))
    return norm


chapter.wrong(
    "clip_grad_norm_",
    "Short gradients are made longer, too. A gradient that is short enough stays.",
    "if norm > max_norm:",
    "if norm > 0:",
)
chapter.wrong(
    "clip_grad_norm_",
    "The lengths are added up. Lengths in different directions make one length by Pythagoras: the squares are added.",
    "sum(((g * g).sum() for g in grads), mg.tensor(0.0)).sqrt()",
    "sum(((g * g).sum().sqrt() for g in grads), mg.tensor(0.0))",
)


@chapter.wrong(
    "clip_grad_norm_",
    "Each gradient is scaled by its own length. Then they do not keep their proportions, and the step turns away: one "
    "length for all, and one factor.",
)
def one_by_one(parameters, max_norm):
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = sum(((g * g).sum() for g in grads), mg.tensor(0.0)).sqrt()
    for g in grads:
        own = (g * g).sum().sqrt()
        if own > max_norm:
            g *= max_norm / own
    return norm


@chapter.wrong(
    "clip_grad_norm_",
    "Each number is cut off at max_norm (PyTorch's clip_grad_value_ does that). Here the whole vector is made shorter, "
    "and keeps its direction.",
)
def number_by_number(parameters, max_norm):
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = sum(((g * g).sum() for g in grads), mg.tensor(0.0)).sqrt()
    for g in grads:
        g.copy_(g.clamp(-max_norm, max_norm))
    return norm


chapter.wrong(
    "clip_grad_norm_",
    "It gives the length from after. That from before is the one worth watching: it tells when training gets wild.",
    "return norm",
    "return norm.clamp(max=max_norm)",
)


chapter.wrong(
    "clip_grad_norm_",
    "Where all gradients are 0, so is their norm, and by 0 one cannot divide. Is there anything to scale then?",
    "if norm > max_norm:\n        for g in grads:\n            g *= max_norm / norm\n    return norm",
    "factor = min(1.0, max_norm / norm.item())\n    for g in grads:\n        g *= factor\n    return norm",
)


@chapter.wrong(
    "clip_grad_norm_",
    "The parameters are walked twice, and a generator can be walked only once: the second time nothing comes.",
)
def walked_twice(parameters, max_norm):
    norm = sum(((p.grad * p.grad).sum() for p in parameters if p.grad is not None), mg.tensor(0.0)).sqrt()
    if norm > max_norm:
        for p in parameters:
            if p.grad is not None:
                p.grad *= max_norm / norm
    return norm
