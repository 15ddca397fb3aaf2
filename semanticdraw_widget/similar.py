"""Magic select: the connected area of similar color in a picture; byte for byte what the canvas selects.

js/src/similar.ts is the same in TypeScript; tests/vectors/similar.json holds both to a slow reference.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from .masks import SUBPIXELS, Mask
from .shapes import flood

TOLERANCE = 32
"""How much a color may differ where nobody says: of 255 levels, in the channel that differs most."""


def add_similar(
    mask: Mask, picture: npt.NDArray[np.uint8], point: tuple[int, int], tolerance: int = TOLERANCE, value: int = 255
) -> Mask:
    """A new mask: `mask` with the area written that holds a point and looks like it.

    The area is the pixel with the point and all that steps to one of four neighbors reach from there, over pixels none
    of whose channels differs from that pixel's by more than the tolerance. A point off the canvas writes nothing.

    Args:
        mask: uint8 (height, width).
        picture: uint8 (height, width, 3).
        point: (x, y), whole numbers in 1/16 px within ±2^20.
        tolerance: 0 (the very color) to 255 (everything).
        value: what is written, 255 to add, 0 to take away.

    Raises:
        TypeError: a mask or picture that is not uint8, or numbers that are not whole.
        ValueError: a number out of its range, or a picture of another size than the mask.
    """
    if picture.dtype != np.uint8 or picture.shape != (*mask.shape, 3):
        expected = (*mask.shape, 3)
        error = TypeError if picture.dtype != np.uint8 else ValueError
        raise error(f"the picture is uint8 {expected}, as the mask, not {picture.dtype} {picture.shape}")
    limit = checked_tolerance(tolerance)
    x, y = (int(at) // SUBPIXELS for at in point)
    walls = np.full_like(mask, 255)
    if 0 <= x < mask.shape[1] and 0 <= y < mask.shape[0]:
        unlike = np.abs(picture.astype(np.int16) - picture[y, x].astype(np.int16)).max(axis=2) > limit
        walls = np.where(unlike, np.uint8(255), np.uint8(0))
    return flood(mask, walls, point, value)


def checked_tolerance(tolerance: Any) -> int:
    """Raises TypeError for what is not a whole number, ValueError for one that is not in 0..255."""
    try:
        whole = index(tolerance)
    except TypeError:
        raise TypeError(f"the tolerance is a whole number, 0 to 255, not {tolerance!r}") from None
    if not 0 <= whole <= 255:
        raise ValueError(f"the tolerance is a whole number, 0 to 255, not {tolerance!r}")
    return whole
