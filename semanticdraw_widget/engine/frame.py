"""One result of the engine: the picture that a step predicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image


@dataclass
class Frame:
    """A step's prediction of the finished picture.

    step: 1 to ``steps``. settled: this is the finished picture. x0: latents (C, h, w) on the engine's device.
    samples: network samples spent on the scene so far (a batch of four rows is four samples).
    """

    step: int
    steps: int
    x0: torch.Tensor
    samples: int
    _decode: Callable[[torch.Tensor], np.ndarray] = field(repr=False)
    _rgb: np.ndarray | None = field(default=None, repr=False)

    @property
    def settled(self) -> bool:
        return self.step == self.steps

    def rgb(self) -> np.ndarray:
        """The picture as uint8 (height, width, 3). Decoded at the first call, then kept."""
        if self._rgb is None:
            self._rgb = self._decode(self.x0)
        return self._rgb

    def image(self) -> Image.Image:
        return Image.fromarray(self.rgb())
