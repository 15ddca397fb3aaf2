"""Write shapes.json: the test vectors that the Python and the TypeScript shapes both have to meet.

As make.py does it for the brush: the rules are restated here in whole numbers, pixel by pixel, sharing no code
with `semanticdraw_widget.shapes`. Run `python tests/vectors/make_shapes.py` after a change of a rule or of the
cases; the file is committed.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from pathlib import Path
from typing import Any

Point = tuple[int, int]
Rows = list[bytearray]

ABOUT = {
    "shapes": (
        "One filled shape each. `fill` is what the mask holds before, everywhere; `points` are [x16, y16] in 1/16 "
        "px; `value` is written where the shape is. Result: `sha256` of the height*width mask bytes, row by row; "
        "`written` counts the bytes that equal `value`. What lies off the canvas is dropped."
    ),
    "polygon": (
        "Pixel (x, y) has its center at C = (16x+8, 16y+8). It is inside if an odd number of edges A->B (the last "
        "point is joined to the first) have (Ay <= Cy) != (By <= Cy) and cross the line y = Cy at or left of C."
    ),
    "rectangle": "Two opposite corners: inside if left <= Cx < right and top <= Cy < bottom.",
    "ellipse": (
        "Two opposite corners of the rectangle around it, a wide and b high: with u = 2Cx - left - right and v = "
        "2Cy - top - bottom, inside if u*u*b*b + v*v*a*a <= a*a*b*b, and neither a nor b is 0."
    ),
    "flood": (
        "One point. `walls` are rows of text, '#' a wall. Written are the pixel that holds the point (floor division "
        "by 16) and all that steps to one of four neighbors reach from there without entering a wall."
    ),
}


def reference_polygon(start: Rows, points: list[Point], value: int) -> Rows:
    """Every pixel against every edge, by the sign of a cross product."""

    def inside(cx: int, cy: int) -> bool:
        count = 0
        for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
            if (ay <= cy) != (by <= cy):
                side = (cx - ax) * (by - ay) - (cy - ay) * (bx - ax)
                count += side >= 0 if by > ay else side <= 0
        return count % 2 == 1

    return _where(start, inside, value)


def reference_rectangle(start: Rows, points: list[Point], value: int) -> Rows:
    left, top, right, bottom = _sides(points)
    return _where(start, lambda cx, cy: left <= cx < right and top <= cy < bottom, value)


def reference_ellipse(start: Rows, points: list[Point], value: int) -> Rows:
    left, top, right, bottom = _sides(points)
    a, b = right - left, bottom - top

    def inside(cx: int, cy: int) -> bool:
        u, v = 2 * cx - left - right, 2 * cy - top - bottom
        return a > 0 and b > 0 and u * u * b * b + v * v * a * a <= a * a * b * b

    return _where(start, inside, value)


def reference_flood(start: Rows, walls: Rows, point: Point, value: int) -> Rows:
    """Spread from the pixel to its neighbors, one at a time."""
    height, width = len(start), len(start[0])
    result = [bytearray(row) for row in start]
    waiting, seen = [(point[0] // 16, point[1] // 16)], set[Point]()
    while waiting:
        x, y = waiting.pop()
        if (x, y) in seen or not (0 <= x < width and 0 <= y < height) or walls[y][x]:
            continue
        seen.add((x, y))
        result[y][x] = value
        waiting += [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
    return result


def _where(start: Rows, inside: Any, value: int) -> Rows:
    return [
        bytearray(value if inside(16 * x + 8, 16 * y + 8) else old for x, old in enumerate(row))
        for y, row in enumerate(start)
    ]


def _sides(points: list[Point]) -> tuple[int, int, int, int]:
    (ax, ay), (bx, by) = points
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


REFERENCES = {"polygon": reference_polygon, "rectangle": reference_rectangle, "ellipse": reference_ellipse}


def scribble(seed: int, count: int, low: int, high: int) -> list[Point]:
    rng = random.Random(seed)
    return [(rng.randint(low, high), rng.randint(low, high)) for _ in range(count)]


def star(cx: int, cy: int, radius: int, tips: int, skip: int) -> list[Point]:
    turn = 2 * math.pi * skip / tips
    return [(round(cx + radius * math.cos(turn * i)), round(cy + radius * math.sin(turn * i))) for i in range(tips)]


FAR = 2**20

# (shape, name, width, height, fill, points, value)
FILLED: list[tuple[str, str, int, int, int, list[Point], int]] = [
    ("polygon", "triangle", 48, 40, 0, [(100, 60), (700, 300), (200, 600)], 255),
    ("polygon", "triangle, the other way round", 48, 40, 0, [(200, 600), (700, 300), (100, 60)], 255),
    ("polygon", "square, its edges on centers", 24, 24, 0, [(40, 40), (200, 40), (200, 200), (40, 200)], 255),
    ("polygon", "square, one 16th further", 24, 24, 0, [(41, 41), (201, 41), (201, 201), (41, 201)], 255),
    ("polygon", "diamond, its corners on centers", 24, 24, 0, [(168, 40), (296, 168), (168, 296), (40, 168)], 255),
    ("polygon", "star with a hole", 64, 64, 0, star(512, 512, 480, 5, 2), 255),
    ("polygon", "star of seven", 64, 64, 0, star(500, 520, 490, 7, 3), 255),
    ("polygon", "bow tie", 32, 32, 0, [(60, 60), (450, 450), (450, 60), (60, 450)], 255),
    ("polygon", "scribble of 60 corners", 96, 96, 0, scribble(1, 60, -300, 1800), 255),
    ("polygon", "scribble of 400 corners", 64, 64, 0, scribble(2, 400, -100, 1100), 255),
    ("polygon", "takes away", 40, 40, 255, [(100, 100), (560, 140), (300, 560)], 0),
    ("polygon", "writes a gray", 40, 40, 9, [(100, 100), (560, 140), (300, 560)], 128),
    ("polygon", "no area: three points in a line", 32, 32, 0, [(8, 8), (200, 200), (400, 400)], 255),
    ("polygon", "the same point thrice", 16, 16, 0, [(100, 100), (100, 100), (100, 100)], 255),
    ("polygon", "smaller than a pixel, around its center", 8, 8, 0, [(54, 54), (58, 54), (56, 58)], 255),
    ("polygon", "between two centers", 8, 8, 0, [(57, 57), (71, 57), (64, 70)], 255),
    ("polygon", "around the canvas", 40, 24, 0, [(-500, -500), (2000, -500), (2000, 2000), (-500, 2000)], 255),
    ("polygon", "beside the canvas", 40, 24, 0, [(-500, 100), (-20, 100), (-20, 300)], 255),
    ("polygon", "to the right of the canvas", 40, 24, 0, [(900, 100), (700, 300), (800, 10)], 255),
    ("polygon", "thin, from limit to limit", 64, 64, 0, [(-FAR, -FAR), (FAR, FAR), (FAR, FAR - 90)], 255),
    ("polygon", "nearly flat, from limit to limit", 64, 64, 0, [(-FAR, 300), (FAR, 301), (-FAR, 700)], 255),
    ("polygon", "one pixel of canvas", 1, 1, 0, [(0, 0), (16, 0), (16, 16), (0, 16)], 255),
    ("rectangle", "whole pixels", 32, 24, 0, [(32, 48), (320, 240)], 255),
    ("rectangle", "corners in another order", 32, 24, 0, [(320, 48), (32, 240)], 255),
    ("rectangle", "edges on centers", 32, 24, 0, [(40, 40), (200, 120)], 255),
    ("rectangle", "edges one 16th past centers", 32, 24, 0, [(41, 41), (201, 121)], 255),
    ("rectangle", "no width", 16, 16, 0, [(40, 40), (40, 200)], 255),
    ("rectangle", "between centers", 16, 16, 0, [(41, 41), (55, 200)], 255),
    ("rectangle", "over the edges", 20, 20, 0, [(-90, 200), (200, 900)], 255),
    ("rectangle", "off the canvas, left", 20, 20, 0, [(-90, 20), (-9, 90)], 255),
    ("rectangle", "off the canvas, above", 20, 20, 0, [(20, -90), (90, -9)], 255),
    ("rectangle", "from limit to limit", 13, 7, 0, [(-FAR, -FAR), (FAR, FAR)], 255),
    ("rectangle", "takes away", 20, 20, 255, [(50, 60), (200, 210)], 0),
    ("ellipse", "circle on a center, lattice points exactly on it", 24, 24, 0, [(120, 120), (280, 280)], 255),
    ("ellipse", "circle between centers", 24, 24, 0, [(112, 112), (272, 272)], 255),
    ("ellipse", "circle of odd sides", 24, 24, 0, [(113, 111), (274, 272)], 255),
    ("ellipse", "wide", 96, 40, 0, [(1400, 500), (60, 90)], 255),
    ("ellipse", "high", 40, 96, 0, [(33, 44), (600, 1500)], 255),
    ("ellipse", "one row of centers", 32, 16, 0, [(20, 100), (480, 108)], 255),
    ("ellipse", "no height", 16, 16, 0, [(20, 104), (200, 104)], 255),
    ("ellipse", "no width", 16, 16, 0, [(104, 20), (104, 200)], 255),
    ("ellipse", "half off the canvas", 32, 32, 0, [(-200, -100), (300, 400)], 255),
    ("ellipse", "off the canvas", 32, 32, 0, [(600, 600), (900, 900)], 255),
    ("ellipse", "its corner off, its edge through", 32, 32, 0, [(-FAR, -400), (500, 700)], 255),
    ("ellipse", "from limit to limit", 16, 16, 0, [(-FAR, -FAR), (FAR, FAR)], 255),
    ("ellipse", "a limit wide, far off", 64, 64, 0, [(500, -FAR), (FAR, FAR)], 255),
    ("ellipse", "takes away", 32, 32, 255, [(50, 60), (400, 300)], 0),
]

ROOMS = [
    "........#.......",
    "..####..#..###..",
    "..#..#..#..#.#..",
    "..#..#..#..###..",
    "..####..#.......",
    "........########",
    "#######.........",
    ".......#.......#",
    "..#.#.#.#.#.#.#.",
    ".#.#.#.#.#.#.#..",
]
SPIRAL = [
    "............",
    ".##########.",
    ".#........#.",
    ".#.######.#.",
    ".#.#....#.#.",
    ".#.#.##.#.#.",
    ".#.#.#..#.#.",
    ".#.#.####.#.",
    ".#.#......#.",
    ".#.########.",
    ".#..........",
]

# (name, walls, point, fill, value)
FLOODED: list[tuple[str, list[str], Point, int, int]] = [
    ("no walls", ["." * 13] * 7, (100, 50), 0, 255),
    ("nothing but walls", ["#" * 13] * 7, (100, 50), 0, 255),
    ("the left room and what it opens to", ROOMS, (5, 5), 0, 255),
    ("a closed room", ROOMS, (3 * 16, 2 * 16), 0, 255),
    ("a room of one pixel", ROOMS, (12 * 16 + 15, 2 * 16 + 15), 0, 255),
    ("on a wall", ROOMS, (8 * 16, 16), 0, 255),
    ("corners do not join", ROOMS, (0, 9 * 16), 0, 255),
    ("the way through the bottom", ROOMS, (15 * 16, 9 * 16), 0, 255),
    ("spiral from outside", SPIRAL, (0, 0), 0, 255),
    ("spiral from within", SPIRAL, (6 * 16, 6 * 16), 255, 0),
    ("off the canvas", SPIRAL, (-1, 20), 0, 255),
    ("off the canvas, far", SPIRAL, (FAR, FAR), 0, 255),
    ("the last pixel", SPIRAL, (12 * 16 - 1, 11 * 16 - 1), 7, 128),
]


def plain(width: int, height: int, value: int) -> Rows:
    return [bytearray([value]) * width for _ in range(height)]


def made(shape: str, name: str, fill: int, points: list[Point], value: int, after: Rows) -> dict[str, Any]:
    whole = b"".join(after)
    return {
        "shape": shape,
        "name": name,
        "width": len(after[0]),
        "height": len(after),
        "fill": fill,
        "points": points,
        "value": value,
        "sha256": hashlib.sha256(whole).hexdigest(),
        "written": whole.count(value),
    }


def make() -> list[dict[str, Any]]:
    cases = [
        made(shape, name, fill, points, value, REFERENCES[shape](plain(width, height, fill), points, value))
        for shape, name, width, height, fill, points, value in FILLED
    ]
    for name, walls, point, fill, value in FLOODED:
        rows = [bytearray(255 * (mark == "#") for mark in row) for row in walls]
        after = reference_flood(plain(len(walls[0]), len(walls), fill), rows, point, value)
        cases.append(made("flood", name, fill, [point], value, after) | {"walls": walls})
    return cases


def main() -> None:
    about = ",\n".join(f"  {json.dumps(key)}: {json.dumps(text)}" for key, text in ABOUT.items())
    cases = ",\n".join("  " + json.dumps(case) for case in make())
    path = Path(__file__).with_name("shapes.json")
    path.write_text(f'{{\n "about": {{\n{about}\n }},\n "shapes": [\n{cases}\n ]\n}}\n', encoding="ascii")
    print(f"{path}: {len(make())} shapes")


if __name__ == "__main__":
    main()
