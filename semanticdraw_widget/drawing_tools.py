"""The canvas's brush and bucket from Python, byte for byte what they leave where a hand holds them.

js/src/pen.ts and shaper.ts are the same from the other side. As wherever Python draws, a lock does not hold it, and a
hidden region stays hidden.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .masks import MAX_BRUSH, MAX_COORDINATE, SUBPIXELS, Ints, Mask, draw_stroke
from .region_tools import RegionTools
from .shapes import flood
from .soft_edge import HARD

HALF_COVERED = 128
"""A pixel that is covered so far, or further, stops the bucket."""


class DrawingTools(RegionTools):
    """A canvas's methods that do what a pen does on it; else as RegionTools."""

    def stroke(
        self,
        i: int | str,
        points: npt.ArrayLike,
        size: float | npt.ArrayLike = 28,
        hardness: int = HARD,
        erase: bool = False,
    ) -> None:
        """Draw a stroke of the round brush into a region's mask.

            canvas.stroke("path", [(20, 200), (90, 150), (160, 190)], size=24, hardness=50)
            canvas.stroke("path", [(90, 150)], size=12, erase=True)  # one dab of the eraser

        Args:
            points: (x, y), at least one, in px from the canvas's upper left corner and within ±65536; counted in
                1/16 px. What lies off the canvas is dropped.
            size: the brush's diameter in px, 1 to 512, rounded; or one for each point, as a pen's pressure has it.
            hardness: per cent of the way from the brush's middle to its edge, 0 to 100, from where on it falls
                smoothly to nothing.
            erase: take away from the region what the brush would add.

        Raises:
            TypeError: a hardness that is not a whole number, or points or sizes that are no numbers.
            ValueError: no points, or a number out of its range; the text says the limits.
            IndexError, KeyError: there is no such region.
        """
        path = _path(points)
        sizes = _sizes(size, len(path))
        value = 0 if erase else 255
        with self._edit():
            region = self.region(i)["id"]
            mask = draw_stroke(self.mask(region), path[:1], sizes[0], value, hardness)
            if len(set(sizes[1:])) == 1:
                mask = draw_stroke(mask, path, sizes[1], value, hardness)
            else:  # from point to point, each time as wide as at its end
                for segment, width in zip(pairwise(path), sizes[1:]):
                    mask = draw_stroke(mask, np.array(segment), width, value, hardness)
            self._put(region, mask)

    def bucket(self, i: int | str, point: tuple[float, float], value: int = 255) -> None:
        """Fill the area around a place that no visible region covers, as the bucket does.

            canvas.bucket("lake", (128, 200))
            canvas.bucket("lake", (128, 200), value=0)  # the region loses its part there

        A region ends for it where it covers half. On a place that is covered already nothing is filled.

        Args:
            point: (x, y) in px from the canvas's upper left corner.
            value: 255 gives the area to the region; 0 takes from it the connected part that holds the place.

        Raises:
            TypeError: a point that is not two numbers, or a value that is not a whole one.
            ValueError: a point off the canvas, or a value that is neither 255 nor 0.
            IndexError, KeyError: there is no such region.
        """
        at = self._on_canvas(point)
        if value not in (0, 255):
            raise ValueError(f"the bucket gives with 255 or takes with 0, not {value!r}")
        with self._edit():
            region = self.region(i)["id"]
            walls = self._covered() if value else self._free(region)
            self._put(region, flood(self.mask(region), walls, at, value))

    def _covered(self) -> Mask:
        walls = np.zeros(self.size[::-1], np.uint8)
        for region in self._painted():
            walls[self.mask(region["id"]) >= HALF_COVERED] = 255
        return walls

    def _free(self, region: str) -> Mask:
        return np.where(self.mask(region) == 0, np.uint8(255), np.uint8(0))


def _path(points: npt.ArrayLike) -> Ints:
    """Points in px as whole numbers of 1/16 px, (n, 2), cut off as the canvas does."""
    given = np.asarray(points)
    if given.dtype.kind not in "iuf":
        raise TypeError(f"points are pairs of numbers (x, y), not {given.dtype}")
    if given.ndim != 2 or given.shape[1] != 2 or len(given) == 0:
        raise ValueError(f"a stroke takes one or more points (x, y), not an array of shape {given.shape}")
    limit = MAX_COORDINATE // SUBPIXELS
    if not (np.abs(given) <= limit).all():
        raise ValueError(f"points are finite and lie within ±{limit} px, not {given.tolist()!r:.200}")
    return np.floor(given * float(SUBPIXELS)).astype(np.int64)


def _sizes(size: float | npt.ArrayLike, count: int) -> list[int]:
    """One brush diameter for each point, whole px."""
    given = np.asarray(size)
    if given.dtype.kind not in "iuf":
        raise TypeError(f"the size of a brush is a number of px, not {given.dtype}")
    if given.shape not in ((), (count,)):
        raise ValueError(f"give one size or one for each of the {count} points, not an array of shape {given.shape}")
    if not ((given >= 1) & (given <= MAX_BRUSH)).all():
        raise ValueError(f"the brush is 1 to {MAX_BRUSH} px wide, not {given.tolist()!r:.200}")
    return [int(width) for width in np.broadcast_to(np.floor(given + 0.5), (count,))]
