"""What belongs together in a graph: what a module computes, and long chains of ops.

A module leaves no trace in a graph but its parameters. So a group is found by their dotted names: the ops that use the
parameters of one module, and all that lies between these. Sets of nodes are whole numbers, a bit for each node.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from ..tensor import Tensor

MANY = 24  # boxes: in a larger graph, groups start out closed
LONG = 4  # ops in a row that make a chain


@dataclass(eq=False)
class Group:
    """Nodes that can be shown as one box. `members` are their numbers, those of the groups `inside` included."""

    key: str
    title: str
    members: set
    inside: list = field(default_factory=list)
    closed: bool = False


def folded(nodes, kinds):
    """The groups of a graph; where there are many nodes, all are closed, and chains are groups too."""
    groups = module_groups(nodes, kinds)
    if len(nodes) > MANY:
        for group in everything(groups):
            group.closed = True
        if len(nodes) - sum(len(group.members) - 1 for group in groups) > MANY:
            groups += chains(nodes, groups)
    return groups


def everything(groups):
    """These groups, and all that are inside them."""
    for group in groups:
        yield group
        yield from everything(group.inside)


def module_groups(nodes, kinds):
    """A group for every call of a module with parameters, by the dotted names of these; `kinds` says its class."""
    owner, ops = owners(nodes), defaultdict(int)  # ops: of each path, the nodes that use its parameters
    for number, node in enumerate(nodes):
        if node.kind == "op":
            for i in node.inputs:
                for path in prefixes(owner[i]):
                    ops[path] |= 1 << number
    reach = Reach(nodes)
    groups = []
    for path in sorted(ops, key=lambda path: path.count(".")):
        foreign = reduce(or_, (ops[other] for other in ops if not related(other, path)), 0)
        whole = reach.between(ops[path])
        parts = [whole] if not whole & foreign else [reach.between(part) for part in reach.parts(ops[path])]
        for part in parts:
            members = with_leaves(nodes, reach, set(bits(part)), path)
            siblings = room_for(members, groups)
            if part & foreign or siblings is None:
                continue
            kind = kinds.get(path)
            siblings.append(Group(f"{path}/{min(members)}", f"{path} · {kind}" if kind else path, members))
            if circular(nodes, siblings):
                siblings.pop()
    return groups


def owners(nodes):
    """For each node the path of the module that it is a parameter of, or is made of the parameters of; else ""."""
    owner = []
    for node in nodes:
        if node.kind != "op":
            owner.append(node.name.rpartition(".")[0])
        else:
            found = {owner[i] for i in node.inputs if isinstance(nodes[i].tensor, Tensor)}
            owner.append(found.pop() if len(found) == 1 else "")
    return owner


def prefixes(path):
    """conv.0 has conv and conv.0.

    >>> prefixes("conv.0"), prefixes("")
    (['conv', 'conv.0'], [])
    """
    words = path.split(".") if path else []
    return [".".join(words[: i + 1]) for i in range(len(words))]


def related(one, other):
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


class Reach:
    """Who leads to whom."""

    def __init__(self, nodes):
        self.inputs = [node.inputs for node in nodes]
        self.users = [[] for _ in nodes]
        self.before = []  # of each node, itself and all that it was made from
        for number, inputs in enumerate(self.inputs):
            self.before.append(reduce(or_, (self.before[i] for i in inputs), 1 << number))
            for i in inputs:
                self.users[i].append(number)
        self.after = [0] * len(nodes)  # itself and all that was made from it
        for number in reversed(range(len(nodes))):
            self.after[number] = reduce(or_, (self.after[user] for user in self.users[number]), 1 << number)

    def between(self, some):
        """These nodes, and those on a way from one of them to another."""
        numbers = bits(some)
        return reduce(or_, (self.after[n] for n in numbers), 0) & reduce(or_, (self.before[n] for n in numbers), 0)

    def parts(self, some):
        """Those of these nodes that hang together directly, part by part."""
        left, found = set(bits(some)), []
        while left:
            part, stack = 0, [min(left)]
            while stack:
                number = stack.pop()
                if number in left:
                    left.remove(number)
                    part |= 1 << number
                    stack += [*self.inputs[number], *self.users[number]]
            found.append(part)
        return found


def bits(number):
    """The places of the ones.

    >>> bits(0b101)
    [0, 2]
    """
    return [place for place, bit in enumerate(reversed(bin(number)[2:])) if bit == "1"]


def with_leaves(nodes, reach, members, path=None):
    """With what is used by these nodes only, and is theirs: the parameters of `path`, and numbers of no name."""
    for number, node in enumerate(nodes):
        if path is None:
            theirs = node.kind == "constant" and not node.name
        else:
            theirs = node.name.startswith(f"{path}.") or not isinstance(node.tensor, Tensor)
        if node.kind != "op" and theirs and set(reach.users[number]) <= members:
            members.add(number)
    return members


def room_for(members, groups):
    """The list to which a group of these members is to be added, or None where it would overlap with another group."""
    for group in groups:
        if members < group.members:
            return room_for(members, group.inside)
        if members & group.members:
            return None
    return groups


def circular(nodes, groups):
    """Whether some group, taken as one box, would be made from itself."""
    unit = {number: group.key for group in groups for number in group.members}
    waits = defaultdict(set)
    for number, node in enumerate(nodes):
        waits[unit.get(number, number)] |= {unit.get(i, i) for i in node.inputs}
    done = set()
    while ready := [u for u, inputs in waits.items() if u not in done and not inputs - done - {u}]:
        done |= set(ready)
    return len(done) < len(waits)


def chains(nodes, groups):
    """Groups of ops in a row: each is used once, by the next one, which is made from no other op."""
    taken = set().union(*(group.members for group in groups))
    reach, follows = Reach(nodes), {}
    for number, node in enumerate(nodes[:-1]):
        made_from = [i for i in node.inputs if nodes[i].kind == "op"]
        if node.kind == "op" and number not in taken and len(made_from) == 1:
            (i,) = made_from
            if len(reach.users[i]) == 1 and i not in taken:
                follows[i] = number
    found = []
    for start in sorted(set(follows) - set(follows.values())):
        row = [start]
        while row[-1] in follows:
            row.append(follows[row[-1]])
        if len(row) >= LONG:
            title = f"{nodes[row[0]].op} … {nodes[row[-1]].op}"
            found.append(Group(f"chain/{start}", title, with_leaves(nodes, reach, set(row)), closed=True))
    return found
