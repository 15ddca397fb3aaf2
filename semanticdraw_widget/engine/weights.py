"""Masks to weight maps: how much each region counts at each latent cell in each step (paper section 3.4).

The order is the paper's: cover order, blur, strength, quantisation against the step's noise level, and at last
the latent grid. A soft edge opens step by step, from the core outwards, so structure is laid down where a region
is certain and the edge is blended late.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from hashlib import blake2b

import numpy as np
import torch
from torch.nn import functional as F

COVERED = 0.3  # what is left of a mask under a later region
FINEST = 0.1  # blurs below this many pixels change nothing
THIN = 0.15  # a ridge that sinks by this share is kept as drawn
CUTOFF = 4.0  # blur kernels end at this many deviations
KEPT = 128  # maps; at 512 pixels and 4 steps, 8 MB

Kept = OrderedDict[Hashable, torch.Tensor]


def cover(plain: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Masks float32 (H, W) in 0..1, bottom first, each weakened to 0.3 where a later one lies on top."""
    result: list[torch.Tensor] = []
    above = None
    for mask in reversed(plain):
        result.append(mask if above is None else mask * (1 - (1 - COVERED) * above))
        above = mask if above is None else torch.maximum(above, mask)
    return result[::-1]


def blur(mask: torch.Tensor, std: float) -> torch.Tensor:
    """Gaussian blur of a float32 (H, W) mask, ``std`` in pixels, as two passes; the canvas's edge is not an edge."""
    if std < FINEST:
        return mask
    radius = max(1, round(CUTOFF * std))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / std) ** 2)
    taps = (taps / taps.sum())[None, None]
    image = mask[None, None]
    for kernel, pad in (
        (taps[..., None], (0, 0, radius, radius)),
        (taps[:, :, None], (radius, radius, 0, 0)),
    ):
        image = F.conv2d(F.pad(image, pad, mode="replicate"), kernel)
    return image[0, 0]


def widest(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """The maximum over a square of ``2 radius + 1`` pixels around each pixel of a float32 (H, W) mask."""
    image = F.max_pool2d(mask[None, None], (2 * radius + 1, 1), 1, (radius, 0))
    return F.max_pool2d(image, (1, 2 * radius + 1), 1, (0, radius))[0, 0]


def soften(mask: torch.Tensor, std: float) -> torch.Tensor:
    """Blur, but keep what is thinner than the blur.

    Blurred, a stroke thinner than about six deviations never reaches full weight, and the thresholds of the first
    steps erase it. How far the ridge near a pixel sank tells how thin the shape is there: the blurred mask is scaled
    back to the ridge's height, and the thinner the shape, the more of the mask as drawn is taken. Broad shapes,
    whose inside did not sink, come out as plainly blurred.
    """
    if std < FINEST:
        return mask
    soft = blur(mask, std)
    radius = max(1, round(3 * std))
    tallest = widest(mask, radius)
    sunk = widest(soft, radius) / tallest.clamp(min=1e-6)
    thin = ((1 - sunk) / THIN).clamp(0, 1)
    kept = torch.lerp((soft / sunk.clamp(min=0.05)).clamp(max=1), mask, thin)
    return torch.where(mask > 0, kept, soft).minimum(tallest)


# A full mask has to lie above the level of every step. Pure noise, where flow matching and schedules of zero terminal
# SNR begin, is at 1 itself; Stable Diffusion's first step, for which the paper made its masks, is at 0.998.
FIRST = 0.998


def quantise(mask: torch.Tensor, levels: Sequence[float], how: str) -> torch.Tensor:
    """A soft mask (H, W) to one mask a step, (steps, H, W); ``levels`` fall from about 1 towards 0."""
    steps = []
    for i, level in enumerate(levels):
        below = levels[i + 1] if i + 1 < len(levels) else 0.0
        if how == "none":
            steps.append(mask)
        elif how == "continuous" or (how == "semi" and i == len(levels) - 1):
            steps.append(((mask - below) / (level - below)).clamp(0, 1))
        else:
            steps.append((mask > min(level, FIRST)).float())
    return torch.stack(steps)


def to_latent(masks: torch.Tensor, cell: int) -> torch.Tensor:
    """Area-pool (steps, H, W) to the latent grid (steps, H / cell, W / cell): a thin stroke keeps its share."""
    return F.avg_pool2d(masks[:, None], cell)[:, 0]


def weight_maps(
    masks: Sequence[np.ndarray],
    strengths: Sequence[float],
    feathers: Sequence[float],
    levels: Sequence[float],
    how: str,
    cell: int,
    *,
    cover_order: bool = True,
    kept: Kept | None = None,
) -> torch.Tensor:
    """All of the above: uint8 (H, W) masks, bottom first, to float32 (steps, regions, h, w) in 0..1. kept: the maps of
    earlier masks, of which an edit leaves most as they were."""
    plain = [torch.from_numpy(mask.astype(np.float32) / 255) for mask in masks]
    kept = OrderedDict() if kept is None else kept
    maps = []
    for mask, strength, feather in zip(cover(plain) if cover_order else plain, strengths, feathers):
        key = (
            blake2b(mask.numpy().tobytes(), digest_size=16).digest(),
            mask.shape,
            strength,
            feather,
            tuple(levels),
            how,
            cell,
        )
        if key not in kept:
            kept[key] = to_latent(quantise(soften(mask, feather) * strength, levels, how), cell)
        kept.move_to_end(key)
        maps.append(kept[key])
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return torch.stack(maps, 1)
