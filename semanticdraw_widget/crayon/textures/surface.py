"""Built grounds: stones, bricks, planks, tiles and asphalt, each laid at a fixed pitch with a soft bevel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..sheet import Rng
from .noise import Array, axes, blend, cells, field, halved, ramp, shade, step

Grid = tuple[Array, Array, Array]


def laid(rng: Rng, height: int, width: int, tall: float, wide: float, shift: float) -> Grid:
    """Courses of blocks, each (height, width): how far down and right in its block a pixel is, in pixels, and a
    number of the block, uniform in 0 to 1. shift: how far a course is off the last, as a share of a block."""
    y, x = axes(height, width)
    y = y + rng.uniform(0, tall)
    row = np.floor(y / tall)
    x = x + rng.uniform(0, wide) + row * (shift * wide)
    column = np.floor(x / wide)
    numbers = rng.random(997).astype(np.float32)
    number = numbers[(row * 131 + column * 17).astype(int) % 997]
    return np.broadcast_to(y - row * tall, (height, width)), x - column * wide, number


def bevel(down: Array, right: Array, tall: float, wide: float, soft: float = 4.0) -> Array:
    """1 along a block's upper and left edge, -1 along the others, 0 in its middle."""
    lit = np.maximum(1 - down / soft, 1 - right / soft)
    dark = np.maximum(1 - (tall - down) / soft, 1 - (wide - right) / soft)
    return np.clip(lit, 0, 1) - np.clip(dark, 0, 1)


def joint(down: Array, right: Array, tall: float, wide: float, thick: float) -> Array:
    """1 on the joints between blocks, 0 off them, with soft edges."""
    edge = np.minimum(np.minimum(down, tall - down), np.minimum(right, wide - right))
    return 1 - step(edge, thick / 2 - 0.7, thick / 2 + 0.9)


def cobblestone(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        down, right, border, name = cells(rng, h, w, 10, 12, 0.2)
        dome = -(0.55 * down + 0.45 * right)
        image = ramp(
            name + 0.08 * field(rng, h, w, 4), [(122, 126, 142), (150, 150, 158), (172, 164, 154), (136, 144, 160)]
        )
        image = image * (1 + 0.5 * dome)[..., None] + (34 * step(-down - right, 0.2, 0.7))[..., None]
        return blend(image, (54, 54, 66), 1 - step(border, 0.1, 0.34))

    return halved(paint, height, width)


def brick(rng: Rng, height: int, width: int) -> Array:
    tall, wide = 13, 27
    down, right, number = laid(rng, height, width, tall, wide, 0.5)
    image = ramp(number, [(150, 60, 46), (178, 76, 54), (192, 92, 62), (168, 66, 60)])
    image = image + (18 * bevel(down, right, tall, wide))[..., None] + (5 * field(rng, height, width, 9))[..., None]
    image = blend(image, (216, 202, 186), joint(down, right, tall, wide, 2.6))
    return image * (1 + 0.035 * field(rng, height, width, 60))[..., None]


def wood(rng: Rng, height: int, width: int) -> Array:
    tall, wide = 112, 26
    right, down, number = (a.T for a in laid(rng, width, height, wide, tall, 0.38))
    grain = np.sin(right * 0.55 + number * 40 + 2.4 * field(rng, height, width, 34, 12))
    image = ramp(number, [(168, 106, 56), (186, 124, 66), (202, 142, 82), (178, 112, 64)])
    image = image + shade((0, 0, 0), grain, (11, 9, 7)) + (9 * bevel(down, right, tall, wide))[..., None]
    return blend(image, (84, 48, 26), joint(down, right, tall, wide, 3.0))


def tiles(rng: Rng, height: int, width: int) -> Array:
    side = 24
    y, x = axes(height, width)
    y, x = y + rng.uniform(0, 2 * side), x + rng.uniform(0, 2 * side)
    odd = np.broadcast_to((np.floor(y / side) + np.floor(x / side)) % 2, (height, width))
    down, right = (np.broadcast_to(a % side, (height, width)) for a in (y, x))
    image = shade((70, 116, 150), odd, (174, 118, 64))
    gloss = 1 - (down + right) / side  # each tile shines at its upper left
    image = image + (13 * gloss + 10 * bevel(down, right, side, side, 3))[..., None]
    image = blend(image, (196, 190, 180), joint(down, right, side, side, 2.2))
    return image + (4 * field(rng, height, width, 50))[..., None]


def road(rng: Rng, height: int, width: int) -> Array:
    lane, dash = 44, 40
    y, x = axes(height, width)
    x = x + rng.uniform(0, lane)
    y = y + rng.uniform(0, dash) + np.floor(x / lane) % 2 * (dash / 2)
    across, along = abs(x % lane - lane / 2), abs(y % dash - dash / 2)
    line = (1 - step(across, 2.4, 4.2)) * (1 - step(along, 9.5, 12))
    tread = 5 * np.cos(x * (4 * np.pi / lane))  # wheels have polished two tracks a lane
    image = shade((86, 88, 96), tread + 4 * field(rng, height, width, 40) + 2 * field(rng, height, width, 5), (1, 1, 1))
    return blend(image, (244, 232, 196), line * 0.95)


SURFACE: dict[str, Callable[[Rng, int, int], Array]] = {
    "cobblestone": cobblestone,
    "brick": brick,
    "wood": wood,
    "tiles": tiles,
    "road": road,
}
