"""Where everything in a picture of a graph stands: cards, the frames of open groups, and lines.

A group is laid out on its own, and then is one box among others; so no frame ever cuts through a card. In a group,
marks keep the places where lines come in at its first edge, and go out at its last. As in `layout`, `along` is the way
from inputs to results; whether that is to the right or down the page is decided for the whole picture.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass

from .layout import layout, length, ports

PAGE = 860  # px that a notebook is wide on a small screen; what is longer is drawn from top to bottom
MARGIN, INSIDE, TITLE = 16, 12, 22  # px: around the picture, around what is in a frame, for a frame's title
CHARACTER, LINE, HEAD, PADDING = 7.3, 17, 21, 9  # px: one character of a 12 px font, a line, a card's head, around text


class Card:
    """The box of a node or of a closed group: a head with what made it and its name, and rows (label, text)."""

    def __init__(self, kind, made, name, rows, yours=False):
        self.kind, self.made, self.name, self.rows, self.yours = kind, made, name, rows, yours
        head = columns(made) + (2 + columns(name) if name else 0)
        longest = max(head, *(len("value ") + columns(text) for _, text in rows))
        self.width = round(longest * CHARACTER) + 2 * PADDING
        self.height = HEAD + LINE * len(rows) + 8


def columns(text):
    """How wide a text is in a monospaced font; Chinese, Japanese and Korean characters count twice."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def card_of(node):
    rows = {"shape": node.shape, "value": node.value, "grad": node.grad}
    rows = [(label, text) for label, text in rows.items() if text not in ("", "()")]
    return Card(node.kind, made_on(node), node.name, rows, node.yours)


def made_on(node):
    """What made a node, and whether that ran on the learner's own code."""
    return (node.op or node.kind) + (" (yours)" if node.yours else "")


def card_of_group(group, nodes):
    """The card of a closed group: what is in it, and the shape of what comes out."""
    ops = sum(nodes[number].kind == "op" for number in group.members)
    yours = sum(nodes[number].yours for number in group.members)
    inside = f"{ops} op{'s' * (ops != 1)}" + (f" ({yours} yours)" if yours else "")
    if parameters := sum(nodes[number].kind == "parameter" for number in group.members):
        inside += f", {parameters} parameter{'s' * (parameters != 1)}"
    rows = [("holds", inside), ("shape", nodes[max(group.members)].shape)]
    return Card("group", group.title, "", rows, yours > 0)


@dataclass
class Line:
    """A line from the node `source` to its `uses`, pairs (node, number of its input); parts of it may be shared.

    points  as in `layout`
    passes  whether a gradient comes back along it
    tip     whether it ends here, at a card
    parts   whether it starts here, with others
    """

    points: list
    source: int
    uses: list
    passes: bool
    tip: bool
    parts: bool


@dataclass
class Scene:
    """What there is to draw: cards [(key, Card, left, top)], frames [(Group, left, top, width, height)], lines, size.

    The key of a card is the number of its node, or the key of its group.
    """

    cards: list
    frames: list
    lines: list
    size: tuple
    downwards: bool


def scene(nodes, groups=(), cards=None, page=PAGE):
    """A place for everything. cards: one for each node; as `card_of` makes them, if not given."""
    cards = cards or [card_of(node) for node in nodes]
    plan = Plan(nodes, cards, downwards=False)
    everyone = set(range(len(nodes)))
    if groups:
        block = plan.block(everyone, groups)
        too_long = block.length + 2 * MARGIN > page
    else:
        too_long = length([(c.width, c.height) for c in cards], [node.inputs for node in nodes]) + 2 * MARGIN > page
        block = None if too_long else plan.block(everyone, ())
    if too_long:
        block = Plan(nodes, cards, downwards=True).block(everyone, groups)

    def at(point):
        x, y = reversed(point) if too_long else point
        return x + MARGIN, y + MARGIN

    def area(along, across, length, breadth):
        return (*at((along, across)), *((breadth, length) if too_long else (length, breadth)))

    for line in block.lines:
        line.points = [at(point) for point in line.points]
    return Scene(
        [(key, card, *at(corner)) for key, card, corner in block.cards],
        [(group, *area(*place)) for group, place in block.frames],
        block.lines,
        tuple(round(n + MARGIN) for n in at((block.length, block.breadth))),
        too_long,
    )


@dataclass
class Block:
    """A part of the picture, laid out: `entries` and `exits` are how far across the lines of a source come and go."""

    cards: list
    frames: list
    lines: list
    length: float
    breadth: float
    entries: dict
    exits: dict


class Plan:
    """How a graph is laid out, group by group, in one direction."""

    def __init__(self, nodes, cards, downwards):
        self.nodes, self.cards, self.downwards = nodes, cards, downwards
        self.users = [[] for _ in nodes]
        for number, node in enumerate(nodes):
            for place, i in enumerate(node.inputs):
                self.users[i].append((number, place))

    def block(self, members, groups):
        """Lay out `members`, those of each group as one box."""
        unit_of = {number: number for number in members} | {n: group for group in groups for n in group.members}
        entries = sorted({i for n in members for i in self.nodes[n].inputs} - members)
        exits = [n for n in sorted(members) if any(user not in members for user, _ in self.users[n])]
        units = [("in", i) for i in entries] + in_order(unit_of, self.sources(unit_of)) + [("out", n) for n in exits]
        place = {unit: i for i, unit in enumerate(units)}
        unit_of |= {i: ("in", i) for i in entries}

        boxes = [self.box(unit) for unit in units]
        inputs, leaving, arriving = [], [], []
        for box in boxes:
            sources = [source for source, _ in box.uses]
            inputs.append([place[unit_of[source]] for source in sources])
            leaving.append([boxes[place[unit_of[source]]].exits.get(source, 0.0) for source in sources])
            arriving.append(box.arrivals())
        plan = layout(
            [(box.length, box.breadth) for box in boxes], inputs, leaving, arriving, first=range(len(entries))
        )

        block = Block([], [], [], *plan.size, {}, {})
        for unit, box, (along, across) in zip(units, boxes, plan.centres):
            box.put(block, along - box.length / 2, across - box.breadth / 2)
            if isinstance(unit, tuple):
                (block.entries if unit[0] == "in" else block.exits)[unit[1]] = across
        starts = Counter((unit_of[source], source) for box in boxes for source, _ in box.uses)
        for (number, which), points in plan.lines.items():
            source, uses = boxes[number].uses[which]
            start = unit_of[source]
            uses = uses or [use for use in self.users[source] if use[0] not in members]
            passes = any(self.nodes[user].passes[at] for user, at in uses)
            shared = starts[start, source] > 1 and not isinstance(start, tuple)
            block.lines.append(Line(points, source, uses, passes, boxes[number].solid, shared))
        return block

    def sources(self, unit_of):
        """For each unit, the units it is made from."""
        found = {}
        for number, unit in unit_of.items():
            found.setdefault(unit, set()).update(unit_of[i] for i in self.nodes[number].inputs if i in unit_of)
        return found

    def box(self, unit):
        """What the layout has to know of a node, a group, or a mark."""
        if isinstance(unit, tuple):
            way, number = unit
            return Box(uses=[(number, [])] if way == "out" else [])
        if isinstance(unit, int):
            uses = [(i, [(unit, place)]) for place, i in enumerate(self.nodes[unit].inputs)]
            return Box(self.along(self.cards[unit]), uses, card=(unit, self.cards[unit]))
        uses = {}
        for number in sorted(unit.members):
            for place, i in enumerate(self.nodes[number].inputs):
                if i not in unit.members:
                    uses.setdefault(i, []).append((number, place))
        if unit.closed:
            card = card_of_group(unit, self.nodes)
            return Box(self.along(card), list(uses.items()), card=(unit.key, card))
        inner, title = self.block(unit.members, unit.inside), columns(unit.title) * CHARACTER + 2 * PADDING
        if self.downwards:
            size = inner.length + TITLE + INSIDE, max(inner.breadth + 2 * INSIDE, title)
            corner = TITLE + INSIDE / 2, (size[1] - inner.breadth) / 2
        else:
            size = max(inner.length + 2 * INSIDE, title), inner.breadth + TITLE + INSIDE
            corner = (size[0] - inner.length) / 2, TITLE
        return Box(size, list(uses.items()), group=unit, inner=inner, corner=corner)

    def along(self, card):
        return (card.height, card.width) if self.downwards else (card.width, card.height)


class Box:
    """A box for the layout, and what it stands for: a card, a frame with a block in it, or nothing but a place."""

    def __init__(self, size=(0, 0), uses=(), card=None, group=None, inner=None, corner=(0, 0)):
        self.length, self.breadth = size
        self.uses = uses  # [(source, [(user, number of its input)])], a line each
        self.card, self.group, self.inner, self.corner = card, group, inner, corner
        self.solid = card is not None
        shift = corner[1] - self.breadth / 2
        self.exits = {source: across + shift for source, across in inner.exits.items()} if inner else {}

    def arrivals(self):
        """How far beside the middle each line arrives."""
        if self.inner is None:
            return ports(len(self.uses))
        return [self.inner.entries[source] + self.corner[1] - self.breadth / 2 for source, _ in self.uses]

    def put(self, block, along, across):
        """Add what is in this box to a block in which its first corner stands at (along, across)."""
        if self.card:
            key, card = self.card
            block.cards.append((key, card, (along, across)))
        if not self.inner:
            return
        block.frames.append((self.group, (along, across, self.length, self.breadth)))
        dx, dy = along + self.corner[0], across + self.corner[1]
        block.cards += [(key, card, (x + dx, y + dy)) for key, card, (x, y) in self.inner.cards]
        block.frames += [(group, (x + dx, y + dy, *size)) for group, (x, y, *size) in self.inner.frames]
        for line in self.inner.lines:
            points = [(x + dx, y + dy) for x, y in line.points]
            if line.source in self.inner.entries:  # from the frame's edge, and up to it
                points[0] = along, points[0][1]
            if not line.tip and self.leads_out(line):
                points[-1] = along + self.length, points[-1][1]
            line.points = points
            block.lines.append(line)

    def leads_out(self, line):
        return all(user not in self.group.members for user, _ in line.uses)


def in_order(unit_of, sources):
    """The units, inputs before what is made from them."""
    order, seen = [], set()
    stack = [(unit, False) for unit in reversed(dict.fromkeys(unit_of[n] for n in sorted(unit_of)))]
    while stack:
        unit, inputs_done = stack.pop()
        if inputs_done:
            order.append(unit)
        elif unit not in seen:
            seen.add(unit)
            stack.append((unit, True))
            before = dict.fromkeys(unit_of[n] for n in sorted(unit_of) if unit_of[n] in sources[unit])
            stack += [(i, False) for i in reversed(before)]
    return order
