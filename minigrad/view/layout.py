"""Where the boxes of a graph go, and the lines between them.

Everything flows one way: `along` grows from inputs to results, `across` is sideways. Whether that becomes left to right
or top to bottom is decided elsewhere. In four steps, after Sugiyama et al. (1981) and Gansner et al. (1993):

    rank        how far along each box stands
    thread      a line that passes several ranks is cut into pieces, from one rank to the next
    untangle    the order within each rank, so that few lines cross
    settle      how far across each box stands, so that lines are short and no two boxes overlap

It is plain Python on purpose: the same picture on every machine, where Graphviz's differ by platform and version.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass
from itertools import accumulate

RANK_GAP, BOX_GAP = 42, 20  # px between ranks, and between the boxes of one
LINE_GAP, PORT_GAP = 14, 14  # px between a line and what it passes, and between lines that end at the same box
MARK_GAP = 16  # px between a rank of marks, which have no length, and the next
SWEEPS = 6  # of `untangle`, there and back
ROUNDS = 15, 60  # of `settle`, there and back, at most: in a large graph, in a small one; it ends when all stand still


@dataclass
class Layout:
    """What `layout` found, in px.

    centres: (along, across) of each box
    lines: for (box, number of its input) the points of that line; between each two of them it goes in turn straight
        through a rank, and in a curve from this rank to the next
    size: (length along, breadth across)
    """

    centres: list
    lines: dict
    size: tuple


@dataclass
class Piece:
    """The part of a line from one rank to the next: straight if its end stands `port` px before its start."""

    start: int
    end: int
    port: float
    weight: float


def layout(sizes, inputs, leaving=None, arriving=None, first=()):
    """A place for every box.

    sizes: (length, breadth) of each box, in px; (0, 0) is a mark, which only keeps a place for a line
    inputs: for each box, the numbers of the boxes that it is made from; every input comes before its box
    leaving, arriving: for each box and each of its inputs, how far beside the middle of the input the line leaves, and
        beside the middle of the box it arrives; by default it leaves from the middle, and arrivals are spread
    first: boxes that stand in the first rank, wherever they are used
    """
    leaving = leaving or [[0.0] * len(made_from) for made_from in inputs]
    arriving = arriving or [ports(len(made_from)) for made_from in inputs]
    ranks, paths, pieces = thread(rank(inputs, first), inputs, leaving, arriving, first)
    # from here on, every bend of a line has a number and a rank too
    breadths = [breadth for _, breadth in sizes] + [0] * (len(ranks) - len(sizes))
    rows = untangle(ranks, pieces)

    def apart(a, b):
        return (breadths[a] + breadths[b]) / 2 + (BOX_GAP if breadths[a] and breadths[b] else LINE_GAP)

    across = settle(rows, pieces, apart)
    left = min(x - breadth / 2 for x, breadth in zip(across, breadths))
    across = [round(x - left) for x in across]

    starts, ends = extents(ranks, sizes)
    along = [(starts[r] + ends[r]) / 2 for r in ranks]

    lines = {}
    for (box, number), path in paths.items():
        start, *bends, last = path
        start_at, port = across[start] + leaving[box][number], arriving[box][number]
        points = [(along[start] + sizes[start][0] / 2, start_at), (ends[ranks[start]], start_at)]
        for bend in bends:
            points += [(starts[ranks[bend]], across[bend]), (ends[ranks[bend]], across[bend])]
        points += [(starts[ranks[last]], across[last] + port), (along[last] - sizes[last][0] / 2, across[last] + port)]
        lines[box, number] = points

    breadth = max(x + b / 2 for x, b in zip(across, breadths))
    return Layout(list(zip(along, across))[: len(sizes)], lines, (ends[-1], breadth))


def length(sizes, inputs):
    """How long the layout of these boxes will be, in px, without laying them out."""
    return extents(rank(inputs), sizes)[1][-1]


def extents(ranks, sizes):
    """Where each rank starts, and where it ends: it is as long as its longest box."""
    longest = [0] * (max(ranks) + 1)
    for r, (size, _) in zip(ranks, sizes):
        longest[r] = max(longest[r], size)
    gaps = [RANK_GAP if a and b else MARK_GAP for a, b in zip(longest, longest[1:])]
    ends = list(accumulate(zip(gaps, longest[1:]), lambda end, step: end + sum(step), initial=longest[0]))
    return [end - size for end, size in zip(ends, longest)], ends


def rank(inputs, first=()):
    """For each box its distance from the first rank. Every box stands as near to where it is used as it can."""
    to_go = [0] * len(inputs)
    for box in reversed(range(len(inputs))):
        for i in inputs[box]:
            to_go[i] = max(to_go[i], to_go[box] + 1)
    farthest = max(to_go)
    return [0 if box in first else farthest - distance for box, distance in enumerate(to_go)]


def thread(ranks, inputs, leaving, arriving, first):
    """The ranks of boxes and bends, the path of every line, and the pieces that these paths share.

    Paths are {(box, number of its input): [input, bend, ..., box]}. Lines that leave a box at the same place run
    together until they part.
    """
    ranks, boxes = list(ranks), len(inputs)
    paths, pieces, bends = {}, [], {}

    def connect(start, end, port=0.0):
        from_nothing = start < boxes and not inputs[start] and start not in first
        pieces.append(Piece(start, end, port, weight=1 if from_nothing else 40 if end >= boxes else 20))

    for box in range(boxes):
        for number, i in enumerate(inputs[box]):
            path, side = [i], leaving[box][number]
            for r in range(ranks[i] + 1, ranks[box]):
                if (i, side, r) not in bends:
                    bends[i, side, r] = len(ranks)
                    ranks.append(r)
                    connect(path[-1], bends[i, side, r], -side if len(path) == 1 else 0.0)
                path.append(bends[i, side, r])
            connect(path[-1], box, arriving[box][number] - (side if len(path) == 1 else 0))
            paths[box, number] = [*path, box]
    return ranks, paths, pieces


def ports(count):
    """How far beside the middle of a box each of `count` lines arrives, in px."""
    return [(i - (count - 1) / 2) * PORT_GAP for i in range(count)]


def untangle(ranks, pieces):
    """The boxes and bends of each rank, ordered so that few lines cross.

    It starts from the order of the inputs, which is the best one for a tree. Then every rank in turn is sorted by where
    its neighbours stand, back and forth; the best order met is kept.
    """
    before, after = [[] for _ in ranks], [[] for _ in ranks]
    for piece in pieces:
        before[piece.end].append((piece.start, 0.0))
        after[piece.start].append((piece.end, piece.port / 1000))  # a port only decides between lines to the same box

    rows = [[] for _ in range(max(ranks) + 1)]
    seen, stack = set(), [ranks.index(max(ranks))]
    while stack:
        x = stack.pop()
        if x not in seen:
            seen.add(x)
            rows[ranks[x]].append(x)
            stack.extend(i for i, _ in reversed(before[x]))

    best, fewest = rows, crossings(rows, after)
    for _ in range(SWEEPS if fewest else 0):
        rows = [list(row) for row in rows]
        for neighbours, order in ((before, range(1, len(rows))), (after, reversed(range(len(rows) - 1)))):
            for r in order:
                places = {x: place for row in rows for place, x in enumerate(row)}
                rows[r].sort(key=lambda x: mean([places[y] + port for y, port in neighbours[x]], places[x]))
        count = crossings(rows, after)
        if count < fewest:
            best, fewest = rows, count
    return best


def mean(numbers, otherwise):
    return sum(numbers) / len(numbers) if numbers else otherwise


def crossings(rows, after):
    """How many pairs of lines cross."""
    count = 0
    for row, following in zip(rows, rows[1:]):
        places = {x: place for place, x in enumerate(following)}
        arrived = []  # where the lines from boxes so far arrive, sorted
        for x in row:
            arrivals = [places[y] + port for y, port in after[x]]
            count += sum(len(arrived) - bisect_right(arrived, place) for place in arrivals)
            for place in arrivals:
                insort(arrived, place)
    return count


def settle(rows, pieces, apart):
    """How far across each box and bend stands, in the order of `rows`.

    The sum of (weight * how far a piece is from straight) squared is made as small as it can be while neighbours stay
    `apart`. One rank at a time that has an exact answer (`spread`); the ranks take turns.
    """
    pulls = [[] for _ in range(sum(map(len, rows)))]  # for each: (the other end, where it would have this one, weight)
    for piece in pieces:
        pulls[piece.start].append((piece.end, piece.port, piece.weight))
        pulls[piece.end].append((piece.start, -piece.port, piece.weight))
    weights = [sum(weight for _, _, weight in ends) or 1 for ends in pulls]

    across = [0.0] * len(pulls)
    turns = [(row, [weights[x] for x in row], [apart(x, y) for x, y in zip(row, row[1:])]) for row in rows]
    for row, _, gaps in turns:
        for x, y, gap in zip(row, row[1:], gaps):
            across[y] = across[x] + gap
    fewest, most = ROUNDS
    for _ in range(max(fewest, min(most, 3000 // len(across)))):
        moved = 0
        for row, heft, gaps in (*turns, *reversed(turns)):
            wishes = [sum([w * (across[y] + port) for y, port, w in pulls[x]]) / weights[x] for x in row]
            for x, place in zip(row, spread(wishes, heft, gaps)):
                moved = max(moved, abs(place - across[x]))
                across[x] = place
        if moved < 0.2:
            break
    return across


def spread(wishes, weights, gaps):
    """The places nearest to `wishes` (in weighted squares) that lie at least `gaps` apart, in order.

    Pool adjacent violators: whoever would stand too close to the one before joins it in a block, which goes where its
    members wish on average.

    >>> spread([0, 1, 9], [1, 1, 1], [2, 2])
    [-0.5, 1.5, 9.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks = []  # [place of the first, were it the first of all; weight; members]
    for wish, weight, offset in zip(wishes, weights, offsets):
        block = [wish - offset, weight, 1]
        while blocks and blocks[-1][0] > block[0]:
            place, other, members = blocks.pop()
            total = other + block[1]
            block = [(place * other + block[0] * block[1]) / total, total, members + block[2]]
        blocks.append(block)
    places = [place for place, _, members in blocks for _ in range(members)]
    return [place + offset for place, offset in zip(places, offsets)]
