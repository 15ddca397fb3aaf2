"""What the backgrounds are made of: smooth noise, ramps and tints, cells, and small drawings strewn about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from ..sheet import Rng, Sheet

Array = np.ndarray
Tint = tuple[float, float, float]
Stamp = tuple[Image.Image, Image.Image]  # colours and how much they cover


def field(rng: Rng, height: int, width: int, cell_y: float, cell_x: float | None = None) -> Array:
    """Smooth noise of about unit deviation, shape (height, width), features about ``cell`` pixels in size."""
    cell_x = cell_y if cell_x is None else cell_x
    rows, columns = int(height / cell_y) + 3, int(width / cell_x) + 3
    grid = Image.fromarray(rng.standard_normal((rows, columns)).astype(np.float32))
    box = (1.0, 1.0, 1.0 + width / cell_x, 1.0 + height / cell_y)
    return 1.5 * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC, box=box))


def shade(base: Tint, amount: Array, step: Tint) -> Array:
    """``base + amount * step`` per channel: shape (height, width, 3)."""
    return np.asarray(base, np.float32) + amount[..., None].astype(np.float32) * np.asarray(step, np.float32)


def vertical(rng: Rng, height: int, width: int) -> Array:
    """A top-to-bottom ramp 0..1 with random ends, so that a crop of a background is still that background."""
    top, bottom = rng.uniform(-0.15, 0.35), rng.uniform(0.65, 1.15)
    return np.broadcast_to(np.linspace(top, bottom, height, dtype=np.float32)[:, None], (height, width))


def axes(height: int, width: int) -> tuple[Array, Array]:
    """The pixels' own coordinates: float32 (height, 1) and (1, width)."""
    return np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None, :]


def ramp(place: Array, stops: Sequence[Tint]) -> Array:
    """The colour at ``place`` (0 to 1, clipped) of a gradient through evenly spaced ``stops``: (height, width, 3)."""
    steps = 255  # a table: faster than blending three channels of a whole picture
    knots = np.linspace(0, steps, len(stops))
    channels = [np.interp(np.arange(steps + 1), knots, [stop[i] for stop in stops]) for i in range(3)]
    table = np.stack(channels, 1).astype(np.float32)
    return table[(np.clip(place, 0, 1) * steps + 0.5).astype(np.uint8)]


def step(values: Array, low: float, high: float) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blend(image: Array, color: Tint, share: Array) -> Array:
    """``share`` (height, width), 0 to 1, of ``color`` in ``image``."""
    return image + (np.asarray(color, np.float32) - image) * share[..., None].astype(np.float32)


def halved(paint: Callable[[int, int], Array], height: int, width: int) -> Array:
    """What ``paint`` makes of half the size, stretched: four times as fast, and its edges come out soft."""
    small = np.clip(paint((height + 1) // 2, (width + 1) // 2), 0, 255).astype(np.uint8)
    image = Image.fromarray(small)
    large = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32)[:height, :width]


def slanted(rng: Rng, height: int, width: int, cell: float, slope: float) -> Array:
    """Stripes of smooth noise about ``cell`` pixels wide, leaning ``slope`` pixels to the left for each one down."""
    y, x = axes(height, width)
    line = field(rng, 1, int(width + slope * height) + 2, 1, cell)[0]
    at = x + slope * (height - 1 - y)
    left = at.astype(int)
    return line[left] + (at - left.astype(np.float32)) * (line[left + 1] - line[left])


def cells(
    rng: Rng, height: int, width: int, cell_y: float, cell_x: float, loose: float = 0.36, warp: Array | None = None
) -> tuple[Array, Array, Array, Array]:
    """The plane split among seeds on a jittered, staggered grid.

    Returns, each (height, width): the way down and right from the pixel's own seed in units of a cell, how far the
    next seed is farther than it (0 on a border), and a number of the cell, uniform in 0 to 1. warp: bends the borders.
    """
    rows, columns = int(height / cell_y) + 5, int(width / cell_x) + 5
    seed_y, seed_x = rng.uniform(-loose, loose, (2, rows, columns)).astype(np.float32) + 0.5
    seed_x[::2] += 0.5
    names = rng.random((rows, columns), np.float32)
    y, x = axes(height, width)
    y, x = y / np.float32(cell_y) + rng.uniform(1, 2), x / np.float32(cell_x) + rng.uniform(1.5, 2.5)
    row, column = y[:, 0].astype(int), x[0].astype(int)
    if warp is not None:
        y, x = y + warp, x - warp
    best = np.full((height, width), 1e6, np.float32)
    second, down, right, name = best.copy(), best.copy(), best.copy(), best.copy()
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            here = np.ix_(row + i, column + j)
            dy = y - (seed_y + np.arange(rows, dtype=np.float32)[:, None])[here]
            dx = x - (seed_x + np.arange(columns, dtype=np.float32)[None, :])[here]
            away = dy * dy + dx * dx
            nearer = away < best
            second = np.where(nearer, best, np.minimum(second, away))
            best = np.minimum(best, away)
            np.copyto(down, dy, where=nearer)
            np.copyto(right, dx, where=nearer)
            np.copyto(name, names[here], where=nearer)
    return down, right, np.sqrt(second) - np.sqrt(best), name


def stamp(width: int, height: int, draw: Callable[[Sheet], None]) -> Stamp:
    """A small drawing to strew about with :func:`scatter`."""
    sheet = Sheet(width, height)
    draw(sheet)
    image = Image.fromarray(sheet.pixels())
    return image.convert("RGB"), image.getchannel("A")


def faded(drawing: Stamp, start: float = 0.35) -> Stamp:
    """``drawing`` dissolving towards its foot, from ``start`` of its height down."""
    colors, cover = drawing
    left = 1 - step(np.linspace(0, 1, cover.height), start, 1.0)
    return colors, Image.fromarray((np.asarray(cover, np.float32) * left[:, None]).astype(np.uint8))


def scatter(
    rng: Rng,
    image: Array,
    stamps: Sequence[Stamp],
    pitch_y: float,
    pitch_x: float,
    loose: float = 0.4,
    shuffled: bool = False,
    chance: float = 1.0,
) -> Array:
    """``image`` with ``stamps`` on a staggered grid of that pitch, each off its place by up to ``loose`` of it.

    The lower lie over the upper ones unless ``shuffled``.
    """
    height, width = image.shape[:2]
    page = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    rows, columns = int(height / pitch_y) + 4, int(width / pitch_x) + 4
    y, x = np.mgrid[0:rows, 0:columns] + rng.uniform(-loose, loose, (2, rows, columns))
    x += (np.arange(rows) % 2)[:, None] / 2
    y, x = (y - rng.uniform(1, 2)) * pitch_y, (x - rng.uniform(1, 2)) * pitch_x
    kinds = rng.integers(0, len(stamps), rows * columns)
    keep = rng.random(rows * columns) < chance
    spots = np.stack([y.ravel().astype(int), x.ravel().astype(int), kinds], 1)[keep]
    for down, right, kind in (rng.permutation(spots) if shuffled else spots).tolist():
        colors, cover = stamps[kind]
        page.paste(colors, (right - colors.width // 2, down - colors.height // 2), cover)
    return np.asarray(page, np.float32)
