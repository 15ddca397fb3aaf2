"""masks.py against the shared vectors, a slow plain reference, and bad input."""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from semanticdraw_widget.masks import (
    MAX_COORDINATE,
    Mask,
    draw_stroke,
    pack,
    patch,
    to_mask,
    unpack,
)
from vectors.make import reference_pack, reference_soft_stroke, reference_stroke

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "masks.json").read_text())


def cases(kind: str) -> Any:
    return pytest.mark.parametrize("case", VECTORS[kind], ids=[case["name"] for case in VECTORS[kind]])


def decode(case: dict[str, Any], key: str = "packed") -> bytes:
    return base64.b64decode(case[key])


def start_of(case: dict[str, Any]) -> Mask:
    fill = {"empty": 0, "full": 255}
    if case["start"] in fill:
        return np.full((case["height"], case["width"]), fill[case["start"]], np.uint8)
    return unpack(decode(case, "start"))


def digest(mask: Mask) -> str:
    return hashlib.sha256(mask.tobytes()).hexdigest()


def empty(width: int, height: int) -> Mask:
    return np.zeros((height, width), np.uint8)


# The brush


@cases("strokes")
def test_stroke_vectors(case: dict[str, Any]) -> None:
    before = start_of(case)
    untouched = before.copy()
    after = draw_stroke(before, case["points"], case["size"], case["value"], case.get("hardness", 100))
    assert digest(after) == case["sha256"]
    assert np.count_nonzero(after) == case["painted"]
    assert np.array_equal(after, unpack(decode(case)))
    assert np.array_equal(before, untouched)


@pytest.mark.parametrize(
    "case",
    [case for case in VECTORS["strokes"] if case["width"] * case["height"] <= 100 * 100],
    ids=lambda case: case["name"],
)
def test_the_vector_file_is_what_the_reference_says(case: dict[str, Any]) -> None:
    rows = [bytearray(row.tobytes()) for row in start_of(case)]
    stroke = [tuple(point) for point in case["points"]], case["size"], case["value"]
    soft = "hardness" in case
    after = reference_soft_stroke(rows, *stroke, case["hardness"]) if soft else reference_stroke(rows, *stroke)
    assert hashlib.sha256(b"".join(after)).hexdigest() == case["sha256"]


coordinates = st.integers(-700, 1400)
points = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6)
sides = st.integers(1, 40)
sizes = st.integers(1, 40)


@given(sides, sides, points, sizes)
def test_strokes_equal_the_reference(width: int, height: int, path: list[tuple[int, int]], size: int) -> None:
    expected = reference_stroke([bytearray(width) for _ in range(height)], path, size, 255)
    assert draw_stroke(empty(width, height), path, size).tobytes() == b"".join(expected)


@given(points, sizes)
def test_direction_does_not_matter(path: list[tuple[int, int]], size: int) -> None:
    there, back = (draw_stroke(empty(60, 60), way, size) for way in (path, path[::-1]))
    assert np.array_equal(there, back)


@given(points, sizes, st.integers(0, 5))
def test_a_stroke_may_come_in_pieces(path: list[tuple[int, int]], size: int, cut: int) -> None:
    """The browser draws while the pen moves: pieces that share an end point make the whole stroke."""
    cut = min(cut, len(path) - 1)
    pieces = draw_stroke(draw_stroke(empty(60, 60), path[: cut + 1], size), path[cut:], size)
    assert np.array_equal(pieces, draw_stroke(empty(60, 60), path, size))


@given(points, sizes, st.integers(0, 20), st.integers(0, 20))
def test_whole_pixel_shifts_shift_the_result(path: list[tuple[int, int]], size: int, right: int, down: int) -> None:
    shifted = [(x + 16 * right, y + 16 * down) for x, y in path]
    whole = draw_stroke(empty(80, 80), shifted, size)
    assert np.array_equal(whole[down : down + 60, right : right + 60], draw_stroke(empty(60, 60), path, size))


@given(points, sizes)
def test_a_wider_brush_covers_a_narrower_one(path: list[tuple[int, int]], size: int) -> None:
    assert np.all(draw_stroke(empty(60, 60), path, size) <= draw_stroke(empty(60, 60), path, size + 1))


@given(arrays(np.uint8, (40, 40)), points, sizes)
def test_pen_and_eraser_touch_the_same_pixels(mask: Mask, path: list[tuple[int, int]], size: int) -> None:
    stroke = draw_stroke(empty(40, 40), path, size) == 255
    assert np.array_equal(draw_stroke(mask, path, size), np.where(stroke, 255, mask))
    assert np.array_equal(draw_stroke(mask, path, size, 0), np.where(stroke, 0, mask))


hardnesses = st.integers(0, 99)


@given(sides, sides, points, sizes, hardnesses)
def test_soft_strokes_equal_the_reference(
    width: int, height: int, path: list[tuple[int, int]], size: int, hardness: int
) -> None:
    expected = reference_soft_stroke([bytearray(width) for _ in range(height)], path, size, 255, hardness)
    assert draw_stroke(empty(width, height), path, size, hardness=hardness).tobytes() == b"".join(expected)


@given(points, sizes, hardnesses, st.integers(0, 5))
def test_a_soft_stroke_is_the_largest_of_its_stamps(
    path: list[tuple[int, int]], size: int, hardness: int, cut: int
) -> None:
    """However it is cut into pieces, in whichever direction, and however often it goes over itself."""
    whole = draw_stroke(empty(60, 60), path, size, hardness=hardness)
    cut = min(cut, len(path) - 1)
    pieces = draw_stroke(empty(60, 60), path[cut:], size, hardness=hardness)
    for piece in (path[: cut + 1], path[::-1]):
        pieces = draw_stroke(pieces, piece, size, hardness=hardness)
    assert np.array_equal(pieces, whole)


@given(arrays(np.uint8, (40, 40)), points, sizes, hardnesses)
def test_a_soft_eraser_takes_what_a_soft_pen_gives(
    mask: Mask, path: list[tuple[int, int]], size: int, hardness: int
) -> None:
    ink = draw_stroke(empty(40, 40), path, size, hardness=hardness)
    assert np.array_equal(draw_stroke(mask, path, size, hardness=hardness), np.maximum(mask, ink))
    assert np.array_equal(draw_stroke(mask, path, size, 0, hardness), np.minimum(mask, 255 - ink))


def test_a_soft_edge_falls_from_the_core_to_nothing_at_the_radius() -> None:
    line = draw_stroke(empty(200, 3), [(100 * 16 + 8, 24)], 160, hardness=25)[1]
    at = line[100:181].tolist()  # 0 to 80 px from the middle
    assert at[:21] == [255] * 21 and at[80] == 0
    assert all(nearer > further for nearer, further in pairwise(at[24:79]))
    assert at[50] == pytest.approx(127.5, abs=1), "half way through the edge it is half"
    assert max(nearer - further for nearer, further in pairwise(at)) <= 8, "no step shows"
    assert np.array_equal(line[100:181], line[100:19:-1])


def test_long_strokes_are_worked_off_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    path = np.random.default_rng(0).integers(-500, 5000, (80, 2))
    whole = draw_stroke(empty(256, 256), path, 20)
    monkeypatch.setattr("semanticdraw_widget.masks._ROWS_AT_ONCE", 50)
    assert np.array_equal(draw_stroke(empty(256, 256), path, 20), whole)


@pytest.mark.parametrize(
    ("hardness", "value", "error", "says"),
    [
        (-1, 255, ValueError, "0 to 100 per cent, not -1"),
        (101, 255, ValueError, "not 101"),
        (50.0, 255, TypeError, "float"),
        (50, 128, ValueError, "hardness 100 writes any value"),
    ],
)
def test_bad_hardness(hardness: Any, value: int, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        draw_stroke(empty(8, 8), [(0, 0)], 5, value, hardness)


def test_numpy_brush_sizes_do_not_overflow() -> None:
    path = [(-MAX_COORDINATE, -MAX_COORDINATE), (MAX_COORDINATE, MAX_COORDINATE)]
    assert np.array_equal(draw_stroke(empty(64, 64), path, np.int32(512)), draw_stroke(empty(64, 64), path, 512))


@pytest.mark.parametrize(
    ("path", "size", "value", "error", "says"),
    [
        ([], 5, 255, ValueError, "one or more points"),
        ([1, 2], 5, 255, ValueError, r"\(2,\)"),
        ([(1, 2, 3)], 5, 255, ValueError, r"\(1, 3\)"),
        ([(1.5, 2.0)], 5, 255, TypeError, "float64"),
        ([(0, MAX_COORDINATE + 1)], 5, 255, ValueError, "1048577"),
        ([(0, 0)], 0, 255, ValueError, "not 0"),
        ([(0, 0)], 513, 255, ValueError, "not 513"),
        ([(0, 0)], 5.5, 255, TypeError, "float"),
        ([(0, 0)], 5, 256, ValueError, "not 256"),
        ([(0, 0)], 5, -1, ValueError, "not -1"),
    ],
)
def test_bad_strokes(path: Any, size: Any, value: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        draw_stroke(empty(8, 8), path, size, value)


@pytest.mark.parametrize("mask", [np.zeros((8, 8)), np.zeros((8, 8), bool), np.zeros((8, 8, 1), np.uint8)])
def test_only_masks_are_drawn_on(mask: Any) -> None:
    with pytest.raises(TypeError, match="uint8 mask"):
        draw_stroke(mask, [(0, 0)], 5)


# The wire format


@cases("blobs")
def test_blob_vectors(case: dict[str, Any]) -> None:
    mask = unpack(decode(case))
    assert mask.dtype == np.uint8
    assert mask.shape == (case["height"], case["width"])
    assert digest(mask) == case["sha256"]


@cases("malformed")
def test_malformed_blobs_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="packed mask"):
        unpack(decode(case))


soft_masks = st.tuples(sides, sides).flatmap(lambda shape: arrays(np.uint8, shape))
hard_masks = soft_masks.map(lambda mask: np.where(mask > 127, 255, 0).astype(np.uint8))


@given(soft_masks | hard_masks)
def test_packing_keeps_every_byte(mask: Mask) -> None:
    blob = pack(mask)
    assert np.array_equal(unpack(blob), mask)
    assert np.array_equal(unpack(memoryview(blob)), mask)
    assert np.array_equal(unpack(reference_pack([bytearray(row.tobytes()) for row in mask])), mask)


@given(hard_masks)
def test_hard_masks_travel_at_one_bit(mask: Mask) -> None:
    assert pack(mask)[3] == 1


def test_one_soft_pixel_makes_a_mask_soft() -> None:
    mask = empty(9, 9)
    mask[4, 4] = 254
    assert pack(mask)[3] == 8


def test_a_mask_need_not_be_contiguous() -> None:
    mask = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert np.array_equal(unpack(pack(mask.T)), mask.T)
    assert np.array_equal(unpack(pack(mask[::2, ::3])), mask[::2, ::3])


@given(st.binary(max_size=60))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(ValueError, match="packed mask"):
        unpack(noise)


@given(hard_masks, st.data())
def test_a_damaged_blob_gives_an_error_or_a_mask(mask: Mask, data: st.DataObject) -> None:
    """The checksum notices wrong pixels; a wrong header may still describe as many of them."""
    blob = bytearray(pack(mask))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert unpack(blob).dtype == np.uint8
    except ValueError as error:
        assert "packed mask" in str(error)


@pytest.mark.parametrize("mask", [np.zeros((4, 4)), np.zeros((4, 4), bool)])
def test_pack_takes_masks_only(mask: Any) -> None:
    with pytest.raises(TypeError, match="to_mask"):
        pack(mask)


def test_a_patch_replaces_its_box_and_nothing_else() -> None:
    mask = np.full((10, 12), 7, np.uint8)
    piece = np.arange(12, dtype=np.uint8).reshape(3, 4)
    result = patch(mask, (5, 2, 4, 3), pack(piece))
    assert np.array_equal(result[2:5, 5:9], piece)
    result[2:5, 5:9] = 7
    assert np.array_equal(result, mask)
    assert np.all(mask == 7)


@pytest.mark.parametrize(
    "box",
    [(-1, 0, 4, 3), (0, -1, 4, 3), (9, 0, 4, 3), (0, 8, 4, 3), (0, 0, 0, 3), (0, 0, 4, -3), (0, 0, 3, 4)],
)
def test_bad_boxes(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="box"):
        patch(empty(12, 10), box, pack(empty(4, 3)))


# What counts as a mask


@pytest.mark.parametrize(
    "source",
    [
        [[True, False], [False, True]],
        np.array([[255, 0], [0, 255]], np.uint8),
        np.array([[1.0, 0.0], [0.0, 1.0]]),
        np.array([[1.0, 0.0], [0.0, 1.0]], np.float16),
        pack(np.array([[255, 0], [0, 255]], np.uint8)),
        memoryview(pack(np.array([[255, 0], [0, 255]], np.uint8))),
        Image.fromarray(np.array([[255, 0], [0, 255]], np.uint8)),
        Image.fromarray(np.array([[True, False], [False, True]])),
    ],
    ids=lambda source: type(source).__name__,
)
def test_sources(source: Any) -> None:
    mask = to_mask(source, (2, 2))
    assert mask.dtype == np.uint8
    assert mask.tolist() == [[255, 0], [0, 255]]


def test_floats_round_to_the_nearest_level() -> None:
    levels = np.linspace(0, 1, 256).reshape(16, 16)
    assert to_mask(levels).ravel().tolist() == list(range(256))
    assert to_mask([[0.5, 0.0019, 0.002]]).tolist() == [[128, 0, 1]]


def test_a_mask_is_a_copy() -> None:
    source = np.zeros((4, 4), np.uint8)
    mask = to_mask(source)
    source[:] = 9
    assert not mask.any()


def picture(mode: str) -> Image.Image:
    """Left half white and transparent, right half black and opaque."""
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:, :4, :3] = 255
    rgba[:, 4:, 3] = 255
    return Image.fromarray(rgba).convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_counts_where_there_is_some(mode: str) -> None:
    mask = to_mask(picture(mode), (8, 8))
    assert np.all(mask[:, 4:] == 255) and not mask[:, :4].any()


@pytest.mark.parametrize("mode", ["L", "1", "RGB"])
def test_else_luminance(mode: str) -> None:
    mask = to_mask(picture(mode), (8, 8))
    assert np.all(mask[:, :4] == 255) and not mask[:, 4:].any()


def test_transparent_palettes() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpixel((1, 1), 1)
    image.info["transparency"] = 0
    assert np.argwhere(to_mask(image)).tolist() == [[1, 1]]


def test_pictures_are_stretched_to_the_canvas() -> None:
    image = Image.new("L", (8, 4), 0)
    image.paste(255, (4, 0, 8, 4))
    assert to_mask(image).shape == (4, 8)
    mask = to_mask(image, (32, 32))
    assert mask.shape == (32, 32)
    assert not mask[:, :12].any() and np.all(mask[:, 20:] == 255)
    hard = to_mask(image.convert("1"), (31, 17))
    assert set(np.unique(hard).tolist()) == {0, 255}


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        (np.zeros((4, 4), np.int64), TypeError, "int64.*bool, uint8"),
        (np.zeros((4, 4), np.uint16), TypeError, "uint16"),
        (np.zeros((4, 4), complex), TypeError, "complex"),
        ([[0, 1], [1, 0]], TypeError, "int64"),
        ("circle", TypeError, "<U6"),
        (None, TypeError, "object"),
        (np.zeros((4, 4, 3), np.uint8), ValueError, r"\(4, 4, 3\)"),
        (np.zeros(4, bool), ValueError, r"\(4,\)"),
        (np.zeros((0, 4), bool), ValueError, r"\(0, 4\)"),
        (np.zeros((1, 8193), bool), ValueError, "8193"),
        (np.zeros((2049, 8192), bool), ValueError, "16777216 in all"),
        (np.full((4, 4), 1.5), ValueError, "1.5"),
        (np.full((4, 4), -0.1), ValueError, "-0.1"),
        (np.array([[0.5, np.nan]]), ValueError, "NaN"),
        (np.array([[0.5, np.inf]]), ValueError, "inf"),
        (b"not packed at all", ValueError, "packed mask"),
        (Image.new("F", (4, 4)), TypeError, "'F'"),
        (Image.new("I;16", (4, 4)), TypeError, "'I;16'"),
    ],
)
def test_bad_masks(source: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        to_mask(source)


def test_a_wrong_shape_names_both() -> None:
    with pytest.raises(ValueError, match=r"\(4, 6\).*\(8, 8\)"):
        to_mask(np.zeros((4, 6), bool), (8, 8))
    with pytest.raises(ValueError, match="transposed"):
        to_mask(np.zeros((6, 4), bool), (6, 4))
    with pytest.raises(ValueError, match=r"\(4, 6\).*\(8, 8\)"):
        to_mask(pack(empty(6, 4)), (8, 8))
