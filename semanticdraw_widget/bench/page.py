"""A page of small pictures with their titles, on paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, SHADE = (250, 247, 240), (92, 84, 74), (226, 219, 205)
MARGIN, GAP, TITLE = 28, 18, 24  # around the page, between columns, and below a picture for its title, in pixels
CORNER = 8  # radius
FINE = 4  # the corners are drawn so many times as large: smooth


def rounded(width: int, height: int) -> Image.Image:
    """A mask, mode L, of a rectangle with round corners."""
    mask = Image.new("L", (width * FINE, height * FINE), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * FINE - 1, height * FINE - 1), CORNER * FINE, 255)
    return mask.reduce(FINE)


def page(tiles: Sequence[tuple[str, np.ndarray]], columns: int, letters: int = 13) -> Image.Image:
    """One or more titles with their pictures, uint8 (h, w, 3) of one size, in rows of ``columns``; a title without a
    place for all its letters is cut off. letters: their size in pixels."""
    if not tiles:
        raise ValueError("a page needs one picture at least")
    h, w = tiles[0][1].shape[:2]
    if any(picture.shape != (h, w, 3) for _, picture in tiles):
        raise ValueError(f"the pictures of a page are of one size, the first is {w} x {h}")
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    size = 2 * MARGIN + columns * (w + GAP) - GAP, 2 * MARGIN + rows * (h + TITLE + GAP // 2) - GAP // 2
    sheet, shape, font = Image.new("RGB", size, PAPER), rounded(w, h), ImageFont.load_default(letters)
    pen = ImageDraw.Draw(sheet)
    for index, (title, picture) in enumerate(tiles):
        x, y = MARGIN + index % columns * (w + GAP), MARGIN + index // columns * (h + TITLE + GAP // 2)
        sheet.paste(SHADE, (x + 1, y + 2), shape)
        sheet.paste(Image.fromarray(picture), (x, y), shape)
        while title and pen.textlength(title, font) > w:
            title = title[:-1]
        pen.text((x + w / 2, y + h + TITLE / 2 + 1), title, INK, font, anchor="mm")
    return sheet
