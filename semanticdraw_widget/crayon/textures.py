"""The painter's backgrounds: one function a concept, each ``(rng, height, width) -> float32 (height, width, 3)``.

Values are 0 to 255. Patterns have a fixed scale in pixels (a brick is about 26 px wide), so a picture of 128 px is
a window on one of 256 px: what crayon learns on small pictures holds on large ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

Array = np.ndarray
Rng = np.random.Generator


def field(rng: Rng, height: int, width: int, cell_y: float, cell_x: float | None = None) -> Array:
    """Smooth noise of about unit deviation, shape (height, width), features about ``cell`` pixels in size."""
    cell_x = cell_y if cell_x is None else cell_x
    rows, columns = int(height / cell_y) + 3, int(width / cell_x) + 3
    grid = Image.fromarray(rng.standard_normal((rows, columns)).astype(np.float32))
    box = (1.0, 1.0, 1.0 + width / cell_x, 1.0 + height / cell_y)
    return 1.5 * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC, box=box))


def shade(base: tuple[float, float, float], amount: Array, step: tuple[float, float, float]) -> Array:
    """``base + amount * step`` per channel: shape (height, width, 3)."""
    return np.asarray(base, np.float32) + amount[..., None].astype(np.float32) * np.asarray(step, np.float32)


def vertical(rng: Rng, height: int, width: int) -> Array:
    """A top-to-bottom ramp 0..1 with random ends, so that a crop of a background is still that background."""
    top, bottom = rng.uniform(-0.15, 0.35), rng.uniform(0.65, 1.15)
    return np.broadcast_to(np.linspace(top, bottom, height, dtype=np.float32)[:, None], (height, width))


def sky(rng: Rng, height: int, width: int) -> Array:
    ramp = vertical(rng, height, width)
    wisp = np.clip(field(rng, height, width, 26, 60) - 0.9, 0, 1.2)
    return shade((78, 146, 232), ramp, (82, 58, 16)) + 38 * wisp[..., None]


def sunset(rng: Rng, height: int, width: int) -> Array:
    ramp = np.clip(vertical(rng, height, width) + 0.06 * field(rng, height, width, 14, 90), 0, 1)
    stops = np.array([[112, 62, 134], [206, 84, 112], [246, 138, 78], [252, 204, 112]], np.float32)
    place = ramp * (len(stops) - 1)
    low = np.clip(place.astype(int), 0, len(stops) - 2)
    return stops[low] + (place - low)[..., None] * (stops[low + 1] - stops[low])


def night_sky(rng: Rng, height: int, width: int) -> Array:
    image = shade((16, 20, 56), vertical(rng, height, width), (14, 16, 36))
    image += field(rng, height, width, 50)[..., None] * np.array([2, 2, 6], np.float32)
    for _ in range(rng.poisson(height * width / 1100)):
        y, x, bright = int(rng.integers(0, height)), int(rng.integers(0, width)), rng.uniform(120, 235)
        image[max(0, y - 1) : y + 3, max(0, x - 1) : x + 3] += bright * 0.35
        image[y : y + 2, x : x + 2] += bright * 0.65
    return image


def sea(rng: Rng, height: int, width: int) -> Array:
    y = np.arange(height, dtype=np.float32)[:, None]
    phase = y * (2 * np.pi / 17) + 1.5 * field(rng, height, width, 24, 34)
    wave = np.sin(phase)
    crest = np.clip(wave - 0.8, 0, 1) * 5 * (field(rng, height, width, 16, 26) > 0.15)
    return shade((24, 96, 158), 0.5 + 0.5 * wave, (16, 38, 40)) + 74 * crest[..., None]


def grass(rng: Rng, height: int, width: int) -> Array:
    blade = field(rng, height, width, 11, 4.5)
    patch = field(rng, height, width, 45)
    return shade((76, 150, 46), blade, (15, 20, 8)) + patch[..., None] * np.array([7, 6, 3], np.float32)


def sand(rng: Rng, height: int, width: int) -> Array:
    y = np.arange(height, dtype=np.float32)[:, None]
    ripple = np.sin(y * (2 * np.pi / 21) + 2.2 * field(rng, height, width, 40, 55))
    grain = field(rng, height, width, 4)
    return shade((228, 196, 130), ripple, (9, 10, 10)) + 3.5 * grain[..., None]


def snow(rng: Rng, height: int, width: int) -> Array:
    drift = field(rng, height, width, 28, 64)
    return shade((232, 239, 249), np.clip(drift, -1.6, 1), (9, 6.5, 3))


def rock(rng: Rng, height: int, width: int) -> Array:
    facet = field(rng, height, width, 26)
    crack = np.clip(1 - np.abs(field(rng, height, width, 30)) * 6.5, 0, 1)
    return shade((126, 122, 120), np.sign(facet) * np.abs(facet) ** 0.5, (15, 15, 15)) - 52 * crack[..., None]


def brick(rng: Rng, height: int, width: int) -> Array:
    tall, wide, mortar = 13, 27, 2.2
    y = np.arange(height, dtype=np.float32)[:, None] + rng.uniform(0, tall)
    row = np.floor(y / tall)
    x = np.arange(width, dtype=np.float32)[None, :] + rng.uniform(0, wide) + (row % 2) * wide / 2
    column = np.floor(x / wide)
    tint = np.sin(row * 12.9898 + column * 78.233 + rng.uniform(0, 6)) * 1.0
    image = shade((170, 76, 56), tint, (17, 11, 9))
    joint = ((y % tall) < mortar) | ((x % wide) < mortar)
    image[np.broadcast_to(joint, (height, width))] = (214, 202, 190)
    return image + 4 * field(rng, height, width, 6)[..., None]


def lava(rng: Rng, height: int, width: int) -> Array:
    vein = np.clip(1.25 - np.abs(field(rng, height, width, 44)) * 3.2, 0, 1)
    vein = np.maximum(vein, np.clip(1.1 - np.abs(field(rng, height, width, 38)) * 3.6, 0, 1))
    image = shade((54, 22, 22), vein, (200, 66, 0))
    return image + np.clip(vein - 0.6, 0, 1)[..., None] * np.array([0, 190, 60], np.float32)


def wood(rng: Rng, height: int, width: int) -> Array:
    board = 24
    x = np.arange(width, dtype=np.float32)[None, :] + rng.uniform(0, board)
    plank = np.floor(x / board)
    tint = np.sin(plank * 43.7 + rng.uniform(0, 6))
    grain = field(rng, height, width, 46, 4)
    image = shade((174, 122, 70), np.broadcast_to(tint, grain.shape), (14, 11, 8)) + 9 * grain[..., None]
    image[np.broadcast_to((x % board) < 2.2, (height, width))] = (92, 58, 32)
    return image


TEXTURES: dict[str, Callable[[Rng, int, int], Array]] = {
    "sky": sky,
    "sunset": sunset,
    "night sky": night_sky,
    "sea": sea,
    "grass": grass,
    "sand": sand,
    "snow": snow,
    "rock": rock,
    "brick": brick,
    "lava": lava,
    "wood": wood,
}
