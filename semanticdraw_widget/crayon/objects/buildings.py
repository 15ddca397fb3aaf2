"""The painter's buildings: house, castle, lighthouse and windmill."""

from __future__ import annotations

from itertools import pairwise

from ..sheet import CREAM, INK, Color, Point, Rng, Sheet, brightness, jitter, mix, smooth
from .kind import Kind
from .palette import GLASS, LAMP, SLATE, dim, lift, other, seam

TERRACOTTA: Color = (196, 82, 58)
TIMBER: Color = (122, 78, 48)


def arch(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """A doorway's outline: straight below, round above."""
    mid, high = (left + right) / 2, top + (bottom - top) * 0.36
    bend = smooth([(left, high), (left + (mid - left) * 0.3, top + (high - top) * 0.29), (mid, top)], closed=False)
    return [(left, bottom), *bend, *((left + right - x, y) for x, y in reversed(bend)), (right, bottom)]


def pane(s: Sheet, left: float, top: float, right: float, bottom: float, frame: Color, cross: float = 0.022) -> None:
    """A window of four panes."""
    edge_x, edge_y = (right - left) * 0.14, (bottom - top) * 0.14
    mid_x, mid_y = (left + right) / 2, (top + bottom) / 2
    s.box(left, top, right, bottom, frame, 0.08, 0.15)
    s.box(left + edge_x, top + edge_y, right - edge_x, bottom - edge_y, GLASS, 0.35)
    s.box(mid_x - cross / 2, top, mid_x + cross / 2, bottom, frame, 0)
    s.box(left, mid_y - cross / 2, right, mid_y + cross / 2, frame, 0)


def house(s: Sheet, rng: Rng, color: Color) -> None:
    wall = jitter(rng, color)
    roof = jitter(rng, other(color, TERRACOTTA, SLATE))
    trim = other(color, CREAM, SLATE)
    s.box(0.73, 0.02, 0.88, 0.4, dim(roof, 0.3), 0.2)
    s.box(0.71, 0.0, 0.9, 0.07, mix(roof, CREAM, 0.35), 0.15, 0.2)
    s.polygon([(0.08, 1), (0.08, 0.4), (0.36, 0.08), (0.64, 0.08), (0.92, 0.4), (0.92, 1)], wall, 0.13)
    under = [(0.08, 0.45), (0.38, 0.17), (0.62, 0.17), (0.92, 0.45), (0.92, 0.54), (0.61, 0.23), (0.39, 0.23)]
    s.polygon([*under, (0.08, 0.54)], dim(wall, 0.25), 0)
    eaves = [(0.0, 0.42), (0.33, 0.03), (0.38, 0.0), (0.62, 0.0), (0.67, 0.03), (1.0, 0.42), (0.97, 0.52), (0.9, 0.5)]
    s.polygon([*eaves, (0.62, 0.19), (0.38, 0.19), (0.1, 0.5), (0.03, 0.52)], roof, 0.22)
    s.polygon([(0.62, 0.0), (0.67, 0.03), (1.0, 0.42), (0.97, 0.52), (0.9, 0.5), (0.62, 0.19)], dim(roof), 0.1)
    s.ellipse(0.5, 0.37, 0.1, 0.105, trim, 0)
    s.ellipse(0.5, 0.37, 0.075, 0.08, LAMP, 0.3, ball=True)
    for left in (0.14, 0.66):
        pane(s, left, 0.55, left + 0.2, 0.8, trim)
        s.box(left - 0.02, 0.79, left + 0.22, 0.86, (86, 150, 70), 0.2, 0.4)
        for k, petal in enumerate(((232, 84, 96), (250, 206, 84), (232, 84, 96))):
            s.ellipse(left + 0.03 + 0.07 * k, 0.8, 0.032, 0.032, petal, 0)
    s.polygon(arch(0.37, 0.55, 0.63, 1), trim, 0)
    s.polygon(arch(0.4, 0.585, 0.6, 1), jitter(rng, other(color, TIMBER, SLATE)), 0.25)
    s.ellipse(0.56, 0.8, 0.022, 0.023, LAMP, 0)


def turret(s: Sheet, left: float, right: float, wall: Color, roof: Color) -> None:
    """A castle's side tower with its pointed roof."""
    mid, wide = (left + right) / 2, right - left
    s.box(left + 0.02, 0.36, right - 0.02, 1, wall, 0.16)
    s.box(right - 0.02 - wide * 0.26, 0.36, right - 0.02, 1, dim(wall, 0.24), 0.1)
    s.box(left, 0.31, right, 0.42, lift(wall, 0.2), 0.15, 0.2)
    eaves = [(right + 0.01, 0.31), (right + 0.01, 0.35)]
    s.polygon([(mid, 0.0), *eaves, (left - 0.01, 0.35), (left - 0.01, 0.31)], roof, 0.2)
    s.polygon([(mid, 0.0), *eaves, (mid + wide * 0.14, 0.35)], dim(roof), 0.05)
    s.polygon(arch(mid - 0.06, 0.5, mid + 0.06, 0.7), dim(wall, 0.7) if brightness(wall) > 70 else LAMP, 0)


def battlement(s: Sheet, left: float, right: float, top: float, count: int, color: Color) -> None:
    """``count`` merlons in a row on a wall's top."""
    step = (right - left) / (2 * count - 1)
    for k in range(count):
        s.box(left + 2 * k * step, top, left + (2 * k + 1) * step, top + 0.1, color, 0.15)


def castle(s: Sheet, rng: Rng, color: Color) -> None:
    wall = jitter(rng, color)
    roof = jitter(rng, other(color, (64, 92, 176), TERRACOTTA))
    flag = jitter(rng, other(color, (226, 66, 64), LAMP))
    s.box(0.42, 0.0, 0.48, 0.26, TIMBER, 0)
    s.polygon([(0.47, 0.0), (0.71, 0.07), (0.47, 0.15)], flag, 0.2)
    battlement(s, 0.34, 0.66, 0.18, 3, lift(wall, 0.1))
    s.box(0.34, 0.25, 0.66, 0.6, dim(wall, 0.14), 0.2)
    s.polygon(arch(0.44, 0.3, 0.56, 0.45), other(color, LAMP, dim(color, 0.7)), 0.1)
    battlement(s, 0.25, 0.75, 0.47, 4, lift(wall, 0.16))
    s.box(0.24, 0.55, 0.76, 1, wall, 0.14)
    s.box(0.24, 0.55, 0.76, 0.59, lift(wall, 0.22), 0)
    turret(s, 0.01, 0.31, wall, roof)
    turret(s, 0.69, 0.99, wall, roof)
    s.polygon(arch(0.33, 0.61, 0.67, 1), seam(wall, 0.45), 0.1)
    s.polygon(arch(0.375, 0.66, 0.625, 1), other(color, TIMBER, INK), 0.3)
    for x in (0.44, 0.525):
        s.box(x, 0.7, x + 0.035, 1, dim(other(color, TIMBER, INK), 0.5), 0)


def tower_side(y: float, top: float, bottom: float, narrow: float, wide: float) -> float:
    """Half the width at ``y`` of a tower that widens from ``narrow`` to ``wide``, more so toward its foot."""
    t = (y - top) / (bottom - top)
    return narrow + (wide - narrow) * (0.55 * t + 0.45 * t * t)


def lighthouse(s: Sheet, rng: Rng, color: Color) -> None:
    body = jitter(rng, color)
    pale = other(color, CREAM, (120, 156, 196))
    top, foot = 0.3, 0.95
    cuts = (top, 0.43, 0.52, 0.67, 0.76, foot)
    for k, (y0, y1) in enumerate(pairwise(cuts)):
        ys = [y0 + (y1 - y0) * i / 4 for i in range(5)]
        sides = [(tower_side(y, top, foot, 0.33, 0.47), y) for y in ys]
        right = [(0.5 + x, y) for x, y in sides]
        paint = pale if k % 2 else body
        s.polygon([*((0.5 - x, y) for x, y in sides), *reversed(right)], paint, 0.1)
        s.polygon([*((0.5 + x * 0.4, y) for x, y in sides), *reversed(right)], dim(paint, 0.25), 0.05)
    s.polygon(arch(0.35, 0.72, 0.61, 0.97), pale, 0)
    s.polygon(arch(0.39, 0.745, 0.57, 0.97), other(color, TIMBER, SLATE), 0.2)
    s.box(0.24, 0.13, 0.76, 0.28, LAMP, 0, 0.1)
    s.ellipse(0.49, 0.205, 0.19, 0.075, (255, 249, 214), 0)
    for x in (0.22, 0.71):
        s.box(x, 0.13, x + 0.07, 0.28, seam(body, 0.5), 0)
    s.box(0.1, 0.265, 0.9, 0.325, other(color, (70, 66, 84), CREAM), 0.25, 0.35)
    hood = [(0.5, 0.0), (0.62, 0.035), (0.8, 0.08), (0.87, 0.15)]
    s.curve([*((1 - x, y) for x, y in hood[:0:-1]), *hood], body, 0.35)
    s.polygon([*hood, (0.64, 0.16)], dim(body, 0.25), 0.1)
    stone = jitter(rng, other(color, (128, 120, 122), (92, 84, 96)))
    for x, y, rx, ry, paint in (
        (0.2, 0.93, 0.2, 0.08, stone),
        (0.8, 0.935, 0.2, 0.075, dim(stone)),
        (0.5, 0.96, 0.26, 0.055, lift(stone, 0.25)),
    ):
        s.ellipse(x, y, rx, ry, paint, 0.3, ball=True)


def sail(s: Sheet, hub: Point, dx: float, dy: float, cloth: Color, wood: Color) -> None:
    """A windmill's broad sail from ``hub`` along (``dx``, ``dy``), its cloth clockwise of the arm."""

    def strip(start: float, end: float, left: float, right: float) -> list[Point]:
        corners = ((start, left), (end, left), (end, right), (start, right))
        return [(hub[0] + 1.28 * (dx * u - dy * v), hub[1] + dy * u + dx * v) for u, v in corners]

    s.polygon(strip(0.25, 1, -0.1, 0.39), wood, 0.1)
    s.polygon(strip(0.31, 0.94, 0.02, 0.34), cloth, 0.18)
    s.polygon(strip(0, 1, -0.1, 0.04), wood, 0)
    s.polygon(strip(0.6, 0.65, 0.02, 0.34), wood, 0)


def windmill(s: Sheet, rng: Rng, color: Color) -> None:
    body = jitter(rng, color)
    cloth = jitter(rng, other(color, CREAM, (232, 128, 104)))
    wood = other(color, (112, 68, 42), (198, 148, 94))
    side = [(0.22, 0.25), (0.19, 0.5), (0.12, 0.78), (0.0, 1.0)]
    right = [(1 - x, y) for x, y in side]
    s.polygon([*side, *reversed(right)], body, 0.16)
    s.polygon([*((0.5 + (x - 0.5) * 0.4, y) for x, y in right), *reversed(right)], dim(body), 0.06)
    cap = [(0.16, 0.31), (0.2, 0.16), (0.34, 0.04), (0.5, 0.0), (0.66, 0.04), (0.8, 0.16), (0.84, 0.31)]
    s.curve(cap, seam(body, 0.4), 0.3)
    s.polygon(arch(0.36, 0.74, 0.64, 1), lift(body, 0.5), 0)
    s.polygon(arch(0.4, 0.77, 0.6, 1), other(color, TIMBER, (72, 50, 54)), 0.2)
    hub = (0.5, 0.405)
    for dx, dy in ((-0.325, -0.265), (0.265, -0.325), (0.325, 0.265), (-0.265, 0.325)):
        sail(s, hub, dx, dy, cloth, wood)
    s.ellipse(*hub, 0.085, 0.073, LAMP, 0.35, ball=True)


BUILDINGS: dict[str, Kind] = {
    "house": Kind(house, 1.0, "white"),
    "castle": Kind(castle, 1.05, "gray"),
    "lighthouse": Kind(lighthouse, 0.6, "red"),
    "windmill": Kind(windmill, 0.86, "brown"),
}
