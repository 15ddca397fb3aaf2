"""Skies of every hour: each reads as itself in any crop, so light, cloud and stars come at a fixed scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ..sheet import Color, Rng, Sheet, tone
from .noise import (
    Array,
    Stamp,
    Tint,
    axes,
    blend,
    faded,
    field,
    halved,
    ramp,
    scatter,
    shade,
    slanted,
    stamp,
    step,
    vertical,
)


def sky(rng: Rng, height: int, width: int) -> Array:
    light = vertical(rng, height, width) + 0.05 * field(rng, height, width, 40, 70)
    image = ramp(light, [(52, 128, 226), (92, 164, 240), (160, 208, 248)])
    wisp = (
        field(rng, height, width, 34, 90)
        + 0.7 * field(rng, height, width, 14, 60)
        + 0.3 * field(rng, height, width, 7, 26)
    )
    return blend(image, (252, 250, 246), 0.72 * step(wisp, 0.2, 4.4))


def sunset(rng: Rng, height: int, width: int) -> Array:
    light = vertical(rng, height, width)
    streak = field(rng, height, width, 12, 64) + 0.5 * field(rng, height, width, 7, 36)
    image = ramp(
        light + 0.03 * field(rng, height, width, 30, 90),
        [(104, 66, 150), (196, 82, 134), (244, 122, 92), (254, 176, 88), (255, 222, 136)],
    )
    image = blend(image, (148, 62, 122), 0.6 * step(streak, 0.5, 2.2))
    under = np.roll(streak, 5, 0)  # the low sun lights the clouds from below
    return blend(image, (255, 214, 150), 0.55 * step(under, 0.4, 1.6) * (1 - step(streak, 0.3, 1.2)))


@lru_cache(maxsize=4)
def stars(low: int, high: int, colors: tuple[Color, ...]) -> tuple[Stamp, ...]:
    """Round and four-pointed stars of ``low`` to ``high`` pixels with a soft glow."""

    def draw(sheet: Sheet, color: Color, pointed: bool) -> None:
        if pointed:
            points = [(0.5, 0.0), (0.6, 0.4), (1.0, 0.5), (0.6, 0.6), (0.5, 1.0), (0.4, 0.6), (0.0, 0.5), (0.4, 0.4)]
            sheet.polygon(points, color, 0)
        radius = 0.24 if pointed else 0.4
        sheet.ellipse(0.5, 0.5, radius, radius, color, 0)

    result = []
    for size in range(low, high + 1):
        for color in colors:
            image, cover = stamp(size, size, lambda s, c=color, p=size > 7: draw(s, c, p))  # type: ignore[misc]
            image.paste(color, (0, 0, size, size))
            result.append((image, cover))
    return tuple(result)


def night_sky(rng: Rng, height: int, width: int) -> Array:
    light = vertical(rng, height, width) + 0.07 * field(rng, height, width, 50)
    image = ramp(light, [(14, 18, 60), (24, 36, 96), (48, 66, 140)])
    image = scatter(rng, image, stars(4, 6, ((206, 218, 255), (255, 255, 250))), 22, 22, 0.45, chance=0.7)
    return scatter(rng, image, stars(10, 12, ((255, 240, 190), (255, 252, 232))), 42, 46, 0.4)


@lru_cache(maxsize=1)
def puffs() -> tuple[Stamp, ...]:
    """Heaps of dark cloud, lit from above."""

    def draw(sheet: Sheet, color: Color) -> None:
        sheet.ellipse(0.5, 0.64, 0.5, 0.36, tone(color, 0.86), 0.4, ball=True)
        sheet.ellipse(0.27, 0.5, 0.25, 0.32, color, 0.4, ball=True)
        sheet.ellipse(0.6, 0.4, 0.32, 0.4, tone(color, 1.12), 0.45, ball=True)

    colors = ((66, 78, 116), (86, 98, 134), (52, 62, 98), (110, 120, 150))
    return tuple(faded(stamp(w, w * 5 // 8, lambda s, c=c: draw(s, c)), 0.2) for c in colors for w in (32, 42))  # type: ignore[misc]


def storm(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        image = shade((44, 52, 84), field(rng, h, w, 20), (6, 6, 8))
        image = scatter(rng, image, puffs(), 11, 20, 0.45)
        return image * (1.0 + 0.12 * field(rng, h, w, 20, 40) - 0.2 * (vertical(rng, h, w) - 0.5))[..., None]

    image = halved(paint, height, width)
    rain = step(slanted(rng, height, width, 6, 0.4), 0.3, 2.2)
    return blend(image, (178, 192, 222), 0.3 * rain)


def aurora(rng: Rng, height: int, width: int) -> Array:
    y, _ = axes(height, width)
    image = ramp(vertical(rng, height, width), [(8, 14, 44), (12, 24, 60), (16, 42, 72)])
    image = scatter(rng, image, stars(3, 4, ((200, 220, 255),)), 34, 34, 0.45)
    tall = 84
    fold = field(rng, height, width, 160, 44) * 15 + field(rng, height, width, 90, 16) * 3
    place = ((y + fold) / tall + rng.random()) % 1  # 0 at the top of a curtain, 1 at its hem
    rays = 0.85 + 0.2 * field(rng, height, width, 60, 7) + 0.16 * field(rng, height, width, 60, 60)
    glow = np.clip(step(place, -0.02, 0.85) * (1 - step(place, 0.9, 1.0)) * rays, 0, 1)
    tint = ramp(
        place, [(130, 50, 190), (168, 70, 224), (132, 96, 226), (50, 190, 170), (70, 240, 140), (160, 255, 180)]
    )
    return image + (tint - image * 0.6) * glow[..., None]


def space(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        image = shade((16, 8, 34), field(rng, h, w, 30), (4, 3, 8))
        dust = 0.45 * field(rng, h, w, 8) + 0.25 * field(rng, h, w, 4)
        clouds: list[Tint] = [(34, 104, 190), (110, 44, 190), (222, 58, 150), (255, 168, 150)]
        for i, tint in enumerate(clouds):
            cloud = field(rng, h, w, 24) + dust
            image = blend(image, tint, (0.8, 0.8, 0.85, 0.5)[i] * step(cloud, (-0.4, -0.2, 0.2, 1.0)[i], 4.0))
        return image

    image = halved(paint, height, width)
    return scatter(
        rng, image, stars(3, 5, ((255, 250, 240), (255, 214, 236), (190, 236, 255))), 25, 25, 0.45, chance=0.65
    )


HEAVEN: dict[str, Callable[[Rng, int, int], Array]] = {
    "sky": sky,
    "sunset": sunset,
    "night sky": night_sky,
    "storm": storm,
    "aurora": aurora,
    "space": space,
}
