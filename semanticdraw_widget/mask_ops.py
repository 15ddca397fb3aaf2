"""Whole masks from whole masks, pixel by pixel; byte for byte what `js/src/maskops.ts` does.

Both languages are held to the same vectors, tests/vectors/mask_ops.json. Masks are uint8 (height, width), all of one
size; none is changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np

from .masks import Mask


def union(a: Mask, b: Mask) -> Mask:
    """What either covers: the larger of both values at each pixel."""
    return np.maximum(a, b)


def inverted(mask: Mask) -> Mask:
    """What the mask leaves: 255 less its values, so that a half-covered pixel stays half covered."""
    return np.uint8(255) - mask


def filled(mask: Mask, others: Iterable[Mask]) -> Mask:
    """The mask, and with it all that none of `others` covers."""
    return union(mask, inverted(reduce(union, others, np.zeros_like(mask))))
