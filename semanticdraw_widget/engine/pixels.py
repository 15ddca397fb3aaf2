"""From a decoder's answer to bytes, and whether there is a picture in it at all."""

from __future__ import annotations

import numpy as np
import torch

from .errors import BrokenLatents


def finite(x: torch.Tensor) -> torch.Tensor:
    """Whether all of ``x`` is: a bool on the host. On a GPU it is there after the next synchronisation, such as that
    of a picture's own copy, and waits for none."""
    return torch.isfinite(x).all().to("cpu", non_blocking=True)


def pixels(picture: torch.Tensor) -> np.ndarray:
    """A picture as decoders answer, float (3, H, W) in -1..1, as uint8 (H, W, 3). Raises BrokenLatents for numbers
    that are not finite."""
    sound = finite(picture)
    picture = picture.float().mul(127.5).add(127.5).round().clamp(0, 255).to(torch.uint8)
    rgb: np.ndarray = picture.permute(1, 2, 0).cpu().numpy()
    if not sound:
        raise BrokenLatents("the decoder's picture")
    return rgb
