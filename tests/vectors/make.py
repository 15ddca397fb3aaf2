"""Write masks.json: the test vectors that the Python and the TypeScript mask code both have to meet.

The strokes are computed by `reference_stroke`, a plain restatement of the brush rule in whole numbers,
pixel by pixel, which shares no code with `semanticdraw_widget.masks`. Run `python tests/vectors/make.py`
after a change of the rule or of the cases; the file is committed, so neither test suite depends on this
script having run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import struct
import zlib
from itertools import pairwise
from pathlib import Path

Point = tuple[int, int]
Rows = list[bytearray]

ABOUT = {
    "strokes": (
        "One round-brush stroke each. `start` is the mask before it: 'empty' (all 0), 'full' (all 255) or "
        "base64 of an SDM1 blob. `points` are [x16, y16] in 1/16 px, `size` is the brush diameter in "
        "whole px, `value` is written where the brush paints (255 pen, 0 eraser). Result: `sha256` of the "
        "height*width mask bytes, row by row; `painted` counts the bytes that are not 0; `packed` is the "
        "same result as base64 of an SDM1 blob. A soft one has `hardness` too, 0 to 99."
    ),
    "soft": (
        "With a `hardness` h below 100 and a size above 1, pixel C has the distance D, the smallest of r, "
        "isqrt(|C-P|^2) for the points, and floor(|cross(d, p)| / sqrt(L)), of doubles, for the segments with "
        "0 < p.d < L. With t = min(4096, 409600*(r-D) // (r*(100-h))) its ink is v = (255*t*t*(12288-2*t) + 2^35) "
        ">> 36. A `value` of 255 writes the larger of v and what is there, 0 the smaller of 255-v and what is "
        "there; nothing else is painted."
    ),
    "rule": (
        "r = 8*size. The center of pixel (x, y) is C = (16x+8, 16y+8). It is painted if, for one of the "
        "points, |C-P|^2 <= r^2, or, for one of the segments A->B with d = B-A, p = C-A, L = d.d: 0 < p.d "
        "< L and |cross(d, p)| <= isqrt(r*r*L). The pixel that holds a point (floor division by 16) is "
        "always painted. What lies off the canvas is dropped. Coordinates lie within +-2^20."
    ),
    "blobs": (
        "Well-formed SDM1 blobs, base64, not all of them what pack() would write. unpack() gives `width`, "
        "`height` and the mask bytes with this `sha256`. Padding bits at the end of a depth-1 row carry "
        "nothing and are ignored."
    ),
    "malformed": (
        "Blobs that unpack() refuses. `reason` groups the causes for the reader; an implementation need "
        "not report the same word. `bomb` inflates to far more than its header admits: stop inflating at "
        "the expected length."
    ),
    "format": (
        "SDM1: bytes 0-1 'SM', byte 2 version 1, byte 3 depth (1 or 8), u16 LE width, u16 LE height (each "
        "1 to 8192, 4096 x 4096 pixels in all), then one zlib (RFC 1950) stream and nothing after it. Depth 1: "
        "rows packed most significant bit first, each padded to a whole byte, 1 stands for 255. Depth 8: one "
        "byte a pixel, row by row."
    ),
}


def reference_stroke(start: Rows, points: list[Point], size: int, value: int) -> Rows:
    """The brush rule, read aloud: every pixel near the stroke against every point and segment, in exact
    integers.

    Instead of comparing |cross| with isqrt(r*r*L) it compares the squares, which is the same statement.
    """
    height, width = len(start), len(start[0])
    result = [bytearray(row) for row in start]
    r = 8 * size

    def inside(cx: int, cy: int) -> bool:
        for ax, ay in points:
            if (cx - ax) ** 2 + (cy - ay) ** 2 <= r * r:
                return True
        for (ax, ay), (bx, by) in pairwise(points):
            dx, dy, px, py = bx - ax, by - ay, cx - ax, cy - ay
            length2 = dx * dx + dy * dy
            if 0 < px * dx + py * dy < length2 and (dx * py - dy * px) ** 2 <= r * r * length2:
                return True
        return False

    # Only pixels within r of the stroke's bounding box can be painted; the rest need no look.
    xs, ys = [x for x, _ in points], [y for _, y in points]
    for y in range(max(0, (min(ys) - r) // 16 - 1), min(height, (max(ys) + r) // 16 + 2)):
        for x in range(max(0, (min(xs) - r) // 16 - 1), min(width, (max(xs) + r) // 16 + 2)):
            if inside(16 * x + 8, 16 * y + 8):
                result[y][x] = value
    for px, py in points:
        if 0 <= px // 16 < width and 0 <= py // 16 < height:
            result[py // 16][px // 16] = value
    return result


def reference_soft_stroke(start: Rows, points: list[Point], size: int, value: int, hardness: int) -> Rows:
    """The rule of the soft brush, pixel by pixel."""
    if size == 1:
        return reference_stroke(start, points, size, value)
    result = [bytearray(row) for row in start]
    r = 8 * size

    def distance(cx: int, cy: int) -> int:
        found = [math.isqrt((cx - ax) ** 2 + (cy - ay) ** 2) for ax, ay in points]
        for (ax, ay), (bx, by) in pairwise(points):
            dx, dy, px, py = bx - ax, by - ay, cx - ax, cy - ay
            length2 = dx * dx + dy * dy
            if 0 < px * dx + py * dy < length2:
                found.append(int(abs(dx * py - dy * px) / math.sqrt(length2)))
        return min([r, *found])

    for y in range(len(start)):
        for x in range(len(start[0])):
            t = min(4096, 409600 * (r - distance(16 * x + 8, 16 * y + 8)) // (r * (100 - hardness)))
            ink = (255 * t * t * (12288 - 2 * t) + 2**35) >> 36
            result[y][x] = max(start[y][x], ink) if value else min(start[y][x], 255 - ink)
    return result


def reference_pack(rows: Rows, depth: int | None = None, padding: int = 0) -> bytes:
    """SDM1 bytes of a mask given as rows; `padding` (0 or 1) fills the unused bits of a depth-1 row."""
    width, height = len(rows[0]), len(rows)
    if depth is None:
        depth = 1 if all(pixel in (0, 255) for row in rows for pixel in row) else 8
    payload = bytearray()
    for row in rows:
        if depth == 8:
            payload += row
        else:
            bits = "".join("1" if pixel else "0" for pixel in row)
            bits += str(padding) * (-width % 8)
            payload += bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return header(depth, width, height) + zlib.compress(bytes(payload), 9)


def header(depth: int, width: int, height: int) -> bytes:
    return b"SM" + bytes([1, depth]) + struct.pack("<HH", width, height)


def plain(width: int, height: int, value: int = 0) -> Rows:
    return [bytearray([value]) * width for _ in range(height)]


def ramp(width: int, height: int) -> Rows:
    """A soft mask: every gray value, no symmetry."""
    return [bytearray((7 * x + 13 * y + x * y) % 256 for x in range(width)) for y in range(height)]


def digest(rows: Rows) -> str:
    return hashlib.sha256(b"".join(rows)).hexdigest()


def b64(blob: bytes) -> str:
    return base64.b64encode(blob).decode("ascii")


def circle(cx: float, cy: float, radius: float, count: int) -> list[Point]:
    turn = 2 * math.pi / count
    return [
        (round(16 * (cx + radius * math.cos(turn * i))), round(16 * (cy + radius * math.sin(turn * i))))
        for i in range(count + 1)
    ]


def scribble(seed: int, count: int, width: int, height: int, step: int) -> list[Point]:
    """A random walk of `count` points in 1/16 px that may leave the canvas a little."""
    rng = random.Random(seed)
    x, y = rng.randrange(16 * width), rng.randrange(16 * height)
    points = []
    for _ in range(count):
        points.append((x, y))
        x = min(max(x + rng.randint(-step, step), -200), 16 * width + 200)
        y = min(max(y + rng.randint(-step, step), -200), 16 * height + 200)
    return points


def just_outside(size: int) -> tuple[list[Point], Point]:
    """A stroke that passes one pixel center at a distance that double precision takes for r, and that is
    more.

    With r*r*L = k*k - 1 and k > 2^26, sqrt in doubles rounds up to k; a center with |cross| = k is outside,
    since k*k > r*r*L. Returns the two points and the pixel.
    """
    r = 8 * size
    for m in range(5, 64):
        for k in (r * r // 2 * m - 1, r * r // 2 * m + 1):
            if k < 2**26 or (k * k - 1) % (r * r):
                continue
            length2 = (k * k - 1) // (r * r)
            for dx in range(1, math.isqrt(length2) + 1):
                dy = math.isqrt(length2 - dx * dx)
                if dx * dx + dy * dy != length2 or dy == 0 or math.gcd(dx, dy) != 1:
                    continue
                # Solve dx*py - dy*px = k, then slide along d until the foot of p lies in the middle of the
                # segment.
                px = (-k * pow(dy, -1, dx)) % dx
                py = (k + dy * px) // dx
                slide = (length2 // 2 - (px * dx + py * dy)) // length2
                px, py = px + slide * dx, py + slide * dy
                if not 0 < px * dx + py * dy < length2:
                    px, py = px + dx, py + dy
                pixel = (600, 500)
                ax, ay = 16 * pixel[0] + 8 - px, 16 * pixel[1] + 8 - py
                if dx * py - dy * px == k and 0 < px * dx + py * dy < length2:
                    return [(ax, ay), (ax + dx, ay + dy)], pixel
    raise RuntimeError(f"no such stroke for a brush of {size} px")


def stroke_cases() -> list[tuple[str, int, int, str | Rows, list[Point], int, int]]:
    """(name, width, height, start, points, size, value)."""
    rounding, _ = just_outside(512)
    return [
        ("dab in the middle", 64, 48, "empty", [(512, 384)], 16, 255),
        ("dab on a pixel center", 32, 32, "empty", [(264, 264)], 9, 255),
        ("dab of 1 px on a center", 16, 16, "empty", [(136, 136)], 1, 255),
        ("dab of 1 px on a corner paints its pixel only", 16, 16, "empty", [(128, 128)], 1, 255),
        ("dab of 1 px one 16th before a corner", 16, 16, "empty", [(127, 127)], 1, 255),
        ("dab of 2 px on a center: four neighbours at exactly r", 16, 16, "empty", [(136, 136)], 2, 255),
        ("dab of 2 px one 16th off: one neighbour falls out", 16, 16, "empty", [(137, 136)], 2, 255),
        ("dab of 10 px on a center: lattice points at exactly 5 px", 24, 24, "empty", [(200, 200)], 10, 255),
        ("dab of 512 px covers the canvas", 128, 96, "empty", [(1024, 768)], 512, 255),
        ("dab of 512 px, its edge on the canvas", 300, 200, "empty", [(-800, 3000)], 512, 255),
        ("dab half off the left edge", 40, 40, "empty", [(-20, 300)], 12, 255),
        ("dab off the canvas whose disc reaches in", 40, 40, "empty", [(700, 700)], 20, 255),
        ("dab off the canvas that stays off", 40, 40, "empty", [(-400, -400)], 20, 255),
        ("points exactly on the far edges are off the canvas", 8, 8, "empty", [(128, 128)], 1, 255),
        ("canvas of one pixel", 1, 1, "empty", [(3, 3)], 1, 255),
        ("width that is no multiple of 8", 13, 7, "empty", [(20, 20), (180, 90)], 3, 255),
        ("horizontal, edges at exactly r", 64, 32, "empty", [(168, 264), (808, 264)], 8, 255),
        ("vertical, edges at exactly r", 32, 64, "empty", [(264, 808), (264, 168)], 8, 255),
        ("horizontal, one 16th below: an edge falls out", 64, 32, "empty", [(168, 265), (808, 265)], 8, 255),
        ("diagonal of 1 px", 48, 48, "empty", [(0, 0), (767, 767)], 1, 255),
        ("steep line of 1 px", 48, 48, "empty", [(100, 3), (300, 760)], 1, 255),
        ("3-4-5 direction, centers at exactly r", 48, 48, "empty", [(136, 136), (424, 520)], 2, 255),
        ("3-4-5 direction, one 16th off", 48, 48, "empty", [(137, 136), (425, 520)], 2, 255),
        ("5-12-13 direction, wide", 96, 96, "empty", [(400, 200), (800, 1160)], 26, 255),
        ("same point twice", 32, 32, "empty", [(200, 210), (200, 210)], 7, 255),
        ("there and back", 64, 32, "empty", [(100, 250), (900, 260), (100, 250)], 5, 255),
        ("sharp corner with a round outside", 64, 64, "empty", [(160, 160), (800, 500), (170, 820)], 14, 255),
        ("segment of one 16th", 32, 32, "empty", [(200, 200), (201, 200)], 6, 255),
        ("both ends off, the middle crosses", 64, 64, "empty", [(-3000, 200), (4000, 900)], 6, 255),
        ("ends at the coordinate limit", 64, 64, "empty", [(-(2**20), -(2**20)), (2**20, 2**20)], 9, 255),
        ("passes the canvas without touching", 64, 64, "empty", [(-3000, -400), (4000, -300)], 20, 255),
        ("closed circle of 120 points", 128, 128, "empty", circle(64, 64, 45, 120), 11, 255),
        ("scribble of 200 points", 160, 120, "empty", scribble(1, 200, 160, 120, 160), 4, 255),
        ("scribble of 60 points, wide", 256, 256, "empty", scribble(2, 60, 256, 256, 900), 31, 255),
        ("dots 1/16 px apart", 48, 24, "empty", [(100 + i, 190 + i % 3) for i in range(300)], 3, 255),
        ("eraser through a full mask", 96, 64, "full", [(100, 900), (1400, 100)], 12, 0),
        ("eraser on an empty mask", 32, 32, "empty", [(100, 100), (400, 400)], 12, 0),
        ("eraser on a soft mask", 57, 41, ramp(57, 41), [(150, 120), (700, 560)], 9, 0),
        ("pen on a soft mask", 57, 41, ramp(57, 41), [(700, 120), (150, 560)], 10, 255),
        ("long diagonal on 2048 x 2048", 2048, 2048, "empty", [(5, 32760), (32761, 9)], 24, 255),
        ("long shallow line on 2048 x 512", 2048, 512, "empty", [(3, 4000), (32765, 4101)], 101, 255),
        ("a center that doubles take to be at r, brush 512", 1200, 1000, "empty", rounding, 512, 255),
    ]


def soft_cases() -> list[tuple[str, int, int, str | Rows, list[Point], int, int, int]]:
    """(name, width, height, start, points, size, value, hardness)."""
    return [
        ("soft dab in the middle", 64, 48, "empty", [(512, 384)], 32, 255, 0),
        ("soft dab, half hard", 64, 48, "empty", [(515, 380)], 33, 255, 50),
        ("soft dab, almost hard", 64, 48, "empty", [(515, 380)], 33, 255, 99),
        ("soft dab of 1 px is hard", 16, 16, "empty", [(127, 127)], 1, 255, 0),
        ("soft dab of 2 px on a corner", 16, 16, "empty", [(128, 128)], 2, 255, 0),
        ("soft dab of 3 px", 16, 16, "empty", [(130, 121)], 3, 255, 25),
        ("soft dab of 512 px, its edge on the canvas", 60, 50, "empty", [(-3300, 400)], 512, 255, 10),
        ("soft dab off the canvas", 40, 40, "empty", [(-400, -400)], 20, 255, 0),
        ("soft, horizontal", 64, 32, "empty", [(168, 264), (808, 264)], 12, 255, 50),
        ("soft, diagonal", 48, 48, "empty", [(0, 0), (767, 767)], 9, 255, 0),
        ("soft, 3-4-5 direction", 48, 48, "empty", [(136, 136), (424, 520)], 10, 255, 25),
        ("soft, same point twice", 32, 32, "empty", [(200, 210), (200, 210)], 7, 255, 75),
        ("soft, sharp corner", 64, 64, "empty", [(160, 160), (800, 500), (170, 820)], 18, 255, 30),
        ("soft, both ends far off", 64, 64, "empty", [(-(2**20), -9000), (2**20, 10400)], 24, 255, 0),
        ("soft, ends at the coordinate limit", 64, 64, "empty", [(-(2**20), -(2**20)), (2**20, 2**20)], 40, 255, 7),
        ("soft circle of 60 points", 96, 96, "empty", circle(48, 48, 33, 60), 15, 255, 40),
        ("soft scribble", 80, 60, "empty", scribble(3, 40, 80, 60, 160), 11, 255, 0),
        ("soft eraser through a full mask", 96, 64, "full", [(100, 900), (1400, 100)], 22, 0, 50),
        ("soft eraser on a soft mask", 57, 41, ramp(57, 41), [(150, 120), (700, 560)], 19, 0, 0),
        ("soft pen on a soft mask", 57, 41, ramp(57, 41), [(700, 120), (150, 560)], 20, 255, 60),
    ]


def make_strokes() -> list[dict[str, object]]:
    cases = []
    hard = [(*case, None) for case in stroke_cases()]
    for name, width, height, start, points, size, value, hardness in [*hard, *soft_cases()]:
        if isinstance(start, str):
            before, given = plain(width, height, 255 if start == "full" else 0), start
        else:
            before, given = start, b64(reference_pack(start))
        if hardness is None:
            after = reference_stroke(before, points, size, value)
        else:
            after = reference_soft_stroke(before, points, size, value, hardness)
        cases.append(
            {
                "name": name,
                "width": width,
                "height": height,
                "start": given,
                "points": [list(point) for point in points],
                "size": size,
                "value": value,
                **({} if hardness is None else {"hardness": hardness}),
                "sha256": digest(after),
                "painted": sum(len(row) - row.count(0) for row in after),
                "packed": b64(reference_pack(after)),
            }
        )
    return cases


def make_blobs() -> list[dict[str, object]]:
    checks = [bytearray(255 * ((x + y) % 2) for x in range(11)) for y in range(6)]
    rows_and_blobs = [
        ("all 0, depth 1", plain(16, 8), None),
        ("all 255, depth 1", plain(16, 8, 255), None),
        ("one pixel", plain(1, 1, 255), None),
        ("checks, 11 wide", checks, None),
        ("checks, padding bits set to 1", checks, reference_pack(checks, 1, padding=1)),
        ("hard mask at depth 8", checks, reference_pack(checks, 8)),
        ("soft mask, depth 8", ramp(33, 20), None),
        ("stored, not deflated", ramp(9, 5), header(8, 9, 5) + zlib.compress(b"".join(ramp(9, 5)), 0)),
        ("8192 x 1", [bytearray(255 * (x % 3 == 0) for x in range(8192))], None),
        ("1 x 8192", [bytearray([255 * (y % 5 == 0)]) for y in range(8192)], None),
        ("the largest square, all 255", plain(4096, 4096, 255), None),
    ]
    return [
        {
            "name": name,
            "width": len(rows[0]),
            "height": len(rows),
            "sha256": digest(rows),
            "packed": b64(blob or reference_pack(rows)),
        }
        for name, rows, blob in rows_and_blobs
    ]


def make_malformed() -> list[dict[str, str]]:
    good = reference_pack(ramp(16, 8))
    body = zlib.compress(b"".join(ramp(16, 8)), 9)
    wrong_sum = bytes([good[-1] ^ 1])
    cases = [
        ("nothing", "header", b""),
        ("half a header", "header", good[:5]),
        ("header alone", "zlib", good[:8]),
        ("wrong magic", "magic", b"PN" + good[2:]),
        ("version 0", "version", b"SM\x00" + good[3:]),
        ("version 2", "version", b"SM\x02" + good[3:]),
        ("depth 0", "depth", b"SM\x01\x00" + good[4:]),
        ("depth 2", "depth", b"SM\x01\x02" + good[4:]),
        ("depth 255", "depth", b"SM\x01\xff" + good[4:]),
        ("width 0", "size", header(8, 0, 8) + zlib.compress(b"")),
        ("height 0", "size", header(8, 16, 0) + zlib.compress(b"")),
        ("width 8193", "size", header(1, 8193, 1) + zlib.compress(bytes(1025))),
        ("more pixels than there may be", "size", header(1, 8192, 2049) + zlib.compress(bytes(1024 * 2049))),
        ("height 65535", "size", header(1, 8, 65535) + zlib.compress(bytes(65535))),
        ("payload one byte short", "length", header(8, 16, 8) + zlib.compress(bytes(127))),
        ("payload one byte long", "length", header(8, 16, 8) + zlib.compress(bytes(129))),
        ("depth 1 with unpadded rows", "length", header(1, 12, 4) + zlib.compress(bytes(6))),
        ("depth 8 payload, depth 1 header", "length", header(1, 16, 8) + body),
        ("stream cut in the middle", "zlib", good[: 8 + len(body) // 2]),
        ("stream cut before its checksum", "zlib", good[:-4]),
        ("wrong checksum", "zlib", good[:-1] + wrong_sum),
        ("no zlib stream", "zlib", good[:8] + b"this is not deflated"),
        ("raw deflate without the zlib header", "zlib", good[:8] + body[2:-4]),
        ("gzip in place of zlib", "zlib", good[:8] + b"\x1f\x8b\x08" + bytes(7) + body[2:-4] + bytes(8)),
        ("bytes after the stream", "trailing", good + b"\x00"),
        ("the checksum twice", "trailing", good + good[-4:]),
        ("bomb", "length", header(1, 8, 8) + zlib.compress(bytes(1 << 20), 9)),
    ]
    return [{"name": name, "reason": reason, "packed": b64(blob)} for name, reason, blob in cases]


def main() -> None:
    vectors = {
        "about": ABOUT,
        "strokes": make_strokes(),
        "blobs": make_blobs(),
        "malformed": make_malformed(),
    }
    lines = []
    for key, value in vectors.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(case) for case in value)
            lines.append(f' "{key}": [\n{rows}\n ]')
        else:
            rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            lines.append(f' "{key}": {{\n{rows}\n }}')
    path = Path(__file__).with_name("masks.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    print(f"{path}: {', '.join(f'{len(v)} {k}' for k, v in vectors.items() if k != 'about')}")


if __name__ == "__main__":
    main()
