"""Masks moved, scaled and rotated; byte for byte what the transform tool of the canvas makes.

js/src/transform.ts is the same in TypeScript; tests/vectors/transforms.json holds both to a slow reference. So that
they agree to the last bit, sine and cosine are worked out here, with nothing but the operations that IEEE 754 rounds in
one way, and the way back from a pixel to where it came from is in whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .masks import MAX_COORDINATE, SUBPIXELS, Mask

MAX_SCALE = 64.0
"""Largest factor of a scale, either way: 1/64 to 64; a negative one mirrors."""
MAX_MOVE = MAX_COORDINATE // SUBPIXELS
"""Furthest move, px."""

# Coefficients of the way back count 2^-20.
_ONE = 1 << 20
# Where a pixel looks, along each axis, in 1/16 px from its edge. Three places, so that there never is a tie.
_PLACES = (3, 8, 13)
_PIXELS_AT_ONCE = 1 << 20

Ints = npt.NDArray[np.int64]


def transformed(
    mask: Mask,
    move: tuple[float, float] = (0.0, 0.0),
    scale: tuple[float, float] = (1.0, 1.0),
    rotate: float = 0.0,
) -> Mask:
    """A new mask: what `mask` covers, scaled and then rotated about the middle of its box, and then moved.

    Each pixel takes the mean of nine places in it, looked up where they came from; what comes from off the canvas is 0.
    A mask that is all 0 and 255 stays so, by the majority. Whole moves, mirrorings and half turns lose nothing.

    Args:
        mask: uint8 (height, width).
        move: (dx, dy) in px, to the right and down, within ±65536; rounded to 1/16 px.
        scale: (sx, sy), each 1/64 to 64; negative ones mirror.
        rotate: degrees, clockwise.

    Raises:
        TypeError: a mask that is not uint8, or something that is not a number.
        ValueError: a number out of its range, or not finite.
    """
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise TypeError(f"transformed takes a uint8 mask (height, width), not {mask.dtype} {mask.shape}")
    dx, dy = (math.floor(SUBPIXELS * px + 0.5) for px in checked_move(move))
    back = _way_back(checked_scale(scale), checked_rotation(rotate))
    result = np.zeros_like(mask)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return result
    cx, cy = (8 * (int(found[0]) + int(found[-1]) + 1) for found in (columns, rows))
    hard = bool((mask + np.uint8(1) <= 1).all())  # 255 + 1 wraps round to 0
    height, width = mask.shape
    x = SUBPIXELS * np.arange(width, dtype=np.int64)[None, :]
    step = max(1, _PIXELS_AT_ONCE // width)
    for top in range(0, height, step):
        y = SUBPIXELS * np.arange(top, min(top + step, height), dtype=np.int64)[:, None]
        total = np.zeros((len(y), width), np.int64)
        for i in _PLACES:
            for j in _PLACES:
                total += _looked_up(mask, back, (cx, cy), (x + (i - cx - dx), y + (j - cy - dy)))
        mean = np.where(total >= 5 * 255, 255, 0) if hard else (2 * total + 9) // 18
        result[top : top + len(y)] = mean.astype(np.uint8)
    return result


def checked_move(move: tuple[float, float]) -> tuple[float, float]:
    """(dx, dy) in px. Raises TypeError and ValueError as `transformed` does."""
    return _pair("move", "(dx, dy)", move, lambda px: abs(px) <= MAX_MOVE, f"within ±{MAX_MOVE} px")


def checked_scale(scale: tuple[float, float]) -> tuple[float, float]:
    """(sx, sy). Raises TypeError and ValueError as `transformed` does."""
    limits = "from 1/64 to 64, or from -64 to -1/64 to mirror"
    return _pair("scale", "(sx, sy)", scale, lambda by: 1 / MAX_SCALE <= abs(by) <= MAX_SCALE, limits)


def checked_rotation(degrees: float) -> float:
    """Degrees. Raises TypeError and ValueError as `transformed` does."""
    angle = _number("rotate", "degrees", degrees)
    if not math.isfinite(angle):
        raise ValueError(f"rotate is a finite number of degrees, not {degrees!r}")
    return angle


def turn(degrees: float) -> tuple[float, float]:
    """Cosine and sine, the same bits in every language: quarter turns are exact, the rest is a series."""
    rest = math.fmod(degrees, 360.0)
    quarter = math.floor(rest / 90.0 + 0.5)
    x = (rest - 90.0 * quarter) * (math.pi / 180.0)
    z = x * x
    cosine = sine = 1.0
    for n in (16, 14, 12, 10, 8, 6, 4, 2):
        cosine = 1.0 - z / float(n * (n - 1)) * cosine
        sine = 1.0 - z / float(n * (n + 1)) * sine
    sine = x * sine
    return ((cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine))[quarter % 4]


def _way_back(scale: tuple[float, float], rotate: float) -> tuple[int, int, int, int]:
    """Two rows of a matrix, in 2^-20: from places around the new middle to those around the old one."""
    cosine, sine = turn(rotate)
    sx, sy = scale
    a, b, c, d = (math.floor(_ONE * share + 0.5) for share in (cosine / sx, sine / sx, -sine / sy, cosine / sy))
    return a, b, c, d


def _looked_up(mask: Mask, back: tuple[int, int, int, int], middle: tuple[int, int], at: tuple[Ints, Ints]) -> Ints:
    """What the mask has where those places, in 1/16 px from the new middle, came from; 0 off the canvas."""
    (a, b, c, d), (cx, cy), (x, y) = back, middle, at
    px = (a * x + b * y + cx * _ONE) // (SUBPIXELS * _ONE)
    py = (c * x + d * y + cy * _ONE) // (SUBPIXELS * _ONE)
    height, width = mask.shape
    inside = (px >= 0) & (px < width) & (py >= 0) & (py < height)
    found: Ints = np.zeros(inside.shape, np.int64)
    found[inside] = mask[py[inside], px[inside]]
    return found


def _pair(name: str, form: str, value: Any, fits: Callable[[float], bool], limits: str) -> tuple[float, float]:
    try:
        first, second = value
    except (TypeError, ValueError):
        raise TypeError(f"{name} is two numbers {form}, not {value!r}") from None
    pair = _number(name, form, first), _number(name, form, second)
    if not all(map(fits, pair)):
        raise ValueError(f"{name} is two numbers {form} {limits}, not {value!r}")
    return pair


def _number(name: str, form: str, value: Any) -> float:
    if isinstance(value, bool | str):
        raise TypeError(f"{name} takes numbers, {form}, not {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} takes numbers, {form}, not {value!r}") from None
