"""Write similar.json: the test vectors that the magic select of Python and TypeScript both have to meet.

As make_shapes.py does it: the rule is restated here, pixel by pixel, sharing no code with
`semanticdraw_widget.similar`. Run `python tests/vectors/make_similar.py` after a change of the rule or of the cases;
the file is committed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

Color = tuple[int, int, int]
Picture = list[list[Color]]

ABOUT = {
    "picture": "Name of one of `pictures`: rows of text, each mark the color that `colors` has for it.",
    "similar": (
        "`point` is [x16, y16] in 1/16 px. Written with `value` into a mask that holds `fill` everywhere are the pixel "
        "that holds the point (floor division by 16) and all that steps to one of four neighbors reach from there over "
        "pixels whose red, green and blue each differ from that pixel's by at most `tolerance`. A point off the canvas "
        "writes nothing. Result: `sha256` of the height*width mask bytes, row by row; `written` counts those that "
        "equal `value`."
    ),
}
COLORS: dict[str, Color] = {
    ".": (90, 160, 230),
    ",": (100, 150, 222),
    "g": (60, 140, 70),
    "G": (60, 140, 102),
    "k": (0, 0, 0),
    "w": (255, 255, 255),
    "r": (200, 40, 40),
}
PICTURES: dict[str, list[str]] = {
    "landscape": [
        "..........,,,,..",
        "..ww....,,,,,,,.",
        ".wwww..,,,rr,,..",
        "..ww.....rrrr...",
        ".........rkkr...",
        "gggggGGGGrkkrggg",
        "ggGGggggggggggGG",
        "gggggggGGgggg.gg",
    ],
    "steps": [f"{a}{b}" * 4 for a, b in ("kw", "wk")] * 3,
    "slope": ["abcdefghijklmnop"],
}
COLORS |= {chr(ord("a") + i): (10 * i, 10 * i, 10 * i) for i in range(16) if chr(ord("a") + i) not in COLORS}

# (picture, point, tolerance, fill, value)
CASES: list[tuple[str, tuple[int, int], int, int, int]] = [
    ("landscape", (5, 5), 0, 0, 255),
    ("landscape", (5, 5), 9, 0, 255),
    ("landscape", (5, 5), 10, 0, 255),
    ("landscape", (5, 5), 32, 0, 255),
    ("landscape", (5, 5), 255, 0, 255),
    ("landscape", (13 * 16, 7 * 16), 10, 0, 255),
    ("landscape", (16 * 16 - 1, 8 * 16 - 1), 31, 0, 255),
    ("landscape", (16 * 16 - 1, 8 * 16 - 1), 32, 0, 255),
    ("landscape", (9 * 16, 3 * 16), 40, 0, 255),
    ("landscape", (10 * 16, 4 * 16), 40, 255, 0),
    ("landscape", (3 * 16, 2 * 16 + 15), 3, 7, 128),
    ("landscape", (-1, 5), 32, 0, 255),
    ("landscape", (5, 8 * 16), 255, 9, 255),
    ("landscape", (2**20, -(2**20)), 32, 0, 255),
    ("steps", (0, 0), 32, 0, 255),
    ("steps", (0, 0), 254, 0, 255),
    ("steps", (0, 0), 255, 0, 255),
    ("slope", (2 * 16, 0), 20, 0, 255),
    ("slope", (9 * 16, 8), 35, 0, 255),
]


def picture(name: str) -> Picture:
    return [[COLORS[mark] for mark in row] for row in PICTURES[name]]


def reference(colors: Picture, point: tuple[int, int], tolerance: int, start: list[bytearray], value: int) -> bytes:
    """Spread from the pixel to its neighbors, one at a time."""
    rows = [bytearray(row) for row in start]
    x0, y0 = point[0] // 16, point[1] // 16
    waiting, seen = [(x0, y0)], set[tuple[int, int]]()
    while waiting:
        x, y = waiting.pop()
        if (x, y) in seen or not (0 <= x < len(rows[0]) and 0 <= y < len(rows)):
            continue
        seen.add((x, y))
        if any(abs(a - b) > tolerance for a, b in zip(colors[y][x], colors[y0][x0], strict=True)):
            continue
        rows[y][x] = value
        waiting += [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
    return b"".join(rows)


def make() -> list[dict[str, Any]]:
    cases = []
    for name, point, tolerance, fill, value in CASES:
        colors = picture(name)
        after = reference(colors, point, tolerance, [bytearray([fill]) * len(colors[0])] * len(colors), value)
        case = {"picture": name, "point": point, "tolerance": tolerance, "fill": fill, "value": value}
        cases.append(case | {"sha256": hashlib.sha256(after).hexdigest(), "written": after.count(value)})
    return cases


def main() -> None:
    def lines(values: list[str]) -> str:
        return ",\n".join(f"  {value}" for value in values)

    parts = [
        f' "{part}": {{\n{lines([f"{json.dumps(key)}: {json.dumps(value)}" for key, value in values.items()])}\n }}'
        for part, values in (("about", ABOUT), ("colors", COLORS), ("pictures", PICTURES))
    ]
    cases = f' "similar": [\n{lines([json.dumps(case) for case in make()])}\n ]'
    path = Path(__file__).with_name("similar.json")
    path.write_text("{\n" + ",\n".join([*parts, cases]) + "\n}\n", encoding="ascii")
    print(f"{path.name}: {len(CASES)} areas")


if __name__ == "__main__":
    main()
