"""Pictures of what crayon knows: ``python -m semanticdraw_widget.crayon.show objects --to objects.png``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from .fitting import fit
from .objects import KINDS, draw_object
from .painter import paint, region_shape
from .sheet import Rng
from .styles import STYLED, to_bytes
from .textures import TEXTURES
from .vocabulary import COLORS, STYLES

GROUNDS = ((226, 236, 226), (120, 150, 190), (60, 64, 84))


def sheet(tiles: Sequence[tuple[str, np.ndarray]], columns: int) -> Image.Image:
    """Named pictures, uint8 (h, w, 3) of one size, in rows of ``columns``."""
    h, w = tiles[0][1].shape[:2]
    rows = -(-len(tiles) // columns)
    page = Image.new("RGB", (columns * (w + 8) + 8, rows * (h + 24) + 8), "white")
    pen = ImageDraw.Draw(page)
    for index, (name, picture) in enumerate(tiles):
        x, y = 8 + index % columns * (w + 8), 8 + index // columns * (h + 24)
        page.paste(Image.fromarray(picture), (x, y))
        pen.text((x + 2, y + h + 3), name, "black")
    return page


def on_ground(pixels: np.ndarray, side: int, ground: tuple[int, int, int]) -> np.ndarray:
    """A drawing, RGBA, in the middle of a plain square."""
    page = Image.new("RGB", (side, side), ground)
    drawing = Image.fromarray(pixels)
    page.paste(drawing, ((side - drawing.width) // 2, (side - drawing.height) // 2), drawing)
    return np.asarray(page)


def object_tiles(rng: Rng, names: Sequence[str], tall: int = 120, fitted: bool = False) -> list[tuple[str, np.ndarray]]:
    """Each object in its usual color, then in a few others; ``fitted`` bends them into drawn regions."""
    tiles = []
    for name in names:
        kind = KINDS[name]
        colors = [kind.color, *rng.choice(list(COLORS), 3, replace=False)] if kind.color else [None] * 4
        for i, color in enumerate(colors):
            scale = 1.0 if i % 2 == 0 else 0.5
            h = round(tall * scale * min(1, 1 / kind.aspect))
            w = round(h * kind.aspect)
            if fitted:
                region = region_shape(rng, round(h * rng.uniform(0.7, 1.3)), round(w * rng.uniform(0.7, 1.3)))
                pixels = fit(partial(draw_object, rng, name, color=color), region)
            else:
                pixels = draw_object(rng, name, w, h, color)
            tiles.append((f"{color or ''} {name}", on_ground(pixels, round(tall * 1.35), GROUNDS[i % 3])))
    return tiles


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m semanticdraw_widget.crayon.show", description=__doc__)
    parser.add_argument("what", choices=["objects", "fitted", "backgrounds", "styles", "pictures"])
    parser.add_argument("--only", default="", help="names, comma-separated")
    parser.add_argument("--to", default="crayon.png")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng = np.random.default_rng(args.seed)
    only = [name.strip() for name in args.only.split(",") if name.strip()]
    if args.what in ("objects", "fitted"):
        page = sheet(object_tiles(rng, only or list(KINDS), fitted=args.what == "fitted"), 12)
    elif args.what == "backgrounds":
        page = sheet([(n, to_bytes(TEXTURES[n](rng, 200, 256))) for n in only or list(TEXTURES)], 6)
    elif args.what == "styles":
        tiles = []
        for style in (None, *(only or STYLES)):
            again = np.random.default_rng(args.seed)
            for _ in range(4):
                rgb = paint(again, 256, objects=3).rgb
                tiles.append((style or "plain", STYLED[style](rng, rgb) if style else rgb))
        page = sheet(tiles, 4)
    else:
        page = sheet([("", paint(rng, 256).rgb) for _ in range(24)], 6)
    page.save(args.to)


if __name__ == "__main__":
    main()
