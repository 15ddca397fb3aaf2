"""The painter's things: vehicles on land, at sea and in the air, toys, an umbrella and a robot."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from ..sheet import CREAM, INK, Color, Point, Rng, Sheet, brightness, jitter, mix, oval, smooth
from .kind import Kind
from .palette import GLASS, LAMP, SLATE, dim, lift, other, seam

RUBBER: Color = (44, 42, 52)
RED: Color = (222, 66, 58)
GOLD: Color = (250, 196, 70)
PALE: Color = (120, 156, 196)  # a calm blue for what is cream elsewhere, on things that are themselves white


def wheel(s: Sheet, x: float, y: float, radius: float, hub: Color, rim: Color = RUBBER) -> None:
    """A wheel that is round where the drawing has its usual shape; ``radius`` in units of the box's height."""
    rx = radius * s.height / s.width
    s.ellipse(x, y, rx, radius, rim, 0.2, ball=True)
    s.ellipse(x, y, rx * 0.6, radius * 0.6, hub, 0.3, ball=True)
    s.ellipse(x, y, rx * 0.2, radius * 0.2, dim(hub, 0.6), 0)


def boat(s: Sheet, rng: Rng, color: Color) -> None:
    hull = jitter(rng, color)
    cloth = other(color, CREAM, (240, 150, 110))
    flag = other(color, RED, GOLD)
    s.box(0.46, 0.0, 0.54, 0.7, other(color, (104, 68, 44), (74, 52, 44)), 0.2)
    main = smooth([(0.53, 0.02), (0.78, 0.16), (0.92, 0.36), (0.97, 0.57)], closed=False)
    s.polygon([*main, (0.94, 0.68), (0.53, 0.72)], cloth, 0.25)
    s.polygon([(0.53, 0.25), (0.855, 0.25), (0.94, 0.43), (0.53, 0.43)], hull, 0.2)
    jib = smooth([(0.47, 0.08), (0.24, 0.22), (0.1, 0.4), (0.03, 0.58)], closed=False)
    s.polygon([*jib, (0.08, 0.68), (0.47, 0.72)], mix(cloth, (250, 196, 112), 0.42), 0.25)
    s.polygon([(0.44, 0.0), (0.5, 0.0), (0.5, 0.1), (0.26, 0.05)], flag, 0)
    deck = [(0.0, 0.54), (0.25, 0.62), (0.5, 0.64), (0.75, 0.62), (1.0, 0.52)]
    keel = [(0.96, 0.74), (0.87, 0.91), (0.72, 1.0), (0.28, 1.0), (0.13, 0.92), (0.04, 0.76)]
    s.polygon([*smooth(deck, closed=False), *smooth(keel, closed=False)], hull, 0.25)
    water = smooth([(0.07, 0.8), (0.5, 0.9), (0.945, 0.78)], closed=False)
    s.polygon([*water, *smooth([(0.945, 0.78), *keel[1:5], (0.07, 0.8)], closed=False)], dim(hull, 0.34), 0.1)
    rail = smooth(deck, closed=False)
    s.polygon([*rail, *((x, y + 0.055) for x, y in reversed(rail))], lift(hull, 0.55), 0)
    for x in (0.26, 0.5, 0.74):
        s.ellipse(x, 0.775, 0.07, 0.07, other(color, GOLD, SLATE), 0)
        s.ellipse(x, 0.775, 0.045, 0.045, GLASS, 0.3, ball=True)


def car(s: Sheet, rng: Rng, color: Color) -> None:
    paint = jitter(rng, color)
    body = [(0.0, 0.6), (0.03, 0.48), (0.16, 0.41), (0.24, 0.12), (0.36, 0.0), (0.58, 0.0), (0.7, 0.1), (0.8, 0.4)]
    body += [(0.95, 0.46), (1.0, 0.6), (1.0, 0.8), (0.97, 0.84), (0.03, 0.84), (0.0, 0.8)]
    s.curve(body, paint, 0.22)
    s.polygon([(0.0, 0.66), (1.0, 0.66), (1.0, 0.8), (0.97, 0.85), (0.03, 0.85), (0.0, 0.8)], dim(paint), 0.1)
    s.polygon([(0.25, 0.4), (0.31, 0.18), (0.38, 0.1), (0.48, 0.1), (0.48, 0.4)], GLASS, 0.4)
    s.polygon([(0.53, 0.4), (0.53, 0.1), (0.58, 0.1), (0.65, 0.17), (0.73, 0.4)], GLASS, 0.4)
    s.polygon([(0.3, 0.4), (0.38, 0.1), (0.44, 0.1), (0.36, 0.4)], mix(GLASS, (255, 255, 255), 0.55), 0)
    s.polygon([(0.57, 0.4), (0.63, 0.15), (0.66, 0.2), (0.63, 0.4)], mix(GLASS, (255, 255, 255), 0.55), 0)
    s.box(0.49, 0.4, 0.515, 0.8, seam(paint), 0)
    s.box(0.37, 0.5, 0.46, 0.555, seam(paint, 0.55), 0, 0.5)
    s.ellipse(0.945, 0.55, 0.05, 0.085, LAMP, 0.4, ball=True)
    s.ellipse(0.03, 0.56, 0.03, 0.07, other(color, RED, (255, 150, 60)), 0)
    for x in (0.0, 0.86):
        s.box(x, 0.74, x + 0.14, 0.84, (196, 202, 212), 0.3, 0.4)
    for x in (0.23, 0.77):
        s.ellipse(x, 0.76, 0.165, 0.27, dim(paint, 0.6) if brightness(paint) > 70 else lift(paint, 0.25), 0)
        wheel(s, x, 0.775, 0.225, (214, 218, 226))


def train(s: Sheet, rng: Rng, color: Color) -> None:
    paint = jitter(rng, color)
    accent = other(color, RED, GOLD)
    trim = other(color, GOLD, CREAM)
    iron = other(color, (58, 56, 68), (92, 92, 108))
    s.polygon([(0.12, 0.36), (0.1, 0.12), (0.05, 0.02), (0.35, 0.02), (0.3, 0.12), (0.28, 0.36)], iron, 0.3)
    s.box(0.04, 0.0, 0.36, 0.07, accent, 0.2, 0.3)
    s.ellipse(0.46, 0.32, 0.1, 0.13, trim, 0.35, ball=True)
    s.box(0.03, 0.3, 0.7, 0.7, paint, 0, 0.28)
    s.box(0.05, 0.31, 0.68, 0.42, lift(paint, 0.4), 0, 0.5)
    s.box(0.05, 0.58, 0.68, 0.7, dim(paint, 0.32), 0, 0.3)
    for x in (0.22, 0.52):
        s.box(x, 0.3, x + 0.05, 0.7, trim, 0.25)
    s.box(0.62, 0.06, 0.97, 0.8, paint, 0.2, 0.08)
    s.box(0.58, 0.02, 1.0, 0.12, accent, 0.2, 0.4)
    s.box(0.68, 0.18, 0.91, 0.46, trim, 0.1, 0.15)
    s.box(0.71, 0.215, 0.88, 0.425, GLASS, 0.45, 0.1)
    s.box(0.0, 0.66, 1.0, 0.78, iron, 0.2, 0.3)
    s.polygon([(0.1, 0.72), (0.16, 0.98), (0.0, 0.98), (0.0, 0.9)], accent, 0.2)
    s.ellipse(0.05, 0.47, 0.055, 0.075, LAMP, 0.4, ball=True)
    for x, radius in ((0.24, 0.15), (0.48, 0.15), (0.8, 0.2)):
        wheel(s, x, 1 - radius, radius, accent)
    s.line([(0.24, 0.86), (0.8, 0.84)], 0.045, (196, 202, 212))


def rocket(s: Sheet, rng: Rng, color: Color) -> None:
    body = jitter(rng, color)
    accent = jitter(rng, other(color, RED, (60, 96, 190)))
    flame = [(0.3, 0.8), (0.26, 0.9), (0.4, 0.94), (0.5, 1.0), (0.6, 0.94), (0.74, 0.9), (0.7, 0.8)]
    s.polygon(flame, (246, 130, 44), 0.1)
    s.polygon([(0.38, 0.8), (0.38, 0.89), (0.5, 0.96), (0.62, 0.89), (0.62, 0.8)], (255, 224, 104), 0)
    for out in (-1, 1):
        fin = smooth([(0.5 + out * 0.32, 0.5), (0.5 + out * 0.46, 0.64), (0.5 + out * 0.5, 0.93)], closed=False)
        s.polygon([*fin, (0.5 + out * 0.24, 0.83)], accent if out < 0 else dim(accent), 0.2)
    side = [(0.5, 0.0), (0.3, 0.09), (0.15, 0.25), (0.1, 0.45), (0.14, 0.66), (0.24, 0.83)]
    left = smooth(side, closed=False)
    right = [(1 - x, y) for x, y in reversed(left)]
    whole = (0.1, 0.0, 0.9, 0.83)
    s.panel([*left, *right], body, 0.2, whole)
    s.panel([*((1 - (0.5 - x) * 0.45 - 0.5, y) for x, y in left), *right], dim(body, 0.16), 0.1, whole)
    nose = [p for p in left if p[1] < 0.2]
    s.panel([*nose, *((1 - x, y) for x, y in reversed(nose))], accent, 0.3, whole)
    s.box(0.235, 0.785, 0.765, 0.855, other(color, (84, 88, 110), CREAM), 0.2, 0.2)
    tall = s.width / s.height
    s.ellipse(0.5, 0.42, 0.2, 0.2 * tall, other(color, (84, 88, 110), CREAM), 0.25)
    s.ellipse(0.5, 0.42, 0.145, 0.145 * tall, (92, 182, 228), 0.4, ball=True)
    s.ellipse(0.45, 0.39, 0.04, 0.04 * tall, CREAM, 0)


def balloon(s: Sheet, rng: Rng, color: Color) -> None:
    paint = jitter(rng, color)
    pale = other(color, CREAM, PALE)
    side = [(0.0, 0.0), (0.26, 0.025), (0.42, 0.12), (0.5, 0.3), (0.46, 0.49), (0.34, 0.64), (0.2, 0.74)]
    edge = smooth(side, closed=False)
    whole = (0.0, 0.0, 1.0, 0.74)
    s.polygon([(0.3, 0.7), (0.7, 0.7), (0.67, 0.86), (0.33, 0.86)], dim(paint, 0.5), 0)
    s.polygon([(0.39, 0.74), (0.61, 0.74), (0.59, 0.84), (0.41, 0.84)], LAMP, 0)
    cuts = (-1.0, -0.66, -0.36, 0.36, 0.66, 1.0)
    for k, (a, b) in enumerate(pairwise(cuts)):
        gore = [*((0.5 + a * x, y) for x, y in edge), *((0.5 + b * x, y) for x, y in reversed(edge))]
        s.panel(gore, pale if k % 2 else paint, 0.42, whole)
    s.box(0.28, 0.68, 0.72, 0.76, dim(paint, 0.3), 0.1, 0.4)
    s.box(0.29, 0.83, 0.71, 1.0, (164, 110, 62), 0.25, 0.22)
    for x in (0.38, 0.5, 0.62):
        s.box(x - 0.025, 0.83, x + 0.025, 0.99, (136, 88, 50), 0)
    s.box(0.25, 0.81, 0.75, 0.875, (212, 160, 102), 0.1, 0.5)


@lru_cache(maxsize=16)
def meridian(turn: float, count: int = 40) -> tuple[Point, ...]:
    """Half a great circle of a ball in the unit box from the pole that is seen, at the upper left, to its hidden one.

    ``turn`` in degrees; 0 runs over the middle of what is seen. What lies behind is moved out to the ball's outline.
    """
    pole = np.array([-0.36, -0.5, 0.0])
    level = float(np.hypot(pole[0], pole[1]))
    pole[2] = np.sqrt(1 - level**2)
    down = np.array([-pole[0] / level * pole[2], -pole[1] / level * pole[2], level])
    aside = np.cross(pole, down)
    t, a = np.linspace(0, np.pi, count)[:, None], np.deg2rad(turn)
    path = pole * np.cos(t) + np.sin(t) * (down * np.cos(a) + aside * np.sin(a))
    reach = np.hypot(path[:, 0], path[:, 1])
    path[path[:, 2] < 0] /= np.maximum(reach, 1e-6)[path[:, 2] < 0, None]
    return tuple((float(x), float(y)) for x, y in 0.5 + 0.5 * path[:, :2])


def ball(s: Sheet, rng: Rng, color: Color) -> None:
    paint = jitter(rng, color)
    pale = other(color, CREAM, PALE)
    bright = other(color, GOLD, RED)
    whole = (0.0, 0.0, 1.0, 1.0)
    s.ellipse(0.5, 0.5, 0.5, 0.5, pale, 0.42, ball=True)
    for a, b, panel in ((-38, 38, paint), (38, 78, bright), (78, 152, paint), (-152, -78, paint), (-78, -38, pale)):
        s.panel([*meridian(a), *reversed(meridian(b))], panel, 0.42, whole)
    s.ellipse(0.32, 0.25, 0.09, 0.08, other(color, CREAM, PALE), 0.1, turn=-30)


def umbrella(s: Sheet, rng: Rng, color: Color) -> None:
    cloth = jitter(rng, color)
    second = mix(cloth, PALE if brightness(color) > 230 else CREAM, 0.42)
    wood = other(color, (150, 98, 58), (84, 62, 62))
    s.box(0.43, 0.5, 0.57, 0.87, wood, 0.1)
    s.ellipse(0.255, 0.86, 0.07, 0.05, wood, 0)
    outer, inner = oval(0.378, 0.86, 0.192, 0.14), oval(0.378, 0.86, 0.053, 0.03)
    s.polygon([*(p for p in outer if p[1] >= 0.86), *(p for p in reversed(inner) if p[1] >= 0.86)], wood, 0.1)
    s.box(0.455, 0.6, 0.49, 0.86, lift(wood, 0.4), 0)
    s.box(0.44, 0.0, 0.56, 0.12, wood, 0.3, 0.4)
    edge = smooth([(0.0, 0.05), (0.18, 0.07), (0.35, 0.18), (0.46, 0.4), (0.5, 0.7)], closed=False)
    whole = (0.0, 0.0, 1.0, 0.8)
    cuts = (-1.0, -0.7, -0.28, 0.28, 0.7, 1.0)
    for k, (a, b) in enumerate(pairwise(cuts)):
        x0, x1 = 0.5 + a * 0.5, 0.5 + b * 0.5
        hem = smooth([(x0, 0.7), ((x0 + x1) / 2, 0.62), (x1, 0.7)], closed=False)
        gore = [*((0.5 + a * x, y) for x, y in edge), *hem, *((0.5 + b * x, y) for x, y in reversed(edge))]
        s.panel(gore, second if k % 2 else cloth, 0.4, whole)


def limb(s: Sheet, out: int, metal: Color, joint: Color) -> None:
    """A robot's arm and leg on the left (-1) or right (1) side."""
    x = 0.5 + out * 0.42
    s.box(x - 0.08, 0.5, x + 0.08, 0.72, joint, 0.25, 0.4)
    s.ellipse(x, 0.755, 0.085, 0.065, metal, 0.3, ball=True)
    s.ellipse(x, 0.53, 0.085, 0.065, metal, 0.3, ball=True)
    x = 0.5 + out * 0.16
    s.box(x - 0.09, 0.8, x + 0.09, 0.95, joint, 0.2)
    s.box(x - 0.13, 0.91, x + 0.13, 1.0, metal, 0.25, 0.4)


def robot(s: Sheet, rng: Rng, color: Color) -> None:
    metal = jitter(rng, color)
    joint, accent = seam(metal, 0.42), other(color, RED, GOLD)
    screen = other(color, (46, 44, 66), (214, 232, 240))
    s.box(0.455, 0.05, 0.545, 0.16, joint, 0)
    s.ellipse(0.5, 0.055, 0.08, 0.055, accent, 0.4, ball=True)
    for out in (-1, 1):
        limb(s, out, metal, joint)
        s.box(0.5 + out * 0.44 - 0.06, 0.22, 0.5 + out * 0.44 + 0.06, 0.35, accent, 0.25, 0.4)
    s.box(0.4, 0.42, 0.6, 0.5, joint, 0)
    s.box(0.1, 0.12, 0.9, 0.45, metal, 0.22, 0.28)
    s.box(0.17, 0.165, 0.83, 0.405, screen, 0.15, 0.35)
    glow = (120, 236, 240) if brightness(screen) < 128 else (66, 128, 190)
    for x in (0.34, 0.66):
        s.ellipse(x, 0.255, 0.1, 0.074, glow, 0.3, ball=True)
        s.ellipse(x + 0.01, 0.26, 0.05, 0.037, INK, 0)
        s.ellipse(x - 0.025, 0.235, 0.028, 0.021, CREAM, 0)
    s.line([(0.4, 0.345), (0.5, 0.37), (0.6, 0.345)], 0.045, glow, curved=True)
    s.box(0.18, 0.47, 0.82, 0.84, metal, 0.22, 0.2)
    s.box(0.28, 0.53, 0.72, 0.75, other(color, CREAM, PALE), 0.12, 0.18)
    for x, button in ((0.38, RED), (0.5, GOLD), (0.62, (74, 170, 92))):
        s.ellipse(x, 0.6, 0.045, 0.034, button, 0.3, ball=True)
    s.box(0.34, 0.67, 0.66, 0.71, joint, 0, 0.5)


THINGS: dict[str, Kind] = {
    "boat": Kind(boat, 1.0, "brown"),
    "car": Kind(car, 1.65, "red"),
    "train": Kind(train, 1.3, "green"),
    "rocket": Kind(rocket, 0.66, "white"),
    "balloon": Kind(balloon, 0.8, "red"),
    "ball": Kind(ball, 1.0, "blue"),
    "umbrella": Kind(umbrella, 1.0, "purple"),
    "robot": Kind(robot, 0.74, "turquoise"),
}
