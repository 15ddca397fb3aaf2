"""Fit a drawing into a painted region: an object takes on the shape that was drawn for it.

People paint a round cat, a long car and a square tree, and want the object to fill what they painted. So the painter
stretches a drawing to the region's box and then bends it along rays from the box's centre, until its outline lies
on the region's. It also makes the picture nearly a function of prompt and mask, which a network of few steps needs:
where many pictures fit the same mask, it answers with their mean.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RAYS = 96
REACH = 5  # rays to either side: ears, rays and fins stand out of an outline that is even over this angle


def extent(shape: np.ndarray) -> np.ndarray:
    """Distance from the centre of the array ``shape``, bool (h, w), to the last pixel of it along each ray.

    float32 (RAYS,), in units in which the array is a square from -1 to 1. Ray 0 points right, ray RAYS / 4 down.
    """
    h, w = shape.shape
    angles = np.arange(RAYS, dtype=np.float32) * (2 * np.pi / RAYS)
    radii = np.linspace(0, np.sqrt(2), 3 * max(h, w), dtype=np.float32)
    x = (np.cos(angles)[:, None] * radii + 1) / 2 * w
    y = (np.sin(angles)[:, None] * radii + 1) / 2 * h
    inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
    hit = inside & shape[np.clip(y.astype(int), 0, h - 1), np.clip(x.astype(int), 0, w - 1)]
    return np.asarray((hit * radii).max(1), dtype=np.float32)


def outline(shape: np.ndarray) -> np.ndarray:
    """``extent`` as its smooth upper bound, never below a tenth: float32 (RAYS,)."""
    bound = extent(shape)
    around = np.stack([np.roll(bound, k) for k in range(-REACH, REACH + 1)])
    bell = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / (REACH / 2)) ** 2)
    wide = np.stack([np.roll(around.max(0), k) for k in range(-REACH, REACH + 1)])
    return np.maximum(np.tensordot(bell / bell.sum(), wide, 1), 0.1).astype(np.float32)


def sample(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """``image`` (h, w, 4) float32 at positions in pixels, bilinear, transparent outside."""
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    y, x = np.clip(y + 0.5, 0, image.shape[0] + 0.999), np.clip(x + 0.5, 0, image.shape[1] + 0.999)
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[..., None], (x - x0)[..., None]
    top = padded[y0, x0] * (1 - fx) + padded[y0, x0 + 1] * fx
    bottom = padded[y0 + 1, x0] * (1 - fx) + padded[y0 + 1, x0 + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy)


def fit(draw: Callable[[int, int], np.ndarray], region: np.ndarray) -> np.ndarray:
    """The drawing that fills ``region``, bool (h, w) cut to its box: uint8 RGBA (h, w, 4), clear outside the region.

    draw: (width, height) to uint8 RGBA (height, width, 4), the object in a box of that size.
    """
    h, w = region.shape
    drawing = draw(w, h).astype(np.float32)
    drawing[..., :3] *= drawing[..., 3:] / 255  # premultiplied, so that no clear pixel's color bleeds in
    ratio = outline(drawing[..., 3] > 127) / outline(region)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) + 0.5
    v, u = y / h * 2 - 1, x / w * 2 - 1
    turn = (np.arctan2(v, u) % (2 * np.pi)) * (RAYS / (2 * np.pi))
    before = np.floor(turn).astype(int) % RAYS
    share = turn - np.floor(turn)
    scale = ratio[before] * (1 - share) + ratio[(before + 1) % RAYS] * share
    bent = sample(drawing, (v * scale + 1) / 2 * h, (u * scale + 1) / 2 * w)
    alpha = bent[..., 3:]
    bent[..., :3] *= 255 / np.maximum(alpha, 1)
    bent[..., 3:] = alpha * region[..., None]
    return np.clip(bent + 0.5, 0, 255).astype(np.uint8)
