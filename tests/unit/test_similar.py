"""similar.py against the shared vectors, a slow reference, and bad input."""

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

from semanticdraw_widget.similar import add_similar
from vectors.make_similar import make, picture, reference

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "similar.json").read_text())["similar"]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{[*case.values()][:5]}")
def test_vectors(case: dict[str, Any]) -> None:
    colors = np.array(picture(case["picture"]), np.uint8)
    before = np.full(colors.shape[:2], case["fill"], np.uint8)
    after = add_similar(before, colors, case["point"], case["tolerance"], case["value"])
    assert np.count_nonzero(after == case["value"]) == case["written"]
    assert hashlib.sha256(after.tobytes()).hexdigest() == case["sha256"]
    assert (before == case["fill"]).all()


def test_the_vector_file_is_what_the_reference_says() -> None:
    assert json.loads(json.dumps(make())) == VECTORS


@given(
    arrays(np.uint8, (7, 10, 3), elements=st.integers(100, 140)),
    arrays(np.uint8, (7, 10)),
    st.tuples(st.integers(-20, 180), st.integers(-20, 130)),
    st.integers(0, 40),
    st.integers(0, 255),
)
def test_areas_equal_the_reference(colors: Any, mask: Any, point: tuple[int, int], tolerance: int, value: int) -> None:
    inside = 0 <= point[0] < 160 and 0 <= point[1] < 112
    start = [bytearray(row.tobytes()) for row in mask]
    expected = reference(colors.tolist(), point, tolerance, start, value) if inside else mask.tobytes()
    assert add_similar(mask, colors, point, tolerance, value).tobytes() == expected


@pytest.mark.parametrize(
    ("shape", "tolerance", "value", "error", "says"),
    [
        ((4, 6, 3), -1, 255, ValueError, "0 to 255, not -1"),
        ((4, 6, 3), 256, 255, ValueError, "not 256"),
        ((4, 6, 3), 2.5, 255, TypeError, "whole number.*2.5"),
        ((4, 6, 3), 3, 256, ValueError, "not 256"),
        ((6, 4, 3), 3, 255, ValueError, r"\(4, 6, 3\).*\(6, 4, 3\)"),
        ((4, 6), 3, 255, ValueError, r"\(4, 6, 3\).*\(4, 6\)"),
    ],
)
def test_bad_input(shape: Any, tolerance: Any, value: int, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        add_similar(np.zeros((4, 6), np.uint8), np.zeros(shape, np.uint8), (0, 0), tolerance, value)
