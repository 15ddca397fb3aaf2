"""Masks as a hand draws them, from a few numbers: land under a wavy horizon, patches, and loose outlines of things."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ..crayon.fitting import outline
from ..crayon.objects import KINDS, draw_object
from ..crayon.sheet import smooth
from ..masks import SUBPIXELS, Mask
from ..shapes import fill_polygon

SIZE = 256  # of the canvas, in pixels, both ways
Points = Sequence[tuple[float, float]]


def filled(points: Points) -> Mask:
    """The polygon through ``points``, in pixels: uint8 (SIZE, SIZE)."""
    corners = np.round(np.asarray(points, np.float64) * SUBPIXELS).astype(np.int64)
    return fill_polygon(np.zeros((SIZE, SIZE), np.uint8), corners)


def land(*heights: float) -> Mask:
    """All below a soft line through the pixel rows ``heights``, two or more, evenly spaced from edge to edge."""
    across = np.linspace(0, SIZE, len(heights))
    horizon = smooth(list(zip(across.tolist(), heights)), closed=False)
    return filled([*horizon, (SIZE, SIZE), (0, SIZE)])


def patch(*points: tuple[float, float]) -> Mask:
    """The inside of a soft closed line through ``points``, in pixels."""
    return filled(smooth(points, closed=True))


def sharp(*points: tuple[float, float]) -> Mask:
    """The inside of a polygon with straight sides, such as a road's."""
    return filled(points)


@lru_cache
def loose_outline(concept: str) -> tuple[tuple[float, float], ...]:
    """What a hand draws around ``concept``: points in a box from 0 to 1 that they touch on all sides."""
    tall = 128
    wide = round(tall * KINDS[concept].aspect)
    reach = outline(draw_object(np.random.default_rng(0), concept, wide, tall, None)[..., 3] > 127)
    angle = np.arange(len(reach)) * (2 * np.pi / len(reach))
    # No hand has a ray's precision, so the line is rounder than the drawing's own.
    reach = 0.5 * reach + 0.25 * (np.roll(reach, 1) + np.roll(reach, -1))
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1)
    points = np.clip(points, -1, 1)
    low, high = points.min(0), points.max(0)
    return tuple((float(x), float(y)) for x, y in (points - low) / (high - low))


def around(concept: str, x: float, foot: float, tall: float, wide: float | None = None) -> Mask:
    """A loose outline of ``concept``, ``tall`` pixels high and as wide as suits it (or ``wide``), with its middle at
    column ``x`` and its lower end at row ``foot``. Raises ValueError where it would leave the canvas."""
    wide = tall * KINDS[concept].aspect if wide is None else wide
    left, top = x - wide / 2, foot - tall
    if left < 0 or top < 0 or left + wide > SIZE or foot > SIZE:
        raise ValueError(f"{concept} at ({x:g}, {foot:g}), {wide:.0f} x {tall:g} pixels, leaves the canvas")
    return filled([(left + u * wide, top + v * tall) for u, v in loose_outline(concept)])
