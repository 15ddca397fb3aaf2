"""Write transforms.json: the test vectors that the transforms of Python and TypeScript both have to meet.

As make_shapes.py does it: the rules are restated here, pixel by pixel, sharing no code with
`semanticdraw_widget.transforms`, and sine and cosine come from a series of fifty decimal digits. Run
`python tests/vectors/make_transforms.py` after a change of a rule or of the cases; the file is committed.
"""

from __future__ import annotations

import hashlib
import json
from decimal import ROUND_FLOOR, Decimal, getcontext
from pathlib import Path
from typing import Any

getcontext().prec = 50
PI = Decimal("3.14159265358979323846264338327950288419716939937510")
Rows = list[list[int]]
Pair = tuple[float, float]

ABOUT = {
    "mask": "Name of one of `masks`: rows of text, each mark a pixel: '.' 0, '-' 60, '+' 128, '#' 255.",
    "transforms": (
        "What the mask covers is scaled by `scale` (sx, sy) and rotated by `rotate` degrees, clockwise, about the "
        "middle (cx, cy) of the box of its pixels that are not 0, and then moved by `move` (dx, dy) px, which is "
        "rounded to 1/16 px. Result: `sha256` of the height*width mask bytes, row by row; `sum` is their sum."
    ),
    "rule": (
        "All in 1/16 px, and floor(n + 1/2) where it says round. a, b, c, d = round(2^20 cos/sx), round(2^20 sin/sx), "
        "round(-2^20 sin/sy), round(2^20 cos/sy). Pixel (X, Y) looks up nine places: for i, j in 3, 8, 13, u = 16X + i "
        "- cx - dx, v = 16Y + j - cy - dy, the pixel at (floor((cx 2^20 + a u + b v) / 2^24), floor((cy 2^20 + c u + "
        "d v) / 2^24)), 0 off the canvas. It becomes their mean, round(sum / 9); where the mask holds only 0 and 255 "
        "it becomes 255 if five or more of them are 255, else 0."
    ),
}
MARKS = {".": 0, "-": 60, "+": 128, "#": 255}

MASKS: dict[str, list[str]] = {
    "F": [
        "................",
        "................",
        "................",
        "....######......",
        "....######......",
        "....##..........",
        "....####........",
        "....####........",
        "....##..........",
        "....##..........",
        "................",
        "................",
    ],
    "soft": [
        "............",
        "..-++-......",
        ".-+##+-.....",
        ".+####+.....",
        ".-+##+-.....",
        "..-++-......",
        "............",
        "............",
        "............",
    ],
    "odd": ["......."] * 3 + ["..###.."] + ["......."] * 3,
    "corner": ["###.....", "##......", "#.......", "........", "........", "........"],
    "far apart": ["#.........", "..........", "..........", "..........", ".........#"],
    "one pixel": [".....", "..#..", "....."],
    "whole": ["#" * 20] * 14,
    "nothing": ["." * 9] * 6,
    "checks": ["#.#.#.#.#.#.#.#.", ".#.#.#.#.#.#.#.#"] * 6,
}

# (mask, move, scale, rotate)
CASES: list[tuple[str, Pair, Pair, float]] = [
    ("F", (0, 0), (1, 1), 0),
    ("F", (3, -2), (1, 1), 0),
    ("F", (0.5, 0), (1, 1), 0),
    ("F", (0.25, -0.75), (1, 1), 0),
    ("F", (-0.03125, 0.03125), (1, 1), 0),
    ("F", (0, 0), (2, 1), 0),
    ("F", (0, 0), (1, 0.5), 0),
    ("F", (0, 0), (0.3, 0.7), 0),
    ("F", (0, 0), (-1, 1), 0),
    ("F", (0, 0), (1, -1), 0),
    ("F", (1, 1), (-1.5, -0.75), 0),
    ("F", (0, 0), (1, 1), 90),
    ("F", (0, 0), (1, 1), 180),
    ("F", (0, 0), (1, 1), -90),
    ("F", (0, 0), (1, 1), 360),
    ("F", (0, 0), (1, 1), 45),
    ("F", (0, 0), (1, 1), 30),
    ("F", (0, 0), (1, 1), -12.34),
    ("F", (2, 1), (1.25, 0.8), 17),
    ("F", (0, 0), (1.5, 1.5), 1234567.875),
    ("F", (0, 0), (64, 64), 33),
    ("F", (0, 0), (1 / 64, 1 / 64), 33),
    ("F", (65536, -65536), (1, 1), 0),
    ("F", (-9, 0), (1, 1), 0),
    ("soft", (0, 0), (1, 1), 0),
    ("soft", (0.5, 0.5), (1, 1), 0),
    ("soft", (2, 3), (1, 1), 0),
    ("soft", (0, 0), (1.7, 1.3), 0),
    ("soft", (0, 0), (0.4, 0.4), 0),
    ("soft", (1.5, -0.25), (1.1, -0.9), 211.5),
    ("soft", (0, 0), (-1, 1), 90),
    ("odd", (0, 0), (1, 1), 90),
    ("odd", (0, 0), (1, 1), 45),
    ("odd", (0.5, 0.5), (1, 1), 0),
    ("corner", (0, 0), (1, 1), 20),
    ("corner", (-1, -1), (1, 1), 0),
    ("corner", (3, 2), (2, 2), 0),
    ("far apart", (0, 0), (1, 1), 10),
    ("far apart", (0, 0), (0.9, 0.9), 0),
    ("one pixel", (0, 0), (3, 3), 0),
    ("one pixel", (0, 0), (5, 1), 45),
    ("one pixel", (1, 1), (0.5, 0.5), 0),
    ("whole", (0, 0), (1, 1), 3),
    ("whole", (0, 0), (0.5, 0.5), 45),
    ("whole", (5, 5), (1, 1), 0),
    ("nothing", (3, 3), (2, 2), 45),
    ("checks", (0, 0), (1, 1), 45),
    ("checks", (0, 0), (0.5, 0.5), 0),
    ("checks", (0, 0), (1.01, 0.99), 0.5),
]


def rounded(number: Decimal) -> int:
    return int((number + Decimal("0.5")).to_integral_value(ROUND_FLOOR))


def series(x: Decimal, first: int) -> Decimal:
    """Cosine (first = 0) or sine (first = 1)."""
    term, total = x if first else Decimal(1), Decimal(0)
    for n in range(first, 60, 2):
        total += term
        term *= -x * x / ((n + 1) * (n + 2))
    return total


def reference(mask: Rows, move: Pair, scale: Pair, rotate: float) -> Rows:
    height, width = len(mask), len(mask[0])
    content = [(x, y) for y, row in enumerate(mask) for x, value in enumerate(row) if value]
    if not content:
        return [[0] * width for _ in mask]
    cx, cy = (8 * (min(at) + max(at) + 1) for at in zip(*content, strict=True))
    dx, dy = (rounded(16 * Decimal(px)) for px in move)
    angle = (Decimal(rotate) % 360) * PI / 180
    cosine, sine = series(angle, 0), series(angle, 1)
    sx, sy = map(Decimal, scale)
    a, b = rounded(2**20 * cosine / sx), rounded(2**20 * sine / sx)
    c, d = rounded(-(2**20) * sine / sy), rounded(2**20 * cosine / sy)

    def look_up(u: int, v: int) -> int:
        x, y = (cx * 2**20 + a * u + b * v) // 2**24, (cy * 2**20 + c * u + d * v) // 2**24
        return mask[y][x] if 0 <= x < width and 0 <= y < height else 0

    def pixel(x: int, y: int) -> int:
        places = [(16 * x + i - cx - dx, 16 * y + j - cy - dy) for i in (3, 8, 13) for j in (3, 8, 13)]
        found = [look_up(u, v) for u, v in places]
        if all(value in (0, 255) for row in mask for value in row):
            return 255 if found.count(255) >= 5 else 0
        return (2 * sum(found) + 9) // 18

    return [[pixel(x, y) for x in range(width)] for y in range(height)]


def pixels(name: str) -> Rows:
    return [[MARKS[mark] for mark in row] for row in MASKS[name]]


def make() -> list[dict[str, Any]]:
    cases = []
    for name, move, scale, rotate in CASES:
        after = bytes(value for row in reference(pixels(name), move, scale, rotate) for value in row)
        case = {"mask": name, "move": move, "scale": scale, "rotate": rotate}
        cases.append(case | {"sha256": hashlib.sha256(after).hexdigest(), "sum": sum(after)})
    return cases


def main() -> None:
    def lines(values: list[str]) -> str:
        return ",\n".join(f"  {value}" for value in values)

    about = lines([f"{json.dumps(key)}: {json.dumps(text)}" for key, text in ABOUT.items()])
    masks = lines([f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in MASKS.items()])
    cases = lines([json.dumps(case) for case in make()])
    path = Path(__file__).with_name("transforms.json")
    text = f'{{\n "about": {{\n{about}\n }},\n "masks": {{\n{masks}\n }},\n "transforms": [\n{cases}\n ]\n}}\n'
    path.write_text(text, encoding="ascii")
    print(f"{path.name}: {len(CASES)} transforms")


if __name__ == "__main__":
    main()
