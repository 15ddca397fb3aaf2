"""encode_png against Pillow's decoder: lossless on every size, and refused input says why."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semanticdraw_widget.frames import encode_png


def decoded(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    image.verify()  # checks every chunk's checksum
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG" and image.mode == "RGB"
    return np.asarray(image)


@given(width=st.integers(1, 40), height=st.integers(1, 40), seed=st.integers(0, 9999))
@settings(max_examples=40, deadline=None)
def test_lossless_for_any_size(width: int, height: int, seed: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    assert np.array_equal(decoded(encode_png(rgb)), rgb)


@pytest.mark.parametrize("value", [0, 255])
def test_flat_pictures(value: int) -> None:
    rgb = np.full((64, 48, 3), value, np.uint8)
    assert np.array_equal(decoded(encode_png(rgb)), rgb)


def test_views_and_reversed_channels() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (32, 48, 3), np.uint8)
    for view in (rgb[::2, 3:-5], rgb[:, :, ::-1], rgb.transpose(1, 0, 2)):
        assert np.array_equal(decoded(encode_png(view)), view)


def test_read_only_input_is_left_alone() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (16, 16, 3), np.uint8)
    before = rgb.copy()
    rgb.setflags(write=False)
    encode_png(rgb)
    assert np.array_equal(rgb, before)


def test_a_smooth_picture_gets_smaller() -> None:
    y, x = np.mgrid[:256, :256]
    rgb = np.stack([x, y, (x + y) // 2], axis=-1).astype(np.uint8)
    assert len(encode_png(rgb)) < rgb.nbytes / 4


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (4, 4, 1), (0, 4, 3), (4, 0, 3)])
def test_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"height, width, 3") as error:
        encode_png(np.zeros(shape, np.uint8))
    assert str(shape) in str(error.value)


def test_wrong_dtype_is_named() -> None:
    with pytest.raises(TypeError, match="float32"):
        encode_png(np.zeros((4, 4, 3), np.float32))  # type: ignore[arg-type]
