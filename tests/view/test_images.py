"""Kernels on pictures and receptive fields: PyTorch's convolution, and the pixels that really matter."""

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn
from minigrad.data import CIFAR10Subset
from minigrad.nn import functional as F
from minigrad.view import kernel_lab, receptive_field
from minigrad.view.images import KERNELS, as_grey, field, influence, window

PICTURE = CIFAR10Subset(train=False).images[0]

# kernel_lab


@pytest.mark.parametrize("name", KERNELS)
def test_the_sum_at_a_place_is_that_of_pytorchs_convolution(name):
    view = kernel_lab(PICTURE, name)
    view.set(row=4, column=9)
    kernel = torch.tensor(KERNELS[name], dtype=torch.float64).view(1, 1, 3, 3)
    expected = torch.nn.functional.conv2d(torch.tensor(as_grey(PICTURE))[None, None], kernel)[0, 0, 4, 9].item()

    assert view.picture().line == f"At row 4, column 9: the nine products add up to {expected:.2f}."


def test_the_kernel_that_changes_nothing_gives_the_pixel_in_the_middle():
    picture = np.arange(25, dtype=np.float64).reshape(5, 5) / 25
    view = kernel_lab(picture, "nothing changed")
    view.set(row=0, column=1)

    assert "add up to 0.28" in view.picture().line  # pixel (1, 2) is 7 / 25


def test_a_kernel_of_ones_own_is_one_to_start_from_and_every_weight_can_be_moved():
    view = kernel_lab(np.ones((3, 3)), np.ones((3, 3)))
    assert "add up to 9.00" in view.picture().line

    view.set(w11=-4.0)
    assert "add up to 4.00" in view.picture().line


def test_choosing_a_kernel_moves_all_nine_sliders():
    choice, *others = kernel_lab(PICTURE).controls
    sliders = {control.name for control in others} - {"row", "column"}

    assert all(set(sets) == sliders for sets in choice.sets)
    assert all(-5 <= weight <= 5 for weights in KERNELS.values() for weight in weights)


def test_colour_becomes_grey_as_bright_as_it_looks():
    green, blue = (np.zeros((3, 3, 3), np.uint8) for _ in range(2))
    green[1], blue[2] = 255, 255

    assert as_grey(green)[0, 0] > as_grey(blue)[0, 0]
    assert as_grey(np.full((3, 2, 2), 255, np.uint8))[0, 0] == pytest.approx(1)


@pytest.mark.parametrize("shape", [(2, 2), (4, 5, 5), (1, 3, 8, 8), (3, 200, 200)])
def test_what_is_no_small_picture_is_refused(shape):
    with pytest.raises(ValueError, match="kernel_lab"):
        kernel_lab(np.zeros(shape))


@pytest.mark.parametrize("kernel", ["sharper", [1, 2, 3]])
def test_unknown_kernels_are_refused(kernel):
    with pytest.raises(ValueError, match="nine weights, or from one of nothing changed, blur"):
        kernel_lab(PICTURE, kernel)


# receptive_field

LAYERS = {
    "one convolution": [nn.Conv2d(3, 2, 3)],
    "two, padded": [nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(2, 2, 5, padding=2)],
    "strided": [nn.Conv2d(3, 2, 3, stride=2), nn.Conv2d(2, 2, 3, stride=2)],
    "dilated": [nn.Conv2d(3, 2, 3, dilation=2), nn.Conv2d(2, 1, 2)],
    "same": [nn.Conv2d(3, 2, (3, 5), padding="same"), nn.Conv2d(2, 2, 1)],
    "averaged": [nn.Conv2d(3, 2, 3), nn.AvgPool2d(2), nn.Conv2d(2, 2, 3)],
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_frame_is_around_the_pixels_that_matter_and_no_others(name):
    x = np.random.default_rng(0).normal(0, 1, (3, 20, 20)).astype(np.float32)
    _, maps = influence(x, LAYERS[name], (0, 0, 0))
    for row, column in [(0, 0), (maps.shape[1] // 2, 1), (maps.shape[1] - 1, maps.shape[2] - 1)]:
        counts, _ = influence(x, LAYERS[name], (0, row, column))
        first, last = field(LAYERS[name], row, column)
        rows, columns = np.nonzero(counts)

        assert (rows.min(), columns.min()) == tuple(np.maximum(first, 0))
        assert (rows.max(), columns.max()) == tuple(np.minimum(last, 19))


def test_two_convolutions_of_3_see_5_and_a_pooling_makes_it_6():
    view = receptive_field([nn.Conv2d(3, 4, 3), F.relu, nn.Conv2d(4, 4, 3), nn.MaxPool2d(2)], PICTURE)

    assert [row.split()[-3:] for row in view.picture().text.splitlines()[1:]] == [
        ["3", "x", "3"],
        ["3", "x", "3"],
        ["5", "x", "5"],
        ["6", "x", "6"],
    ]
    assert "sees 6 x 6 pixels: rows 14 to 19, columns 14 to 19" in view.picture().line


def test_a_smaller_layers_last_unit_stands_for_those_that_it_does_not_have():
    view = receptive_field(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 2, 3)), PICTURE)
    view.set(channel=7, row=29, column=29)

    assert "channel 1, row 27, column 27" in view.picture().line


def test_looking_stops_where_there_are_no_pictures_any_more():
    view = receptive_field(nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(1800, 10)), PICTURE)

    assert view.controls[0].options == ["1: Conv2d"]


def test_looking_leaves_gradients_modes_and_running_means_alone():
    layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5))
    layers[2].eval()
    means = layers[1].running_mean.numpy().copy()
    view = receptive_field(layers, PICTURE)

    assert view.picture().svg == view.picture().svg
    assert [layer.training for layer in layers] == [True, True, False]
    assert all(p.grad is None for p in layers.parameters())
    np.testing.assert_array_equal(layers[1].running_mean.numpy(), means)


def test_a_unit_in_the_padding_and_a_dead_one_are_said():
    padded = receptive_field([nn.Conv2d(3, 2, 3, padding=1)], PICTURE)
    padded.set(row=0, column=0)
    assert "Some of them lie outside, in the padding" in padded.picture().line

    dead = receptive_field([nn.Conv2d(3, 2, 3), lambda x: F.relu(x - 100)], PICTURE)
    assert "a relu has set it to 0" in dead.picture().line


def test_layers_whose_windows_are_not_known_are_named():
    assert window(F.relu) is None
    with pytest.raises(ValueError, match="does not know what Upsampled sees"):

        class Upsampled(nn.Module):
            def forward(self, x):
                return x[:, :, ::2]

        receptive_field([Upsampled()], PICTURE)
    with pytest.raises(ValueError, match="found no layer"):
        receptive_field([nn.Flatten()], PICTURE)
    with pytest.raises(ValueError, match=r"one picture, \(C, H, W\), and got shape \(32, 32\)"):
        receptive_field([nn.Conv2d(3, 2, 3)], np.zeros((32, 32)))


def test_what_is_stored_of_a_networks_view_holds_no_measured_number():
    view = receptive_field([nn.Conv2d(3, 2, 3)], mg.tensor(PICTURE))

    assert view.still(view.picture()).keys() == {"text/plain", "image/png"}
