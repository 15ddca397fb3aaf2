"""The soft edge of the brush: how its value falls from a hard core to 0 at its radius.

js/src/softedge.ts does the same, byte for byte; both meet the soft strokes of tests/vectors/masks.json. Distances
are whole numbers of 1/16 px, as stroke coordinates are. All of it is exact or a single correctly rounded quotient
of doubles, so that every machine agrees.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]

HARD = 100
"""The hardness, in per cent, of a brush without a soft edge."""

_ONE = 1 << 12
"""The way through the edge is counted in so many steps."""


def falloff(radius: int, hardness: int) -> npt.NDArray[np.uint8]:
    """What the brush leaves at each distance from its line: uint8 (radius + 1,), 255 first, 0 last.

    With t from 0 at the radius to 1 at `hardness` per cent of it, and beyond, it is 255 t^2 (3 - 2t), rounded to
    the nearest number: level at both ends, so that neither shows as a line.

    radius: in 1/16 px, 8..4096. hardness: 0..99.
    """
    inwards = radius - np.arange(radius + 1, dtype=np.int64)
    t = np.minimum(_ONE * HARD * inwards // (radius * (HARD - hardness)), _ONE)
    return ((255 * t * t * (3 * _ONE - 2 * t) + _ONE**3 // 2) // _ONE**3).astype(np.uint8)


def distances(path: Ints, radius: int, xs: Ints, ys: Ints) -> Ints:
    """How far from the line through `path` each pixel's center is, rounded down: int64 (len(ys), len(xs)).

    path: (n, 2), in 1/16 px. xs, ys: where the centers of columns and rows are, in 1/16 px, ascending. What is
    further away than `radius` counts as that far.
    """
    nearest = np.full((len(ys), len(xs)), radius, np.int64)
    for point in path:
        rows, columns, px, py = _around(point, point, radius, xs, ys)
        square = px * px + py * py
        near = np.sqrt(np.minimum(square, radius * radius)).astype(np.int64)  # of a whole number below 2^52: exact
        np.minimum(nearest[rows, columns], near, out=nearest[rows, columns])
    for a, b in pairwise(path):
        dx, dy = (b - a).tolist()
        length2 = dx * dx + dy * dy
        rows, columns, px, py = _around(a, b, radius, xs, ys)
        along = px * dx + py * dy
        beside = (0 < along) & (along < length2)
        away = (np.abs(dx * py - dy * px) / np.sqrt(np.float64(max(length2, 1)))).astype(np.int64)
        part = nearest[rows, columns]
        np.minimum(part, away, out=part, where=beside)
    return nearest


def _around(a: Ints, b: Ints, radius: int, xs: Ints, ys: Ints) -> tuple[slice, slice, Ints, Ints]:
    """The rows and columns that a segment A->B can reach, and where their centers are seen from A."""
    low, high = np.minimum(a, b) - radius, np.maximum(a, b) + radius
    columns = slice(int(np.searchsorted(xs, low[0])), int(np.searchsorted(xs, high[0], "right")))
    rows = slice(int(np.searchsorted(ys, low[1])), int(np.searchsorted(ys, high[1], "right")))
    return rows, columns, xs[columns] - a[0], (ys[rows] - a[1])[:, None]
