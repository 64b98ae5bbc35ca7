"""One way forward and one way back, step by step, as the engine went: what the debugger shows.

The engine is `graph.backpropagate`, the generator that `backward()` runs. It is handed the gradient functions of each
tensor with a witness around them, and so does what it always does; the witness notes who sent what to whom.
"""

from collections import Counter

import numpy as np

from .. import device as devices
from .. import graph
from ..tensor import Tensor
from .nodes import FEW, SHORT, brackets, number, short
from .rules import cells, own, rule_of, with_numbers, written

STRIP = 48  # numbers of a tensor that are shown as colours


def record(root, nodes):
    """What each node is, and the steps of the way back: ({"nodes", "steps", "sources"}), ready for JSON.

    nodes: as `nodes.nodes` gives them. Their `grad` becomes what arrives in the end.

    Nothing is added to any `.grad`, and nothing is let go.
    """
    place_of = {node.tensor: place for place, node in enumerate(nodes) if isinstance(node.tensor, Tensor)}
    sources = {}
    described = [about(node, place, nodes, sources) for place, node in enumerate(nodes)]
    steps = steps_back(root, nodes, place_of) if root.requires_grad and root.data.size == 1 else []
    for node in nodes:
        node.grad = "–" if node.grad and steps else ""
    for step in steps:
        nodes[step["node"]].grad = step["short"]
    return {"nodes": described, "steps": steps, "sources": sources}


def about(node, place, nodes, sources):
    """What there is to say about a node before any gradient."""
    said = {
        "kind": node.kind,
        "label": label(place, nodes),
        "name": node.name,
        "op": node.op,
        "shape": node.shape,
        "inputs": node.inputs,
        "passes": node.passes,
        "wants": bool(node.grad),
    }
    if not isinstance(node.tensor, Tensor):
        return said | {"short": node.value, "value": numbers_of(np.asarray(node.tensor))}
    said |= {"short": node.value, "value": numbers_of(node.tensor.data)}
    if node.kind == "op":
        op = node.tensor.op
        rule = rule_of(own(op))
        if rule.source:
            sources.setdefault(node.op, rule.source)
        said["yours"] = str(getattr(getattr(op, "exercise", None), "name", ""))
        said["arguments"] = list(rule.arguments)
        said["made"] = made_by(node, nodes, rule)
    return said


def label(place, nodes):
    """What a node is called in a sentence: by its name, a plain number by itself, and others by where they stand."""
    node = nodes[place]
    return node.name or (f"#{place + 1}" if isinstance(node.tensor, Tensor) else node.value)


def made_by(node, nodes, rule):
    """How the value came to be, in numbers where it is one: "mul(w, x) = 3 * 2"."""
    call = f"{node.op}({', '.join(label(i, nodes) for i in node.inputs)})"
    given = dict(zip(rule.arguments, (arrays(i) for i in node.tensor.inputs))) | node.tensor.options
    filled = with_numbers(rule.value, given) if node.tensor.data.size == 1 else ""
    return f"{call} = {filled}" if filled else call


def arrays(x):
    return x.data if isinstance(x, Tensor) else x


def steps_back(root, nodes, place_of):
    """A step for each tensor, as the engine hands it out: its gradient, and what its op then sends to its inputs."""
    sent, totals, counts = [], {}, Counter()

    def watched(tensor):
        """The gradient functions of `tensor`, each with a witness."""

        def witness(place, function):
            def gradient(g):
                answer = function(g)
                sent.append((place, function, g, answer))
                return answer

            return gradient

        return [f if f is None else witness(place, f) for place, f in enumerate(tensor.gradients)]

    expected = Counter()
    for node in (nodes[place_of[tensor]] for tensor in graph.topological_order(root)):
        expected.update(i for i, passes in zip(node.inputs, node.passes) if passes)

    def sends(tensor):
        """What was noted since `tensor` was handed out."""
        for place, function, g, answer in sent:
            source = tensor.inputs[place]
            to = place_of[source]
            adds = graph.fitted(answer, source.data, tensor.op)
            totals[to] = adds if to not in totals else totals[to] + adds
            counts[to] += 1
            expression = rule_of(own(tensor.op)).gradient(place)
            inner = own(function)
            values = cells(inner) | dict.fromkeys(first_argument(inner), g)
            yield {
                "to": to,
                "place": place,
                "formula": written(expression),
                "filled": with_numbers(expression, values),
                "adds": numbers_of(adds),
                "total": numbers_of(totals[to]),
                "short": short(totals[to]),
                "count": counts[to],
                "of": expected[to],
                "summed": summed(answer, adds),
            }
        sent.clear()

    steps, tensor = [], None
    for following, grad in graph.backpropagate(root, np.ones_like(root.data), retain_graph=True, gradients=watched):
        if steps:  # only now, as it is asked to go on, does the engine run the gradient functions of the last one
            steps[-1]["sends"] = list(sends(tensor))
        tensor = following
        steps.append({"node": place_of[tensor], "short": short(grad), "grad": numbers_of(grad), "sends": []})
        if tensor.op is None or tensor.retains_grad:
            steps[-1]["keeps"] = kept(tensor, grad)
    return steps


def first_argument(function):
    code = getattr(function, "__code__", None)
    return code.co_varnames[: min(1, code.co_argcount)] if code else ()


def summed(answer, adds):
    """In words, what the engine did to bring a gradient to the shape of its input: undo broadcasting."""
    if answer.shape == adds.shape:
        return ""
    return f"{answer.shape} summed to {adds.shape}"


def kept(tensor, grad):
    """The last `+=`, into `.grad`: what is in there before, and what would be after."""
    if tensor.grad is None:
        return {"before": "", "after": numbers_of(grad)["text"]}
    before = tensor.grad.data
    return {"before": numbers_of(before)["text"], "after": numbers_of(before + grad)["text"]}


def numbers_of(array):
    """An array for the page: as text if it is a few numbers, else statistics and a strip of colours."""
    array = devices.of(array).to_numpy(array) if hasattr(array, "dtype") else np.asarray(array)
    if array.size == 1:
        return {"text": exact(array.item())}
    said = {"text": short(array)}
    if array.size == 0 or array.dtype.kind not in "iuf":
        return said
    flat = array.ravel()
    finite = flat[np.isfinite(flat)]
    shown = flat[:: max(1, -(-flat.size // STRIP))].astype("f8")
    largest = np.abs(shown[np.isfinite(shown)]).max(initial=0)
    said["strip"] = [None if not np.isfinite(x) else round(100 * x / (largest or 1)) for x in shown.tolist()]
    if array.size > FEW or len(brackets(array.tolist())) > SHORT:
        said["statistics"] = {
            "smallest": number(finite.min().item()) if finite.size else "–",
            "mean": number(float(finite.mean())) if finite.size else "–",
            "largest": number(finite.max().item()) if finite.size else "–",
            "spread": number(float(finite.std())) if finite.size else "–",
            "zeros": f"{100 * np.count_nonzero(flat == 0) / flat.size:.0f}%",
        }
    if finite.size < flat.size:
        said["odd"] = f"{flat.size - finite.size} of {flat.size} are nan or infinite"
    return said


def exact(x):
    """A number with six digits: enough to compare.

    >>> exact(16.0), exact(0.1234567), exact(True)
    ('16', '0.123457', 'True')
    """
    return f"{x + 0.0:.6g}" if isinstance(x, float) else str(x)
