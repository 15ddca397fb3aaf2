"""shapes.py against the shared vectors, a slow plain reference, the brush's rules, and bad input."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from semanticdraw_widget.masks import MAX_COORDINATE, Mask, draw_stroke
from semanticdraw_widget.shapes import fill_ellipse, fill_polygon, fill_rectangle, flood
from vectors.make_shapes import REFERENCES, make, reference_flood

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "shapes.json").read_text())["shapes"]
FILLS: dict[str, Any] = {"polygon": fill_polygon, "rectangle": fill_rectangle, "ellipse": fill_ellipse}


def walls_of(rows: list[str]) -> Mask:
    return np.array([[255 * (mark == "#") for mark in row] for row in rows], np.uint8)


def empty(width: int, height: int) -> Mask:
    return np.zeros((height, width), np.uint8)


@pytest.mark.parametrize("case", VECTORS, ids=[f"{case['shape']}: {case['name']}" for case in VECTORS])
def test_vectors(case: dict[str, Any]) -> None:
    before = np.full((case["height"], case["width"]), case["fill"], np.uint8)
    untouched = before.copy()
    if case["shape"] == "flood":
        after = flood(before, walls_of(case["walls"]), case["points"][0], case["value"])
    else:
        after = FILLS[case["shape"]](before, case["points"], case["value"])
    assert np.count_nonzero(after == case["value"]) == case["written"]
    assert hashlib.sha256(after.tobytes()).hexdigest() == case["sha256"]
    assert after.dtype == np.uint8
    assert np.array_equal(before, untouched)


def test_the_vector_file_is_what_the_reference_says() -> None:
    assert json.loads(json.dumps(make())) == VECTORS


coordinates = st.integers(-300, 700)
point = st.tuples(coordinates, coordinates)
polygons = st.lists(point, min_size=3, max_size=9)
soft_masks = arrays(np.uint8, (23, 30))


@given(soft_masks, st.sampled_from(sorted(FILLS)), polygons, st.integers(0, 255))
def test_shapes_equal_the_reference(mask: Mask, shape: str, points: list[tuple[int, int]], value: int) -> None:
    points = points if shape == "polygon" else points[:2]
    expected = REFERENCES[shape]([bytearray(row.tobytes()) for row in mask], points, value)
    assert FILLS[shape](mask, points, value).tobytes() == b"".join(expected)


@given(arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 0, 0, 7, 255])), point, st.integers(0, 255))
def test_flood_equals_the_reference(walls: Mask, at: tuple[int, int], value: int) -> None:
    expected = reference_flood([bytearray(12)] * 9, [bytearray(row.tobytes()) for row in walls], at, value)
    assert flood(empty(12, 9), walls, at, value).tobytes() == b"".join(expected)


@given(polygons, st.integers(0, 8))
def test_where_a_polygon_begins_and_its_direction_do_not_matter(points: list[tuple[int, int]], turn: int) -> None:
    whole = fill_polygon(empty(30, 23), points)
    assert np.array_equal(whole, fill_polygon(empty(30, 23), points[::-1]))
    assert np.array_equal(whole, fill_polygon(empty(30, 23), np.roll(points, turn, axis=0)))


@given(st.lists(point, min_size=4, max_size=4))
def test_polygons_that_share_an_edge_share_no_pixel(points: list[tuple[int, int]]) -> None:
    """The triangles ABC and ACD make ABCD by the even-odd rule: no center counts twice, none is left out."""
    a, b, c, d = points
    halves = [fill_polygon(empty(30, 23), half) == 255 for half in ([a, b, c], [a, c, d])]
    assert np.array_equal(halves[0] ^ halves[1], fill_polygon(empty(30, 23), points) == 255)


@given(point, point)
def test_a_rectangle_is_the_polygon_of_its_corners(a: tuple[int, int], b: tuple[int, int]) -> None:
    polygon = fill_polygon(empty(30, 23), [a, (b[0], a[1]), b, (a[0], b[1])])
    assert np.array_equal(fill_rectangle(empty(30, 23), [a, b]), polygon)


@given(st.integers(0, 480), st.integers(0, 360), st.integers(1, 40))
def test_a_circle_is_a_dab_of_the_brush(x: int, y: int, size: int) -> None:
    reach = 8 * size
    circle = fill_ellipse(empty(30, 23), [(x - reach, y - reach), (x + reach, y + reach)])
    circle[y // 16 : y // 16 + 1, x // 16 : x // 16 + 1] = 255  # the brush always paints its pixel
    assert np.array_equal(circle, draw_stroke(empty(30, 23), [(x, y)], size))


def test_flooding_takes_a_large_canvas() -> None:
    walls = empty(1024, 1024)
    walls[:, 512] = 255
    assert np.array_equal(flood(empty(1024, 1024), walls, (0, 0)) == 255, np.tile(np.arange(1024) < 512, (1024, 1)))


@pytest.mark.parametrize("fill", FILLS.values())
@pytest.mark.parametrize(
    ("points", "value", "error", "says"),
    [
        ([(0, 0)], 255, ValueError, r"\(1, 2\)"),
        ([(1.5, 2.0)] * 3, 255, (TypeError, ValueError), "float64|2 points"),
        ([(0, 0), (1, MAX_COORDINATE + 1)], 255, ValueError, "1048577|3 or more"),
        ([(0, 0)] * 2, 256, ValueError, "not 256|3 or more"),
        ([(0, 0)] * 2, -1, ValueError, "not -1|3 or more"),
    ],
)
def test_bad_shapes(fill: Any, points: Any, value: int, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        fill(empty(8, 8), points, value)


def test_only_masks_are_filled() -> None:
    for fill in FILLS.values():
        with pytest.raises(TypeError, match="uint8 mask"):
            fill(np.zeros((8, 8)), [(0, 0), (9, 9), (0, 9)])
    with pytest.raises(ValueError, match=r"\(4, 8\).*\(8, 8\)"):
        flood(empty(8, 8), empty(8, 4), (0, 0))
    with pytest.raises(ValueError, match="not 300"):
        flood(empty(8, 8), empty(8, 8), (0, 0), 300)
