"""transforms.py against the shared vectors, a slow reference, what a transform must keep, and bad input."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from semanticdraw_widget.masks import Mask
from semanticdraw_widget.transforms import transformed, turn
from vectors.make_transforms import make, pixels, reference

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "transforms.json").read_text())["transforms"]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['mask']} {[*case.values()][1:4]}")
def test_vectors(case: dict[str, Any]) -> None:
    before = np.array(pixels(case["mask"]), np.uint8)
    untouched = before.copy()
    after = transformed(before, case["move"], case["scale"], case["rotate"])
    assert (after.dtype, after.shape) == (np.uint8, before.shape)
    assert int(after.sum()) == case["sum"]
    assert hashlib.sha256(after.tobytes()).hexdigest() == case["sha256"]
    assert np.array_equal(before, untouched)


def test_the_vector_file_is_what_the_reference_says() -> None:
    assert json.loads(json.dumps(make())) == VECTORS


hard_masks = arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 0, 255]))
soft_masks = arrays(np.uint8, (9, 12))
masks = st.one_of(hard_masks, soft_masks)
moves = st.tuples(st.floats(-20, 20), st.floats(-20, 20))
factor = st.one_of(st.floats(1 / 64, 8), st.floats(-8, -1 / 64))


@given(masks, moves, st.tuples(factor, factor), st.floats(-400, 400))
def test_transforms_equal_the_reference(
    mask: Mask, move: tuple[float, float], scale: tuple[float, float], rotate: float
) -> None:
    expected = reference(mask.tolist(), move, scale, rotate)
    assert transformed(mask, move, scale, rotate).tolist() == expected


@given(st.floats(-1e6, 1e6))
def test_turn_is_cosine_and_sine(degrees: float) -> None:
    cosine, sine = turn(degrees)
    angle = math.radians(math.fmod(degrees, 360))
    assert math.isclose(cosine, math.cos(angle), abs_tol=4e-16 * 8)
    assert math.isclose(sine, math.sin(angle), abs_tol=4e-16 * 8)


@given(masks, st.integers(-9, 9), st.integers(-9, 9))
def test_whole_moves_shift_pixels(mask: Mask, dx: int, dy: int) -> None:
    wide = np.pad(mask, 9)
    assert np.array_equal(transformed(wide, (dx, dy)), np.roll(wide, (dy, dx), (0, 1)))


@given(masks)
def test_mirrors_and_turns_lose_nothing(mask: Mask) -> None:
    wide = np.pad(mask, 9)
    for change in ({"scale": (-1, 1)}, {"scale": (1, -1)}, {"rotate": 180}, {"rotate": -180}, {"scale": (-1, -1)}):
        assert np.array_equal(transformed(transformed(wide, **change), **change), wide)
    assert np.array_equal(transformed(wide, scale=(-1, -1)), transformed(wide, rotate=180))


def test_a_quarter_turn_goes_clockwise() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[1:8, 3:5] = 255
    mask[1, 3:8] = 255  # an F without its bar, 5 x 7
    assert np.array_equal(transformed(mask, rotate=90)[2:7, 2:9], np.rot90(mask[1:8, 3:8], -1))


@given(hard_masks, moves, st.tuples(factor, factor), st.floats(-400, 400))
def test_hard_stays_hard(mask: Mask, move: Any, scale: Any, rotate: float) -> None:
    assert set(np.unique(transformed(mask, move, scale, rotate))) <= {0, 255}


def test_a_scale_changes_the_area_by_its_factors() -> None:
    y, x = np.mgrid[0:200, 0:200]
    disk = np.where((x - 99.5) ** 2 + (y - 99.5) ** 2 < 40**2, np.uint8(255), np.uint8(0))
    area = np.count_nonzero(disk)
    for scale, rotate in (((1.5, 0.8), 25), ((0.5, 0.5), 0), ((-1.2, 2), 70)):
        share = np.count_nonzero(transformed(disk, scale=scale, rotate=rotate)) / area
        assert share == pytest.approx(abs(scale[0] * scale[1]), rel=0.02)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"move": (1, 70000)}, ValueError, r"±65536 px, not \(1, 70000\)"),
        ({"move": (1, math.nan)}, ValueError, "nan"),
        ({"move": 3}, TypeError, r"two numbers \(dx, dy\), not 3"),
        ({"move": ("1", 2)}, TypeError, "not '1'"),
        ({"scale": (0, 1)}, ValueError, r"1/64 to 64.*mirror, not \(0, 1\)"),
        ({"scale": (1, -65)}, ValueError, "-65"),
        ({"scale": (1, 2, 3)}, TypeError, r"two numbers \(sx, sy\)"),
        ({"rotate": math.inf}, ValueError, "finite number of degrees, not inf"),
        ({"rotate": None}, TypeError, "None"),
    ],
)
def test_bad_transforms(change: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        transformed(np.zeros((4, 4), np.uint8), **change)


def test_only_masks_are_transformed() -> None:
    with pytest.raises(TypeError, match="uint8 mask"):
        transformed(np.zeros((4, 4)), (1, 1))
