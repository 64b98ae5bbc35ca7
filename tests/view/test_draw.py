"""Pictures of graphs: all that was computed is in them, once, with the engine's numbers, which are PyTorch's."""

import base64
import re
import time
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import graph
from minigrad.models import CNN
from minigrad.study.chapters import chapter
from minigrad.study.parts import using
from minigrad.view import draw
from minigrad.view.groups import Group
from minigrad.view.names import Names
from minigrad.view.nodes import LARGEST, gradients_of, nodes, number, short
from minigrad.view.scene import card_of_group

SVG = "{http://www.w3.org/2000/svg}"


def leaf(x):
    return mg.tensor(x, requires_grad=True)


def program(library, seed):
    """A random computation on small whole numbers, the same in either library: (leaves, result)."""
    rng = np.random.default_rng(seed)
    leaves = [library.tensor(float(x), requires_grad=True) for x in rng.integers(-3, 4, 4)]
    pool = list(leaves)
    for _ in range(12):
        x, y = (pool[i] for i in rng.integers(0, len(pool), 2))
        pool.append([x + y, x - y, x * y, x.relu(), -x][rng.integers(5)])
    return leaves, sum(pool[1:], pool[0])


def cards(drawing):
    return list(ElementTree.fromstring(drawing.svg).iter(f"{SVG}g"))


def box(card):
    """Where a card lies: (left, top, right, bottom)."""
    left, top = map(float, re.findall(r"[-\d.]+", card.get("transform")))
    outline = card.find(f"{SVG}rect")
    return left, top, left + float(outline.get("width")), top + float(outline.get("height"))


def lines(drawing):
    return [
        path for path in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path") if "line" in path.get("class").split()
    ]


def listed(drawing):
    """What the text says each tensor was made by."""
    header, *rows = drawing.text.splitlines()
    return [row[header.index("made by") :] for row in rows]


# What is drawn


def test_every_tensor_is_drawn_once_and_every_use_of_one_is_a_line():
    x, w = mg.ones(4, 3), leaf([[1.0], [2.0], [3.0]])
    drawing = draw((x @ w).relu().mean(), x=x, w=w)

    assert listed(drawing) == ["constant", "leaf", "matmul(x, w)", "relu(#3)", "mean(#4)"]
    assert len(cards(drawing)) == 5
    assert len(lines(drawing)) == 4


def test_x_times_x_is_one_box_with_two_lines_to_the_product():
    x = leaf(3.0)
    drawing = draw(x * x)

    assert len(cards(drawing)) == 2
    assert len({path.get("d") for path in lines(drawing)}) == 2


def test_a_dot_stands_where_the_lines_of_a_tensor_part():
    x = leaf(3.0)

    assert "circle" in draw(x.tanh() + x.relu()).svg
    assert "circle" not in draw(x.tanh().relu()).svg


def test_a_plain_number_is_a_constant_of_its_own_wherever_it_stands():
    assert listed(draw(leaf(3.0) * 2 + 2)) == ["leaf", "constant", "mul(#1, #2)", "constant", "add(#3, #4)"]


def test_kinds_differ_in_outline_and_in_words_so_that_colours_are_not_needed():
    parameter = mg.nn.Parameter(mg.ones(2))
    drawing = draw((parameter * leaf([1.0, 2.0]) * mg.ones(2)).sum())
    kind = {card.get("class"): card for card in cards(drawing)}

    assert [kind[k].find(f"{SVG}text").text for k in ("parameter", "leaf", "constant")] == [
        "parameter",
        "leaf",
        "constant",
    ]
    assert [k for k in kind if kind[k].find(f"{SVG}rect[@class='inner']") is not None] == ["parameter"]
    assert [k for k in kind if kind[k].find(f"{SVG}rect").get("rx") == "0"] == ["constant"]


def test_a_line_is_dashed_where_no_gradient_comes_back():
    x, target = leaf(3.0), mg.tensor(1.0)

    assert [path.get("class") for path in lines(draw(x - target))] == ["line", "line still"]


def test_what_was_computed_without_recording_is_a_constant():
    with mg.no_grad():
        y = leaf(3.0) * 2

    assert listed(draw(y)) == ["constant"]


def test_what_ran_on_a_part_of_the_learners_is_marked_in_words_and_colour():
    exercise = chapter("04_backprop").exercises["mul"]
    x = leaf(3.0)
    with using({exercise.key: exercise.reference}):
        y = x * 2
    drawing = draw(y.exp(), x=x)
    heads = {card.find(f"{SVG}text").text: card.get("class") for card in cards(drawing)}

    assert listed(drawing) == ["leaf", "constant", "mul(x, #2), yours", "exp(#3)"]
    assert heads == {"leaf": "leaf", "constant": "constant", "mul (yours)": "op yours", "exp": "op"}
    assert ".yours" in drawing.svg and ".yours" not in draw(x * 2).svg


def test_a_folded_group_says_how_much_in_it_ran_on_a_part():
    exercise = chapter("04_backprop").exercises["relu"]
    x = leaf(3.0)
    with using({exercise.key: exercise.reference}):
        y = x.relu().exp().relu()
    found = nodes(y, Names({}), None)
    card = card_of_group(Group("all", "all of it", set(range(4))), found)

    assert card.rows[0] == ("holds", "3 ops (2 yours)")
    assert card.yours


# What is said of it


@pytest.mark.parametrize("seed", range(20))
def test_values_and_gradients_are_those_of_pytorch(seed):
    leaves, result = program(mg, seed)
    twins, twin = program(torch, seed)
    twin.backward()
    found = nodes(result, Names({str(i): x for i, x in enumerate(leaves)}), gradients_of(result))

    assert found[-1].value == number(twin.item())
    assert {node.name: node.grad for node in found if node.name} == {
        str(i): number(x.grad.item()) for i, x in enumerate(twins)
    }


@pytest.mark.parametrize("seed", range(10))
def test_the_gradients_shown_are_what_the_engine_yields(seed):
    _, result = program(mg, seed)
    found = nodes(result, Names({}), gradients_of(result))
    yielded = [g for _, g in graph.backpropagate(result, np.ones_like(result.data))]

    assert sorted(node.grad for node in found) == sorted(number(g.item()) for g in yielded)


def test_asking_for_gradients_leaves_grad_and_the_graph_as_they_were():
    x = leaf(3.0)
    y = x * x

    assert [node.grad for node in nodes(y, Names({}), gradients_of(y))] == ["6", "1"]
    assert x.grad is None
    y.backward()
    assert x.grad.item() == 6


def test_without_asking_it_shows_what_backward_left_in_grad():
    x = leaf(3.0)
    y = x * x

    assert [node.grad for node in nodes(y, Names({}), None)] == ["–", "–"]
    y.backward(retain_graph=True)
    assert [node.grad for node in nodes(y, Names({}), None)] == ["6", "–"]


def test_gradients_known_so_far_can_be_shown_step_by_step():
    x = leaf(3.0)
    y = x * x
    steps = graph.backpropagate(y, np.ones_like(y.data), retain_graph=True)

    assert [node.grad for node in nodes(y, Names({}), dict([next(steps)]))] == ["–", "1"]


def test_a_constant_has_no_gradient_not_even_a_dash():
    assert [node.grad for node in nodes(leaf(3.0) * mg.tensor(2.0), Names({}), None)] == ["–", "", "–"]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array(0.5), "0.5"),
        (np.array(-0.0), "0"),
        (np.array(1e-7), "1e-07"),
        (np.array(1234567.0), "1.23e+06"),
        (np.array([True, False]), "[True, False]"),
        (np.array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
        (np.array([np.nan, np.inf]), "[nan, inf]"),
        (np.linspace(-1, 1, 100), "-1 … 1"),
        (np.full(100, 0.25), "all 0.25"),
        (np.zeros((0, 3)), "empty"),
    ],
)
def test_an_array_is_said_in_short(array, said):
    assert short(array) == said


# The same in words


def test_the_text_names_what_has_a_name_and_numbers_the_rest():
    x = leaf([1.0, 2.0])
    y = x * 3

    assert str(draw(y.sum(0), x=x, y=y)).splitlines() == [
        "      shape  value   gradient  made by",
        "1  x  (2,)   [1, 2]  –         leaf",
        "2     ()     3                 constant",
        "3  y  (2,)   [3, 6]  –         mul(x, #2)",
        "4     ()     9       –         sum(y, axis=0)",
    ]


@pytest.mark.parametrize("seed", range(10))
def test_the_text_lists_inputs_before_what_is_made_from_them(seed):
    _, result = program(mg, seed)
    for place, made_by in enumerate(listed(draw(result)), start=1):
        assert all(int(used) < place for used in re.findall(r"#(\d+)", made_by))


# The picture


@pytest.mark.parametrize("seed", range(10))
def test_no_two_boxes_overlap_and_all_lie_within_the_picture(seed):
    drawing = draw(program(mg, seed)[1], gradients=True)
    picture = ElementTree.fromstring(drawing.svg)
    width, height = int(picture.get("width")), int(picture.get("height"))
    boxes = [box(card) for card in cards(drawing)]

    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left > 0 and top > 0 and right < width and bottom < height
        assert all(right <= a or c <= left or bottom <= b or d <= top for a, b, c, d in boxes[:i])


def test_text_fits_into_its_box():
    x = leaf(np.linspace(-123456.7, 1e-5, 30, dtype="f4"))
    drawing = draw((x * x).sum(), gradients=True, a_name_of_some_length=x)

    for card in cards(drawing):
        left, _, right, _ = box(card)
        rows = {}
        for text in card.iter(f"{SVG}text"):
            rows.setdefault(text.get("y"), []).append(len(text.text))
        assert all(7.3 * (sum(lengths) + 1) < right - left for lengths in rows.values())


def test_a_long_graph_goes_down_the_page_not_over_its_edge():
    x = leaf(1.0)
    for _ in range(30):
        x = x.tanh()
    picture = ElementTree.fromstring(draw(x).svg)

    assert int(picture.get("width")) < 200 and int(picture.get("height")) > 2000


def test_a_notebook_gets_one_img_whose_alternative_text_is_the_list():
    drawing = draw(leaf(3.0) * leaf(4.0))
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, dict(attributes)))
    parser.feed(drawing._repr_html_())

    ((tag, attributes),) = tags
    kind, data = attributes["src"].split(",")
    assert (tag, kind) == ("img", "data:image/svg+xml;base64")
    assert attributes["alt"] == drawing.text == repr(drawing)
    assert base64.b64decode(data).decode() == drawing.svg


def test_a_name_may_hold_any_characters():
    x = leaf(3.0)
    drawing = draw(x * 2, **{'<b>"&': x})

    assert '<b>"&' in [text.text for text in ElementTree.fromstring(drawing.svg).iter(f"{SVG}text")]


def test_the_same_graph_gives_the_same_picture():
    assert draw(program(mg, 0)[1]).svg == draw(program(mg, 0)[1]).svg


def test_the_cnn_is_drawn_with_the_names_of_its_parameters():
    model = CNN()
    loss = mg.nn.functional.cross_entropy(model(mg.zeros(1, 3, 32, 32)), mg.tensor([0]))
    text = draw(loss, **dict(model.named_parameters())).text

    assert all(name in text for name, _ in model.named_parameters())


def test_fifteen_tensors_are_drawn_in_ten_milliseconds():
    x = leaf(1.0)
    for _ in range(7):
        x = x.tanh() + x
    times = []
    for _ in range(10):
        start = time.process_time()
        draw(x)
        times.append(time.process_time() - start)

    assert min(times) < 0.01


# What it refuses


def test_a_graph_that_backward_let_go_is_refused_with_a_way_out():
    y = leaf(3.0) * 2
    y.backward()

    for gradients in (None, True):
        with pytest.raises(RuntimeError, match=r"let go .* result of mul.*Draw before backward\(\).*retain_graph=True"):
            draw(y, gradients=gradients)


@pytest.mark.parametrize("thing", [3.0, np.ones(2), torch.ones(2), None])
def test_only_tensors_are_drawn(thing):
    with pytest.raises(TypeError, match="draw is for minigrad's tensors, and it got"):
        draw(thing)
    with pytest.raises(TypeError, match="draw is for minigrad's tensors, and w is"):
        draw(leaf(1.0), w=thing)


def test_gradients_are_those_of_one_number():
    with pytest.raises(RuntimeError, match=r"gradients are those of one number.*shape \(2,\).*\.mean\(\) or \.sum\(\)"):
        draw(leaf([1.0, 2.0]) * 2, gradients=True)


def test_a_graph_too_large_to_be_read_is_refused():
    x = leaf(1.0)
    for _ in range(LARGEST):
        x = -x
    with pytest.raises(ValueError, match=f"up to {LARGEST} tensors"):
        draw(x)
