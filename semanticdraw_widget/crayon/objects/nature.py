"""What grows, stands in a landscape or hangs in the sky: from tree and tulip to mountain, sun and rainbow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..sheet import CREAM, Color, Point, Rng, Sheet, brightness, jitter, mirrored, mix, smooth, tone
from .kind import Kind
from .palette import unlike

BARK: Color = (128, 84, 50)
LEAF: Color = (84, 156, 62)
DARK_LEAF: Color = (40, 104, 60)
STALK: Color = (246, 228, 196)
DUSK: Color = (48, 52, 110)  # what shade is tinted with
GLOW: Color = (255, 240, 176)  # what light is tinted with
SNOW: Color = (248, 250, 255)
SNOW_SHADE: Color = (186, 204, 234)
BANDS: tuple[Color, ...] = (
    (226, 62, 56),
    (246, 146, 48),
    (252, 214, 74),
    (92, 182, 84),
    (64, 144, 220),
    (138, 88, 186),
)
Puff = tuple[float, float, float, float]


def deep(color: Color, amount: float = 0.3) -> Color:
    """``color`` in the shade: darker and fuller, so that yellow goes to amber; a pale color only turns cooler."""
    full: Color = tuple(int(c * (c / 255) ** (1.2 * amount)) for c in color)  # type: ignore[assignment]
    return mix(full, DUSK, amount * (0.35 + 0.35 * (min(color) / 255) ** 2))


def bright(color: Color, amount: float = 0.25) -> Color:
    """``color`` in the light: paler, and warmer unless it is dark."""
    return mix(tone(color, 1 + amount * 0.7), GLOW, amount * 0.5 * (brightness(color) / 255) ** 1.5)


def puffs(s: Sheet, spots: Sequence[Puff], color: Color, shade: float) -> None:
    """Round tufts lit as balls: (x, y, rx, ry) each."""
    for x, y, rx, ry in spots:
        s.ellipse(x, y, rx, ry, color, shade, ball=True)


def blade(s: Sheet, foot: Point, bend: Point, tip: Point, width: float, color: Color, fullest: float = 0.8) -> None:
    """A leaf along the curve from ``foot`` to ``tip`` drawn to ``bend``; its right half, seen from the foot, is shaded.

    fullest: below 1 it is widest near its foot, above 1 near its tip.
    """
    t = np.linspace(0, 1, 11)[:, None]
    a, b, c = (np.asarray(p) for p in (foot, bend, tip))
    spine = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    along = (1 - t) * (b - a) + t * (c - b)
    side = np.stack([along[:, 1], -along[:, 0]], 1) / np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-6)
    half = side * np.sin(np.pi * t**fullest) * width / 2
    left, middle, right = ([(float(x), float(y)) for x, y in path] for path in (spine + half, spine, spine - half))
    s.polygon([*left, *reversed(right)], bright(color, 0.15), 0.15)
    s.polygon([*middle, *reversed(right)], deep(color, 0.25), 0.15)


def trunk(s: Sheet, top: float, width: float, bark: Color) -> None:
    """A trunk with spread roots from ``top`` to the ground, in the middle of the box."""
    w = width / 2
    left = [(0.5 - w * 0.85, top), (0.5 - w * 0.9, 0.86), (0.5 - w * 1.6, 1.0)]
    s.polygon(mirrored(left), bark, 0.3)
    s.polygon(
        [(0.5 + w * 0.2, top), (0.5 + w * 0.85, top), (0.5 + w * 0.9, 0.86), (0.5 + w * 1.6, 1), (0.5 + w * 0.3, 1)],
        deep(bark),
    )


def away_from(color: Color, first: Color, second: Color) -> Color:
    """``first``, or ``second`` where ``first`` would be lost on ``color``."""
    return unlike(color, first, second, apart=130)


def bloom(s: Sheet, x: float, y: float, rx: float, ry: float, fill: Color, count: int = 5) -> None:
    """A small open flower."""
    for i in range(count):
        a = 2 * np.pi * (i + 0.25) / count
        s.ellipse(x + 0.58 * rx * np.cos(a), y + 0.58 * ry * np.sin(a), rx * 0.48, ry * 0.48, fill, 0.25, ball=True)
    s.ellipse(x, y, rx * 0.34, ry * 0.34, away_from(fill, (255, 222, 110), (250, 250, 240)), 0)


def stem(s: Sheet, top: float, width: float, color: Color) -> None:
    """A straight stem in the middle of the box, from ``top`` to its foot."""
    s.box(0.5 - width / 2, top, 0.5 + width / 2, 1.0, color, 0.1)
    s.box(0.5 + width * 0.1, top, 0.5 + width / 2, 1.0, deep(color), 0.1)


def petal(s: Sheet, angle: float, color: Color) -> None:
    """A petal of the daisy's head, an egg that points away from its middle at ``angle``."""
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    along, across = 0.582 + 0.42 * np.cos(turn), 0.2 * (1 + 0.25 * np.cos(turn)) * np.sin(turn)
    x = 0.5 + 0.5 * (along * np.cos(angle) - across * np.sin(angle))
    y = 0.36 + 0.36 * (along * np.sin(angle) + across * np.cos(angle))
    s.polygon([(float(u), float(v)) for u, v in zip(x, y)], color, 0.2)


def snow(s: Sheet, cap: Sequence[Point]) -> None:
    """A snow cap, its flat top's two ends first, then its hem from the right; its right part lies in shade."""
    s.polygon(cap, SNOW, 0)
    (left, top), (right, _) = cap[:2]
    ridge = (cap[4][0] - 0.02, (top + cap[4][1]) / 2)
    s.polygon([((left + right) / 2, top), *cap[1:5], ridge], SNOW_SHADE, 0)


def tree(s: Sheet, rng: Rng, color: Color) -> None:
    leaf = jitter(rng, color, 3)
    trunk(s, 0.55, 0.22, jitter(rng, BARK, 3))
    s.polygon([(0.39, 0.7), (0.61, 0.7), (0.61, 0.8), (0.5, 0.83), (0.39, 0.8)], deep(BARK, 0.5), 0)
    rear = [(0.19, 0.53, 0.19, 0.19), (0.81, 0.53, 0.19, 0.19), (0.36, 0.62, 0.2, 0.16), (0.64, 0.62, 0.2, 0.16)]
    puffs(s, rear, deep(leaf, 0.4), 0.2)
    s.ellipse(0.5, 0.42, 0.38, 0.3, deep(leaf, 0.25), 0.1)
    for x, y, rx, ry, fill in (
        (0.53, 0.2, 0.25, 0.2, leaf),
        (0.77, 0.34, 0.22, 0.2, deep(leaf, 0.1)),
        (0.23, 0.36, 0.22, 0.2, leaf),
        (0.64, 0.51, 0.2, 0.16, deep(leaf, 0.1)),
        (0.37, 0.53, 0.2, 0.15, leaf),
        (0.47, 0.34, 0.2, 0.16, bright(leaf, 0.1)),
    ):
        s.ellipse(x, y, rx, ry, fill, 0.24)
    fruit = away_from(color, (220, 52, 46), (252, 206, 72))
    for x, y in ((0.24, 0.46), (0.5, 0.16), (0.53, 0.45), (0.79, 0.36), (0.72, 0.6), (0.33, 0.25)):
        s.ellipse(x, y, 0.056, 0.05, fruit, 0.4, ball=True)


def pine_tree(s: Sheet, rng: Rng, color: Color) -> None:
    needle = jitter(rng, color, 3)
    trunk(s, 0.8, 0.26, jitter(rng, BARK, 3))
    for top, foot, half in ((0.4, 0.9, 0.5), (0.2, 0.67, 0.43), (0.0, 0.44, 0.35)):
        drop = foot - top
        waist, tip = 0.5 * half, foot - 0.13 * drop
        hem = [
            (half, tip),
            (0.93 * half, tip + 0.09 * drop),
            (0.6 * half, foot - 0.03),
            (0.3 * half, foot),
            (0.0, foot - 0.02),
        ]
        edge = [(0.03, top), (waist, top + 0.46 * drop), *hem]
        s.polygon(mirrored([(0.5 - x, y) for x, y in edge]), needle, 0.2)
        s.polygon(
            [(0.5, top), *((0.5 + x, y) for x, y in edge[:5]), (0.5 + 0.22 * half, foot - 0.2 * drop)],
            deep(needle),
            0.15,
        )
        glint = [
            (0.0, top),
            (-0.03, top),
            (-waist, top + 0.46 * drop),
            (-0.9 * half, tip - 0.02),
            (-0.4 * half, foot - 0.3 * drop),
        ]
        s.polygon([(0.5 + x, y) for x, y in glint], bright(needle, 0.3), 0.1)


def palm_tree(s: Sheet, rng: Rng, color: Color) -> None:
    leaf, bark = jitter(rng, color, 3), jitter(rng, (176, 124, 74), 3)
    s.polygon(
        [(0.47, 0.3), (0.62, 0.3), (0.6, 0.62), (0.56, 0.86), (0.62, 1), (0.28, 1), (0.38, 0.84), (0.46, 0.6)],
        bark,
        0.3,
    )
    for y, x in ((0.58, 0.53), (0.7, 0.51), (0.82, 0.48), (0.94, 0.45)):
        s.line([(x - 0.07, y), (x, y + 0.02), (x + 0.07, y)], 0.03, deep(bark))
    fronds: tuple[tuple[Point, Point], ...] = (
        ((0.75, 0.3), (0.82, 0.72)),
        ((0.3, 0.3), (0.2, 0.72)),
        ((0.85, 0.12), (1.0, 0.55)),
        ((0.2, 0.12), (0.0, 0.55)),
        ((0.75, -0.02), (1.0, 0.26)),
        ((0.28, -0.02), (0.0, 0.26)),
        ((0.56, 0.1), (0.5, 0.0)),
    )
    for bend, tip in fronds:
        blade(s, (0.53, 0.28), bend, tip, 0.26, leaf)
    s.ellipse(0.53, 0.33, 0.07, 0.07, deep(leaf, 0.25), 0)
    puffs(s, [(0.45, 0.39, 0.08, 0.08), (0.6, 0.4, 0.08, 0.08), (0.53, 0.46, 0.08, 0.08)], (122, 74, 44), 0.35)


def cactus(s: Sheet, rng: Rng, color: Color) -> None:
    skin = jitter(rng, color, 3)
    for side, low, top in ((-1, 0.7, 0.36), (1, 0.6, 0.25)):
        x = 0.5 + side * 0.39
        s.line([(0.5, low), (x - side * 0.04, low), (x, low - 0.05), (x, top)], 0.22, deep(skin, 0.15 + side * 0.1))
        s.line([(x - 0.035, low - 0.06), (x - 0.035, top)], 0.05, bright(skin, 0.35))
    outline = [(0.5, 0.06), (0.32, 0.11), (0.26, 0.26), (0.25, 0.6), (0.28, 1.0)]
    s.polygon(smooth(mirrored(outline), closed=True), skin, 0.25)
    ribs = ((0.35, 0.17, bright(skin, 0.4)), (0.5, 0.13, bright(skin, 0.2)), (0.65, 0.17, deep(skin)))
    for x, top, rib in ribs:
        s.line([(x + (0.5 - x) * 0.25, top), (x, top + 0.13), (x, 0.93)], 0.055, rib, curved=True)
    bloom(s, 0.5, 0.1, 0.15, 0.1, away_from(color, (240, 96, 150), (252, 214, 90)))


def mushroom(s: Sheet, rng: Rng, color: Color) -> None:
    cap, stalk = jitter(rng, color, 3), jitter(rng, STALK, 3)
    s.curve(mirrored([(0.36, 0.5), (0.34, 0.72), (0.25, 0.88), (0.28, 0.98), (0.42, 1.0)]), stalk, 0.2)
    s.curve(
        [(0.6, 0.5), (0.66, 0.55), (0.66, 0.72), (0.75, 0.88), (0.72, 0.98), (0.58, 1.0), (0.6, 0.8)],
        deep(stalk, 0.35),
        0.1,
    )
    s.curve(
        mirrored([(0.5, 0.0), (0.24, 0.05), (0.06, 0.24), (0.0, 0.48), (0.05, 0.59), (0.3, 0.65)]), cap, 0.3, ball=True
    )
    s.curve(mirrored([(0.3, 0.6), (0.04, 0.53), (0.08, 0.61), (0.3, 0.68)]), deep(cap, 0.45), 0)
    s.ellipse(0.5, 0.63, 0.36, 0.055, deep(stalk, 0.4), 0.1)
    s.curve(mirrored([(0.36, 0.63), (0.29, 0.74), (0.34, 0.78), (0.42, 0.76)]), bright(stalk, 0.6), 0.3)
    dot = CREAM if brightness(color) < 190 else (214, 78, 66)
    big = [(0.5, 0.25, 0.14, 0.115), (0.2, 0.38, 0.095, 0.09), (0.8, 0.38, 0.095, 0.09)]
    for x, y, rx, ry in (*big, (0.29, 0.14, 0.06, 0.045), (0.71, 0.14, 0.06, 0.045), (0.5, 0.49, 0.08, 0.055)):
        s.ellipse(x, y, rx, ry, dot, 0.15)


def flower(s: Sheet, rng: Rng, color: Color) -> None:
    leaf, fill = jitter(rng, away_from(color, LEAF, DARK_LEAF), 3), jitter(rng, color, 3)
    stem(s, 0.6, 0.12, leaf)
    blade(s, (0.5, 0.98), (0.2, 0.91), (0.01, 0.68), 0.2, leaf)
    blade(s, (0.5, 0.98), (0.8, 0.91), (0.99, 0.68), 0.2, deep(leaf, 0.1))
    for i in (*range(1, 16, 2), *range(0, 16, 2)):
        petal(s, 2 * np.pi * i / 16, deep(fill, 0.25) if i % 2 else fill)
    heart = away_from(color, (252, 196, 62), (122, 76, 44))
    s.ellipse(0.5, 0.36, 0.18, 0.13, deep(heart, 0.3), 0)
    s.ellipse(0.49, 0.35, 0.16, 0.115, heart, 0.35, ball=True)


def tulip(s: Sheet, rng: Rng, color: Color) -> None:
    leaf, fill = jitter(rng, away_from(color, LEAF, DARK_LEAF), 3), jitter(rng, color, 3)
    stem(s, 0.5, 0.12, leaf)
    blade(s, (0.5, 0.98), (0.18, 0.86), (0.0, 0.54), 0.27, leaf)
    blade(s, (0.5, 0.98), (0.82, 0.86), (1.0, 0.54), 0.27, deep(leaf, 0.1))
    s.polygon([(0.5, 0.0), (0.68, 0.14), (0.7, 0.4), (0.3, 0.4), (0.32, 0.14)], deep(fill, 0.35), 0.1)
    left = [
        (0.12, 0.03),
        (0.27, 0.11),
        (0.42, 0.22),
        (0.55, 0.4),
        (0.52, 0.6),
        (0.34, 0.59),
        (0.12, 0.5),
        (0.02, 0.33),
        (0.04, 0.16),
    ]
    s.curve([(1 - x, y) for x, y in left], deep(fill, 0.2), 0.2)
    s.curve(left, fill, 0.3)
    s.curve(
        mirrored([(0.5, 0.12), (0.32, 0.24), (0.26, 0.42), (0.36, 0.57), (0.5, 0.62)]),
        bright(fill, 0.2),
        0.35,
        ball=True,
    )


def mountain(s: Sheet, rng: Rng, color: Color) -> None:
    rock = jitter(rng, color, 3)
    s.polygon([(0.4, 1), (0.74, 0.18), (0.79, 0.18), (0.92, 0.46), (1.0, 0.78), (1, 1)], bright(rock, 0.05), 0.15)
    s.polygon(
        [(0.77, 0.18), (0.79, 0.18), (0.92, 0.46), (1, 0.78), (1, 1), (0.8, 1), (0.86, 0.66), (0.76, 0.46)],
        deep(rock, 0.5),
        0.1,
    )
    snow(
        s,
        [(0.74, 0.18), (0.79, 0.18), (0.89, 0.4), (0.84, 0.38), (0.79, 0.48), (0.73, 0.38), (0.68, 0.43), (0.64, 0.42)],
    )
    s.polygon(
        [(0, 1), (0.0, 0.82), (0.1, 0.54), (0.36, 0), (0.41, 0), (0.6, 0.38), (0.7, 0.64), (0.86, 1)],
        bright(rock, 0.2),
        0.2,
    )
    s.polygon(
        [(0.39, 0), (0.41, 0), (0.6, 0.38), (0.7, 0.64), (0.86, 1), (0.44, 1), (0.53, 0.76), (0.4, 0.55), (0.47, 0.36)],
        deep(rock, 0.42),
        0.12,
    )
    s.polygon(
        [(0.12, 0.5), (0.22, 0.56), (0.27, 0.74), (0.2, 1), (0.0, 1), (0.0, 0.82), (0.1, 0.54)], deep(rock, 0.15), 0.1
    )
    s.polygon([(0.6, 0.38), (0.7, 0.64), (0.86, 1), (0.7, 1), (0.64, 0.76)], deep(rock, 0.62), 0)
    snow(
        s,
        [
            (0.36, 0),
            (0.41, 0),
            (0.57, 0.32),
            (0.51, 0.32),
            (0.45, 0.44),
            (0.37, 0.33),
            (0.29, 0.44),
            (0.24, 0.35),
            (0.18, 0.37),
        ],
    )


def cloud(s: Sheet, rng: Rng, color: Color) -> None:
    mist = jitter(rng, color, 3)
    base = mix(deep(mist, 0.25), (140, 176, 220), 0.4)
    puffs(
        s, [(0.16, 0.7, 0.16, 0.29), (0.84, 0.69, 0.16, 0.3), (0.38, 0.78, 0.2, 0.22), (0.62, 0.78, 0.2, 0.22)], base, 0
    )
    s.box(0.14, 0.7, 0.86, 0.98, base, 0, rounded=0.4)
    lit, shadow = bright(mist, 0.1), mix(mist, base, 0.6)
    rear = [(0.66, 0.38, 0.22, 0.31), (0.38, 0.36, 0.25, 0.36), (0.84, 0.6, 0.15, 0.25), (0.17, 0.61, 0.17, 0.26)]
    front = [(0.68, 0.64, 0.2, 0.24), (0.4, 0.66, 0.23, 0.22)]
    for x, y, rx, ry in [*rear, *front]:
        s.ellipse(x + 0.01, y, rx, ry, shadow, 0)
        s.ellipse(x, y - 0.02, rx * 0.97, ry * 0.96, lit, 0.16)


def sun(s: Sheet, rng: Rng, color: Color) -> None:
    rays: tuple[tuple[float, float, float, Color], ...] = (
        (0.5, 0.455, 0.2, (238, 112, 44)),
        (0.0, 0.51, 0.24, (252, 166, 44)),
    )
    for turn, tip, half, fill in rays:
        for i in range(8):
            a = 2 * np.pi * (i + turn) / 8
            spots = ((-half, 0.33), (-0.012, tip), (0.012, tip), (half, 0.33))
            s.polygon([(0.5 + r * float(np.cos(a + d)), 0.5 + r * float(np.sin(a + d))) for d, r in spots], fill, 0.12)
    s.ellipse(0.5, 0.5, 0.365, 0.365, (242, 128, 40), 0)
    s.ellipse(0.5, 0.5, 0.335, 0.335, (255, 186, 48), 0.1)
    s.ellipse(0.49, 0.49, 0.29, 0.29, (255, 212, 74), 0.06)
    s.ellipse(0.475, 0.47, 0.22, 0.22, (255, 226, 106), 0.08)


def moon(s: Sheet, rng: Rng, color: Color) -> None:
    pale = jitter(rng, (238, 232, 206), 4)
    s.ellipse(0.5, 0.5, 0.5, 0.5, mix(deep(pale, 0.5), (120, 124, 168), 0.3), 0.1)
    s.ellipse(0.475, 0.475, 0.475, 0.475, pale, 0.3, ball=True)
    s.curve([(0.5, 0.12), (0.76, 0.16), (0.84, 0.36), (0.7, 0.46), (0.56, 0.34)], deep(pale, 0.14), 0.1)
    s.curve([(0.1, 0.5), (0.26, 0.5), (0.44, 0.72), (0.36, 0.86), (0.18, 0.74)], deep(pale, 0.14), 0.1)
    for x, y, r in (
        (0.34, 0.31, 0.13),
        (0.64, 0.63, 0.17),
        (0.29, 0.66, 0.095),
        (0.69, 0.28, 0.085),
        (0.86, 0.45, 0.05),
    ):
        s.ellipse(x + 0.014, y + 0.014, r, r, bright(pale, 0.8), 0)
        s.ellipse(x - 0.005, y - 0.005, r, r, mix(deep(pale, 0.5), (150, 148, 168), 0.35), 0)
        s.ellipse(x + 0.014, y + 0.016, r * 0.8, r * 0.8, deep(pale, 0.24), 0.15)


def star(s: Sheet, rng: Rng, color: Color) -> None:
    gold = jitter(rng, color, 3)
    corner = []
    for i in range(5):
        a = 2 * np.pi * i / 5 - np.pi / 2
        for d, r in ((-0.62832, 0.58), (-0.1, 0.92), (-0.045, 0.985), (0.0, 1.0), (0.045, 0.985), (0.1, 0.92)):
            corner.append((r * float(np.cos(a + d)), r * float(np.sin(a + d))))
    left, right, bottom = min(x for x, _ in corner), max(x for x, _ in corner), max(y for _, y in corner)
    edge = [((x - left) / (right - left), (y + 1) / (bottom + 1)) for x, y in [*corner, corner[0]]]
    middle = (0.5, 1 / (bottom + 1))
    for i in range(5):
        for side, half in ((-1, edge[6 * i : 6 * i + 4]), (1, edge[6 * i + 3 : 6 * i + 7])):
            facing = 2 * np.pi * i / 5 - np.pi / 2 + side * np.pi / 2
            light = -0.6 * float(np.cos(facing)) - 0.8 * float(np.sin(facing))
            fill = bright(gold, 0.55 * light) if light > 0 else deep(gold, -0.5 * light)
            s.polygon([middle, *half], fill, 0.08)


def rainbow(s: Sheet, rng: Rng, color: Color) -> None:
    turn = np.linspace(np.pi, 2 * np.pi, 25)
    for i, band in enumerate(BANDS):
        outer, inner = 1 - 0.095 * i, 1 - 0.095 * (i + 1)
        rim = [(0.5 + 0.5 * outer * float(np.cos(a)), 0.9 + 0.9 * outer * float(np.sin(a))) for a in turn]
        hole = [(0.5 + 0.5 * inner * float(np.cos(a)), 0.9 + 0.9 * inner * float(np.sin(a))) for a in turn[::-1]]
        s.polygon([*rim, *hole], jitter(rng, band, 4), 0.12)
    for x in (0.0, 0.64):
        puffs(
            s,
            [(x + 0.09, 0.87, 0.09, 0.13), (x + 0.27, 0.87, 0.09, 0.13), (x + 0.18, 0.85, 0.12, 0.15)],
            (172, 192, 228),
            0,
        )
        puffs(
            s,
            [(x + 0.09, 0.85, 0.085, 0.115), (x + 0.265, 0.85, 0.085, 0.115), (x + 0.17, 0.8, 0.11, 0.16)],
            SNOW,
            0.12,
        )


NATURE: dict[str, Kind] = {
    "tree": Kind(tree, 0.9, "green"),
    "pine tree": Kind(pine_tree, 0.75, "green"),
    "palm tree": Kind(palm_tree, 0.95, "green"),
    "cactus": Kind(cactus, 0.85, "green"),
    "mushroom": Kind(mushroom, 1.0, "red"),
    "flower": Kind(flower, 0.72, "pink"),
    "tulip": Kind(tulip, 0.65, "red"),
    "mountain": Kind(mountain, 1.35, "gray"),
    "cloud": Kind(cloud, 1.6, "white"),
    "sun": Kind(sun, 1.0),
    "moon": Kind(moon, 1.0),
    "star": Kind(star, 1.05, "yellow"),
    "rainbow": Kind(rainbow, 1.5),
}
