"""A trace of pointer events, and the masks that it has to leave."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..masks import Mask, draw_stroke

STROKE = 500
"""Events of a stroke: one that puts the pen down, moves, and one that lifts it."""
REACHED = 9
"""So many regions have a key of their own, 1 to 9."""


class Board(NamedTuple):
    """Where the canvas lies on the page, in CSS px, and its size in scene px."""

    left: float
    top: float
    width: float
    height: float
    size: tuple[int, int]

    def sixteenths(self, x: float, y: float) -> tuple[int, int]:
        """A place of the page in 1/16 px of the scene, as the canvas counts."""
        across = (x - self.left) * self.size[0] / self.width
        down = (y - self.top) * self.size[1] / self.height
        return math.floor(across * 16), math.floor(down * 16)

    def clear(self, x: int, y: int) -> tuple[int, int]:
        """The place, or one beside it, that rounding cannot push over to the next 1/16 px."""
        return (
            _clear(x, self.left, self.size[0] / self.width * 16),
            _clear(y, self.top, self.size[1] / self.height * 16),
        )


def _clear(at: int, origin: float, scale: float) -> int:
    while abs((at - origin) * scale - round((at - origin) * scale)) < 1e-6:
        at += 1
    return at


Stroke = list[tuple[int, int]]
"""Places in CSS px: pen down, moves, pen up where the last move was."""


def strokes(board: Board, events: int) -> list[Stroke]:
    """Wide curves all over the canvas, ``events`` pointer events in all, at most STROKE to a stroke."""
    path = []
    for i in range(events):
        t = i / 120
        x = board.left + board.width * (0.5 + 0.45 * math.sin(1.3 * t))
        y = board.top + board.height * (0.5 + 0.45 * math.sin(1.9 * t + 1))
        path.append(board.clear(round(x), round(y)))
    return [path[i : i + STROKE] for i in range(0, events, STROKE)]


def drawn(masks: list[Mask], board: Board, path: list[Stroke], brush: int, hardness: int = 100) -> list[Mask]:
    """The masks, the lowest region's first, after stroke ``i`` went to the region of key ``i % 9 + 1``."""
    result = list(masks)
    for i, stroke in enumerate(path):
        region = len(masks) - 1 - key(i, len(masks))
        # The pen's last event lifts it, and draws nothing.
        points = [board.sixteenths(x, y) for x, y in stroke[:-1] or stroke]
        result[region] = draw_stroke(result[region], np.array(points), brush, hardness=hardness)
    return result


def key(stroke: int, regions: int) -> int:
    """The region that a stroke goes to, the uppermost being 0."""
    return stroke % min(REACHED, regions)


def tint(masks: list[Mask], colors: list[str]) -> np.ndarray:
    """What the canvas lays over the picture: uint8 (height, width, 4).

    The masks lie over each other, an upper region's over the lower ones', each as opaque as its mask; the lowest
    region's mask and color, "#rrggbb", are the first.
    """
    result = np.zeros((*masks[0].shape, 4), np.uint8)
    for mask, color in zip(masks, colors):
        value, below = mask.astype(np.int64), result.astype(np.int64)
        mine, theirs = 255 * value, below[..., 3] * (255 - value)
        whole = np.maximum(mine + theirs, 1)
        mixed = np.array(list(bytes.fromhex(color[1:]))) * mine[..., None] + below[..., :3] * theirs[..., None]
        result[..., :3] = np.where(mask[..., None] > 0, _quotient(mixed, whole[..., None]), below[..., :3])
        result[..., 3] = _quotient(mine + theirs, np.int64(255))
    return result


def _quotient(a: np.ndarray, b: np.ndarray | np.int64) -> np.ndarray:
    """Rounded to the nearest whole number, halves up."""
    return (2 * a + b) // (2 * b)
