"""Grounds and waters: what grows, lies or flows, as patterns of a fixed scale."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ..sheet import Color, Rng, Sheet, tone
from .noise import Array, Stamp, axes, blend, cells, field, halved, ramp, scatter, shade, slanted, stamp, step, vertical


def sea(rng: Rng, height: int, width: int) -> Array:
    y, _ = axes(height, width)
    swell = y / 19 + 0.28 * field(rng, height, width, 26, 30) + rng.random()
    wave = swell % 1  # 0 behind a crest, 1 on it
    body = wave * (1 - step(wave, 0.86, 1.0))
    image = ramp(
        body + 0.06 * field(rng, height, width, 60), [(14, 62, 136), (24, 88, 168), (44, 124, 194), (92, 178, 220)]
    )
    foam = step(wave, 0.72, 0.86) * (1 - step(wave, 0.92, 1.0)) * step(field(rng, height, width, 13, 24), -0.3, 0.8)
    return blend(image, (240, 250, 252), 0.9 * foam)


@lru_cache(maxsize=1)
def bubbles() -> tuple[Stamp, ...]:
    def draw(sheet: Sheet) -> None:
        sheet.ellipse(0.5, 0.5, 0.5, 0.5, (196, 244, 240), 0)
        sheet.ellipse(0.53, 0.53, 0.36, 0.36, (84, 186, 190), 0)
        sheet.ellipse(0.36, 0.34, 0.15, 0.15, (250, 255, 255), 0)

    return tuple(stamp(size, size, draw) for size in (8, 10, 12, 15))


def underwater(rng: Rng, height: int, width: int) -> Array:
    depth = vertical(rng, height, width)
    image = ramp(
        depth + 0.05 * field(rng, height, width, 44), [(64, 190, 190), (24, 144, 156), (10, 102, 124), (8, 76, 104)]
    )
    shafts = slanted(rng, height, width, 24, 0.45) + 0.5 * slanted(rng, height, width, 10, 0.45)
    image = blend(image, (160, 236, 218), 0.45 * step(shafts, 0.0, 2.4) * np.clip(1.15 - 0.5 * depth, 0, 1))
    return scatter(rng, image, bubbles(), 36, 38, 0.4, chance=0.85)


@lru_cache(maxsize=4)
def tufts(tall: int, colors: tuple[Color, ...]) -> tuple[Stamp, ...]:
    """Three blades each, leaning one way or the other."""

    def draw(sheet: Sheet, color: Color, lean: float) -> None:
        for root, tip, top, light in ((0.35, 0.08, 0.25, 0.86), (0.65, 0.92, 0.2, 1.0), (0.5, 0.5, 0.0, 1.16)):
            tip += lean
            points = [(root - 0.14, 1.0), ((root + tip) / 2 - 0.1, 0.5), (tip, top), ((root + tip) / 2 + 0.12, 0.5)]
            sheet.curve([*points, (root + 0.14, 1.0)], tone(color, light), 0.2)

    return tuple(stamp(tall - 3, tall, lambda s, c=c, k=k: draw(s, c, k)) for c in colors for k in (-0.1, 0.0, 0.1))  # type: ignore[misc]


def grass(rng: Rng, height: int, width: int) -> Array:
    image = shade((70, 142, 44), field(rng, height, width, 24), (6, 8, 3))
    image = scatter(rng, image, tufts(17, ((84, 164, 50), (104, 184, 60), (70, 148, 48))), 12, 14)
    return image + shade((0, 0, 0), field(rng, height, width, 48), (9, 8, 1))


@lru_cache(maxsize=1)
def blossoms() -> tuple[Stamp, ...]:
    def draw(sheet: Sheet, color: Color, heart: Color) -> None:
        for x, y in ((0.5, 0.24), (0.76, 0.43), (0.66, 0.74), (0.34, 0.74), (0.24, 0.43)):
            sheet.ellipse(x, y, 0.24, 0.24, color, 0.25)
        sheet.ellipse(0.5, 0.5, 0.17, 0.17, heart, 0.1)

    gold, rust = (252, 206, 70), (150, 84, 40)
    colors = [
        ((244, 116, 168), gold),
        ((252, 248, 240), gold),
        ((250, 214, 70), rust),
        ((226, 62, 66), gold),
        ((158, 104, 214), gold),
    ]
    return tuple(stamp(size, size, lambda s, c=c, h=h: draw(s, c, h)) for c, h in colors for size in (11, 13))  # type: ignore[misc]


def flower_field(rng: Rng, height: int, width: int) -> Array:
    image = shade((62, 134, 62), field(rng, height, width, 26), (7, 9, 5))
    image = scatter(rng, image, tufts(15, ((72, 148, 66), (88, 166, 76))), 15, 16)
    return scatter(rng, image, blossoms(), 15, 17, 0.3, chance=0.88)


@lru_cache(maxsize=1)
def ears() -> tuple[Stamp, ...]:
    """Ears of wheat on their stalks."""

    def draw(sheet: Sheet, color: Color, lean: float) -> None:
        sheet.line([(0.5 - lean * 0.4, 1.0), (0.5 - lean * 0.1, 0.7), (0.5, 0.45)], 0.15, (184, 132, 48), curved=True)
        for i in range(5):
            y = 0.46 - 0.09 * i
            x = 0.5 + lean * 0.32 * i
            sheet.ellipse(x - 0.16, y, 0.11, 0.075, color, 0.3, turn=-18)
            sheet.ellipse(x + 0.16, y - 0.03, 0.11, 0.075, tone(color, 0.78), 0.2, turn=18)
        sheet.ellipse(0.5 + lean * 1.5, 0.06, 0.1, 0.06, tone(color, 1.25), 0.2)

    colors = ((246, 200, 84), (254, 222, 120), (236, 180, 62))
    return tuple(stamp(16, 44, lambda s, c=c, k=k: draw(s, c, k)) for c in colors for k in (-0.16, -0.06, 0.06, 0.16))  # type: ignore[misc]


def wheat(rng: Rng, height: int, width: int) -> Array:
    image = shade((150, 98, 32), field(rng, height, width, 30, 7), (18, 14, 5))
    image = scatter(rng, image, ears(), 20, 14, 0.35)
    return image + shade((0, 0, 0), field(rng, height, width, 40, 60), (7, 7, 3))


@lru_cache(maxsize=1)
def trees() -> tuple[Stamp, ...]:
    """Trees of a wood, leafy crown over trunk, from misty to deep green."""

    def draw(sheet: Sheet, color: Color) -> None:
        sheet.polygon([(0.42, 0.5), (0.58, 0.5), (0.63, 1.0), (0.37, 1.0)], (78, 64, 60), 0.4)
        sheet.ellipse(0.5, 0.42, 0.44, 0.2, tone(color, 0.66), 0.1)
        for x, y, r, light in (
            (0.24, 0.38, 0.24, 0.84),
            (0.76, 0.4, 0.24, 0.72),
            (0.56, 0.3, 0.3, 0.9),
            (0.4, 0.2, 0.26, 1.06),
        ):
            sheet.ellipse(x, y, r, r * 0.72, tone(color, light), 0.3, ball=True)

    colors = ((52, 128, 116), (38, 108, 92), (34, 94, 96), (46, 120, 86), (86, 152, 140))
    return tuple(stamp(wide, 54, lambda s, c=c: draw(s, c)) for c in colors for wide in (32, 38))  # type: ignore[misc]


def forest(rng: Rng, height: int, width: int) -> Array:
    image = shade((18, 50, 58), field(rng, height, width, 20), (3, 7, 7))
    image = scatter(rng, image, trees(), 35, 27, 0.26)
    return image + shade((0, 0, 0), field(rng, height, width, 40, 80), (4, 6, 7))


@lru_cache(maxsize=1)
def leaves() -> tuple[Stamp, ...]:
    """Pointed leaves in the colours of autumn, each turned every way."""

    def draw(sheet: Sheet, color: Color, turn: float) -> None:
        a = np.deg2rad(turn)

        def at(u: float, v: float) -> tuple[float, float]:
            return float(0.5 + u * np.cos(a) - v * np.sin(a)), float(0.5 + u * np.sin(a) + v * np.cos(a))

        along = np.linspace(-0.36, 0.48, 9)
        bulge = 0.27 * (1 - (along / 0.42 - 0.143) ** 2) * (1.1 - along)
        outline = [*zip(along, bulge), *zip(along[::-1], -bulge[::-1])]
        sheet.line([at(-0.48, 0), at(-0.2, 0)], 0.08, tone(color, 0.55))
        sheet.polygon([at(u, v) for u, v in outline], tone(color, 0.9), 0.3)
        sheet.polygon([at(u, v) for u, v in outline if v >= 0], tone(color, 1.12), 0.2)
        sheet.line([at(-0.36, 0), at(0.3, 0)], 0.055, tone(color, 0.66))

    colors = ((232, 122, 36), (206, 60, 38), (244, 184, 60), (176, 92, 42), (226, 148, 44), (158, 52, 40))
    return tuple(stamp(28, 28, lambda s, c=c, t=t: draw(s, c, t)) for c in colors for t in range(0, 360, 40))  # type: ignore[misc]


def autumn_leaves(rng: Rng, height: int, width: int) -> Array:
    image = shade((116, 58, 30), field(rng, height, width, 16), (10, 6, 3))
    return scatter(rng, image, leaves(), 14, 15, 0.45, shuffled=True)


def sand(rng: Rng, height: int, width: int) -> Array:
    y, _ = axes(height, width)
    ripple = np.sin(y * (2 * np.pi / 18) + 2.4 * field(rng, height, width, 40, 44))
    ripple = ripple + 0.35 * np.sin(2 * np.arcsin(np.clip(ripple, -1, 1)))
    image = ramp(
        0.5 + 0.3 * ripple + 0.14 * field(rng, height, width, 60, 90),
        [(206, 166, 108), (234, 202, 142), (250, 228, 180)],
    )
    return image + (2.5 * field(rng, height, width, 5))[..., None]


def snow(rng: Rng, height: int, width: int) -> Array:
    y, _ = axes(height, width)
    place = (y / 44 + 0.36 * field(rng, height, width, 56, 80) + rng.random()) % 1
    drift = step(place, 0.0, 0.24) * (1 - 0.95 * place)
    image = ramp(drift + 0.06 * field(rng, height, width, 30), [(192, 208, 238), (224, 232, 248), (248, 250, 254)])
    return blend(image, (255, 255, 255), 0.4 * step(field(rng, height, width, 9), 0.8, 3.6))


def ice(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        down, right, border, name = cells(rng, h, w, 16, 20, 0.42)
        light = name - 0.35 * (down + right) + 0.1 * field(rng, h, w, 14)
        image = ramp(light, [(112, 194, 218), (148, 216, 230), (184, 234, 240)])
        return blend(image, (244, 253, 255), 0.9 * (1 - step(border, 0.03, 0.14)))

    return halved(paint, height, width)


def rock(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        down, right, border, name = cells(rng, h, w, 14, 22, 0.42, 0.08 * field(rng, h, w, 10))
        light = 0.28 + 0.5 * name - 0.45 * (down + 0.7 * right) + 0.05 * field(rng, h, w, 5)
        image = ramp(light, [(84, 76, 74), (124, 113, 104), (160, 147, 132), (196, 184, 166)])
        return blend(image, (60, 52, 54), 0.8 * (1 - step(border, 0.0, 0.2)))

    return halved(paint, height, width)


@lru_cache(maxsize=1)
def pebbles() -> tuple[Stamp, ...]:
    def draw(sheet: Sheet, color: Color) -> None:
        sheet.ellipse(0.52, 0.58, 0.48, 0.42, (58, 36, 24), 0)
        sheet.ellipse(0.48, 0.42, 0.46, 0.4, color, 0.3, ball=True)

    colors = ((150, 116, 88), (126, 92, 66), (166, 136, 108))
    return tuple(stamp(w, w * 3 // 4, lambda s, c=c: draw(s, c)) for c in colors for w in (9, 12, 16))  # type: ignore[misc]


def dirt(rng: Rng, height: int, width: int) -> Array:
    clod = field(rng, height, width, 13, 16) + 0.4 * field(rng, height, width, 7)
    lit = clod - np.roll(clod, -3, (0, 1))
    image = ramp(
        0.5 + 0.12 * clod + 0.12 * lit + 0.08 * field(rng, height, width, 50),
        [(66, 42, 28), (104, 68, 44), (140, 98, 64)],
    )
    return scatter(rng, image, pebbles(), 26, 28, 0.42, chance=0.8)


def lava(rng: Rng, height: int, width: int) -> Array:
    def paint(h: int, w: int) -> Array:
        down, right, border, name = cells(rng, h, w, 17, 20, 0.4, 0.07 * field(rng, h, w, 9))
        heat = 1.02 - border * 2.1 + 0.1 * field(rng, h, w, 20)
        stops = [(52, 26, 32), (60, 24, 26), (150, 36, 20), (236, 92, 22), (255, 168, 44), (255, 232, 120)]
        crust = (heat < 0.4) * (name - 0.5 - 0.5 * (down + right))
        return ramp(heat, stops) * (1 + 0.3 * crust)[..., None]

    return halved(paint, height, width)


GROUND: dict[str, Callable[[Rng, int, int], Array]] = {
    "sea": sea,
    "underwater": underwater,
    "grass": grass,
    "flower field": flower_field,
    "wheat": wheat,
    "forest": forest,
    "autumn leaves": autumn_leaves,
    "sand": sand,
    "snow": snow,
    "ice": ice,
    "rock": rock,
    "dirt": dirt,
    "lava": lava,
}
