"""The canvas's tools for whole masks from Python: transform, magic select, and which region lies on top.

js/src/transformer.ts, shaper.ts and pick.ts are the same from the other side, and leave the same masks. As wherever
Python draws, a lock does not hold it, and a hidden region stays hidden.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from .masks import SUBPIXELS
from .region_actions import RegionActions
from .region_handle import RegionHandle
from .similar import TOLERANCE, add_similar
from .transforms import transformed

if TYPE_CHECKING:
    from .session import Session


class RegionTools(RegionActions):
    """A canvas's methods that do what tools of the toolbar do; else as RegionActions."""

    if TYPE_CHECKING:  # what the canvas itself has
        _session: Session

    def transform(
        self,
        i: int | str,
        move: tuple[float, float] = (0.0, 0.0),
        scale: tuple[float, float] = (1.0, 1.0),
        rotate: float = 0.0,
    ) -> None:
        """Scale a region's mask and rotate it, both about the middle of what it covers, and then move it.

            canvas.transform("house", move=(12, -4))
            canvas.transform("house", scale=(1.5, 1.5), rotate=15)
            canvas.transform("fish", scale=(-1, 1))  # it looks the other way

        What leaves the canvas is lost. A mask of 0 and 255 alone stays so.

        Args:
            move: (dx, dy) in px, to the right and down, within ±65536; rounded to 1/16 px.
            scale: (sx, sy), each 1/64 to 64; negative ones mirror.
            rotate: degrees, clockwise.

        Raises:
            TypeError: something that is not a number.
            ValueError: a number out of its range; the text says the limits.
        """
        with self._edit():
            region = self.region(i)["id"]
            self._put(region, transformed(self.mask(region), move, scale, rotate))

    def magic_select(
        self, i: int | str, point: tuple[float, float], tolerance: int = TOLERANCE, value: int = 255
    ) -> None:
        """Give a region what looks alike in the last settled picture: the connected area of similar color.

            canvas.generate()
            canvas.magic_select("sky", (20, 10), tolerance=40)

        Args:
            point: (x, y) in px from the canvas's upper left corner. The color of its pixel is the one that counts.
            tolerance: how much a color may differ from it in the channel that differs most, 0 to 255.
            value: 255 adds the area to the region, 0 takes it away.

        Raises:
            TypeError: a tolerance that is not a whole number.
            ValueError: there is no picture yet, or it is not of the canvas's size; a point off the canvas, or a
                number out of its range.
        """
        x, y = self._on_canvas(point)
        with self._edit():
            region = self.region(i)["id"]
            picture, size = self._pixels, tuple(self.size)
            if picture is None:
                raise ValueError("there is no picture yet to select in; make one with generate()")
            if picture.shape[:2] != size[::-1]:
                raise ValueError(
                    f"the picture is {picture.shape[1]}x{picture.shape[0]} px, the canvas {size[0]}x{size[1]}; "
                    "make one of its size with generate()"
                )
            self._put(region, add_similar(self.mask(region), picture, (x, y), tolerance, value))

    def region_at(self, point: tuple[float, float]) -> RegionHandle | None:
        """The uppermost region that is painted at a place, as the eyedropper finds it; None where there is none.

            canvas.region_at((128, 200)).prompt

        Args:
            point: (x, y) in px from the canvas's upper left corner.

        Raises:
            ValueError: a point off the canvas.
        """
        x, y = (at // SUBPIXELS for at in self._on_canvas(point))
        with self._exclusive():
            return next((one for one in reversed(self._painted()) if self.mask(one["id"])[y, x]), None)

    def _painted(self) -> list[RegionHandle]:
        """The regions that are painted, the lowest first: one alone, or all that are visible."""
        alone = [region for region in self.regions if region["id"] == self.solo]
        return alone or [region for region in self.regions if region["visible"]]

    @property
    def _pixels(self) -> npt.NDArray[np.uint8] | None:
        """The picture that a view shows once it is settled, uint8 (height, width, 3); a file may have brought it."""
        picture = self._session.picture
        if picture is not None:
            return picture.rgb
        return np.asarray(Image.open(io.BytesIO(self.frame)).convert("RGB")) if self.frame else None

    def _on_canvas(self, point: Any) -> tuple[int, int]:
        """The point in 1/16 px."""
        try:
            x, y = (float(at) for at in point)
        except (TypeError, ValueError):
            raise TypeError(f"a point is two numbers (x, y), not {point!r}") from None
        width, height = self.size
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(f"the point {point!r} is not on the canvas of {width}x{height} px")
        return int(x * SUBPIXELS), int(y * SUBPIXELS)
