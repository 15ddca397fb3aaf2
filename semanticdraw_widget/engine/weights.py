"""Masks to weight maps: how much each region counts at each latent cell in each step (paper section 3.4).

A mask is blurred, scaled by the region's strength, opened step by step against the step's noise level, covered by what
has opened on top of it, and at last brought to the latent grid. A soft edge opens from the core outwards, so structure
is laid down where a region is certain and the edge is blended late.

The paper covers first: it leaves 0.3 of a mask under a later one, and opens that. Two things go wrong there. The last
step is a ramp down to 0, so what is covered counts half as much as what covers it, and an object on a lawn is washed
out by the lawn. And in the steps before, neither has opened at the rim of the upper region, so the canvas's background
shows between the two. Covering step by step gives each cell, in each step, to the topmost region that has opened there.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from hashlib import blake2b

import numpy as np
import torch
from torch.nn import functional as F

from .recent import Recent

FINEST = 0.1  # blurs below this many pixels change nothing
THIN = 0.15  # a ridge that sinks by this share is kept as drawn
CUTOFF = 4.0  # blur kernels end at this many deviations


def reach(std: float) -> int:
    """How far a blur of ``std`` pixels carries, in pixels."""
    return 0 if std < FINEST else max(1, round(CUTOFF * std))


def blur(mask: torch.Tensor, std: float) -> torch.Tensor:
    """Gaussian blur of a float32 (H, W) mask, ``std`` in pixels, as two passes; the canvas's edge is not an edge."""
    if std < FINEST:
        return mask
    radius = reach(std)
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


def cover(opened: torch.Tensor, above: Sequence[torch.Tensor]) -> torch.Tensor:
    """What is left of a mask (steps, H, W) under others of the same kind: nothing where one of them counts in full."""
    return opened * (1 - reduce(torch.maximum, above)) if above else opened


Kept = Recent[torch.Tensor]  # what earlier calls made of masks, of which an edit leaves most as they were


def nothing_kept() -> Kept:
    """256 tensors and 128 MB at most: a blurred mask has 4 MB at 1024 pixels, its maps at 4 steps 256 KB."""
    return Recent(256, 128 << 20)


@dataclass(frozen=True, eq=False)
class Layer:
    """A mask, uint8 (H, W), and how it opens over the steps."""

    mask: np.ndarray
    strength: float
    feather: float
    levels: tuple[float, ...]
    how: str

    @cached_property
    def drawn(self) -> Hashable:
        """What tells apart the blurred mask."""
        return blake2b(self.mask.tobytes(), digest_size=16).digest(), self.mask.shape, self.feather

    @property
    def key(self) -> Hashable:
        return self.drawn, self.strength, self.levels, self.how

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Down and across: where the blurred mask may be above 0, first and one past the last; empty is (0, 0)."""
        far = reach(self.feather)
        drawn = [np.nonzero(self.mask.any(axis))[0] for axis in (1, 0)]
        return [(int(at[0]) - far, int(at[-1]) + 1 + far) if at.size else (0, 0) for at in drawn]

    def meets(self, other: Layer) -> bool:
        return all(a < d and c < b for (a, b), (c, d) in zip(self.spans, other.spans))

    def soft(self) -> torch.Tensor:
        return soften(torch.from_numpy(self.mask.astype(np.float32) / 255), self.feather)

    def opened(self, kept: Kept) -> torch.Tensor:
        """float32 (steps, H, W)"""
        return quantise(kept.made((self.drawn,), self.soft) * self.strength, self.levels, self.how)


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
    """All of the above: uint8 (H, W) masks, bottom first, to float32 (steps, regions, h, w) in 0..1. kept: what an
    engine keeps of earlier calls."""
    kept = nothing_kept() if kept is None else kept
    layers = [Layer(m, s, f, tuple(levels), how) for m, s, f in zip(masks, strengths, feathers)]
    maps = []
    for i, layer in enumerate(layers):
        above = [other for other in layers[i + 1 :] if cover_order and layer.meets(other)]

        def made(layer: Layer = layer, above: list[Layer] = above) -> torch.Tensor:
            return to_latent(cover(layer.opened(kept), [other.opened(kept) for other in above]), cell)

        maps.append(kept.made((layer.key, cell, *(other.key for other in above)), made))
    return torch.stack(maps, 1)
