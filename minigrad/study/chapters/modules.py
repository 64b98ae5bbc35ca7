"""Chapter 07, modules: parameters that are found, layers that hold them, how they start, how they are saved."""

import math
from dataclasses import dataclass

import numpy as np

import minigrad as mg
from minigrad import nn

from ...check import pytorch as torch
from ...check.case import between, exactly, normal
from ...random import seeded
from .. import run
from ..difference import kind
from ..exercise import Chapter, given

chapter = Chapter(
    "07_modules",
    "Modules",
    teaches=("Module", "Parameter", "Buffer", "Dropout", "named_modules", "kaiming_uniform_"),
)


@dataclass(frozen=True)
class Lines:
    """Lines of Python that make something, on minigrad and on PyTorch alike."""

    text: str

    def __repr__(self):
        return f"the net that these lines make:\n{self.text}" if "=" in self.text else self.text

    def run(self, library, **names):
        """What the lines (or the one expression) make. `names`: classes under trial, in place of the library's."""
        module = names.get("Module", library.nn.Module)
        known = {
            "nn": library.nn,
            "tanh": library.tanh,
            "Module": module,
            "Net": type("Net", (module,), {}),
            "Parameter": lambda value, **options: library.nn.Parameter(library.tensor(value), **options),
            "Buffer": lambda value: library.nn.Buffer(library.tensor(value)),
            "tensor": library.tensor,
            **names,
        }
        if "=" not in self.text:
            return eval(self.text, known)  # our own lines, below
        exec(self.text, known)
        return known["net"]


def net(*attributes):
    """A module on which these attributes are set."""
    return Lines("\n".join(["net = Net()", *(f"net.{attribute}" for attribute in attributes)]))


def unseen(rng):
    """A name that nobody has seen."""
    return "".join(rng.choice(list("abcdefgh"), 5)) + str(rng.integers(10, 100))


def one_number(rng):
    return round(float(rng.uniform(-9, 9)), 2)


def some_numbers(rng):
    return [one_number(rng) for _ in range(rng.integers(2, 4))]


def random_net(rng, draw, ordered=False, shared=True):
    """A net of which all is drawn: names, values, and what is inside what; three levels deep.

    draw: what draws a parameter's value    shared: whether one parameter has two names
    ordered: own parameters come first, then buffers, then modules, so that PyTorch's state_dict has the same order
    """
    parameters, last = [], []

    def inside(path, deeper):
        own = [f"{path}.{unseen(rng)} = Parameter({draw(rng)})" for _ in range(rng.integers(1, 3))]
        parameters.extend(line.partition(" ")[0] for line in own)
        parts = [[line] for line in own]
        if deeper:
            parts += [[f"{path}.{unseen(rng)} = {kind}({draw(rng)})"] for kind in ("Buffer", "tensor")]
        else:
            last.append(path)
        for _ in range(rng.integers(1, 3) if deeper else 0):
            module = f"{path}.{unseen(rng)}"
            parts.append([f"{module} = Net()", *inside(module, deeper - 1)])
        order = range(len(parts)) if ordered else rng.permutation(len(parts))
        return [line for place in order for line in parts[place]]

    lines = ["net = Net()", *inside("net", 2)]
    return Lines("\n".join([*lines, f"{last[-1]}.{unseen(rng)} = {parameters[0]}"] if shared else lines))


def number(tensors, library):
    """Make the numbers in each of these 0.1, 0.2, 0.3 ..., so that two libraries can be compared."""
    with library.no_grad():
        for tensor in tensors:
            count = math.prod(tensor.shape)
            tensor.copy_(library.tensor(np.arange(1, count + 1, dtype="float32") / 10).reshape(tensor.shape))


def names_of(pairs):
    return [name for name, _ in pairs]


def pairs(method):
    """What a method gives, held to be pairs (name, ...)."""
    found = list(method())
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in found):
        raise run.WrongForm(
            f"Module.{method.__name__}() gives pairs (name, ...), and the first it gave is {found[0]!r:.60}."
        )
    return found


def itself(answer, thing, word):
    """What was given back, in words."""
    return word if answer is thing else "nothing: is a `return` missing?" if answer is None else "something else"


def numbers_in(state):
    """Copies of a state's numbers, as they are now."""
    for name, value in state.items():
        if not hasattr(value, "detach"):
            said = f"state_dict gives tensors by name, and under {name!r} it has {kind(value)}"
            raise run.WrongForm(
                f"{said}. Of a parameter, value.detach() is a tensor; what is inside gets a longer name."
            )
    return [value.detach().numpy().copy() for value in state.values()]


def hold_arrays(parameters):
    """Raise WrongForm where a tensor was put into one's `data`."""
    if any(isinstance(parameter.data, mg.Tensor) for parameter in parameters):
        raise run.WrongForm(
            "it puts a tensor into `.data`, which in minigrad is the NumPy array. Write into the parameter: "
            "with mg.no_grad(): parameter.copy_(...)"
        )


# ---- Module ----


def module_facts(net, x=None):
    """What is looked at in a module, ours or PyTorch's."""
    yield "the names from named_modules()", names_of(pairs(net.named_modules))
    yield "the names from named_parameters()", names_of(pairs(net.named_parameters))
    yield "the parameters' values", [parameter.item() for _, parameter in net.named_parameters()]
    other = type(net)()
    yield "what eval() gives", itself(net.eval(), net, "the module itself")
    yield "training, module by module, after eval()", [module.training for _, module in net.named_modules()]
    yield "training, in another net of this kind", other.training
    yield "what train() gives", itself(net.train(), net, "the module itself")
    yield "training, module by module, after train()", [module.training for _, module in net.named_modules()]
    if x is not None:
        yield "net(x)", net(x)


def run_module(Module, inputs, options, seed):
    return module_facts(options["net"].run(mg, Module=Module), options.get("x"))


def module_by_torch(net, x=None):
    yield from module_facts(net.run(torch), x)


@chapter.exercise(
    points=5,
    minutes=20,
    run=run_module,
    cases=[
        given(
            "two parameters, found in the order in which they were set",
            net=net("weight = Parameter(2.0)", "bias = Parameter(0.5)"),
        ),
        given(
            "calling a module runs its forward()",
            net=Lines("class Double(Module):\n    def forward(self, x):\n        return 2 * x\n\nnet = Double()"),
            x=3.0,
        ),
        given(
            "only a Parameter is learned: a plain tensor, a number or a word is not",
            net=net("mean = tensor(0.1)", "size = 3", "weight = Parameter(2.0)"),
        ),
        given(
            "a module inside a module: the way to a parameter is written with a dot",
            net=net("first = Net()", "first.weight = Parameter(2.0)"),
        ),
        given(
            "three levels deep; and a module's own parameters come before those inside it",
            net=net(
                "body = Net()",
                "body.layer = Net()",
                "body.layer.weight = Parameter(2.0)",
                "body.bias = Parameter(0.5)",
                "scale = Parameter(3.0)",
            ),
        ),
        given(
            "one parameter under two names is one parameter: an optimizer must not turn it twice",
            net=net(
                "encode = Net()",
                "decode = Net()",
                "encode.weight = Parameter(2.0)",
                "decode.weight = net.encode.weight",
            ),
        ),
        given(
            "one module in two places is one module",
            net=net("a = Net()", "a.weight = Parameter(2.0)", "b = net.a"),
        ),
        given(
            "modules in a plain list are not found: the list is no module (in PyTorch neither)",
            net=net("layers = [Net(), Net()]", "weight = Parameter(2.0)"),
        ),
    ],
    torch=module_by_torch,
    hints=(
        "vars(module) is the dict of all attributes that were set on a module, in order. Which of its values count as "
        "parameters, and which as modules? And a module inside can be asked the same thing that you are being asked.",
        "First named_modules: itself, under the name '', then for each attribute that is a Module all that *its* "
        "named_modules() gives, with the attribute's name and a dot in front. Collect them in a dict {module: name}: "
        "its setdefault keeps the first name of a module that comes twice. The rest are loops over named_modules().",
        """
        def named_modules(self):
            found = {self: ""}
            for name, child in vars(self).items():
                if isinstance(child, Module):
                    for path, module in child.named_modules():
                        found.setdefault(..., ...)
            return [(path, module) for module, path in found.items()]
        """,
    ),
)
class Module:
    """Something with parameters that can be called, and that may contain others like it.

    Whoever uses it sets attributes (self.weight = nn.Parameter(...), self.layer = another module) and writes a
    forward(). Nothing is registered: what a module contains is found by looking at vars(self), its attributes.
    """

    training = True

    def __call__(self, *inputs):
        """What forward() gives for these inputs."""
        ### BEGIN SOLUTION
        return self.forward(*inputs)
        ### END SOLUTION

    def named_modules(self):
        """[(name, module)] of itself, with the name "", and of every Module inside, at any depth; each one once.

        Names are joined by dots: self.body.layer is called "body.layer". A module comes before what is inside it.
        """
        ### BEGIN SOLUTION
        found = {self: ""}
        for name, child in vars(self).items():
            if isinstance(child, Module):
                for path, module in child.named_modules():
                    found.setdefault(module, f"{name}.{path}" if path else name)
        return [(path, module) for module, path in found.items()]
        ### END SOLUTION

    def named_parameters(self):
        """[(name, parameter)] of every nn.Parameter in these modules, module by module; each one once.

        self.body.weight is called "body.weight". One that has several names is listed under its first.
        """
        ### BEGIN SOLUTION
        found = {}
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, nn.Parameter):
                    found.setdefault(value, f"{path}.{name}" if path else name)
        return [(path, parameter) for parameter, path in found.items()]
        ### END SOLUTION

    def train(self, mode=True):
        """Set `training` to `mode`, here and in every module inside. Gives the module itself."""
        ### BEGIN SOLUTION
        for _, module in self.named_modules():
            module.training = mode
        return self
        ### END SOLUTION

    def eval(self):
        """The opposite of train(). Gives the module itself."""
        ### BEGIN SOLUTION
        return self.train(False)
        ### END SOLUTION


@chapter.hidden("Module")
def random_nets(rng):
    """Nets that nobody has seen; the last one with one module in two places, and with a forward()."""
    lines = random_net(rng, one_number).text.splitlines()
    module = next(line.partition(" ")[0] for line in lines[1:] if line.endswith("Net()"))
    line = f"return x * {one_number(rng)} + {one_number(rng)}"
    forward = f"class Net(Module):\n    def forward(self, x):\n        {line}\n"
    twice = Lines("\n".join([forward, *lines, f"net.{unseen(rng)} = {module}"]))
    nets = [random_net(rng, one_number) for _ in range(2)]
    last = given("another one", net=twice, x=one_number(rng))
    return [*(given("a net nobody has seen", net=net) for net in nets), last]


@chapter.way("Module", "Without recursion: a list of what is still to be looked at.")
class ModuleByStack:
    training = True

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def named_modules(self):
        found, waiting = {}, [("", self)]
        while waiting:
            path, module = waiting.pop()
            if module not in found:
                found[module] = path
                inside = [(f"{path}.{name}".strip("."), child) for name, child in vars(module).items()]
                waiting += [pair for pair in reversed(inside) if isinstance(pair[1], ModuleByStack)]
        return [(path, module) for module, path in found.items()]

    def named_parameters(self):
        seen, pairs = set(), []
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, nn.Parameter) and value not in seen:
                    seen.add(value)
                    pairs.append((f"{path}.{name}".strip("."), value))
        return pairs

    def train(self, mode=True):
        for _, module in self.named_modules():
            module.training = mode
        return self

    def eval(self):
        return self.train(False)


chapter.wrong(
    "Module",
    "A parameter with two names is listed twice. Its gradient is one, and an optimizer would turn it twice each step.",
    """        found = {}
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, nn.Parameter):
                    found.setdefault(value, f"{path}.{name}" if path else name)
        return [(path, parameter) for parameter, path in found.items()]""",
    """        pairs = []
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, nn.Parameter):
                    pairs.append((f"{path}.{name}" if path else name, value))
        return pairs""",
)
chapter.wrong(
    "Module",
    "It looks one level deep. A module inside may hold modules, too: ask it what you were asked.",
    "for path, module in child.named_modules():",
    'for path, module in [("", child)]:',
)
chapter.wrong(
    "Module",
    "The names lack the way that leads there: two layers would both have a `weight`, and a saved one could not be told "
    "from the other.",
    'found.setdefault(value, f"{path}.{name}" if path else name)',
    "found.setdefault(value, name)",
)
chapter.wrong(
    "Module",
    "Only the module itself changes its mode. The dropout that has to stop is somewhere inside.",
    "        for _, module in self.named_modules():\n            module.training = mode\n",
    "        self.training = mode\n",
)
chapter.wrong(
    "Module",
    "Every tensor is taken for a parameter. A module may hold tensors that must not be learned, such as a mean.",
    "isinstance(value, nn.Parameter)",
    "isinstance(value, mg.Tensor)",
)
chapter.wrong(
    "Module",
    "A name begins with a dot: the outermost module has the name '', and nothing needs to be joined to that.",
    'found.setdefault(value, f"{path}.{name}" if path else name)',
    'found.setdefault(value, f"{path}.{name}")',
)
chapter.wrong(
    "Module",
    "A module's own parameters come before those of the modules inside it, whatever was set first: PyTorch's order, in "
    "which they are handed to the optimizer.",
    """        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, nn.Parameter):
                    found.setdefault(value, f"{path}.{name}" if path else name)
""",
    """        for name, value in vars(self).items():
            inside = value.named_parameters() if isinstance(value, Module) else []
            for path, parameter in [("", value)] if isinstance(value, nn.Parameter) else inside:
                found.setdefault(parameter, f"{name}.{path}" if path else name)
""",
)


# ---- Linear ----


def linear_seen(Linear, library, sizes, options, x):
    """What is looked at in a linear layer: its numbers at the start if there is no x, else what it makes of x."""
    layer = Linear(*sizes, **options)
    yield "the names of its parameters", names_of(layer.named_parameters())
    yield "the shapes of its parameters", [tuple(p.shape) for _, p in layer.named_parameters()]
    if x is None:
        for name, parameter in layer.named_parameters():
            yield name, parameter.detach().numpy().copy()
        return
    number([tensor for tensor in (layer.weight, layer.bias) if tensor is not None], library)
    out = layer(library.tensor(x))
    yield "layer(x), with parameters 0.1, 0.2, ...", out
    if out.requires_grad:
        (out * out).sum().backward()
    for name, parameter in layer.named_parameters():
        yield f"the gradient of {name}", parameter.grad


def linear_facts(observed, inputs, options, seed):
    """What was seen; but of the numbers at the start, what they amount to."""
    for name, value in observed:
        if "x" in options or name.startswith("the "):
            yield name, value
        else:
            numbers = hold_numbers(name, value)
            yield f"the smallest number in {name}, roughly", round(float(numbers.min()), 2)
            yield f"the largest number in {name}, roughly", round(float(numbers.max()), 2)
            yield f"the average size in {name}, roughly", round(float(np.abs(numbers).mean()), 2)


def hold_numbers(name, value, shape=None):
    """The value, held to be an array of floats, of this shape if one is given."""
    fits = isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0
    if not fits or value.shape != (shape or value.shape):
        raise run.WrongForm(f"{name} should be {'numbers' if shape is None else f'numbers of shape {shape}'}.")
    return value


@run.concluded(linear_facts)
def run_linear(Linear, inputs, options, seed):
    options = dict(options)
    x = options.pop("x", None)
    with seeded(seed):
        yield from linear_seen(Linear, mg, inputs, options, x)


def linear_by_torch(*sizes, x=None, **options):
    looked_at = {} if x is None else {"x": x}
    yield from linear_facts(linear_seen(torch.nn.Linear, torch, sizes, options, x), sizes, looked_at, 0)


@chapter.exercise(
    points=3,
    minutes=15,
    run=run_linear,
    cases=[
        given("four rows of three numbers become four rows of two", 3, 2, x=normal(4, 3)),
        given("as many in as out: only the values tell weight and weight.T apart", 2, 2, x=normal(3, 2)),
        given("one number in, one out: a straight line", 1, 1, x=exactly([[-1.0], [0.0], [1.0]])),
        given("without a bias there is one parameter", 3, 2, bias=False, x=normal(4, 3)),
        given("axes in front stay as they are", 3, 2, x=normal(2, 2, 3)),
        given("the start: 25 inputs, so everything lies evenly between -1/5 and 1/5", 25, 4000),
        given("four times as many inputs: half the range", 100, 1000, bias=False),
    ],
    torch=linear_by_torch,
    hints=(
        "PyTorch keeps the weight as (out_features, in_features): a row for each result. What has to be done to it "
        "before x of shape (N, in_features) can be multiplied by it?",
        "x @ weight.T + bias. What is learned is an nn.Parameter: make it of mg.empty(...), whose numbers can be "
        "anything, and fill it with nn.init.uniform_(parameter, -bound, bound), where bound = 1 / sqrt(in_features).",
        """
        def __init__(self, in_features, out_features, bias=True):
            bound = ...
            self.weight = nn.Parameter(...)
            self.bias = nn.Parameter(...) if bias else None
            for parameter in self.parameters():
                nn.init.uniform_(...)

        def forward(self, x):
            out = x @ ...
            return out if self.bias is None else ...
        """,
    ),
    part="nn.Linear",
)
class Linear(nn.Module):
    """x @ weight.T + bias.

    x: (..., in_features)    ->    (..., out_features)

    weight: a parameter of shape (out_features, in_features); bias: one of shape (out_features,), or None where
    bias=False. Both start as PyTorch's do: evenly distributed between -bound and bound, where
    bound = 1 / sqrt(in_features).
    """

    def __init__(self, in_features, out_features, bias=True):
        ### BEGIN SOLUTION
        bound = 1 / in_features**0.5
        self.weight = nn.Parameter(mg.empty(out_features, in_features))
        self.bias = nn.Parameter(mg.empty(out_features)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias
        ### END SOLUTION


def clear(value):
    """Whether a number near this one, to two digits after the point, is always the same."""
    return abs(100 * value % 1 - 0.5) > 0.3


@chapter.hidden("Linear")
def sizes_unseen(rng):
    """Sizes that nobody has seen, and starts of which two digits are beyond doubt."""
    small = [tuple(map(int, rng.integers(4, 12, 2))) for _ in range(2)]
    wide = [n for n in range(50, 150) if clear(n**-0.5) and clear(n**-0.5 / 2)]
    first, second = map(int, rng.choice(wide, 2, replace=False))
    return [
        *(given("sizes nobody has seen", *sizes, x=between(0.1, 1, 3, sizes[0])) for sizes in small),
        given("the start, of a size nobody has seen", first, 4000),
        given("the start, without a bias", second, 2000, bias=False),
    ]


@chapter.way("Linear", "mg.rand gives 0 to 1: stretched and shifted, it runs from -bound to bound.")
class LinearByRand(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        bound = 1 / in_features**0.5
        self.weight = nn.Parameter((2 * mg.rand(out_features, in_features) - 1) * bound)
        self.bias = nn.Parameter((2 * mg.rand(out_features) - 1) * bound) if bias else None

    def forward(self, x):
        out = x.matmul(self.weight.mT)
        return out if self.bias is None else self.bias + out


@chapter.wrong(
    "Linear",
    "Weight and bias are plain tensors. Nobody will find them, not even if they require a gradient: not parameters(), "
    "not the optimizer, not a saved file.",
)
class PlainTensors(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        bound = 1 / in_features**0.5
        self.weight = ((2 * mg.rand(out_features, in_features) - 1) * bound).requires_grad_()
        self.bias = ((2 * mg.rand(out_features) - 1) * bound).requires_grad_() if bias else None

    def forward(self, x):
        out = x @ self.weight.T
        return out if self.bias is None else out + self.bias


@chapter.wrong(
    "Linear",
    "The weight lies the other way round. PyTorch's has a row for each result: (out_features, in_features). A weight "
    "saved by one could not be loaded by the other.",
)
class WeightTurned(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        bound = 1 / in_features**0.5
        self.weight = nn.Parameter((2 * mg.rand(in_features, out_features) - 1) * bound)
        self.bias = nn.Parameter((2 * mg.rand(out_features) - 1) * bound) if bias else None

    def forward(self, x):
        out = x @ self.weight
        return out if self.bias is None else out + self.bias


chapter.wrong(
    "Linear",
    "The weight's rows are the results, so it has to be turned (.T) before x is multiplied by it.",
    "x @ self.weight.T",
    "x @ self.weight",
)
chapter.wrong(
    "Linear",
    "All numbers start positive; rand, for one, gives 0 to 1. They should lie on both sides of 0.",
    "uniform_(parameter, -bound, bound)",
    "uniform_(parameter, 0, bound)",
)
chapter.wrong(
    "Linear",
    "The bound looks at how many numbers come out. What makes a result large is how many numbers go into it.",
    "1 / in_features**0.5",
    "1 / out_features**0.5",
)
chapter.wrong(
    "Linear",
    "The bound is 1 / in_features; the square root is missing. Sums of n independent numbers grow like sqrt(n).",
    "1 / in_features**0.5",
    "1 / in_features",
)
chapter.wrong(
    "Linear",
    "The bias starts at 0. That is a good start too, but PyTorch's starts in the same range as the weight.",
    "nn.Parameter(mg.empty(out_features)) if bias else None\n        for parameter in self.parameters():",
    "nn.Parameter(mg.zeros(out_features)) if bias else None\n        for parameter in [self.weight]:",
)


# ---- Sequential ----


def sequential_facts(net, library, x):
    yield "the names of its parameters", names_of(net.named_parameters())
    yield "len(net)", len(net)
    net.eval()
    yield "training, module by module, after eval()", [module.training for _, module in net.named_modules()]
    number(net.parameters(), library)
    yield "net(x), with parameters 0.1, 0.2, ...", net(library.tensor(x))


def run_sequential(Sequential, inputs, options, seed):
    with seeded(seed):
        modules = options["modules"].run(mg, Sequential=Sequential)
        yield from sequential_facts(Sequential(*modules), mg, options["x"])


def sequential_by_torch(modules, x):
    own = torch.nn.Sequential
    yield from sequential_facts(own(*modules.run(torch, Sequential=own)), torch, x)


def as_sequential(own):
    """A learner's Sequential in the place of the library's, where it is also walked and indexed."""

    def index(self, i):
        modules = list(self)[i]
        return type(self)(*modules) if isinstance(i, slice) else modules

    walked = {"__iter__": nn.Sequential.__iter__, "__getitem__": index}
    return type(own.__name__, (own,), walked | {name: value for name, value in vars(own).items() if callable(value)})


two_layers = Lines("nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)")


@chapter.exercise(
    points=2,
    minutes=10,
    run=run_sequential,
    cases=[
        given("two layers with a tanh between: what one gives, the next one gets", modules=two_layers, x=normal(2, 2)),
        given("a single module", modules=Lines("(nn.Linear(2, 2),)"), x=normal(2, 2)),
        given("nothing inside: x comes out as it went in", modules=Lines("()"), x=normal(2)),
        given(
            "one Sequential in another: their names are joined by a dot",
            modules=Lines("Sequential(nn.Linear(2, 2), nn.Tanh()), nn.Linear(2, 1)"),
            x=normal(2, 2),
        ),
        given(
            "the same layer twice: it runs twice, and is one",
            modules=Lines("[nn.Linear(2, 2)] * 2"),
            x=normal(1, 2),
        ),
        given("a function is not a module: TypeError", modules=Lines("nn.Linear(1, 1), tanh"), x=normal(2, 1)),
    ],
    torch=sequential_by_torch,
    hints=(
        "A module is found when it is an attribute of another. How do you set an attribute whose name is computed?",
        "setattr(self, '0', module) sets the attribute called 0, and getattr(self, '0') gives it back. In forward, x "
        "goes through each of them in turn. How many there are, you can keep in an attribute, too.",
        """
        def __init__(self, *modules):
            for i, module in enumerate(modules):
                if not isinstance(...):
                    raise TypeError(f"Sequential wants modules, and number {i} is a {type(module).__name__}")
                setattr(self, ..., module)
            self.length = len(modules)

        def forward(self, x):
            for i in range(self.length):
                x = ...
            return x
        """,
    ),
    part="nn.Sequential",
    adapt=as_sequential,
)
class Sequential(nn.Module):
    """Modules one after the other: what one gives, the next one gets.

    net = Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))

    Inside, the modules are called "0", "1", "2" ..., so that the last weight here is "2.weight". len(net) says how many
    there are. Raises TypeError where one of them is no module, such as the function mg.tanh.
    """

    def __init__(self, *modules):
        ### BEGIN SOLUTION
        for i, module in enumerate(modules):
            if not isinstance(module, nn.Module):
                raise TypeError(f"Sequential wants modules, and number {i} is a {type(module).__name__}")
            setattr(self, str(i), module)
        self.length = len(modules)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        for i in range(self.length):
            x = getattr(self, str(i))(x)
        return x
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return self.length
        ### END SOLUTION


@chapter.hidden("Sequential")
def modules_unseen(rng):
    """Modules that nobody has seen in a row."""

    def row(count, start):
        made = []
        for _ in range(count):
            end = int(rng.integers(2, 8))
            made += [f"nn.Linear({start}, {end})", f"nn.{rng.choice(['Tanh', 'ReLU', 'Sigmoid'])}()"]
            start = end
        return ", ".join(made), start

    first, width = row(int(rng.integers(1, 4)), 3)
    inner, _ = row(2, width)
    texts = [row(int(rng.integers(2, 5)), 3)[0], f"{first}, Sequential({inner})", f"[{first.rpartition(', ')[2]}] * 3"]
    return [given("modules nobody has seen", modules=Lines(text), x=normal(2, 3)) for text in texts]


@chapter.way("Sequential", "add_module sets an attribute that is checked; a list beside it keeps the order.")
class SequentialWithAList(nn.Module):
    def __init__(self, *modules):
        for i, module in enumerate(modules):
            self.add_module(str(i), module)
        self.order = modules

    def forward(self, x):
        for module in self.order:
            x = module(x)
        return x

    def __len__(self):
        return len(self.order)


@chapter.wrong(
    "Sequential",
    "The modules are kept in a list, and a list is neither a module nor a parameter: nothing in it is found. Each has "
    "to be an attribute of its own.",
)
class InAList(nn.Module):
    def __init__(self, *modules):
        if not all(isinstance(module, nn.Module) for module in modules):
            raise TypeError("Sequential wants modules")
        self.order = list(modules)

    def forward(self, x):
        for module in self.order:
            x = module(x)
        return x

    def __len__(self):
        return len(self.order)


chapter.wrong(
    "Sequential",
    "The names begin at 1. PyTorch counts from 0, as Python does, and a file saved there names its weights so.",
    "            setattr(self, str(i), module)\n        self.length = len(modules)\n        ### END SOLUTION\n\n"
    "    def forward(self, x):\n        ### BEGIN SOLUTION\n        for i in range(self.length):\n"
    "            x = getattr(self, str(i))(x)\n",
    "            setattr(self, str(i + 1), module)\n        self.length = len(modules)\n        ### END SOLUTION\n\n"
    "    def forward(self, x):\n        ### BEGIN SOLUTION\n        for i in range(self.length):\n"
    "            x = getattr(self, str(i + 1))(x)\n",
)
chapter.wrong(
    "Sequential",
    "Each module is given the first x. What one gives, the next one should get.",
    "            x = getattr(self, str(i))(x)\n        return x\n",
    "            out = getattr(self, str(i))(x)\n        return out if self.length else x\n",
)
chapter.wrong(
    "Sequential",
    "x leaves after the first module: `return` stands inside the loop.",
    "            x = getattr(self, str(i))(x)\n        return x\n",
    "            x = getattr(self, str(i))(x)\n            return x\n        return x\n",
)
chapter.wrong(
    "Sequential",
    "A module that stands in it twice runs once: children() lists each module once, in PyTorch too.",
    "        for i in range(self.length):\n            x = getattr(self, str(i))(x)\n",
    "        for module in self.children():\n            x = module(x)\n",
)
chapter.wrong(
    "Sequential",
    "It takes anything that can be called. A function has no parameters and no mode; PyTorch refuses it with a "
    "TypeError, and nn.Tanh() is the module for tanh.",
    "if not isinstance(module, nn.Module):",
    "if not callable(module):",
)


@chapter.wrong(
    "Sequential",
    "`self.modules = ...` hides the method modules() of nn.Module, on which eval() and others depend. And a tuple is "
    "no module: nothing in it is found. Each has to be an attribute of its own.",
)
class HidingAMethod(nn.Module):
    def __init__(self, *modules):
        if not all(isinstance(module, nn.Module) for module in modules):
            raise TypeError("Sequential wants modules")
        self.modules = modules

    def forward(self, x):
        for module in self.modules:
            x = module(x)
        return x

    def __len__(self):
        return len(self.modules)


# ---- Dropout ----


SQUARE = 200, 200


def dropout_seen(Dropout, library, p, x, seed):
    """What a dropout layer does with 40,000 numbers, twice; with their gradient; and with x after eval()."""
    layer = Dropout(*p)
    many = library.tensor(forty_thousand(seed)).requires_grad_()
    out = layer(many)
    yield "layer(x)", out.detach().numpy().copy()
    yield "layer(x), once more", layer(many).detach().numpy().copy()
    if out.requires_grad:
        out.sum().backward()
    yield "the gradient", many.grad.numpy().copy() if out.requires_grad else None
    layer.eval()
    x = library.tensor(x)
    yield "layer(x) after eval()", layer(x)
    yield "x", x


def forty_thousand(seed):
    rng = np.random.default_rng([seed, 7])
    return (rng.uniform(0.5, 2, SQUARE) * rng.choice([-1, 1], SQUARE)).astype("float32")


def dropout_facts(observed, inputs, options, seed):
    """Laws that hold whichever elements it happens to drop; and then what it does after eval()."""
    observed = iter(observed)
    numbers = hold_numbers(*next(observed), SQUARE)
    factors = numbers / forty_thousand(seed)
    several = np.unique(np.round(factors.astype("float64"), 4) + 0.0)
    yield "by what 40,000 numbers were multiplied", several.tolist()[:9]
    yield "the share of zeros, roughly", round(float((numbers == 0).mean()), 1)
    yield "the average factor, roughly", round(float(factors.mean()), 1)
    kept = numbers != 0
    together = (kept == kept[0]).all() or (kept == kept[:, :1]).all()
    yield "whole rows or columns share one fate", bool(together)
    again = hold_numbers(*next(observed), SQUARE)
    yield "a second call does just the same", np.array_equal(again, numbers)
    name, gradient = next(observed)
    if gradient is None:
        yield "the gradient is 0 where the element was dropped", "there is no gradient"
    else:
        alike = np.allclose(hold_numbers(name, gradient, SQUARE), factors, rtol=1e-5)
        yield "the gradient is 0 where the element was dropped", alike
    yield from observed


@run.concluded(dropout_facts)
def run_dropout(Dropout, inputs, options, seed):
    with seeded(seed):
        yield from dropout_seen(Dropout, mg, inputs, options["x"], seed)


def dropout_by_torch(*p, x):
    yield from dropout_facts(dropout_seen(torch.nn.Dropout, torch, p, x, 0), p, {"x": x}, 0)


@chapter.exercise(
    points=3,
    minutes=15,
    run=run_dropout,
    cases=[
        given("a fifth is dropped; what is kept grows by 1 / 0.8, so that the average stays", 0.2, x=normal(1, 4)),
        given("four fifths are dropped; what is kept grows to five times its size", 0.8, x=normal(1, 4)),
        given("p is one half if nothing else is said", x=normal(1, 4)),
        given("p = 0: nothing is dropped", 0.0, x=normal(1, 4)),
        given("p = 1: everything is dropped, and nothing is left that could grow", 1.0, x=normal(1, 4)),
        given("more than 1 is no probability: ValueError", 1.5, x=normal(1, 4)),
    ],
    torch=dropout_by_torch,
    hints=(
        "mg.rand(*x.shape) gives each element a number of its own between 0 and 1. How often is that below p? And if "
        "only a share of 1 - p of the elements is left, by what must they grow for the average to stay?",
        "mask = (mg.rand(*x.shape) >= p).float() is 0 with probability p, else 1. In training the result is "
        "x * mask / (1 - p); after eval(), when self.training is False, it is x. With p = 1 there is 0 / 0: take care.",
        """
        def forward(self, x):
            if ...:
                return x
            kept = (mg.rand(*x.shape) >= ...).float()
            return x * kept * ...
        """,
    ),
    part="nn.Dropout",
)
class Dropout(nn.Module):
    """In training, each element becomes 0 with probability p, and the others grow by 1 / (1 - p); in use, x itself.

    x: a tensor of any shape    ->    the same shape

    Every element has its own chance, and every call draws anew, with mg.rand. Whether it is training says
    self.training, which train() and eval() set. Raises ValueError where p is not between 0 and 1.
    """

    def __init__(self, p=0.5):
        ### BEGIN SOLUTION
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability, and got {p}")
        self.p = p
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        if not self.training:
            return x
        kept = (mg.rand(*x.shape) >= self.p).float()
        return x * kept * (1 / (1 - self.p) if self.p < 1 else 0)
        ### END SOLUTION


@chapter.hidden("Dropout")
def probabilities_unseen(rng):
    """Probabilities that nobody has seen, of which one digit is beyond doubt."""
    beyond_doubt = [p for p in range(11, 83) if p % 10 not in (3, 4, 5, 6, 7)]
    several = [given("a share nobody has seen", int(p) / 100, x=normal(2, 3)) for p in rng.choice(beyond_doubt, 3)]
    return [*several, given("less than 0 is no probability", -float(rng.uniform(0.01, 1)), x=normal(1, 2))]


@chapter.way("Dropout", "mg.where chooses for each element.")
class DropoutByWhere(nn.Module):
    def __init__(self, p=0.5):
        if p < 0 or p > 1:
            raise ValueError("p is a probability")
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return x * 0 if self.p == 1 else mg.where(mg.rand(*x.shape) < self.p, 0.0, x / (1 - self.p))


chapter.wrong(
    "Dropout",
    "What is kept does not grow. The next layer then gets less in training than in use, and was trained for the less.",
    "x * kept * (1 / (1 - self.p) if self.p < 1 else 0)",
    "x * kept",
)
chapter.wrong(
    "Dropout",
    "p is the share that is dropped, and this keeps a share of p.",
    "kept = (mg.rand(*x.shape) >= self.p).float()\n        return x * kept * (1 / (1 - self.p) if self.p < 1 else 0)",
    "kept = (mg.rand(*x.shape) < self.p).float()\n        return x * kept * (1 / self.p if self.p else 0)",
)
chapter.wrong(
    "Dropout",
    "It drops after eval() as well: in use, the same picture would get another answer each time. Ask self.training.",
    "if not self.training:",
    "if self.p == 0:",
)
chapter.wrong(
    "Dropout",
    "The right share is dropped, but what is kept grows by the wrong factor. If a fifth is left, each must grow "
    "fivefold; 1 / p gives that for one half only.",
    "(1 / (1 - self.p) if self.p < 1 else 0)",
    "(1 / self.p if self.p else 1)",
)


@chapter.wrong(
    "Dropout",
    "It leaves training as it is and makes everything smaller in use. The first paper did so; today the growing is "
    "done in training, so that in use there is nothing to do.",
)
class ScaledInUse(nn.Module):
    def __init__(self, p=0.5):
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability, and got {p}")
        self.p = p

    def forward(self, x):
        if not self.training:
            return x * (1 - self.p)
        return x * (mg.rand(*x.shape) >= self.p).float()


chapter.wrong(
    "Dropout",
    "One chance for a whole row: elements of a row are dropped together. Each should have a chance of its own.",
    "mg.rand(*x.shape)",
    "mg.rand(x.shape[0], 1)",
)
chapter.wrong(
    "Dropout",
    "With p = 1 it divides 0 by 0, which is nan. Nothing is kept there, so nothing has to grow: the result is zeros.",
    "x * kept * (1 / (1 - self.p) if self.p < 1 else 0)",
    "x * kept / (1 - self.p)",
)
# ---- how parameters start ----


def start_seen(kaiming_uniform_, library, shape, options):
    weight = library.nn.Parameter(library.zeros(*shape))
    given_back = kaiming_uniform_(weight, **options)
    hold_arrays([weight])
    yield "the weight", weight.detach().numpy().copy()
    yield "what it gives", itself(given_back, weight, "the weight itself")
    yield "the weight is still a leaf that requires a gradient", weight.is_leaf and weight.requires_grad


def start_facts(observed, inputs, options, seed):
    """Of the numbers, what they amount to."""
    observed = iter(observed)
    numbers = hold_numbers(*next(observed))
    yield "the shape", numbers.shape
    yield "the smallest number, roughly", round(float(numbers.min()), 2)
    yield "the largest number, roughly", round(float(numbers.max()), 2)
    yield "the standard deviation, roughly", round(float(numbers.std()), 2)
    yield from observed


@run.concluded(start_facts)
def run_start(kaiming_uniform_, inputs, options, seed):
    with seeded(seed):
        yield from start_seen(kaiming_uniform_, mg, inputs[0], options)


def start_by_torch(shape, **options):
    yield from start_facts(start_seen(torch.nn.init.kaiming_uniform_, torch, shape, options), (shape,), options, 0)


@chapter.exercise(
    points=3,
    minutes=15,
    run=run_start,
    cases=[
        given("50 numbers go into each result: a standard deviation of sqrt(2 / 50) = 0.2", (400, 50)),
        given("four times as many go in: half of that", (100, 200)),
        given("a = 1: nothing is taken away below 0, so the 2 becomes a 1", (200, 100), a=1.0),
        given("a = sqrt(5), as Linear has it: a bound of 1 / sqrt(fan_in) = 0.1", (200, 100), a=5**0.5),
        given("images: 2 channels, and a window of 5 x 5 of each, make 50 numbers", (400, 2, 5, 5)),
        given("fan_out counts the results that one number goes into", (50, 400), mode="fan_out"),
        given("fan_out with windows: one number is seen through each of their places", (2, 400, 5, 5), mode="fan_out"),
        given("a single axis has no fan: ValueError", (50,)),
    ],
    torch=start_by_torch,
    hints=(
        "A result is a sum of fan_in products. If the numbers are independent, variances add up. How large may the "
        "weights' variance be, for the sum to be about as large as what goes in? And relu sets half of it to 0.",
        "Uniform numbers between -bound and bound have a standard deviation of bound / sqrt(3). Wanted is one of "
        "sqrt(2 / (1 + a**2)) / sqrt(fan). In a weight of shape (out, in, height, width), fan_in = in * height * width "
        "and fan_out = out * height * width.",
        """
        def kaiming_uniform_(weight, a=0.0, mode="fan_in"):
            if weight.ndim < 2:
                raise ValueError(f"a fan needs two axes, and this weight has shape {weight.shape}")
            axis = 1 if mode == "fan_in" else 0
            fan = weight.shape[axis] * ...
            bound = ...
            with mg.no_grad():
                return weight.copy_(...)
        """,
    ),
)
def kaiming_uniform_(weight, a=0.0, mode="fan_in"):
    """Fill the weight in place, evenly between -bound and bound, so that signals keep their size through relu layers.

    weight: a tensor of shape (out, in) or (out, in, height, width)    ->    the same tensor
    a: the slope of the relu below 0 (for a plain relu, 0)

    bound = sqrt(3) * gain / sqrt(fan), with gain = sqrt(2 / (1 + a**2)). The fan is how many numbers go into one result
    (mode "fan_in": in * height * width), or into how many results one number goes ("fan_out": out * height * width).
    Inside mg.no_grad(), weight.copy_(numbers) writes into a parameter. Raises ValueError for a weight of one axis.
    """
    ### BEGIN SOLUTION
    if weight.ndim < 2:
        raise ValueError(f"a fan needs two axes, and this weight has shape {weight.shape}")
    places = math.prod(weight.shape[2:])
    fan = weight.shape[1 if mode == "fan_in" else 0] * places
    gain = math.sqrt(2 / (1 + a**2))
    bound = math.sqrt(3) * gain / math.sqrt(fan)
    with mg.no_grad():
        return weight.copy_((2 * mg.rand(*weight.shape) - 1) * bound)
    ### END SOLUTION


@chapter.hidden("kaiming_uniform_")
def weights_unseen(rng):
    """Shapes and slopes that nobody has seen, with starts of which two digits are beyond doubt."""

    def fan(count, a):
        deviation = (2 / (1 + a * a) / count) ** 0.5
        return clear(deviation) and clear(deviation * 3**0.5)

    def one(fans, a, **options):
        wide = int(rng.choice([n for n in fans if fan(n, a)]))
        return wide, {**({"a": a} if a else {}), **options}

    fans = range(50, 200)
    slopes = [round(float(a), 2) for a in rng.uniform(0.2, 1.5, 2)]
    (n, plain), (m, sloped), (k, out) = one(fans, 0), one(fans, slopes[0]), one(fans, 0)
    channels, steep = one([4 * c for c in range(13, 50)], slopes[1])
    return [
        given("a fan nobody has seen", (20_000 // n, n), **plain),
        given("a slope nobody has seen", (20_000 // m, m), **sloped),
        given("pictures", (20_000 // channels, channels // 4, 2, 2), **steep),
        given("the other fan", (k, 20_000 // k), mode="fan_out", **out),
    ]


@chapter.way("kaiming_uniform_", "The fan as all there is, shared out over the other axis.")
def kaiming_by_numel(weight, a=0.0, mode="fan_in"):
    if weight.ndim < 2:
        raise ValueError("a fan needs two axes")
    fan = weight.numel() // weight.shape[0 if mode == "fan_in" else 1]
    bound = (6 / ((1 + a * a) * fan)) ** 0.5
    with mg.no_grad():
        weight.copy_(mg.rand(*weight.shape) * 2 * bound - bound)
    return weight


chapter.wrong(
    "kaiming_uniform_",
    "The bound is the standard deviation: sqrt(3) is missing. Numbers spread evenly up to a bound lie nearer to 0, on "
    "average, than the bound.",
    "math.sqrt(3) * gain",
    "gain",
)
chapter.wrong(
    "kaiming_uniform_",
    "It divides by the fan, not by its root. It is variances that add up, and a variance is a square.",
    "math.sqrt(fan)",
    "fan",
)
chapter.wrong(
    "kaiming_uniform_",
    "The two fans are exchanged. A weight has shape (out, in): which axis counts what goes in?",
    "weight.shape[1 if mode",
    "weight.shape[0 if mode",
)


@chapter.wrong(
    "kaiming_uniform_",
    "The window is forgotten: with 2 channels and 5 x 5 places, 50 numbers go into each result, not 2.",
)
def without_window(weight, a=0.0, mode="fan_in"):
    if weight.ndim < 2:
        raise ValueError("a fan needs two axes")
    bound = math.sqrt(6 / ((1 + a**2) * weight.shape[mode == "fan_in"]))
    with mg.no_grad():
        return weight.copy_((2 * mg.rand(*weight.shape) - 1) * bound)


chapter.wrong(
    "kaiming_uniform_",
    "The gain ignores a: a relu that is not flat below 0 takes away less, and needs less made up for.",
    "math.sqrt(2 / (1 + a**2))",
    "math.sqrt(2)",
)
chapter.wrong(
    "kaiming_uniform_",
    "It makes a new tensor, and the weight is as it was. The _ at the end of the name says: in place.",
    "weight.copy_((2 * mg.rand(*weight.shape) - 1) * bound)",
    "(2 * mg.rand(*weight.shape) - 1) * bound",
)
# ---- saving and loading ----


def state_facts(state_dict, library, net):
    with library.no_grad():
        state = state_dict(net)
        yield "the names", list(state)
        yield "the values", numbers_in(state)
        yield "which of them require a gradient", [value.requires_grad for value in state.values()]
        for parameter in net.parameters():
            parameter += 1
        yield "the values, after all parameters grew by 1 in place", numbers_in(state)


def run_state(state_dict, inputs, options, seed):
    return state_facts(state_dict, mg, inputs[0].run(mg))


def state_by_torch(module):
    yield from state_facts(lambda net: net.state_dict(), torch, module.run(torch))


one_line = net("weight = Parameter([[1.0, 2.0]])", "bias = Parameter([0.5])")
nested = net(
    "scale = Parameter(3.0)",
    "first = Net()",
    "first.weight = Parameter([1.0, 2.0])",
    "last = Net()",
    "last.weight = Parameter([4.0])",
)


@chapter.exercise(
    points=3,
    minutes=12,
    run=run_state,
    cases=[
        given("names and values, and no gradients: a saved weight is only numbers", one_line),
        given("modules inside: their names are joined by dots", nested),
        given(
            "three levels",
            net("body = Net()", "body.layer = Net()", "body.layer.w = Parameter([1.0])"),
        ),
        given(
            "a Buffer is not learned, but remembered: it is saved too; a plain tensor is not",
            net("weight = Parameter([1.0])", "mean = Buffer([0.1])", "x = tensor([5.0])"),
        ),
        given(
            "one parameter under two names is saved under both: whoever loads it may have two",
            net(
                "encode = Net()",
                "decode = Net()",
                "encode.weight = Parameter([2.0])",
                "decode.weight = net.encode.weight",
            ),
        ),
        given("a module without anything in it, such as a Tanh", net()),
    ],
    torch=state_by_torch,
    hints=(
        "It is named_parameters() once more, with two differences: buffers count too, and what has two names is "
        "listed twice. You may write a function that calls itself for every module inside.",
        "Go through vars(module). For an nn.Parameter or nn.Buffer, put value.detach() under its name: the same "
        "numbers in the same memory, without a gradient. For an nn.Module, put in all that state_dict gives for it, "
        "with the name and a dot in front.",
        """
        def state_dict(module):
            found = {}
            for name, value in vars(module).items():
                if isinstance(value, (nn.Parameter, nn.Buffer)):
                    found[name] = ...
                elif isinstance(value, nn.Module):
                    for path, inner in ...:
                        found[...] = inner
            return found
        """,
    ),
)
def state_dict(module):
    """All that a module would have to remember, by name: {"first.weight": tensor, ...}.

    module: an nn.Module    ->    a dict with every nn.Parameter and nn.Buffer in it and in the modules inside, in the
    order of vars()

    The tensors are detached, so no gradient is wanted of them, and they share memory with the module's. What has two
    names is in it twice.
    """
    ### BEGIN SOLUTION
    found = {}
    for name, value in vars(module).items():
        if isinstance(value, (nn.Parameter, nn.Buffer)):
            found[name] = value.detach()
        elif isinstance(value, nn.Module):
            for path, inner in state_dict(value).items():
                found[f"{name}.{path}"] = inner
    return found
    ### END SOLUTION


@chapter.hidden("state_dict")
def states_unseen(rng):
    """Nets that nobody has seen, one of them with a parameter under two names."""
    return [given("a net nobody has seen", random_net(rng, some_numbers, True, shared)) for shared in (False, True)]


chapter.wrong(
    "state_dict",
    "Only parameters are saved. A module also remembers what it does not learn, its buffers.",
    "(nn.Parameter, nn.Buffer)",
    "nn.Parameter",
)
chapter.wrong(
    "state_dict",
    "Every tensor is saved. One that is neither Parameter nor Buffer is the module's own affair.",
    "(nn.Parameter, nn.Buffer)",
    "mg.Tensor",
)
chapter.wrong(
    "state_dict",
    "The parameters themselves are in it, and still ask for gradients. What is saved is only numbers: detach them.",
    "value.detach()",
    "value",
)
chapter.wrong(
    "state_dict",
    "The values are copies. In PyTorch they share memory with the module: it costs nothing, and who wants a snapshot "
    "of a moment has to copy (that is a trap to remember).",
    "value.detach()",
    "value.detach().clone()",
)
chapter.wrong(
    "state_dict",
    "The names from inside lack the name of the module they are in. Two layers would overwrite each other's weight.",
    'found[f"{name}.{path}"] = inner',
    "found[path] = inner",
)


@chapter.wrong(
    "state_dict",
    "named_parameters() lists a shared parameter once, and knows no buffers. Here both names and the buffers belong.",
)
def from_named_parameters(module):
    return {name: parameter.detach() for name, parameter in module.named_parameters()}


@dataclass(frozen=True, eq=False)
class State:
    """Numbers by name, to be loaded."""

    values: dict

    def __repr__(self):
        return repr(self.values)

    def run(self, library):
        return {name: library.tensor(numbers) for name, numbers in self.values.items()}


def load_facts(observed, inputs, options, seed):
    """What was seen; and whether what was written into the parameters that there were arrived in the module."""
    for name, value in observed:
        if name != WRITTEN:
            yield name, value
            continue
        fresh = inputs[0].run(mg)
        write(fresh.parameters(), seed)
        wanted = [parameter.detach().numpy() for _, parameter in fresh.named_parameters()]
        same = isinstance(value, list) and len(value) == len(wanted) and all(map(np.array_equal, value, wanted))
        yield "the parameters are the same objects as before", same


WRITTEN = "the parameters, after others were written into those that there were before"


def write(parameters, seed):
    rng = np.random.default_rng([seed, 7])
    with mg.no_grad():
        for parameter in parameters:
            parameter.copy_(mg.tensor(rng.standard_normal(parameter.shape).astype("float32")))


@run.concluded(load_facts)
def run_load(load_state_dict, inputs, options, seed):
    """What is looked at after loading: the error, the values, and that the parameters are the ones they were."""
    net, state = inputs[0].run(mg), inputs[1].run(mg)
    before = list(net.parameters())
    told = "nothing"
    try:
        load_state_dict(net, state)
    except NotImplementedError:
        raise
    except RuntimeError:
        told = "RuntimeError"
    hold_arrays(before)
    yield "what it raises", told
    yield "the values afterwards", numbers_in(net.state_dict())
    with mg.no_grad():
        for value in state.values():
            value += 1
    yield "the values, after those in state were changed", numbers_in(net.state_dict())
    write(before, seed)
    yield WRITTEN, [parameter.detach().numpy().copy() for _, parameter in net.named_parameters()]


@chapter.exercise(
    points=4,
    minutes=15,
    run=run_load,
    cases=[
        given("two parameters get new values", one_line, State({"weight": [[7.0, 8.0]], "bias": [9.0]})),
        given(
            "by name, not by order; modules inside, too",
            nested,
            State({"last.weight": [40.0], "first.weight": [10.0, 20.0], "scale": 30.0}),
        ),
        given(
            "a buffer is loaded as well",
            net("weight = Parameter([1.0])", "mean = Buffer([0.1])"),
            State({"weight": [2.0], "mean": [0.2]}),
        ),
        given("a name is missing: RuntimeError, and nothing has changed", one_line, State({"weight": [[7.0, 8.0]]})),
        given(
            "a name that the module does not know: RuntimeError, and nothing has changed",
            one_line,
            State({"weight": [[7.0, 8.0]], "bias": [9.0], "scale": [1.0]}),
        ),
        given(
            "a shape that does not fit: RuntimeError, even where copy_ would stretch it",
            one_line,
            State({"bias": [9.0], "weight": [[7.0]]}),
        ),
    ],
    hints=(
        "Look at everything before you change anything. Which names are in the one and not in the other? Which shapes "
        "differ? Only when all is well, copy.",
        "state_dict(module) gives tensors that share memory with the module's: whoever writes into them with copy_ "
        "writes into the parameters. Compare its names with those of `state`: set(own) != set(state) notices a "
        "missing and an unknown one alike. Then the shapes, and then, inside mg.no_grad(), the copying.",
        """
        def load_state_dict(module, state):
            own = state_dict(module)
            if set(own) != set(state):
                raise RuntimeError(...)
            for name, value in state.items():
                if ...:
                    raise RuntimeError(f"{name} has shape {own[name].shape} here, and {value.shape} in state")
            with mg.no_grad():
                for name, value in state.items():
                    ...
        """,
    ),
    needs=("state_dict",),
)
def load_state_dict(module, state):
    """Copy values into a module, by name.

    module: an nn.Module    state: a dict as state_dict gives it, {name: tensor}

    The module's parameters stay the same objects, for an optimizer holds on to them; only their numbers change. Raises
    RuntimeError, before anything is changed, where a name is missing in `state`, where it has one that the module does
    not, or where a shape differs.
    """
    ### BEGIN SOLUTION
    own = state_dict(module)
    if set(own) != set(state):
        raise RuntimeError(f"these names are on one side only: {sorted(set(own) ^ set(state))}")
    for name, value in state.items():
        if value.shape != own[name].shape:
            raise RuntimeError(f"{name} has shape {own[name].shape} here, and {value.shape} in state")
    with mg.no_grad():
        for name, value in state.items():
            own[name].copy_(value)
    ### END SOLUTION


@chapter.hidden("load_state_dict")
def loads_unseen(rng):
    """A net that nobody has seen, and numbers for it: all, one too few, one too many, one that does not fit."""
    net = random_net(rng, some_numbers, shared=False)
    shapes = {name: value.shape for name, value in net.run(mg).state_dict().items()}
    names = [str(name) for name in rng.permutation(list(shapes))]
    numbers = {name: rng.uniform(-9, 9, shapes[name]).round(2).tolist() for name in names}
    less = {name: numbers[name] for name in names[1:]}
    more, other = {**numbers, unseen(rng): [1.0]}, {**numbers, names[-1]: numbers[names[-1]][:1]}
    whys = ("a net nobody has seen", "a name is missing", "a name too many", "a shape that does not fit")
    return [given(why, net, State(state)) for why, state in zip(whys, (numbers, less, more, other))]


chapter.wrong(
    "load_state_dict",
    "A name that is missing in `state` goes unnoticed: that weight would stay as it was born, at random.",
    "if set(own) != set(state):",
    "if set(state) - set(own):",
)
chapter.wrong(
    "load_state_dict",
    "A name that the module does not know goes unnoticed. Most often it means that this is another model's file.",
    "    if set(own) != set(state):",
    "    state = {name: value for name, value in state.items() if name in own}\n    if set(own) != set(state):",
)
chapter.wrong(
    "load_state_dict",
    "The shapes are not compared, and copy_ stretches a smaller tensor by broadcasting, without a word.",
    "if value.shape != own[name].shape:",
    "if value.ndim != own[name].ndim:",
)


@chapter.wrong(
    "load_state_dict",
    "It copies while it looks. If a later name or shape is wrong, half of the module is already the other one.",
)
def copy_and_look(module, state):
    own = state_dict(module)
    with mg.no_grad():
        for name, value in state.items():
            if name not in own or value.shape != own[name].shape:
                raise RuntimeError(f"{name} does not fit")
            own[name].copy_(value)
    if set(own) != set(state):
        raise RuntimeError("a name is missing")


def fitting(module, state):
    """The module's own state; RuntimeError where the other does not fit it."""
    own = state_dict(module)
    if [(name, own[name].shape) for name in sorted(own)] != [(name, state[name].shape) for name in sorted(state)]:
        raise RuntimeError("other names or shapes")
    return own


@chapter.wrong(
    "load_state_dict",
    "By order, not by name: zip puts the first value into the first parameter, whatever it is called.",
)
def by_order(module, state):
    own = fitting(module, state)
    with mg.no_grad():
        for mine, value in zip(own.values(), state.values()):
            mine.copy_(value)


@chapter.wrong(
    "load_state_dict",
    "It puts new Parameters in the place of the old ones. The optimizer holds on to the old ones, and will turn knobs "
    "that nobody uses any more.",
)
def with_new_parameters(module, state):
    fitting(module, state)
    modules = dict(module.named_modules())
    for name, value in state.items():
        path, _, last = name.rpartition(".")
        made = type(getattr(modules[path], last))
        setattr(modules[path], last, made(value.clone()))


@chapter.wrong(
    "load_state_dict",
    "The module's parameters and `state` now share one memory: a change to one is a change to the other. Copy the "
    "numbers in.",
)
def sharing(module, state):
    fitting(module, state)
    for name, holder in [*module.named_parameters(), *module.named_buffers()]:
        holder.data = state[name].data
