"""Groups: what a module computes is found again in the graph, and every frame holds what it should and nothing else."""

import time

import pytest

import minigrad as mg
from minigrad import nn
from minigrad.models import CNN
from minigrad.view import draw
from minigrad.view.groups import MANY, everything, folded, module_groups
from minigrad.view.names import Names
from minigrad.view.nodes import nodes
from minigrad.view.scene import scene


class Block(nn.Module):
    def __init__(self):
        self.one, self.two = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return x + self.two(self.one(x).relu())


class Net(nn.Module):
    def __init__(self):
        self.block, self.norm, self.head = Block(), nn.LayerNorm(3), nn.Linear(3, 1)

    def forward(self, x):
        return self.head(self.norm(self.block(x)))


def graph_of(result, **names):
    names = Names(names)
    found = nodes(result, names, None)
    return found, names.kinds


def cnn_loss():
    model = CNN()
    return model, nn.functional.cross_entropy(model(mg.zeros(4, 3, 32, 32)), mg.tensor([0, 1, 2, 3]))


def held(nodes, group):
    return [nodes[number].name or nodes[number].op for number in sorted(group.members)]


def test_a_group_is_what_a_module_computes_and_its_parameters():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    found, kinds = graph_of(model(mg.ones(2, 3)).sum(), model=model)
    groups = module_groups(found, kinds)

    assert [group.title for group in groups] == ["0 · Linear", "2 · Linear"]
    assert [held(found, group) for group in groups] == [
        ["0.weight", "0.bias", "linear"],
        ["2.weight", "2.bias", "linear"],
    ]


def test_names_with_dots_are_enough_to_find_groups():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    found, kinds = graph_of(model(mg.ones(2, 3)).sum(), **dict(model.named_parameters()))

    assert [group.title for group in module_groups(found, kinds)] == ["0", "2"]


def test_modules_in_modules_are_groups_in_groups_with_all_that_lies_between():
    net = Net()
    found, kinds = graph_of(net(mg.ones(2, 3)).sum(), net=net)
    block, norm, head = module_groups(found, kinds)

    assert [group.title for group in (block, norm, head)] == ["block · Block", "norm · LayerNorm", "head · Linear"]
    assert [group.title for group in block.inside] == ["block.one · Linear", "block.two · Linear"]
    assert "relu" in held(found, block) and "add" not in held(found, block)


def test_a_module_called_twice_is_one_group_where_nothing_of_others_lies_between():
    cell = nn.Linear(3, 3)
    found, kinds = graph_of(
        cell(cell(mg.ones(2, 3)).tanh()).sum(), **{"cell.weight": cell.weight, "cell.bias": cell.bias}
    )
    (group,) = module_groups(found, kinds)

    assert held(found, group) == ["cell.weight", "cell.bias", "linear", "tanh", "linear"]


def test_modules_that_take_turns_are_groups_for_every_call():
    class Turns(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x):
            return self.b(self.a(self.b(self.a(x))))

    net = Turns()
    found, kinds = graph_of(net(mg.ones(2, 3)).sum(), net=net)

    assert [group.title for group in module_groups(found, kinds)] == [
        "a · Linear",
        "a · Linear",
        "b · Linear",
        "b · Linear",
    ]


def test_a_large_graph_starts_folded_and_a_small_one_open():
    model, loss = cnn_loss()
    found, kinds = graph_of(loss, model=model)
    groups = folded(found, kinds)

    assert len(found) > MANY and all(group.closed for group in everything(groups))
    small = nn.Linear(3, 1)
    assert not any(group.closed for group in folded(*graph_of(small(mg.ones(2, 3)).sum(), m=small)))


def test_a_long_chain_is_folded_but_the_result_stays_in_sight():
    x = y = mg.tensor(1.0, requires_grad=True)
    for _ in range(MANY):
        y = (y * 2 + 1).tanh()
    found, kinds = graph_of(y)
    (chain,) = folded(found, kinds)

    assert chain.title == "mul … add" and len(found) - len(chain.members) == 2
    assert x is found[0].tensor


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("make", [Net, CNN])
def test_no_card_overlaps_another_and_frames_hold_their_own_only(make, closed):
    net = make()
    shape = (2, 3) if make is Net else (2, 3, 32, 32)
    found, kinds = graph_of(net(mg.ones(*shape)).sum(), net=net)
    groups = module_groups(found, kinds)
    groups[0].closed = closed
    plan = scene(found, groups)

    areas = {key: (x, y, x + card.width, y + card.height) for key, card, x, y in plan.cards}
    for key, (left, top, right, bottom) in areas.items():
        assert left > 0 and top > 0 and right < plan.size[0] and bottom < plan.size[1]
        for other, (a, b, c, d) in areas.items():
            assert other == key or right <= a or c <= left or bottom <= b or d <= top
        for group, x, y, width, height in plan.frames:
            within = x < left and right < x + width and y < top and bottom < y + height
            apart = right <= x or x + width <= left or bottom <= y or y + height <= top
            own = key in group.members or any(key == g.key for g in group.inside)
            own = own or any(key in g.members for g in group.inside)
            assert within if own else apart


def test_every_use_is_on_a_line_that_ends_at_its_card():
    net = Net()
    found, kinds = graph_of(net(mg.ones(2, 3)).sum(), net=net)
    uses = {(user, place) for user, node in enumerate(found) for place, _ in enumerate(node.inputs)}
    plan = scene(found, module_groups(found, kinds))

    assert {use for line in plan.lines if line.tip for use in line.uses} == uses


def test_the_cnn_is_drawn_in_less_than_a_third_of_a_second():
    model, loss = cnn_loss()
    times = []
    for _ in range(3):
        start = time.process_time()
        draw(loss, model=model)
        times.append(time.process_time() - start)

    assert min(times) < 0.3


def test_without_names_the_callers_variables_give_them():
    weight = mg.tensor(2.0, requires_grad=True)
    product = weight * 3

    assert "mul(weight, #2)" in draw(product).text and "product" in draw(product).text
