"""One result of the engine: the picture that a step predicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from .errors import BrokenLatents

if TYPE_CHECKING:
    from .increment import Trajectory


@dataclass
class Frame:
    """A step's prediction of the finished picture.

    step: 1 to ``steps``. settled: this is the finished picture. x0: latents (C, h, w) on the engine's device.
    samples: network samples spent on the scene so far: a batch of four rows is four, a window counts as its share of
    the canvas. mode: how it came about: "exact", "crops", "masked", "increment" or "fast lane". trajectory: with a
    settled frame, what the next scene can be made from.
    """

    step: int
    steps: int
    x0: torch.Tensor
    samples: float
    _decode: Callable[[torch.Tensor], np.ndarray] | None = field(repr=False)
    mode: str = "exact"
    trajectory: Trajectory | None = field(default=None, repr=False)
    _again: Callable[[], Frame] | None = field(default=None, repr=False)
    _rgb: np.ndarray | None = field(default=None, repr=False)

    @property
    def settled(self) -> bool:
        return self.step == self.steps

    def rgb(self) -> np.ndarray:
        """The picture as uint8 (height, width, 3). Decoded at the first call, then kept.

        A picture that half precision spoilt is made again in float32, and with it ``x0`` and ``trajectory``. Raises
        BrokenLatents where that does not help, OutOfMemory.
        """
        if self._rgb is None:
            assert self._decode is not None
            try:
                self._rgb = self._decode(self.x0)
            except BrokenLatents:
                if self._again is None:
                    raise
                better = self._again()
                self._rgb = better.rgb()
                self.samples += better.samples
                self.x0, self.trajectory = better.x0, better.trajectory if self.settled else None
            self._decode = self._again = None  # they may hold an earlier picture, and that one an earlier one still
        return self._rgb

    def image(self) -> Image.Image:
        return Image.fromarray(self.rgb())
