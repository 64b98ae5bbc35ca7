"""Chapter 03, graphs: what is recorded while a formula is computed, and what can be done with the record.

The graphs are made by short programs, such as "c = a * b; y = c + a", that are run afresh for each try. The learner
reads the program. Answers are looked at as names of its tensors, so that any order passes which the exercise allows.
"""

import re
from dataclasses import dataclass

import numpy as np

import minigrad as mg

from ...check.case import away_from_zero, exactly
from .. import run
from ..difference import kind, shown
from ..exercise import Chapter, given

chapter = Chapter("03_graphs", "Graphs", teaches=("op", "is_leaf", "is_grad_enabled"))


# ---- graphs to try answers on ----


@dataclass(frozen=True, eq=False)
class Made:
    """What a program made: its `tensors` by name, of which `y` is the result."""

    text: str
    tensors: dict

    def __repr__(self):
        return self.text

    @property
    def y(self):
        return self.tensors["y"]

    def name(self, x):
        """What the program calls a tensor; numbers as they are, other things by their kind."""
        if isinstance(x, mg.Tensor):
            unnamed = "a tensor not of this graph" if x.op is None else f"a result of {x.op.__name__}"
            return next((name for name, tensor in self.tensors.items() if tensor is x), unnamed)
        return str(x) if isinstance(x, int | float) else kind(x)

    def listed(self, xs):
        return ", ".join(map(self.name, xs)) or "nothing"


def made(code, start, constants, known):
    """Run `code` on tensors with the values of `start`, and name what it made."""
    names = {"mg": mg, "np": np, **known}
    for name, value in start.items():
        names[name] = mg.tensor(value, dtype=mg.float32, requires_grad=name not in constants)
    exec(compile(code, __file__, "exec"), names)
    return {name: x for name, x in names.items() if name not in ("mg", "np", "__builtins__", *known)}


def told(code, start, constants):
    """A program in one line, and what it starts from: "y = a * k", with a = 2, constant k = 3."""
    values = ", ".join(f"{'constant ' * (name in constants)}{name} = {value}" for name, value in start.items())
    return f'"{code.replace(chr(10), "; ")}", with {values}'


def graph(code, constants=(), **start):
    """An input: the graph that `code` records from the values in `start`, as a `Made`."""
    text = f"y of {told(code, start, constants)}"
    return run.built(text, lambda rng: Made(text, made(code, start, constants, {})))


# ---- programs made by chance, for a grader ----


def by_chance(rng, lines, number=None, write="{} {} {}", ops="+-*"):
    """A program that nobody has seen: (its text, its constants, the values that it starts from).

    Every line uses the one before it. Names are used again, so that some tensors have none in the end; and one result
    leads nowhere. `number` is a plain number that may stand for an input; `write` and `ops` are what a line looks like.
    """
    a, b, k, c, d, e = map(str, rng.permutation([*"abcdfghjkmnpqrs"])[:6])
    start = {name: round(float(value), 2) for name, value in zip((a, b, k), rng.uniform(1, 2, 3))}
    last, known, text = a, [a, b, k], []
    for out in [*map(str, rng.choice([c, d], lines - 1)), e, "y"]:
        other = f"{number}" if number and out == c else str(rng.choice(known))
        left, right = (last, other) if rng.random() < 0.5 else (other, last)
        op = str(rng.choice([op for op in ops if other != last or op not in ("-", "subtract")]))
        text.append(f"{out} = " + write.format(left, op, right))
        if out != e:
            last = out
            known.append(out)
    text = "\n".join(text)
    return text, (k,), {name: value for name, value in start.items() if re.search(rf"\b{name}\b", text)}


def graph_by_chance(rng, lines, number=None, ending=""):
    text, constants, start = by_chance(rng, lines, number)
    return graph(text + ending, constants, **start)


# ---- record ----


@dataclass(frozen=True, eq=False)
class Code:
    """A program that calls the learner's own `record`."""

    code: str
    start: dict
    constants: tuple

    def __repr__(self):
        return told(self.code, self.start, self.constants)


def code(text, constants=(), **start):
    return Code(text, start, constants)


def recorded(function, inputs, options, seed):
    """What `record` has left on every tensor that the program made."""
    program = options["program"]
    graph = Made("", made(program.code, program.start, program.constants, {"record": function}))
    looked_at = []
    for name, out in graph.tensors.items():
        if name in program.start:
            continue
        if not isinstance(out, mg.Tensor):
            raise run.WrongForm(f"record must return a Tensor. It returned {kind(out)}.")
        looked_at += [
            (f"the value of {name}", out),
            (f"the op of {name}", "nothing" if out.op is None else getattr(out.op, "__name__", kind(out.op))),
            (f"the inputs of {name}", graph.listed(out.inputs)),
            (f"whether {name} requires a gradient", out.requires_grad),
        ]
    return looked_at


@chapter.exercise(
    points=3,
    minutes=10,
    run=recorded,
    cases=[
        given(
            "the op runs on the arrays; the result remembers the tensors, in their order",
            program=code("y = record(np.subtract, a, b)", a=5.0, b=2.0),
        ),
        given(
            "10 - a: a plain number goes into the op as it is, and is remembered in its place",
            program=code("y = record(np.subtract, 10, a)", a=4.0),
        ),
        given(
            "a * a: one tensor in two places is remembered twice",
            program=code("y = record(np.multiply, a, a)", a=3.0),
        ),
        given(
            "one input that wants a gradient is enough, and then all inputs are remembered",
            program=code("y = record(np.multiply, k, a)", ("k",), k=2.0, a=3.0),
        ),
        given(
            "a result is recorded on in turn: c goes into y, and so leads back to a",
            program=code("c = record(np.square, a)\ny = record(np.add, c, k)", ("k",), a=3.0, k=1.0),
        ),
        given(
            "nobody wants a gradient here: there is nothing to remember",
            program=code("y = record(np.add, k, l)", ("k", "l"), k=2.0, l=3.0),
        ),
        given(
            "inside no_grad() the op runs, and nothing is remembered",
            program=code("with mg.no_grad(): y = record(np.multiply, a, b)", a=2.0, b=3.0),
        ),
        given(
            "any function of arrays is an op, and any number of inputs will do",
            program=code("y = record(np.clip, a, 0, 1)", a=[-2.0, 0.5, 7.0]),
        ),
    ],
    hints=(
        "Three steps: take the arrays out of the tensors, run the op on them, wrap what came out. Only then ask "
        "whether to write anything down.",
        "An input is either a Tensor (its array is in .data) or a plain number. Something is written down if recording "
        "is on, mg.is_grad_enabled(), and at least one Tensor among the inputs has requires_grad. What is written down "
        "is three attributes of the new tensor: requires_grad, op and inputs.",
        """
        arrays = [... if isinstance(i, mg.Tensor) else ... for i in inputs]
        out = mg.Tensor(op(...))
        if mg.is_grad_enabled() and any(... for i in inputs):
            out.requires_grad = ...
            out.op, out.inputs = ..., ...
        return out
        """,
    ),
)
def record(op, *inputs):
    """Run `op` on the arrays of `inputs`, and remember on the result how it was made.

    op        a function of arrays that gives an array of floats, such as np.multiply
    inputs    Tensors, or plain numbers

    Gives a new Tensor. If an input requires a gradient, and recording is on (mg.is_grad_enabled()), then the new tensor
    requires one too, its `op` is the op, and its `inputs` are the inputs, as they were given. Otherwise nothing is
    written on it: it stays a leaf.

    >>> a = mg.tensor(3.0, requires_grad=True)
    >>> c = record(np.multiply, a, 2)
    >>> c.item(), c.op is np.multiply, c.inputs[0] is a, c.inputs[1]
    (6.0, True, True, 2)
    """
    ### BEGIN SOLUTION
    arrays = [i.data if isinstance(i, mg.Tensor) else i for i in inputs]
    out = mg.Tensor(op(*arrays))
    if mg.is_grad_enabled() and any(isinstance(i, mg.Tensor) and i.requires_grad for i in inputs):
        out.requires_grad = True
        out.op, out.inputs = op, inputs
    return out
    ### END SOLUTION


@chapter.hidden("record")
def other_programs(rng):
    """Programs that nobody has seen; one is as it is inside no_grad, one has no weights at all."""
    ops = "subtract", "add", "multiply", "maximum", "hypot", "arctan2"
    programs = [by_chance(rng, lines, 3, write="record(np.{1}, {0}, {2})", ops=ops) for lines in (3, 4, 5, 2, 2)]
    cases = []
    for number, (text, constants, start) in enumerate(programs):
        if number == 3:
            text = "with mg.no_grad():\n    " + text.replace("\n", "\n    ")
        constants = tuple(start) if number == 4 else constants
        cases.append(given("a program made by chance", program=code(text, constants, **start)))
    return cases


@chapter.way("record", "Asks each input in turn, and takes a number for an input without any wish.")
def one_by_one(op, *inputs):
    arrays, wanted = [], False
    for i in inputs:
        wanted = wanted or getattr(i, "requires_grad", False)
        arrays.append(i.data if isinstance(i, mg.Tensor) else i)
    out = mg.Tensor(op(*arrays))
    if not wanted or not mg.is_grad_enabled():
        return out
    out.op, out.inputs, out.requires_grad = op, list(inputs), True
    return out


chapter.wrong(
    "record",
    "The result remembers arrays. An array does not know how it was made, so the trail ends there: what must be "
    "remembered to get further back?",
    "op, inputs\n",
    "op, arrays\n",
)
chapter.wrong(
    "record",
    "The result forgets to ask for a gradient itself. What happens when it goes into the next op?",
    "        out.requires_grad = True\n",
    "",
)
chapter.wrong(
    "record",
    "It remembers even if no input wants a gradient. Whatever is remembered stays in memory: when is it of no use?",
    "mg.is_grad_enabled() and any(isinstance(i, mg.Tensor) and i.requires_grad for i in inputs)",
    "mg.is_grad_enabled()",
)
chapter.wrong(
    "record",
    "It remembers only if all inputs want a gradient. Think of data times weight: the data wants none. Is the weight "
    "to be forgotten?",
    "any(isinstance",
    "all(isinstance",
)
chapter.wrong(
    "record",
    "It remembers the tensors only, and drops plain numbers. Whoever wants to run the op again will miss one.",
    "op, inputs\n",
    "op, tuple(i for i in inputs if isinstance(i, mg.Tensor))\n",
)
chapter.wrong(
    "record",
    "It records inside no_grad() too. Somebody has to ask whether recording is on.",
    "mg.is_grad_enabled() and any",
    "any",
)
chapter.wrong(
    "record",
    "The op is remembered by its name. A name cannot be run again: keep the function.",
    "op, inputs\n",
    "op.__name__, inputs\n",
)
chapter.wrong(
    "record",
    "The op got Tensors. It is a function of arrays: take these out of the tensors first.",
    "arrays = [i.data if isinstance(i, mg.Tensor) else i for i in inputs]",
    "arrays = inputs",
)


# ---- leaves ----


def numbered(graph):
    """{tensor: number} of all tensors that a program made or made use of, in an order that says nothing else."""
    found = {}
    waiting = list(graph.tensors.values())
    for t in waiting:
        if isinstance(t, mg.Tensor) and t not in found:
            found[t] = len(found)
            waiting += t.inputs
    return found


def listed(function, inputs, options, seed):
    """The tensors that come back, each as its number; what is none of the graph's, in words."""
    (graph,) = inputs
    numbers = numbered(graph)
    answer = function(graph.y)
    if not isinstance(answer, list):
        raise run.WrongForm(f"{function.__name__} must return a list of tensors. It returned {kind(answer)}.")
    known = [isinstance(t, mg.Tensor) and t in numbers for t in answer]
    yield "the tensors", [numbers[t] if is_known else graph.name(t) for t, is_known in zip(answer, known)]


def as_listed(observed, graph):
    """The tensors whose numbers were seen; words stay."""
    seen = [value for _, value in observed]
    tensors = [*numbered(graph)]
    if len(seen) != 1 or not isinstance(seen[0], list) or not all(type(i) in (int, str) for i in seen[0]):
        raise run.WrongForm("A list of tensors was asked for.")
    return [tensors[i] if type(i) is int and 0 <= i < len(tensors) else str(i) for i in seen[0]]


def called(graph, t):
    return t if isinstance(t, str) else graph.name(t)


def in_words(observed, inputs, options, seed):
    """The tensors that came back, by name, in their order."""
    (graph,) = inputs
    yield "the tensors", ", ".join(called(graph, t) for t in as_listed(observed, graph)) or "nothing"


names = run.concluded(in_words)(listed)


@chapter.exercise(
    points=2,
    minutes=10,
    run=names,
    cases=[
        given("the leaves of one op are its inputs", graph("y = a * b", a=2, b=3)),
        given(
            "leaves lie at the far ends: go down through what lies between",
            graph("c = a * b; y = c + d", a=2, b=3, d=4),
        ),
        given("a is used in two places, and is one leaf", graph("c = a * b; y = c + a", a=2, b=3)),
        given("a constant is a leaf too: no op made it", graph("y = k * a", ("k",), k=5, a=2)),
        given("2 * a: the number is an input, but no tensor", graph("y = 2 * a", a=3)),
        given("a and b hold the same number, and are two leaves all the same", graph("y = a * b", a=3, b=3)),
        given(
            "detach() cuts: what it gives has no past, and is a leaf",
            graph("c = a * b; d = c.detach(); y = d + a", a=2, b=3),
        ),
        given("nothing made this tensor: it is its own only leaf", graph("y = a", a=2)),
        given(
            "doubled 10 times: there are 1,024 ways back to the one leaf",
            graph("y = a\nfor _ in range(10): y = y + y", a=1),
        ),
    ],
    hints=(
        "What made a tensor is in its .op, what it was made from in its .inputs. A leaf is where that ends. So look at "
        "a tensor's inputs, and at their inputs, and so on.",
        "Write a helper that visits one tensor. If it was here before, it does nothing. If no op made the tensor, it "
        "notes it down. Otherwise it visits the inputs, the first one first; those that are numbers are skipped. Keep "
        "who was visited in a set: `in` a list would ask whether the numbers are equal.",
        """
        found, seen = [], set()

        def visit(t):
            if t in seen:
                return
            ...
            if t.op is None:
                ...
            for i in t.inputs:
                if isinstance(i, ...):
                    ...

        visit(tensor)
        return found
        """,
    ),
)
def leaves(tensor):
    """Every leaf that `tensor` was computed from, each once: a list of Tensors.

    A leaf is a tensor that no recorded op made: a weight, and data too (which requires no gradient). A plain number
    among the inputs is no tensor. The leaves come in the order in which a formula is read, left to right: the first
    input, and all that it came from, before the second. A leaf's only leaf is itself.

    >>> a, b, c = [mg.tensor(x, requires_grad=True) for x in (1.0, 2.0, 3.0)]
    >>> [t.item() for t in leaves((a * b) + c)]
    [1.0, 2.0, 3.0]
    """
    ### BEGIN SOLUTION
    found, seen = [], set()

    def visit(t):
        if t in seen:
            return
        seen.add(t)
        if t.op is None:
            found.append(t)
        for i in t.inputs:
            if isinstance(i, mg.Tensor):
                visit(i)

    visit(tensor)
    return found
    ### END SOLUTION


@chapter.hidden("leaves")
def other_graphs(rng):
    """Graphs of programs that nobody has seen: with numbers and constants in them, cut by detach(), and doubled."""
    graphs = [graph_by_chance(rng, lines, 2) for lines in (3, 5, 7)]
    graphs.append(graph_by_chance(rng, 4, ending="\ny = y.detach() * y"))
    graphs.append(graph_by_chance(rng, 3, ending="\nfor _ in range(10): y = y + y"))
    return [given("a graph made by chance", graph) for graph in graphs]


@chapter.way("leaves", "A list of what is still to be visited, instead of a function that calls itself.")
def with_a_list(tensor):
    found, seen, waiting = [], set(), [tensor]
    while waiting:
        t = waiting.pop()
        if isinstance(t, mg.Tensor) and t not in seen:
            seen.add(t)
            found += [t] if t.is_leaf else []
            waiting += reversed(t.inputs)  # the first on top
    return found


chapter.wrong(
    "leaves",
    "A leaf that is used twice comes twice. How do you know that you have been somewhere?",
    "        seen.add(t)\n",
    "",
)
chapter.wrong(
    "leaves",
    "Constants are missing. They want no gradient, but the result was computed from them, and no op made them.",
    "if t.op is None:",
    "if t.op is None and t.requires_grad:",
)


@chapter.wrong(
    "leaves",
    "Two leaves that hold the same number are taken for one. `in` a list compares with ==, and == of tensors compares "
    "their numbers. What compares tensors as things?",
)
def told_apart_by_their_numbers(tensor):
    found = []

    def visit(t):
        if t.op is None and t not in found:
            found.append(t)
        for i in t.inputs:
            if isinstance(i, mg.Tensor):
                visit(i)

    visit(tensor)
    return found


chapter.wrong(
    "leaves",
    "What lies between is in the list as well. By what do you tell a leaf from the result of an op?",
    "        if t.op is None:\n            found.append(t)",
    "        found.append(t)",
)
chapter.wrong(
    "leaves",
    "One of the inputs is a plain number, and a number has no op and no inputs.",
    "            if isinstance(i, mg.Tensor):\n                visit(i)",
    "            visit(i)",
)


@chapter.wrong("leaves", "This looks one step back only. The inputs of the inputs are part of the computation too.")
def one_step(tensor):
    found = [] if tensor.op else [tensor]
    for i in tensor.inputs:
        if isinstance(i, mg.Tensor) and i.op is None and not any(i is other for other in found):
            found.append(i)
    return found


@chapter.wrong("leaves", "They are all there, from right to left. A stack hands out first what was put on it last.")
def from_the_right(tensor):
    found, seen, waiting = [], set(), [tensor]
    while waiting:
        t = waiting.pop()
        if isinstance(t, mg.Tensor) and t not in seen:
            seen.add(t)
            found += [t] if t.op is None else []
            waiting += t.inputs
    return found


@chapter.wrong("leaves", "A tensor that is a leaf itself has a leaf: itself. You look at inputs only.")
def inputs_only(tensor):
    return [t for t in leaves(tensor) if t is not tensor]


# ---- topological_order ----


def in_order(observed, inputs, options, seed):
    """Who is in the order and how often, who comes before its own inputs, who is last: alike for all right orders."""
    (graph,) = inputs
    found = as_listed(observed, graph)
    places, early = {}, []
    for place, t in enumerate(found):
        places.setdefault(id(t), place)
    for t in found:
        for i in getattr(t, "inputs", ()):
            if places.get(id(i), -1) > places[id(t)]:
                early.append(f"{graph.name(t)} before {graph.name(i)}")
    few = (
        ", ".join(sorted(called(graph, t) for t in found))
        if len(found) < 12
        else f"{len(found)} tensors, {len(places)} different"
    )
    yield "who is in it", few or "nobody"
    yield "too early", ", ".join(dict.fromkeys(early)) or "nobody"
    yield "the last one", called(graph, found[-1]) if found else "nobody"


order = run.concluded(in_order)(listed)


@chapter.exercise(
    points=4,
    minutes=20,
    run=order,
    part="graph.topological_order",
    cases=[
        given(
            "inputs come before what was made from them, so y is last",
            graph("c = a * b; y = c + d", a=2, b=3, d=4),
        ),
        given("a is used twice, and comes once, before both", graph("c = a * b; y = c + a", a=2, b=3)),
        given(
            "c goes into y and into d: it must wait for neither, and come before both",
            graph("c = a * a; d = c * c; y = c + d", a=2),
        ),
        given(
            "the same the other way round: d comes first in the formula", graph("c = a * a; d = c * c; y = d + c", a=2)
        ),
        given("no gradient goes to a constant, nor to a number", graph("c = k * a; y = 2 * c", ("k",), k=5, a=3)),
        given("a leaf alone is an order of one", graph("y = a", a=2)),
        given(
            "doubled 12 times: 4,096 ways lead back to a, past 13 tensors",
            graph("y = a\nfor _ in range(12): y = y + y", a=1),
        ),
        given(
            "a chain of 5,000: deeper than Python functions can call themselves",
            graph("y = a\nfor _ in range(5000): y = y + 1", a=0),
        ),
    ],
    hints=(
        "A tensor can be noted down once all its inputs are. First write it with a function that calls itself: visit "
        "the inputs, then note the tensor. Then think about how to do without such calls.",
        "Keep a list of what is still to be done, and take from its end. Each tensor is put there twice: the first "
        "time means `look at its inputs`, the second `its inputs are done, note it down`. So a task is a pair: "
        "(tensor, whether its inputs are done).",
        """
        order, seen, tasks = [], set(), [(tensor, False)]
        while tasks:
            t, inputs_done = tasks.pop()
            if inputs_done:
                ...
            elif t not in seen:
                seen.add(t)
                tasks.append((t, ...))
                for i in t.inputs:
                    if ...:
                        tasks.append((i, ...))
        return order
        """,
    ),
)
def topological_order(tensor):
    """Every tensor that a gradient passes on its way back from `tensor`, inputs before outputs: a list of Tensors.

    Those are `tensor` itself, its inputs that require a gradient, theirs, and so on; each once. Constants and plain
    numbers are not among them. Every order will do in which nobody comes before one of its own inputs. Works for chains
    of any length: Python allows a few thousand calls inside each other at most, and a recording can be longer.

    >>> a = mg.tensor(2.0, requires_grad=True)
    >>> [t.item() for t in topological_order(a * a + 1)]
    [2.0, 4.0, 5.0]
    """
    ### BEGIN SOLUTION
    order, seen, tasks = [], set(), [(tensor, False)]
    while tasks:
        t, inputs_done = tasks.pop()
        if inputs_done:
            order.append(t)
        elif t not in seen:
            seen.add(t)
            tasks.append((t, True))
            for i in t.inputs:
                if isinstance(i, mg.Tensor) and i.requires_grad:
                    tasks.append((i, False))
    return order
    ### END SOLUTION


@chapter.hidden("topological_order")
def other_orders(rng):
    """Graphs of programs that nobody has seen: with numbers and constants in them, doubled, and as long as a chain."""
    graphs = [graph_by_chance(rng, lines, 2) for lines in (3, 5, 7)]
    graphs.append(graph_by_chance(rng, 3, ending=f"\nfor _ in range({rng.integers(11, 15)}): y = y + y"))
    graphs.append(graph_by_chance(rng, 3, ending=f"\nfor _ in range({rng.integers(4000, 5000)}): y = y + 1"))
    return [given("a graph made by chance", graph) for graph in graphs]


@chapter.way(
    "topological_order",
    "Counts how often each tensor is used, and goes back from the end as soon as all users are done.",
)
def by_counting(tensor):
    uses, waiting, seen = {}, [tensor], {tensor}
    while waiting:
        for i in waiting.pop().inputs:
            if getattr(i, "requires_grad", False):
                uses[i] = uses.get(i, 0) + 1
                if i not in seen:
                    seen.add(i)
                    waiting.append(i)
    backwards, ready = [], [tensor]
    while ready:
        backwards.append(ready.pop())
        for i in backwards[-1].inputs:
            if i in seen:
                uses[i] -= 1
                if uses[i] == 0:
                    ready.append(i)
    return backwards[::-1]


@chapter.wrong(
    "topological_order",
    "In short graphs this is right. In a long chain each tensor calls for the one before it, and Python stops after a "
    "few thousand calls inside each other. Keep a list of your own of what is still to be done.",
)
def by_calls(tensor):
    order, seen = [], set()

    def visit(t):
        if t not in seen:
            seen.add(t)
            for i in t.inputs:
                if isinstance(i, mg.Tensor) and i.requires_grad:
                    visit(i)
            order.append(t)

    visit(tensor)
    return order


chapter.wrong(
    "topological_order",
    "This is the way back: outputs before inputs. Asked for is the way there.",
    "return order",
    "return order[::-1]",
)
chapter.wrong(
    "topological_order",
    "A tensor that is used twice comes twice. Remember who was looked at already.",
    "            seen.add(t)\n",
    "",
)
chapter.wrong(
    "topological_order",
    "Constants are in it. No gradient goes to them, so they are no stop on the way back.",
    "isinstance(i, mg.Tensor) and i.requires_grad",
    "isinstance(i, mg.Tensor)",
)


@chapter.wrong(
    "topological_order",
    "Row by row from the end, and then turned round: a tensor gets its place when it is first met. But it may be met "
    "again further back. When can you be sure that all its users have come?",
)
def by_rows(tensor):
    order, seen = [tensor], {tensor}
    for t in order:
        for i in t.inputs:
            if isinstance(i, mg.Tensor) and i.requires_grad and i not in seen:
                seen.add(i)
                order.append(i)
    return order[::-1]


@chapter.wrong(
    "topological_order",
    "Noted when first taken from the list, and then turned round. A tensor is noted before those that use it further "
    "back were seen. Note it down only after its inputs: it needs a second visit.",
)
def noted_too_early(tensor):
    order, seen, waiting = [], set(), [tensor]
    while waiting:
        t = waiting.pop()
        if t not in seen:
            seen.add(t)
            order.append(t)
            waiting += [i for i in t.inputs if isinstance(i, mg.Tensor) and i.requires_grad]
    return order[::-1]


chapter.wrong(
    "topological_order",
    "The tensor that you were given is missing. The way back starts there.",
    "return order",
    "return order[:-1]",
)


# ---- replay ----


def new(**values):
    """New values for leaves, by name: each number is scaled by chance, to tenths."""

    def make(rng):
        return {name: round(value * rng.uniform(1, 2), 1) for name, value in values.items()}

    return run.built(f"{values}", make)


def result_and_leaves(observed, inputs, options, seed):
    """The result, and the leaves afterwards by name, which must be as they were."""
    graph, _ = inputs
    ends = [t for t in numbered(graph) if t.op is None]
    for name, value in observed:
        if name != "the leaves afterwards":
            yield name, value
        elif isinstance(value, list) and len(value) == len(ends):
            yield name, ", ".join(f"{graph.name(leaf)} = {shown(now)}" for leaf, now in zip(ends, value))
        else:
            raise run.WrongForm("The leaves are not what they were.")


@run.concluded(result_and_leaves)
def replayed(function, inputs, options, seed):
    """The result, and what is in the leaves afterwards."""
    graph, values = inputs
    ends = [t for t in numbered(graph) if t.op is None]
    out = function(graph.y, {graph.tensors[name]: mg.tensor(value) for name, value in values.items()})
    if isinstance(out, tuple):
        raise run.WrongForm(f"replay must return a Tensor. It returned a tuple of {len(out)} things.")
    yield "the result", out
    yield "the leaves afterwards", [np.array(leaf.data) for leaf in ends]


@chapter.exercise(
    points=3,
    minutes=10,
    run=replayed,
    needs=("leaves", "topological_order"),
    cases=[
        given("one op, run again on a new number", graph("y = a * a", a=3), new(a=4)),
        given(
            "through what lies between: c must be computed anew as well",
            graph("c = a - b; y = c * c", a=5, b=2),
            new(a=6, b=3),
        ),
        given("b gets no new value, and keeps the one it has", graph("c = a * b; y = c - a", a=5, b=2), new(a=6)),
        given(
            "the new values are found by their leaf, in whatever order they come",
            graph("c = a - b; y = c / b", a=5, b=2),
            new(b=3, a=9),
        ),
        given("data is a leaf too, and can be exchanged", graph("c = k * a; y = c + k", ("k",), k=5, a=2), new(k=7)),
        given("1 - a: plain numbers stay what they are", graph("c = 1 - a; y = 2 * c", a=3), new(a=4)),
        given(
            "sum has options (which axis): they were recorded, too",
            graph("c = x * a; y = c.sum(dim=0)", x=[[1, 2], [3, 4]], a=2),
            new(a=4),
        ),
        given(
            "the branch that was taken is what was recorded: the other one is not there",
            graph("y = a * 2 if a > 0 else a * 0", a=3),
            new(a=-4),
        ),
        given("a leaf alone: its new value is the result", graph("y = a", a=2), new(a=3)),
    ],
    hints=(
        "You have an order in which inputs come before outputs. Go along it and compute every tensor again. Where do "
        "you keep what you have computed?",
        "A dict `now`, from tensor to its array this time. It begins with the leaves: the new value if there is one, "
        "else the old. Then, for each tensor that an op made: take the inputs' arrays out of `now` (numbers as they "
        "are), and call t.op(*arrays, **t.options). An op gives its value first, and after it things that chapter 04 "
        "is about: take [0].",
        """
        now = {leaf: values.get(leaf, ...).data for leaf in leaves(tensor)}
        for t in topological_order(tensor):
            if t.op is not None:
                arrays = [... if isinstance(i, mg.Tensor) else ... for i in t.inputs]
                now[t] = t.op(...)[0]
        return mg.Tensor(...)
        """,
    ),
)
def replay(tensor, values):
    """Run the recorded ops of `tensor` again, with other values in its leaves: a new Tensor.

    values: {leaf: Tensor}, the new values of some leaves or of all; the others keep theirs. Nothing that was recorded
    is changed. An op of the library is a function of arrays that gives several things, its value first:
    t.op(*arrays, **t.options)[0] is the value.

    >>> a, b = mg.tensor(2.0, requires_grad=True), mg.tensor(3.0, requires_grad=True)
    >>> y = a * b + 1
    >>> replay(y, {a: mg.tensor(10.0)}).item()
    31.0
    """
    ### BEGIN SOLUTION
    now = {leaf: values.get(leaf, leaf).data for leaf in leaves(tensor)}
    for t in topological_order(tensor):
        if t.op is not None:
            arrays = [now[i] if isinstance(i, mg.Tensor) else i for i in t.inputs]
            now[t] = t.op(*arrays, **t.options)[0]
    return mg.Tensor(now[tensor])
    ### END SOLUTION


@chapter.hidden("replay")
def other_records(rng):
    """Programs that nobody has seen, and new values for some of their leaves, or for all."""
    cases = []
    for lines, ending in ((3, ""), (4, ""), (6, ""), (3, f"\ny = y.reshape(1, 1).sum(dim={rng.integers(2)})")):
        text, constants, start = by_chance(rng, lines, 2)
        some = dict([*start.items()][: lines - 2])
        cases.append(given("a program made by chance", graph(text + ending, constants, **start), new(**some)))
    return cases


@chapter.way("replay", "The result's value is asked for, and asks for its inputs' values in turn.")
def from_the_end(tensor, values):
    now = dict(values)

    def value(t):
        if not isinstance(t, mg.Tensor):
            return t
        if t not in now:
            now[t] = mg.Tensor(t.op(*map(value, t.inputs), **t.options)[0]) if t.op else t
        return now[t].data

    return mg.Tensor(value(tensor))


chapter.wrong(
    "replay",
    "Only the last op ran on something new: what lies between still has its old value. Which arrays go into an op?",
    "now[i] if isinstance(i, mg.Tensor) else i",
    "(now[i] if i.op is None else i.data) if isinstance(i, mg.Tensor) else i",
)
chapter.wrong(
    "replay",
    "This wants a new value for every leaf. One that gets none keeps its own.",
    "values.get(leaf, leaf).data",
    "values[leaf].data",
)
chapter.wrong(
    "replay",
    "Data keeps its old value. It requires no gradient, but it is a leaf that may get a new value.",
    "values.get(leaf, leaf).data",
    "(values.get(leaf, leaf) if leaf.requires_grad else leaf).data",
)
chapter.wrong(
    "replay",
    "The op runs without its options. Along which axis is it to sum? That was recorded as well.",
    "now[t] = t.op(*arrays, **t.options)[0]",
    "now[t] = t.op(*arrays)[0]",
)
chapter.wrong(
    "replay",
    "The new values are written into the leaves themselves, and stay there: the graph is another one afterwards. Keep "
    "what is computed now apart from what was recorded.",
    "    for t in topological_order",
    "    for leaf in now: leaf.data = now[leaf]\n    for t in topological_order",
)
chapter.wrong(
    "replay",
    "A plain number is no tensor: it has no array in it, and is in no dict of yours. It goes into the op as it is.",
    "now[i] if isinstance(i, mg.Tensor) else i",
    "now[i]",
)


@chapter.wrong(
    "replay",
    "Constants are not in the topological order, since no gradient goes to them. But the ops need their values: where "
    "do you find all leaves?",
)
def without_constants(tensor, values):
    now = {}
    for t in topological_order(tensor):
        if t.op is None:
            now[t] = values.get(t, t).data
        else:
            arrays = [now[i] if isinstance(i, mg.Tensor) else i for i in t.inputs]
            now[t] = t.op(*arrays, **t.options)[0]
    return mg.Tensor(now[tensor])


chapter.wrong(
    "replay",
    "An op of the library gives several things: its value, and after it what chapter 04 is about. Take the first.",
    "[0]\n    return",
    "\n    return",
)


# ---- unrolled ----


def counted(observed, inputs, options, seed):
    """The result, how many ops were recorded, and whether they lead back to x."""
    for name, value in observed:
        if name == "the result":
            yield name, value
        elif not isinstance(value, list):
            raise run.WrongForm("unrolled should return a tensor, recorded back to x.")
        elif name == "what the ops gave":
            yield "how many ops were recorded", len(value)
        else:
            yield "the record leads back to", "x" if True in value else "not x"


@run.concluded(counted)
def grown(function, inputs, options, seed):
    """The result, what each recorded op gave, and which of the leaves is x."""
    x = run.leaf(*inputs)
    out = function(x)
    yield "the result", out
    if isinstance(out, mg.Tensor):
        made = [t for t in numbered(Made("", {"y": out})) if t.requires_grad]
        yield "what the ops gave", [np.array(t.data) for t in made if t.op is not None]
        yield "the leaves", [t is x for t in made if t.op is None]


@chapter.exercise(
    points=2,
    minutes=5,
    run=grown,
    cases=[
        given("one number: 5 → 2.5 → 1.25 → 0.625, three halvings, three ops", exactly(5.0)),
        given("40 needs six halvings: other data, another graph", exactly(40.0)),
        given("1 is not below 1: halve once more", exactly(1.0)),
        given("below 1 already: no halving, and no op", exactly(0.3)),
        given("several numbers: all are halved as long as any of them is too large", exactly([0.5, 9.0, 2.0])),
        given("negative numbers are large, too: it is the size that counts", exactly(-6.0)),
        given("a table of numbers, drawn by chance", away_from_zero(2, 3)),
    ],
    hints=(
        "There is no trick in this one: write the loop that you would write for plain numbers. That is the point.",
        "As long as any number's size, x.abs(), is 1 or more: replace x by its half. Use / on the tensor, and give the "
        "new tensor the old name. A condition over several numbers needs .any(), or .max().",
        """
        while (x.abs() ...).any():
            x = ...
        return x
        """,
    ),
)
def unrolled(x):
    """Halve `x` until all its numbers are below 1 in size; each halving is one recorded op.

    x: a Tensor of any shape, which requires a gradient    ->    a Tensor of the same shape, recorded back to x

    >>> y = unrolled(mg.tensor([3.0, -1.0], requires_grad=True))
    >>> y.tolist()
    [0.75, -0.25]
    """
    ### BEGIN SOLUTION
    while (x.abs() >= 1).any():
        x = x / 2
    return x
    ### END SOLUTION


@chapter.hidden("unrolled")
def other_data(rng):
    """Data of many sizes, each of which needs halvings of its own number."""
    sizes = [round(float(2 ** rng.uniform(low, low + 3)), 2) for low in (-3, 2, 6, 9)]
    cases = [given("a number made by chance", exactly(sign * size)) for size, sign in zip(sizes, (1, -1, 1, -1))]
    return [*cases, given("numbers made by chance", exactly([*map(float, rng.uniform(-300, 300, 3))]))]


@chapter.way("unrolled", "Goes by the largest size, and multiplies by a half.")
def by_the_largest(x):
    while x.abs().max().item() >= 1:
        x = 0.5 * x
    return x


chapter.wrong(
    "unrolled",
    "The number 1 itself is not below 1.",
    "x.abs() >= 1",
    "x.abs() > 1",
)
chapter.wrong(
    "unrolled",
    "This halves once at most. How often it has to be depends on the data.",
    "while (x.abs() >= 1).any():",
    "if (x.abs() >= 1).any():",
)
chapter.wrong(
    "unrolled",
    "Negative numbers count as small here. Asked is how large they are, whatever their sign.",
    "x.abs() >= 1",
    "x >= 1",
)
chapter.wrong(
    "unrolled",
    "This stops as soon as one of the numbers is small enough. It should go on until all are.",
    ".any()",
    ".all()",
)
chapter.wrong(
    "unrolled",
    "It halves before it asks, so once too often.",
    "    while (x.abs() >= 1).any():\n        x = x / 2\n    return x",
    "    x = x / 2\n    while (x.abs() >= 1).any():\n        x = x / 2\n    return x",
)


@chapter.wrong(
    "unrolled",
    "The numbers are right, and nothing was recorded: the halving was done outside of the tensors. Compute with x "
    "itself, not with what it holds.",
)
def on_bare_numbers(x):
    while (x.abs() >= 1).any():
        x = mg.tensor(x.detach().numpy() / 2, requires_grad=True)
    return x


@chapter.wrong(
    "unrolled",
    "The numbers are right, and the halvings are counted in plain Python: what is recorded is one op, however many it "
    "took. Record each halving.",
)
def in_one_go(x):
    factor = 1.0
    while (x.abs() * factor >= 1).any():
        factor /= 2
    return x * factor if factor < 1 else x


@chapter.wrong(
    "unrolled",
    "x /= 2 writes into the leaf itself, and then nobody could know what it was. Make a new tensor, and call it x.",
)
def in_place(x):
    while (x.abs() >= 1).any():
        x /= 2
    return x


# ---- static_plan ----


def carried_out(observed, inputs, options, seed):
    """The plan's instructions, and what a plain loop makes of them, on the recorded values and on others."""
    (graph,) = inputs
    seen = [value for _, value in observed]
    if len(seen) != 1 or not isinstance(seen[0], list):
        raise run.WrongForm("static_plan must return a list of instructions.")
    (plan,) = seen
    for step in plan:
        refuse_other_than_instruction(step)
    start = [leaf.data for leaf in leaves(graph.y)]
    rng = np.random.default_rng(seed)
    others = [np.float32(round(rng.uniform(1, 9), 1)) for _ in start]
    written, early = set(range(len(start))), []
    for op, places, output in plan:
        early += [f"{op} reads {place}" for place in places if place not in written]
        written.add(output)
    yield "the ops, sorted", ", ".join(sorted(op for op, _, _ in plan)) or "none"
    yield "places read before they hold anything", ", ".join(early) or "none"
    recorded = {t.op.__name__ for t in numbered(graph) if t.op is not None}
    if not early and all(op in recorded for op, _, _ in plan):
        yield "run on the recorded values", followed(plan, start)
        yield "run on other values", followed(plan, others)


@run.concluded(carried_out)
def planned(function, inputs, options, seed):
    """The plan, as plain as it should be."""
    (graph,) = inputs
    plan = function(graph.y)
    if not isinstance(plan, list | tuple):
        raise run.WrongForm(f"static_plan must return a list of instructions. It returned {kind(plan)}.")
    for step in plan:
        refuse_other_than_instruction(step)
    yield "the plan", [(op, tuple(places), output) for op, places, output in plan]


def refuse_other_than_instruction(step):
    wanted = "an instruction is (name of the op, places of its inputs, place of its output), such as ('mul', (0, 1), 2)"
    if not isinstance(step, list | tuple) or len(step) != 3:
        raise run.WrongForm(f"static_plan: {wanted}. One of them is {kind(step)} of another form.")
    op, places, output = step
    if not isinstance(op, str) or not hasattr(mg.ops, op):
        raise run.WrongForm(f"static_plan: {wanted}. One of them begins with {kind(op)} that is no op's name.")
    if not isinstance(places, list | tuple) or not all(type(place) is int for place in (*places, output)):
        raise run.WrongForm(f"static_plan: {wanted}. One of them has something else than whole numbers for places.")


def followed(plan, start):
    """Run a plan: the whole of what a machine must be able to do that knows no Python."""
    memory = dict(enumerate(start))
    output = 0
    for op, places, output in plan:
        memory[output] = getattr(mg.ops, op)(*(memory[place] for place in places))[0]
    return np.asarray(memory[output])


@chapter.exercise(
    points=4,
    minutes=15,
    run=planned,
    needs=("leaves", "topological_order"),
    cases=[
        given("one op: the leaves are in places 0 and 1, the result goes to 2", graph("y = a - b", a=5, b=2)),
        given("two ops: the second reads where the first has written", graph("c = a - b; y = c * b", a=5, b=2)),
        given(
            "two results that are both still needed must not share a place",
            graph("c = a * b; d = a - b; y = c / d", a=5, b=2),
        ),
        given("c is used twice, and computed once", graph("c = a * b; y = c - c", a=5, b=2)),
        given("c is needed by d and again by y", graph("c = a * a; d = c.exp(); y = c / d", a=0.5)),
        given("a constant has a place like any leaf", graph("c = k - a; y = c * k", ("k",), k=5, a=2)),
        given("a leaf alone: there is nothing to do, and the result is in place 0", graph("y = a", a=2)),
    ],
    hints=(
        "Imagine numbered drawers. The leaves lie in the first ones. Every op takes from some drawers and puts its "
        "result into a new one. For each tensor you must know its drawer.",
        "A dict from tensor to place: the leaves get 0, 1, 2 ... in the order of leaves(tensor). Go through "
        "topological_order(tensor). A tensor that an op made gets the next free place, len(place), and an instruction: "
        "the op's __name__, its inputs' places, its own place.",
        """
        place = {leaf: number for number, leaf in enumerate(...)}
        plan = []
        for t in topological_order(tensor):
            if t.op is not None:
                place[t] = ...
                plan.append((t.op.__name__, ..., ...))
        return plan
        """,
    ),
)
def static_plan(tensor):
    """The recorded ops as a list of instructions, for a machine that knows no Python and no tensors.

    The machine has numbered places. Before it starts, the leaves' values are put into places 0, 1, 2 ..., in the order
    of leaves(tensor). An instruction is (name of the op, places of its inputs, place of its output). They are carried
    out one after the other, and the last one writes the result. Each recorded op is carried out once. An op's name is
    its __name__. The ops here have tensors for inputs, no plain numbers, and no options.

    >>> a, b = mg.tensor(2.0, requires_grad=True), mg.tensor(3.0, requires_grad=True)
    >>> static_plan((a * b) + a)
    [('mul', (0, 1), 2), ('add', (2, 0), 3)]
    """
    ### BEGIN SOLUTION
    place = {leaf: number for number, leaf in enumerate(leaves(tensor))}
    plan = []
    for t in topological_order(tensor):
        if t.op is not None:
            place[t] = len(place)
            plan.append((t.op.__name__, tuple(place[i] for i in t.inputs), place[t]))
    return plan
    ### END SOLUTION


@chapter.hidden("static_plan")
def other_plans(rng):
    """Programs that nobody has seen, without plain numbers; the last one has an op of one input."""
    graphs = [graph_by_chance(rng, lines) for lines in (2, 3, 4, 6)]
    graphs.append(graph_by_chance(rng, 3, ending="\ny = y.tanh() - y"))
    return [given("a program made by chance", graph) for graph in graphs]


@chapter.way("static_plan", "Uses a place again once nobody will read it any more: a plan knows the future.")
def with_places_used_again(tensor):
    order = [t for t in topological_order(tensor) if t.op is not None]
    last = {i: number for number, t in enumerate(order) for i in t.inputs}
    place = {leaf: number for number, leaf in enumerate(leaves(tensor))}
    free, count, plan = [], len(place), []
    for number, t in enumerate(order):
        places = tuple(place[i] for i in t.inputs)
        free += {place[i] for i in t.inputs if last[i] == number}
        if not free:
            free.append(count)
            count += 1
        place[t] = free.pop()
        plan.append((t.op.__name__, places, place[t]))
    return plan


chapter.wrong(
    "static_plan",
    "The results are written over the leaves. Where is the first place that is free?",
    "place[t] = len(place)\n",
    "place[t] = len(plan)\n",
)
chapter.wrong(
    "static_plan",
    "All results go to one place, so each overwrites the one before, even if that is still needed.",
    "place[t] = len(place)\n",
    "place[t] = len(leaves(tensor))\n",
)
chapter.wrong(
    "static_plan",
    "The inputs are in the wrong order: a - b is not b - a.",
    "tuple(place[i] for i in t.inputs)",
    "tuple(sorted((place[i] for i in t.inputs), reverse=True))",
)
chapter.wrong(
    "static_plan",
    "The instructions come from the end: they read places that are still empty. What must be there before an op "
    "can run?",
    "return plan",
    "return plan[::-1]",
)
chapter.wrong(
    "static_plan",
    "An input that is used twice is read once: c - c needs its place two times.",
    "tuple(place[i] for i in t.inputs)",
    "tuple(dict.fromkeys(place[i] for i in t.inputs))",
)
chapter.wrong(
    "static_plan",
    "The plan holds the functions themselves. A machine that knows no Python needs their names.",
    "t.op.__name__, tuple",
    "t.op, tuple",
)


@chapter.wrong(
    "static_plan",
    "The places are numbered in topological order. But the leaves' values are put in the order of leaves(tensor), and "
    "constants are among them.",
)
def numbered_by_order(tensor):
    order = topological_order(tensor)
    place = {t: number for number, t in enumerate(order)}
    return [(t.op.__name__, tuple(place[i] for i in t.inputs), place[t]) for t in order if t.op is not None]


@chapter.wrong("static_plan", "What is used twice is computed twice. A place can be read as often as one likes.")
def computed_again(tensor):
    place = {leaf: number for number, leaf in enumerate(leaves(tensor))}
    plan, free = [], [len(place)]

    def add(t):
        if t in place:
            return place[t]
        places = tuple(add(i) for i in t.inputs)
        plan.append((t.op.__name__, places, free[0]))
        free[0] += 1
        return free[0] - 1

    add(tensor)
    return plan
