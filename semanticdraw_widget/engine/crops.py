"""Windows on the canvas: a row's network call sees no more of it than its region needs.

Sides come in steps of a grain, so that few sizes occur (each is one more graph to compile or capture on a GPU) and
every size passes the network's own halvings.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

FINEST = 4  # latent cells: the least grain
SMALLEST = 16  # latent cells; on a smaller canvas a few-step network draws poorly, and on a GPU it is no quicker


@dataclass(frozen=True)
class Window:
    """A rectangle of latent cells."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, x: torch.Tensor) -> torch.Tensor:
        """The part of ``x`` (..., h, w) under the window."""
        return x[..., self.top : self.top + self.height, self.left : self.left + self.width]

    def paste(self, part: torch.Tensor, onto: torch.Tensor) -> torch.Tensor:
        """A copy of ``onto`` (..., h, w) with ``part`` (..., height, width) in the window."""
        result = onto.clone()
        self.cut(result).copy_(part)
        return result

    def grown(self, margin: int, h: int, w: int) -> Window:
        """The window and ``margin`` cells around it, within a canvas of ``h`` by ``w`` cells."""
        top, left = max(self.top - margin, 0), max(self.left - margin, 0)
        bottom, right = min(self.top + self.height + margin, h), min(self.left + self.width + margin, w)
        return Window(top, left, bottom - top, right - left)

    def holds(self, other: Window) -> bool:
        """Whether ``other`` lies within this window."""
        down, right = other.top - self.top, other.left - self.left
        fits = down + other.height <= self.height and right + other.width <= self.width
        return down >= 0 and right >= 0 and fits

    @property
    def area(self) -> int:
        return self.height * self.width


def box(where: torch.Tensor) -> Window | None:
    """The bounding box of ``where``, bool (h, w); None where it is empty."""
    rows, columns = torch.nonzero(where.any(1)).flatten(), torch.nonzero(where.any(0)).flatten()
    if rows.numel() == 0:
        return None
    top, left = int(rows[0]), int(columns[0])
    return Window(top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left)


def bucket(length: int, most: int, grain: int, least: int = SMALLEST) -> int:
    """``length``, or ``least``, rounded up to a multiple of ``grain``, ``most`` (the canvas's side) at the most."""
    return min(-(-max(length, least) // grain) * grain, most)


def around(inner: Window, h: int, w: int, grain: int, least: int = SMALLEST) -> Window | None:
    """The smallest window of at least ``least`` cells a side that holds ``inner``, in its middle as far as the canvas
    allows; None: the whole canvas."""
    height, width = (bucket(side, most, grain, least) for side, most in ((inner.height, h), (inner.width, w)))
    if (height, width) == (h, w):
        return None
    top = min(max(inner.top + inner.height // 2 - height // 2, 0), h - height)
    left = min(max(inner.left + inner.width // 2 - width // 2, 0), w - width)
    return Window(top, left, height, width)


def middle(inner: Window, margin: int, h: int, w: int, grain: int) -> Window | None:
    """The window in the canvas's middle that holds ``inner`` with a margin once it is centred there."""
    height, width = (bucket(side + 2 * margin, most, grain) for side, most in ((inner.height, h), (inner.width, w)))
    if (height, width) == (h, w):
        return None
    return Window(h // 2 - height // 2, w // 2 - width // 2, height, width)
