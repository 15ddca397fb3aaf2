"""Mask-centring bootstrapping (paper section 3.3): a few-step model puts its subject in the middle of the frame in
the first steps, so each region is moved there, on plain ground, and its answer is moved back.

Content is moved by copying a window, not by rolling: nothing wraps around the canvas's edge, and what the window
uncovers is the plain ground.
"""

from __future__ import annotations

import torch

Shift = tuple[int, int]


def centring_shift(weight: torch.Tensor) -> Shift:
    """How far (rows, columns) to move so that the box of ``weight > 0``, shape (h, w), is centred at (h//2, w//2).

    The box fits the canvas, so it fits when centred: nothing of it is lost.
    """
    h, w = weight.shape
    rows = torch.nonzero((weight > 0).any(1)).flatten()
    columns = torch.nonzero((weight > 0).any(0)).flatten()
    if rows.numel() == 0:
        return 0, 0
    middle = [int(span[0] + span[-1] + 1) // 2 for span in (rows, columns)]
    return h // 2 - middle[0], w // 2 - middle[1]


def move(x: torch.Tensor, shift: Shift, ground: torch.Tensor) -> torch.Tensor:
    """``x`` (..., h, w) moved by ``shift`` over ``ground`` of the same shape; what leaves the canvas is cut off."""
    (dy, dx), (h, w) = shift, x.shape[-2:]
    if dy == dx == 0:
        return x
    result = ground.clone()
    top, left, bottom, right = max(dy, 0), max(dx, 0), min(h + dy, h), min(w + dx, w)
    result[..., top:bottom, left:right] = x[..., top - dy : bottom - dy, left - dx : right - dx]
    return result
