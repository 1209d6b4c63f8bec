"""Boxes in a reply, and where they lie on the picture."""

import pytest

from mova.language.boxes import in_pixels, iou, on_square, read_boxes


def test_every_box_of_a_reply_is_read_in_order():
    reply = "The dog is at [0.1, 0.2, 0.3, 0.4], the cat at [.5,0.50 , 1, 1.0]; [1, 2, 3] is none."
    assert read_boxes(reply) == [(0.1, 0.2, 0.3, 0.4), (0.5, 0.5, 1.0, 1.0)]
    assert read_boxes("There is no dog here.") == []


def test_iou_of_boxes_worked_out_by_hand():
    assert iou((0, 0, 2, 2), (1, 1, 3, 3)) == pytest.approx(1 / 7)
    assert iou((0, 0, 1, 1), (1, 0, 2, 1)) == 0
    assert iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0


def test_pixels_move_with_the_padding():
    assert on_square((0, 0, 100, 50), 100, 50) == (0, 0.25, 1, 0.75)
    assert on_square((10, 20, 30, 60), 40, 80) == (30 / 80, 20 / 80, 50 / 80, 60 / 80)
    assert on_square((0, 0, 3, 2), 3, 2) == (0, 0, 1, 2 / 3)  # the odd pixel of border falls below


@pytest.mark.parametrize("size", [(100, 50), (40, 80), (64, 64), (3, 2)])
def test_a_box_comes_back_from_the_square_to_its_pixels(size):
    width, height = size
    pixels = (0.2 * width, 0.1 * height, 0.7 * width, height)
    assert in_pixels(on_square(pixels, width, height), width, height) == pytest.approx(pixels)


def test_what_lies_on_the_padding_is_cut_off():
    assert in_pixels((0, 0, 0.5, 0.5), 100, 50) == (0, 0, 50, 25)
    assert in_pixels((0, 0, 1, 0.2), 100, 50) is None
    assert in_pixels((0.5, 0.5, 0.1, 0.9), 100, 100) is None
    assert in_pixels((-3, 0.25, 9, 0.75), 100, 50) == (0, 0, 100, 50)
