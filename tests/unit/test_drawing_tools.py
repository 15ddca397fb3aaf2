"""The brush and the bucket from Python: the masks that the canvas's own tools leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.masks import Mask, draw_stroke, unpack
from unit.test_widget import engine, make  # noqa: F401, fixtures

SIDE = 64


@pytest.fixture
def canvas(make: Callable[..., SemanticDraw]) -> SemanticDraw:  # noqa: F811
    canvas = make(size=(SIDE, SIDE))
    canvas.add_region("sea", block(0, 40, SIDE, 24), id="sea")
    canvas.add_region("house", id="house")
    return canvas


def block(x: int, y: int, width: int, height: int) -> Mask:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[y : y + height, x : x + width] = 255
    return mask


def nothing() -> Mask:
    return np.zeros((SIDE, SIDE), np.uint8)


@pytest.mark.parametrize("hardness", [100, 60, 0])
def test_a_stroke_is_what_the_brush_draws(canvas: SemanticDraw, hardness: int) -> None:
    points = [(10.5, 12.03), (40, 30.99), (22, 55)]
    sixteenths = [(168, 192), (640, 495), (352, 880)]  # cut off, as the canvas does
    canvas.stroke("house", points, size=14, hardness=hardness)
    drawn = draw_stroke(nothing(), sixteenths, 14, hardness=hardness)
    assert np.array_equal(canvas.mask("house"), drawn)
    assert (len(np.unique(drawn)) > 2) == (hardness < 100)
    canvas.stroke(0, points, size=9.6, hardness=hardness, erase=True)
    assert np.array_equal(canvas.mask("sea"), draw_stroke(block(0, 40, SIDE, 24), sixteenths, 10, 0, hardness))


def test_a_pens_pressure_is_a_size_for_each_point(canvas: SemanticDraw) -> None:
    path = np.array([(10, 10), (30, 20), (50, 12)])
    canvas.stroke("house", path, size=[4, 9.4, 20], hardness=30)
    expected = draw_stroke(nothing(), path[:1] * 16, 4, hardness=30)
    expected = draw_stroke(expected, path[:2] * 16, 9, hardness=30)
    assert np.array_equal(canvas.mask("house"), draw_stroke(expected, path[1:] * 16, 20, hardness=30))
    canvas.clear_mask("house")
    canvas.stroke("house", path, size=[4, 9, 9])
    assert np.array_equal(canvas.mask("house"), draw_stroke(nothing(), path * 16, 9))


def test_a_stroke_is_one_message_and_reaches_the_trait(canvas: SemanticDraw) -> None:
    canvas.comm.sent.clear()
    canvas.stroke("house", [(5, 5)])
    sent = [data["state"] for data, _ in canvas.comm.sent if data["method"] == "update"]
    assert sum("masks" in state for state in sent) == 1
    assert np.array_equal(unpack(canvas.masks["house"]), draw_stroke(nothing(), [(80, 80)], 28))


def test_the_bucket_fills_up_to_what_visible_regions_cover(canvas: SemanticDraw) -> None:
    canvas.bucket("house", (3, 3))
    assert np.array_equal(canvas.mask("house"), block(0, 0, SIDE, 40))
    canvas.bucket("house", (3, 50))  # the sea is there
    assert np.array_equal(canvas.mask("house"), block(0, 0, SIDE, 40))
    canvas.update_region("sea", visible=False)
    canvas.clear_mask("house")
    canvas.bucket("house", (3, 50))
    assert canvas.mask("house").min() == 255


def test_what_is_painted_alone_is_the_only_wall(canvas: SemanticDraw) -> None:
    canvas.solo_region("house")
    canvas.bucket("house", (3, 50))
    assert canvas.mask("house").min() == 255


def test_the_bucket_takes_the_part_under_it_away(canvas: SemanticDraw) -> None:
    canvas.set_mask("house", block(0, 0, 10, 10) + block(30, 0, 10, 10))
    canvas.bucket("house", (34.9, 4), value=0)
    assert np.array_equal(canvas.mask("house"), block(0, 0, 10, 10))


def test_a_soft_region_ends_for_the_bucket_where_it_covers_half(canvas: SemanticDraw) -> None:
    canvas.clear_mask("sea")
    canvas.stroke("sea", [(-20, 30), (90, 30)], size=40, hardness=0)
    sea = canvas.mask("sea")
    canvas.bucket("house", (3, 1))
    filled = canvas.mask("house") == 255
    assert np.array_equal(filled[:30], sea[:30] < 128) and not filled[30:].any()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"points": []}, ValueError, "one or more points"),
        ({"points": [(1, 2, 3)]}, ValueError, r"\(1, 3\)"),
        ({"points": [("a", "b")]}, TypeError, "pairs of numbers"),
        ({"points": [(np.nan, 0)]}, ValueError, "±65536 px"),
        ({"points": [(0, 70000)]}, ValueError, "±65536 px"),
        ({"size": 0.4}, ValueError, "1 to 512 px wide, not 0.4"),
        ({"size": 600}, ValueError, "not 600"),
        ({"size": [4, 5]}, ValueError, "one for each of the 1 points"),
        ({"size": "large"}, TypeError, "number of px"),
        ({"hardness": 101}, ValueError, "0 to 100 per cent, not 101"),
        ({"hardness": 0.5}, TypeError, "float"),
        ({"i": "boat"}, KeyError, "boat"),
        ({"i": 7}, IndexError, "7"),
    ],
)
def test_a_bad_stroke_changes_nothing(
    canvas: SemanticDraw, arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        canvas.stroke(**{"i": "house", "points": [(5, 5)], **arguments})
    assert not canvas.mask("house").any()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"point": (64, 3)}, ValueError, "not on the canvas of 64x64"),
        ({"point": 5}, TypeError, "two numbers"),
        ({"value": 128}, ValueError, "gives with 255 or takes with 0, not 128"),
        ({"i": "boat"}, KeyError, "boat"),
    ],
)
def test_a_bad_bucket_changes_nothing(
    canvas: SemanticDraw, arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        canvas.bucket(**{"i": "house", "point": (5, 5), **arguments})
    assert not canvas.mask("house").any()
