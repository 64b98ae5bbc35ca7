"""Where boxes and lines go: nothing overlaps, nothing runs backwards, and what can be straight is straight."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.view.layout import layout, spread


@st.composite
def graphs(draw, boxes=25):
    """(sizes, inputs) of a graph with one result, the last box: everything else is used at least once."""
    count = draw(st.integers(1, boxes))
    sizes = [(draw(st.integers(40, 200)), draw(st.integers(20, 90))) for _ in range(count)]
    inputs = [
        [draw(st.integers(0, box - 1)) for _ in range(draw(st.integers(0, 3)))] if box else [] for box in range(count)
    ]
    for box in range(count - 1):
        if not any(box in later for later in inputs[box + 1 :]):
            inputs[draw(st.integers(box + 1, count - 1))].append(box)
    return sizes, inputs


def corners(centre, size):
    return [(middle - extent / 2, middle + extent / 2) for middle, extent in zip(centre, size)]


def overlap(one, other):
    return all(a < d and c < b for (a, b), (c, d) in zip(one, other))


@settings(max_examples=40)
@given(graphs())
def test_boxes_do_not_overlap_and_lie_within_the_picture(graph):
    sizes, inputs = graph
    plan = layout(sizes, inputs)
    boxes = [corners(centre, size) for centre, size in zip(plan.centres, sizes)]

    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(low >= -0.6 and high <= extent + 0.6 for box in boxes for (low, high), extent in zip(box, plan.size))


@settings(max_examples=40)
@given(graphs())
def test_a_line_goes_from_the_end_of_its_input_to_the_start_of_its_box_and_always_forwards(graph):
    sizes, inputs = graph
    plan = layout(sizes, inputs)

    assert set(plan.lines) == {(box, place) for box, made_from in enumerate(inputs) for place in range(len(made_from))}
    for (box, place), points in plan.lines.items():
        source = inputs[box][place]
        assert points[0] == (plan.centres[source][0] + sizes[source][0] / 2, plan.centres[source][1])
        assert points[-1][0] == plan.centres[box][0] - sizes[box][0] / 2
        assert points == sorted(points, key=lambda point: point[0])


@settings(max_examples=40)
@given(graphs())
def test_a_line_that_passes_a_rank_does_not_run_through_a_box(graph):
    sizes, inputs = graph
    plan = layout(sizes, inputs)
    boxes = [corners(centre, size) for centre, size in zip(plan.centres, sizes)]

    for points in plan.lines.values():
        for (start, across), (end, same) in zip(points[2:-2:2], points[3:-2:2]):
            assert across == same
            assert not any(overlap(((start, end), (across, across)), box) for box in boxes)


@settings(max_examples=40)
@given(graphs())
def test_lines_to_the_same_box_arrive_apart_in_the_order_of_its_inputs(graph):
    sizes, inputs = graph
    plan = layout(sizes, inputs)

    for box, made_from in enumerate(inputs):
        arrivals = [plan.lines[box, place][-1][1] for place in range(len(made_from))]
        assert all(b - a == pytest.approx(14) for a, b in zip(arrivals, arrivals[1:]))


def test_a_chain_is_drawn_straight():
    plan = layout([(100, 40)] * 5, [[], [0], [1], [2], [3]])

    assert len({across for _, across in plan.centres}) == 1
    assert [along for along, _ in plan.centres] == [50, 192, 334, 476, 618]


def test_a_tree_has_its_inputs_in_order_and_no_lines_that_cross():
    plan = layout([(100, 40)] * 7, [[], [], [0, 1], [], [], [3, 4], [2, 5]])
    across = [across for _, across in plan.centres]

    assert across[0] < across[1] < across[3] < across[4] and across[2] < across[5]
    assert across[6] == pytest.approx((across[2] + across[5]) / 2, abs=1)


def test_lines_are_untangled_where_the_order_of_the_inputs_would_cross_them():
    # The two on the left feed the two in the middle crosswise at first sight: 3 uses 0 last, 2 uses 1.
    plan = layout([(100, 40)] * 5, [[], [], [1], [0], [2, 3]])
    across = [across for _, across in plan.centres]

    assert across[1] < across[0] and across[2] < across[3]


def test_spread_moves_those_that_stand_too_close_by_the_least():
    assert spread([0, 0, 0], [1, 1, 1], [2, 2]) == [-2, 0, 2]
    assert spread([0, 0], [3, 1], [4]) == [-1, 3]
    assert spread([0, 10], [1, 1], [4]) == [0, 10]
