"""What the painter draws an object on: flat shapes in, a shaded drawing out.

Coordinates are in units of the object's own box: x to the right, y down, 0 to 1. One light comes from the upper left:
each shape fades a little from there to the lower right, and when the drawing is done its outline is lit on the one
side and shaded on the other, so that the whole reads as a body. Drawn at twice its size, so that edges come out smooth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Rng = np.random.Generator
Color = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
OVERSAMPLE = 2
RAMP = 12  # pixels a side of the small picture that a shape's fade is stretched from
RIM = 0.045  # width of the lit and shaded outline, as a share of the drawing's shorter side
INK: Color = (38, 34, 40)
CREAM: Color = (250, 247, 238)


def tone(color: Color, factor: float) -> Color:
    """A darker (< 1) or lighter (> 1, 2 is white) tone of ``color``."""
    if factor <= 1:
        return tuple(int(c * factor) for c in color)  # type: ignore[return-value]
    return tuple(int(min(c + (255 - c) * (factor - 1), 255)) for c in color)  # type: ignore[return-value]


def mix(a: Color, b: Color, share: float) -> Color:
    """``share`` (0 to 1) of ``b`` in ``a``."""
    return tuple(int(x + (y - x) * share) for x, y in zip(a, b))  # type: ignore[return-value]


def jitter(rng: Rng, color: Color, amount: float = 6) -> Color:
    return tuple(int(np.clip(c + rng.normal(0, amount), 0, 255)) for c in color)  # type: ignore[return-value]


def brightness(color: Color) -> float:
    """Perceived brightness, 0 to 255."""
    return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]


def contrast(color: Color, dark: Color = INK, light: Color = CREAM) -> Color:
    """Whichever of ``dark`` and ``light`` shows up on ``color``."""
    return dark if brightness(color) > 150 else light


@lru_cache(maxsize=4)
def fade(round_: bool) -> np.ndarray:
    """How lit each part of a shape's box is: float32 (RAMP, RAMP), 1 where the light falls, -1 in the shade."""
    y, x = np.mgrid[0:RAMP, 0:RAMP].astype(np.float32) / (RAMP - 1) * 2 - 1
    if round_:
        return np.clip(1 - np.hypot(x + 0.35, y + 0.4) * 1.25, -1, 1)
    return -(0.45 * x + 0.55 * y)


class Sheet:
    """An RGBA drawing of ``width`` by ``height`` pixels, addressed in units of its own box.

    Every shape takes ``shade``, how strongly it fades (0 is flat, 0.15 the usual, 0.4 a lot), and ``ball``, whether it
    is lit as a ball is, with a bright spot, instead of evenly across.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width * OVERSAMPLE, height * OVERSAMPLE
        self.image = Image.new("RGBA", (self.width, self.height))

    def _fill(
        self,
        box: Box,
        color: Color,
        shade: float,
        ball: bool,
        draw: Callable[[ImageDraw.ImageDraw, Callable[[Point], Point]], None],
    ) -> None:
        """Fill what ``draw`` draws (white, with a pen and a map from box units to its pixels) inside ``box``."""
        x0, y0 = int(np.floor(box[0] * self.width)) - 1, int(np.floor(box[1] * self.height)) - 1
        x1, y1 = int(np.ceil(box[2] * self.width)) + 2, int(np.ceil(box[3] * self.height)) + 2
        mask = Image.new("L", (x1 - x0, y1 - y0))
        draw(ImageDraw.Draw(mask), lambda p: (p[0] * self.width - x0, p[1] * self.height - y0))
        lit = fade(ball)[..., None] * shade
        base = np.asarray(color, np.float32)
        ramp = np.where(lit > 0, base + (255 - base) * lit, base * (1 + lit))
        paint = Image.fromarray(ramp.clip(0, 255).astype(np.uint8)).resize(mask.size, Image.Resampling.BILINEAR)
        paint.putalpha(255)
        self.image.paste(paint, (x0, y0), mask)

    def polygon(self, points: Sequence[Point], color: Color, shade: float = 0.12, ball: bool = False) -> None:
        """Straight edges between ``points``."""
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        self._fill(box, color, shade, ball, lambda pen, to: pen.polygon([to(p) for p in points], fill=255))

    def panel(self, points: Sequence[Point], color: Color, shade: float, whole: Box) -> None:
        """A polygon that is lit as a part of the round body in the box ``whole``, not as a body of its own."""
        self._fill(whole, color, shade, True, lambda pen, to: pen.polygon([to(p) for p in points], fill=255))

    def curve(self, points: Sequence[Point], color: Color, shade: float = 0.12, ball: bool = False) -> None:
        """A closed smooth curve through ``points`` (Catmull-Rom)."""
        self.polygon(smooth(points, closed=True), color, shade, ball)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        color: Color,
        shade: float = 0.12,
        rounded: float = 0,
    ) -> None:
        """A rectangle; ``rounded`` is its corners' radius as a share of its shorter side, 0 to 0.5."""

        def draw(pen: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            (x0, y0), (x1, y1) = to((left, top)), to((right, bottom))
            radius = rounded * min(x1 - x0, y1 - y0)
            pen.rounded_rectangle([x0, y0, max(x0, x1), max(y0, y1)], radius, fill=255)

        self._fill((left, top, right, bottom), color, shade, False, draw)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        color: Color,
        shade: float = 0.12,
        ball: bool = False,
        turn: float = 0,
    ) -> None:
        """An ellipse about (x, y) with half axes ``rx`` and ``ry``, turned by ``turn`` degrees clockwise."""
        if turn:
            self.polygon(oval(x, y, rx, ry, turn), color, shade, ball)
            return

        def draw(pen: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            pen.ellipse([to((x - rx, y - ry)), to((x + rx, y + ry))], fill=255)

        self._fill((x - rx, y - ry, x + rx, y + ry), color, shade, ball, draw)

    def line(self, points: Sequence[Point], width: float, color: Color, curved: bool = False) -> None:
        """A stroke along ``points`` with round ends; ``width`` in units of the box's width."""
        path = smooth(points, closed=False) if curved and len(points) > 2 else list(points)
        half = width / 2
        xs, ys = [p[0] for p in path], [p[1] for p in path]
        tall = half * self.width / self.height
        box = (min(xs) - half, min(ys) - tall, max(xs) + half, max(ys) + tall)
        wide = max(1, round(width * self.width))

        def draw(pen: ImageDraw.ImageDraw, to: Callable[[Point], Point]) -> None:
            spots = [to(p) for p in path]
            pen.line(spots, fill=255, width=wide, joint="curve")
            for x, y in (spots[0], spots[-1]):
                pen.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=255)

        self._fill(box, color, 0, False, draw)

    def eye(self, x: float, y: float, size: float, color: Color = INK) -> None:
        """An eye with a glint, ``size`` its radius in units of the box's height: large enough to survive a codec."""
        rx = size * self.height / self.width
        self.ellipse(x, y, rx * 1.25, size * 1.25, CREAM, 0)
        self.ellipse(x, y, rx * 0.8, size * 0.8, color, 0)
        self.ellipse(x - rx * 0.25, y - size * 0.3, rx * 0.3, size * 0.3, CREAM, 0)

    def pixels(self) -> np.ndarray:
        """The drawing with its outline lit: uint8 (height, width, 4), not premultiplied."""
        small = self.image.reduce(OVERSAMPLE)
        pixels = np.array(small)
        reach = max(1.0, RIM * min(small.size))
        inner = small.getchannel("A").filter(ImageFilter.BoxBlur(reach))
        soft = np.asarray(inner, np.float32) / 255
        slope = np.zeros_like(soft)
        slope[1:] += soft[1:] - soft[:-1]
        slope[:, 1:] += soft[:, 1:] - soft[:, :-1]
        # Inside an edge the blurred outline rises away from it: along the light's way on its lit side.
        lit = np.clip(slope * reach, -1, 1)[..., None] * 0.28 * (soft < 0.999)[..., None]
        rgb = pixels[..., :3].astype(np.float32)
        rgb = np.where(lit > 0, rgb + (255 - rgb) * lit, rgb * (1 + 1.3 * lit))
        pixels[..., :3] = rgb.clip(0, 255)
        return pixels


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0, count: int = 28) -> list[Point]:
    """Points of an ellipse turned by ``turn`` degrees clockwise."""
    a = np.linspace(0, 2 * np.pi, count, endpoint=False)
    t = np.deg2rad(turn)
    u, v = rx * np.cos(a), ry * np.sin(a)
    return [(float(p), float(q)) for p, q in zip(x + u * np.cos(t) - v * np.sin(t), y + u * np.sin(t) + v * np.cos(t))]


def mirrored(half: Sequence[Point]) -> list[Point]:
    """A closed outline, given ``half`` of it; a point on the middle line, x = 0.5, is there once."""
    return [*half, *((1 - x, y) for x, y in reversed(half) if x != 0.5)]


def smooth(points: Sequence[Point], closed: bool, parts: int = 6) -> list[Point]:
    """Points on the Catmull-Rom curve through ``points``, ``parts`` to a stretch."""
    given = np.asarray(points, np.float32)
    if closed:
        around = np.concatenate([given[-1:], given, given[:2]])
    else:
        around = np.concatenate([given[:1], given, given[-1:]])
    t = np.linspace(0, 1, parts, endpoint=False, dtype=np.float32)[:, None]
    result = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:]):
        result.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    path = [(float(x), float(y)) for x, y in np.concatenate(result)]
    return path if closed else [*path, (float(given[-1, 0]), float(given[-1, 1]))]
