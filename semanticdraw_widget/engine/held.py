"""Locked regions: what they show stays, whatever is painted around them."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from ..scene import Scene

HELD = 0.5  # of a cell: where a locked region covers more of it, the cell is held


def shown(scene: Scene) -> np.ndarray:
    """Which region each pixel shows, by its place in ``scene.regions``: int16 (height, width), -1 for the background.
    The topmost visible one whose mask is above one half."""
    owner = np.full((scene.height, scene.width), -1, np.int16)
    for index, region in enumerate(scene.regions):
        if region.visible:
            owner[region.mask > 127] = index
    return owner


def held(old: Scene, new: Scene, cell: int) -> torch.Tensor | None:
    """The cells, bool (h, w) on the host, whose latents a picture of ``new`` takes over from one of ``old``, both of
    one size: those that a region shows in both which is locked in ``new``. None where there is none.

    cell: pixels a side of a latent cell.
    """
    places = {region.id: index for index, region in enumerate(old.regions)}
    locked = [(places[r.id], i) for i, r in enumerate(new.regions) if r.locked and r.visible and r.id in places]
    if not locked:
        return None
    before, after = shown(old), shown(new)
    still = np.zeros(before.shape, np.float32)
    for there, here in locked:
        still[(before == there) & (after == here)] = 1
    cells = F.avg_pool2d(torch.from_numpy(still)[None, None], cell)[0, 0] > HELD
    return cells if bool(cells.any()) else None
