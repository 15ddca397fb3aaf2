"""The painter's objects: one function a concept, each draws into a unit box that is ``wide`` by 1 tall.

A drawing is a stack of flat shapes with one light from the upper left: plain enough for a small network, and what
a child with crayons would draw. ``Sheet`` takes coordinates in box units (x to the right, y down, 0 to 1) and is
drawn at twice its size, so that edges come out smooth. An object always faces the same way and keeps its build: the
less a prompt leaves open, the sharper a few-step network answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from .vocabulary import COLORS

Rng = np.random.Generator
Color = tuple[int, int, int]
OVERSAMPLE = 2


def tone(color: Color, factor: float) -> Color:
    """A darker (< 1) or lighter (> 1, towards white) tone of ``color``."""
    if factor <= 1:
        return tuple(int(c * factor) for c in color)  # type: ignore[return-value]
    return tuple(int(c + (255 - c) * (factor - 1)) for c in color)  # type: ignore[return-value]


def jitter(rng: Rng, color: Color, amount: float = 6) -> Color:
    return tuple(int(np.clip(c + rng.normal(0, amount), 0, 255)) for c in color)  # type: ignore[return-value]


class Sheet:
    """An RGBA drawing of ``width`` by ``height`` pixels, addressed in units of its own box."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width * OVERSAMPLE, height * OVERSAMPLE
        self.image = Image.new("RGBA", (self.width, self.height))
        self.pen = ImageDraw.Draw(self.image)

    def points(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self.width, y * self.height) for x, y in points]

    def polygon(self, points: Sequence[tuple[float, float]], color: Color) -> None:
        self.pen.polygon(self.points(points), fill=(*color, 255))

    def box(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        (x0, y0), (x1, y1) = self.points([(left, top), (right, bottom)])
        self.pen.rectangle([x0, y0, x1, y1], fill=(*color, 255))

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color) -> None:
        self.pen.ellipse(
            [(x - rx) * self.width, (y - ry) * self.height, (x + rx) * self.width, (y + ry) * self.height],
            fill=(*color, 255),
        )

    def pixels(self) -> np.ndarray:
        """uint8 (height, width, 4), not premultiplied."""
        return np.asarray(self.image.reduce(OVERSAMPLE))


def tree(s: Sheet, rng: Rng, color: Color) -> None:
    bark = jitter(rng, (116, 78, 46))
    s.polygon([(0.44, 0.6), (0.56, 0.6), (0.6, 1), (0.4, 1)], bark)
    s.polygon([(0.5, 0.6), (0.56, 0.6), (0.6, 1), (0.5, 1)], tone(bark, 0.8))
    leaf = jitter(rng, color)
    crown = [(0.5, 0.26, 0.27), (0.27, 0.44, 0.24), (0.73, 0.44, 0.24), (0.5, 0.5, 0.28), (0.36, 0.28, 0.2)]
    crown = [(x + rng.normal(0, 0.02), y + rng.normal(0, 0.02), r) for x, y, r in crown]
    for dx, dy, factor, scale in ((0.0, 0.03, 0.72, 1.0), (-0.02, 0.0, 1.0, 0.95), (-0.06, -0.05, 1.2, 0.55)):
        for x, y, r in crown:
            s.ellipse(x + dx, y + dy, r * scale, r * scale, tone(leaf, factor))


def house(s: Sheet, rng: Rng, color: Color) -> None:
    wall = jitter(rng, color)
    roof = jitter(
        rng,
        (158, 58, 44) if sum(abs(a - b) for a, b in zip(color, (158, 58, 44))) > 150 else (88, 72, 70),
        10,
    )
    s.box(0.7, 0.06, 0.84, 0.4, tone(roof, 0.75))
    s.box(0.06, 0.42, 0.94, 1, wall)
    s.box(0.06, 0.42, 0.94, 0.49, tone(wall, 0.82))
    s.polygon([(0.0, 0.46), (0.3, 0.02), (0.7, 0.02), (1.0, 0.46)], roof)
    s.polygon([(0.7, 0.02), (1.0, 0.46), (0.84, 0.46)], tone(roof, 0.82))
    s.box(0.4, 0.62, 0.6, 1, (104, 66, 40))
    for x in (0.13, 0.67):
        s.box(x, 0.56, x + 0.2, 0.82, (70, 92, 120))
        s.box(x + 0.025, 0.585, x + 0.175, 0.795, (136, 196, 232))


def sun(s: Sheet, rng: Rng, color: Color) -> None:
    rays, turn = 12, 0.5
    for i in range(rays):
        a = 2 * np.pi * (i + turn) / rays
        b = np.pi / rays * 0.8
        tip = (0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a))
        foot = [(0.5 + 0.41 * np.cos(a + e), 0.5 + 0.41 * np.sin(a + e)) for e in (-b, b)]
        s.polygon([tip, *foot], (248, 176, 44))
    s.ellipse(0.5, 0.5, 0.42, 0.42, (250, 190, 50))
    s.ellipse(0.5, 0.5, 0.37, 0.37, (255, 224, 84))
    s.ellipse(0.45, 0.44, 0.18, 0.18, (255, 238, 140))


def moon(s: Sheet, rng: Rng, color: Color) -> None:
    s.ellipse(0.5, 0.5, 0.5, 0.5, (206, 206, 196))
    s.ellipse(0.48, 0.48, 0.47, 0.47, (238, 236, 214))
    for x, y, r in ((0.36, 0.34, 0.1), (0.62, 0.58, 0.13), (0.34, 0.68, 0.07), (0.66, 0.28, 0.06)):
        s.ellipse(x, y, r, r, (190, 190, 178))
        s.ellipse(x + 0.015, y + 0.015, r * 0.8, r * 0.8, (210, 209, 194))


def mountain(s: Sheet, rng: Rng, color: Color) -> None:
    body = jitter(rng, (92, 104, 150))
    s.polygon([(0.5, 1), (0.6, 0.5), (0.76, 0.2), (0.96, 0.5), (1, 1)], tone(body, 0.72))
    s.polygon([(0.66, 0.38), (0.76, 0.2), (0.87, 0.38), (0.8, 0.36), (0.74, 0.46)], (222, 230, 244))
    s.polygon([(0, 1), (0.06, 0.5), (0.36, 0), (0.62, 0.46), (0.84, 1)], body)
    s.polygon([(0.36, 0), (0.62, 0.46), (0.84, 1), (0.5, 1), (0.36, 0.62), (0.46, 0.44)], tone(body, 0.72))
    s.polygon([(0.36, 0), (0.56, 0.36), (0.48, 0.33), (0.4, 0.46), (0.31, 0.34), (0.14, 0.37)], (248, 250, 254))
    s.polygon([(0.36, 0), (0.56, 0.36), (0.48, 0.33), (0.4, 0.24)], (206, 216, 236))


def boat(s: Sheet, rng: Rng, color: Color) -> None:
    hull = jitter(rng, color)
    s.polygon([(0, 0.68), (1, 0.68), (0.86, 1), (0.14, 1)], hull)
    s.polygon([(0, 0.68), (1, 0.68), (0.95, 0.78), (0.05, 0.78)], tone(hull, 1.4))
    s.box(0.46, 0, 0.53, 0.7, (96, 64, 40))
    s.polygon([(0.55, 0.02), (0.55, 0.63), (0.97, 0.63), (0.86, 0.3)], (250, 248, 240))
    s.polygon([(0.44, 0.08), (0.44, 0.63), (0.05, 0.63), (0.18, 0.34)], (224, 220, 208))


def flower(s: Sheet, rng: Rng, color: Color) -> None:
    stem = jitter(rng, (62, 140, 58))
    s.box(0.45, 0.6, 0.55, 1, stem)
    s.polygon([(0.5, 0.98), (0.12, 0.74), (0.26, 0.98)], tone(stem, 1.15))
    s.polygon([(0.5, 0.98), (0.88, 0.74), (0.74, 0.98)], tone(stem, 0.8))
    petal, count = jitter(rng, color), 8
    for i in range(count):
        a = 2 * np.pi * (i + 0.5) / count
        s.ellipse(0.5 + 0.31 * np.cos(a), 0.38 + 0.24 * np.sin(a), 0.19, 0.145, tone(petal, 0.84 + 0.16 * (i % 2)))
    s.ellipse(0.5, 0.38, 0.2, 0.155, (250, 206, 66) if sum(color) < 620 and color[2] > 70 else (120, 74, 40))
    s.ellipse(0.47, 0.36, 0.1, 0.075, (255, 230, 120) if sum(color) < 620 and color[2] > 70 else (158, 104, 60))


def ball(s: Sheet, rng: Rng, color: Color) -> None:
    main = jitter(rng, color)
    s.ellipse(0.5, 0.5, 0.5, 0.5, tone(main, 0.78))
    s.ellipse(0.48, 0.47, 0.47, 0.47, main)
    stripe = (250, 248, 240) if sum(color) < 650 else (220, 70, 60)
    s.polygon([(0.03, 0.42), (0.97, 0.42), (0.98, 0.58), (0.02, 0.58)], stripe)
    s.ellipse(0.32, 0.27, 0.11, 0.08, tone(main, 1.6))


def cloud(s: Sheet, rng: Rng, color: Color) -> None:
    puffs = [
        (0.25, 0.62, 0.22, 0.34),
        (0.5, 0.42, 0.26, 0.41),
        (0.76, 0.6, 0.22, 0.36),
        (0.5, 0.72, 0.42, 0.27),
    ]
    puffs = [(x + rng.normal(0, 0.015), y + rng.normal(0, 0.02), rx, ry) for x, y, rx, ry in puffs]
    for dx, dy, scale, fill in ((0, 0, 1.0, (200, 208, 222)), (-0.01, -0.06, 0.92, (250, 251, 253))):
        for x, y, rx, ry in puffs:
            s.ellipse(x + dx, y + dy, rx * scale, ry * scale, fill)


def cat(s: Sheet, rng: Rng, color: Color) -> None:
    fur = jitter(rng, color)
    dark, light = tone(fur, 0.72), (244, 238, 228) if sum(color) < 600 else (214, 180, 140)
    s.ellipse(0.84, 0.76, 0.15, 0.2, dark)
    s.ellipse(0.5, 0.76, 0.4, 0.24, fur)
    s.ellipse(0.5, 0.82, 0.2, 0.18, light)
    for out in (-1, 1):
        s.polygon([(0.5 + out * 0.08, 0.18), (0.5 + out * 0.4, 0.0), (0.5 + out * 0.42, 0.32)], dark)
        s.polygon([(0.5 + out * 0.2, 0.16), (0.5 + out * 0.35, 0.07), (0.5 + out * 0.37, 0.24)], (236, 150, 160))
    s.ellipse(0.5, 0.36, 0.43, 0.27, fur)
    s.ellipse(0.5, 0.47, 0.24, 0.13, light)
    for x in (0.31, 0.69):
        s.ellipse(x, 0.31, 0.105, 0.08, (226, 236, 90))
        s.ellipse(x, 0.31, 0.04, 0.07, (20, 20, 20))
    s.polygon([(0.43, 0.42), (0.57, 0.42), (0.5, 0.48)], (226, 110, 126))
    for x in (0.34, 0.66):
        s.ellipse(x, 0.96, 0.13, 0.045, light)


def car(s: Sheet, rng: Rng, color: Color) -> None:
    paint = jitter(rng, color)
    s.polygon([(0.1, 0.44), (0.24, 0.02), (0.74, 0.02), (0.9, 0.44)], tone(paint, 0.8))
    s.polygon([(0.2, 0.42), (0.3, 0.1), (0.47, 0.1), (0.47, 0.42)], (176, 220, 242))
    s.polygon([(0.53, 0.42), (0.53, 0.1), (0.69, 0.1), (0.8, 0.42)], (176, 220, 242))
    s.polygon([(0.0, 0.5), (0.05, 0.42), (0.95, 0.42), (1.0, 0.5), (1.0, 0.84), (0.0, 0.84)], paint)
    s.box(0.0, 0.68, 1.0, 0.84, tone(paint, 0.72))
    s.ellipse(0.95, 0.55, 0.05, 0.08, (255, 240, 170))
    for x in (0.23, 0.77):
        s.ellipse(x, 0.79, 0.16, 0.21, (34, 34, 38))
        s.ellipse(x, 0.79, 0.08, 0.11, (206, 208, 214))


def fish(s: Sheet, rng: Rng, color: Color) -> None:
    scale = jitter(rng, color)
    dark, white = tone(scale, 0.72), (250, 246, 236)
    s.polygon([(0.68, 0.5), (1.0, 0.06), (0.93, 0.5), (1.0, 0.94)], dark)
    s.polygon([(0.2, 0.2), (0.5, 0.0), (0.72, 0.26)], dark)
    s.polygon([(0.26, 0.8), (0.5, 1.0), (0.66, 0.76)], dark)
    s.ellipse(0.41, 0.5, 0.41, 0.4, scale)
    for x, half in ((0.36, 0.385), (0.6, 0.335)):
        s.polygon([(x, 0.5 - half), (x + 0.1, 0.53 - half), (x + 0.1, 0.47 + half), (x, 0.5 + half)], white)
    s.ellipse(0.18, 0.42, 0.09, 0.12, (255, 255, 255))
    s.ellipse(0.165, 0.42, 0.045, 0.07, (16, 16, 20))


class Kind:
    """How an object is drawn: its function, width over height, and the colors it comes in, its usual one first."""

    def __init__(self, draw: Callable[[Sheet, Rng, Color], None], aspect: float, colors: tuple[str, ...] = ()) -> None:
        self.draw, self.aspect, self.colors = draw, aspect, colors


BRIGHT = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
KINDS: dict[str, Kind] = {
    "tree": Kind(tree, 0.85),
    "house": Kind(house, 1.05, ("white", "yellow", "red", "blue", "pink", "brown", "gray")),
    "sun": Kind(sun, 1.0),
    "moon": Kind(moon, 1.0),
    "mountain": Kind(mountain, 1.35),
    "boat": Kind(boat, 1.05, ("brown", "red", "blue", "green", "orange", "purple")),
    "flower": Kind(flower, 0.72, ("pink", "red", "yellow", "purple", "white", "orange", "blue")),
    "ball": Kind(ball, 1.0, ("red", "blue", "green", "yellow", "orange", "purple", "pink")),
    "cloud": Kind(cloud, 1.65),
    "cat": Kind(cat, 0.82, ("black", "orange", "gray", "white", "brown")),
    "car": Kind(car, 1.75, ("blue", "red", "green", "yellow", "orange", "purple", "white")),
    "fish": Kind(fish, 1.55, ("orange", "red", "blue", "yellow", "purple", "green")),
}
DEFAULT_COLORS: dict[str, Color] = {"tree": (58, 134, 54)}


def draw_object(rng: Rng, concept: str, width: int, height: int, color: str | None) -> np.ndarray:
    """One drawing of ``concept``: uint8 (height, width, 4). ``color`` is a name of :data:`COLORS` or None."""
    sheet = Sheet(width, height)
    value = COLORS[color] if color else DEFAULT_COLORS.get(concept, (128, 128, 128))
    KINDS[concept].draw(sheet, rng, value)
    return sheet.pixels()
