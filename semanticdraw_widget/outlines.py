"""How regions are shown on a picture: their rims in their colors, and a place in each where its label fits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image

from .masks import Mask

Inside = npt.NDArray[np.bool_]
Rgba = npt.NDArray[np.uint8]


def rim(inside: Inside, width: int) -> Inside:
    """The pixels of a shape that are at most `width` steps from outside it; bool (height, width).

    Beyond the picture's edge is outside, so that every rim is closed.
    """
    core = inside
    for _ in range(width):
        around = np.pad(core, 1)
        core = core & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    return inside & ~core


def draw_rims(picture: Rgba, shapes: Iterable[tuple[str, Mask]], width: int) -> None:
    """Draw the rims of masks into `picture`, uint8 (height, width, 4), later ones over earlier ones.

    Args:
        shapes: color "#rrggbb", and uint8 mask of any size, which is stretched.
        width: of a rim, px.
    """
    size = picture.shape[1], picture.shape[0]
    for color, mask in shapes:
        inside = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BILINEAR)) >= 128
        picture[rim(inside, width)] = (*bytes.fromhex(color[1:]), 255)


def label_place(mask: Mask) -> tuple[float, float] | None:
    """(x, y) in 0..1 of the mask's sides, for the middle of a label; None if the mask is empty.

    It lies inside whatever the shape, where the middle of a ring does not: in the row that halves the shape, in the
    middle of the longest run.
    """
    inside = mask >= 128
    rows = np.cumsum(inside.sum(axis=1))
    if rows[-1] == 0:
        return None
    y = int(np.searchsorted(rows, (rows[-1] + 1) // 2))
    steps = np.flatnonzero(np.diff(np.pad(inside[y].astype(np.int8), 1)))
    starts, ends = steps[::2], steps[1::2]
    longest = int(np.argmax(ends - starts))
    x = (starts[longest] + ends[longest]) / 2
    return float(x / mask.shape[1]), (y + 0.5) / mask.shape[0]
