"""Graphs that answer: `debug(loss)` steps forward and back through one, `explore(f, x=3.0)` rebuilds it as you turn x.

In JupyterLab they are live; everywhere else the same output is a still picture, and words.
"""

import inspect
import sys

import numpy as np

from ..graph import topological_order
from ..tensor import Tensor
from .draw import Drawing, columns, path, refuse_others
from .groups import everything, folded
from .names import Names, names_for, variables
from .nodes import nodes, refuse_many
from .record import record
from .scene import Card, made_on, scene

LARGEST = 1000  # tensors; folded, so many can still be looked through
PAGE = 790  # px: a little is lost to the borders


def debug(loss, /, *, twin=False, **names):
    """Step through the graph of `loss`, forward and back, in a notebook: what each op does, and who sends what to whom.

    twin: compare every step with PyTorch, mark what differs, and start at the first difference
    names: what tensors are called, as in `draw`; without any, your variables' names are used

    Nothing is added to any `.grad`, and the graph is kept: call it before backward(). Raises RuntimeError where the
    graph was let go, or `loss` is not a single number.
    """
    refuse_others("debug", loss)
    names = names_for("debug", names, sys._getframe(1))
    refuse_many("debug", loss)
    found = nodes(loss, names, {}, "debug", LARGEST)
    differences = differences_from_pytorch(loss, found) if twin else {}
    return live(Graph(loss, found, names.kinds, differences))


def differences_from_pytorch(loss, nodes):
    """{number of a node: how it differs from PyTorch's}, the first difference first."""
    from ..check import twin

    found, order = twin(loss), topological_order(loss)
    place = {node.tensor: number for number, node in enumerate(nodes) if isinstance(node.tensor, Tensor)}
    said = {}
    for tensor, step in zip(order, found.steps):
        if step.value:
            said[place[tensor]] = f"The value differs from PyTorch's: {step.value.said()}"
        elif step.gradient:
            by = " and ".join(step.used_by)
            said[place[tensor]] = f"The gradient, put together by {by}, differs from PyTorch's: {step.gradient.said()}"
    if found.first:
        first = place[order[found.steps.index(found.first)]]
        said = {first: said[first], **said}
    return said


class Graph:
    """A recorded graph with its steps, and what of it is folded: all that a page needs, as data for JSON."""

    def __init__(self, root, nodes, kinds, differences=None):
        self.nodes, self.groups = nodes, folded(nodes, kinds)
        self.run = record(root, nodes)
        self.run["differences"] = [{"node": number, "said": said} for number, said in (differences or {}).items()]
        for number in list(differences or {})[:1]:
            for group in everything(self.groups):
                group.closed = group.closed and number not in group.members
        self.longest = self.longest_texts()
        for node in nodes:
            node.tensor = None  # only what is shown is kept in memory

    def fold(self, closed):
        for group in everything(self.groups):
            group.closed = group.key in closed

    def closed(self):
        return [group.key for group in everything(self.groups) if group.closed]

    def scene(self):
        """Where everything stands."""
        cards = [self.card(number, node) for number, node in enumerate(self.nodes)]
        plan = scene(self.nodes, self.groups, cards, PAGE)
        members = {group.key: sorted(group.members) for group in everything(self.groups)}
        return {
            "size": plan.size,
            "down": plan.downwards,
            "cards": [
                {
                    **{"key": str(key), "x": x, "y": y, "w": card.width, "h": card.height},
                    **{"kind": card.kind, "made": card.made, "name": card.name, "rows": card.rows},
                    "nodes": members.get(key) or [key],
                    "strip": self.strip(key)[::2],
                }
                for key, card, x, y in plan.cards
            ],
            "frames": [
                {"key": group.key, "title": group.title, "x": x, "y": y, "w": w, "h": h, "nodes": members[group.key]}
                for group, x, y, w, h in plan.frames
            ],
            "lines": [
                {
                    **{"d": path(line.points, plan.downwards), "start": line.points[0], "end": line.points[-1]},
                    **{"source": line.source, "uses": line.uses},
                    **{"passes": line.passes, "tip": line.tip, "parts": line.parts},
                }
                for line in plan.lines
            ],
        }

    def card(self, number, node):
        """A card with room for all that will be written on it."""
        rows = {"shape": node.shape, "value": node.value, "grad": self.longest[number]}
        rows = [(label, text) for label, text in rows.items() if text not in ("", "()")]
        label = self.run["nodes"][number]["label"]
        name = node.name or (label if label.startswith("#") else "")
        card = Card(node.kind, made_on(node), name, rows)
        card.height += 8 if self.strip(number) else 0
        return card

    def strip(self, key):
        """The colours along the foot of a card."""
        return self.run["nodes"][key]["value"].get("strip", []) if isinstance(key, int) else []

    def longest_texts(self):
        """{number: the longest of what is written as its gradient}, such as "8" or, on the way, "3 (1 of 2)"."""
        longest = {number: node.grad for number, node in enumerate(self.nodes)}
        for step in self.run["steps"]:
            for sent in step["sends"]:
                if sent["count"] < sent["of"]:
                    text = f"{sent['short']} ({sent['count']} of {sent['of']})"
                    longest[sent["to"]] = max(longest[sent["to"]], text, key=columns)
        return longest

    def still(self):
        """The picture and the words."""
        return Drawing(self.nodes, self.groups)

    def words(self):
        """The way back, in words."""
        lines = []
        for number, step in enumerate(self.run["steps"], start=1):
            described = self.run["nodes"][step["node"]]
            sends = [f"{self.run['nodes'][s['to']]['label']} += {s['adds']['text']}" for s in step["sends"]]
            line = f"{number:>3}  {described['label']}: gradient {step['grad']['text']}"
            lines.append(line + (f";  {described['op']} sends  {',  '.join(sends)}" if sends else ""))
        return "\n".join(["", "", "the way back, step by step", *lines]) if lines else ""


def live(graph, **explorer):
    """The widget; ImportError says how to get what it needs."""
    try:
        from .widget import GraphWidget
    except ImportError as error:
        raise ImportError(f"{error}. Live graphs need anywidget: pip install anywidget. draw() does without.") from None
    return GraphWidget(graph, **explorer)


# Explore


def explore(function, **arguments):
    """The graph of `function(...)`, rebuilt as you turn its arguments: loops and branches change it.

    arguments: explore(f, x=2.0, n=(0, 5), loud=False, how=["add", "mul"], data=data)
        2.0 or (low, high) with a point     a slider; the function gets a tensor that requires a gradient
        3 or (low, high) of whole numbers   a slider; the function gets the integer
        True or False                       a switch
        a list                              a choice
        anything else                       given to the function as it is
        What is left out starts from the function's own default.

    The function must return a tensor. What it calls its tensors is what they are called in the picture.
    """
    controls, fixed = controls_of(function, arguments)
    return live(None, function=function, controls=controls, fixed=fixed)


def controls_of(function, arguments):
    """(controls, other arguments): a control says how an argument is turned.

    Raises TypeError for an argument that the function does not have, or one that is missing.
    """
    name = getattr(function, "__name__", "the function")
    parameters = inspect.signature(function).parameters
    some = any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters.values())
    for argument in arguments:
        if argument not in parameters and not some:
            raise TypeError(f"explore: {name} has no argument {argument!r}; it has {', '.join(parameters) or 'none'}.")
    given = {key: p.default for key, p in parameters.items() if p.default is not p.empty} | arguments
    for key, parameter in parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        )
        if needed and key not in given:
            raise TypeError(f"explore: {name} needs {key!r} too. Say where it starts: explore({name}, {key}=2.0).")
    order = [key for key in parameters if key in given] + [key for key in given if key not in parameters]
    controls = {key: control for key in order if (control := control_of(key, given[key]))}
    return list(controls.values()), {key: value for key, value in given.items() if key not in controls}


def control_of(name, value):
    """How an argument is turned, or None if it is not."""
    if isinstance(value, bool):
        return {"name": name, "kind": "switch", "value": value}
    if isinstance(value, (int, float)):
        reach = max(2 * abs(value), 1.0 if isinstance(value, float) else 4)
        return slider(name, 0 if isinstance(value, int) and value >= 0 else -reach, reach, value)
    if isinstance(value, list) and value:
        return {"name": name, "kind": "choice", "value": 0, "options": list(map(str, value)), "things": value}
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(x, (int, float)) for x in value):
        low, high = value
        if not low < high:
            raise ValueError(f"explore: {name} goes from a smaller number to a larger one, and got {value}.")
        whole = isinstance(low, int) and isinstance(high, int)
        return slider(name, low, high, (low + high) // 2 if whole else (low + high) / 2)
    return None


def slider(name, low, high, value):
    whole = all(isinstance(x, int) for x in (low, high, value))
    step = 1 if whole else 10.0 ** np.floor(np.log10((high - low) / 40))
    return {
        **{"name": name, "kind": "whole" if whole else "slider", "value": value},
        **{"low": low, "high": high, "step": step},
    }


def explored(function, controls, values, fixed):
    """The Graph of the function at these values. Raises what the function raises, TypeError if it gives no tensor."""
    arguments = dict(fixed)
    for control, value in zip(controls, values):
        if control["kind"] == "slider":
            value = Tensor(np.asarray(value, "f4"), requires_grad=True)
        elif control["kind"] == "choice":
            value = control["things"][int(value)]
        arguments[control["name"]] = value
    result, inside = watched(function, arguments)
    if not isinstance(result, Tensor):
        name = getattr(function, "__name__", "the function")
        raise TypeError(f"explore: {name} should return a tensor, and returned a {type(result).__name__}.")
    names = Names(variables(inside, getattr(function, "__globals__", {})))
    found = nodes(result, names, {}, "explore", LARGEST)
    return Graph(result, found, names.kinds)


def watched(function, arguments):
    """(result, the function's own variables when it returned)."""
    inside = {}

    def watch(frame, event, _):
        if event == "return" and frame.f_code is function.__code__:
            inside.update(frame.f_locals)

    before = sys.getprofile()
    if hasattr(function, "__code__"):
        sys.setprofile(watch)
    try:
        return function(**arguments), inside
    finally:
        sys.setprofile(before)
