"""A scene made ready to denoise: everything that depends on the scene alone, worked out once per scene.

Rows are the prompts that share a network call: one a region, and the background prompt as one more. A region that
is invisible, empty or without a prompt has no row; a row whose weight is zero everywhere in a step has no place in
that step's batch.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..scene import Region, Scene
from . import noise
from .centring import Shift, centring_shift
from .crops import Window, around, box, middle
from .method import Method
from .samplers import Sampler
from .text import Text
from .weights import soften, weight_maps

NOTHING = ("",)  # the key of an empty prompt
BORDER = 2  # cells of plain ground that a centred crop shows around its region
CONTEXT = 4  # cells of its surroundings that any other crop shows


@dataclass(frozen=True)
class Row:
    """One network row of a step: its prompt's index, its weight (h, w) in 0..1, and its shift when it is centred.

    maps: where one row serves all prompts, the share of each at each cell, (prompts, h, w), summing to 1. window: the
    part of the canvas that the network sees, after the shift; None is all of it. The weight is 0 outside.
    """

    index: int
    weight: torch.Tensor
    shift: Shift | None = None
    maps: torch.Tensor | None = None
    window: Window | None = None

    def to(self, device: torch.device) -> Row:
        return replace(self, weight=self.weight.to(device), maps=None if self.maps is None else self.maps.to(device))


@dataclass(frozen=True)
class Plan:
    """What ``Engine`` needs of a scene. All tensors are float32 on the engine's device.

    text, negative: a prompt a region and the background's last; negative is None where no negative prompt counts. keys,
    negative_keys: what tells these prompts apart. steps: the rows of each step. weights: what they were made of,
    (steps, prompts, h, w). noise: (steps, C, h, w), entry 0 times ``start`` the initial latent. paper: the latent of
    white, (C, h, w). picture: the background picture's latent or None. blend: (H, W, 1) share of the generated pixels
    in the finished picture, with a background picture only.
    """

    scene: Scene
    text: Text
    negative: Text | None
    keys: tuple[Hashable, ...]
    negative_keys: tuple[Hashable, ...] | None
    steps: tuple[tuple[Row, ...], ...]
    weights: torch.Tensor
    noise: torch.Tensor
    start: float
    paper: torch.Tensor
    picture: torch.Tensor | None
    blend: np.ndarray | None

    @property
    def aims(self) -> tuple[Hashable, ...]:
        """What tells apart what the regions and the background are asked to be and not to be."""
        return tuple(zip(self.keys, self.negative_keys or [NOTHING] * len(self.keys)))

    @property
    def samples(self) -> int:
        """Network rows of the whole trajectory, negative passes not counted."""
        return sum(len(rows) for rows in self.steps)


def active(scene: Scene) -> list[Region]:
    """The regions that are painted: visible, with a prompt and a pixel at least."""
    return [r for r in scene.regions if r.visible and r.prompt and bool(r.mask.any())]


def default_feather(scene: Scene) -> float:
    """The blur of a mask that names none, in pixels: 1 at 512, the authors' choice for one-shot pictures."""
    return min(scene.size) / 512


def region_noise(scene: Scene, regions: list[Region], step: int, channels: int, cell: int) -> np.ndarray:
    """The step's noise (C, h, w): the scene's, and a region's own where a region with a seed lies on top."""
    h, w = scene.height // cell, scene.width // cell
    plane = noise.field(scene.seed, step, channels, h, w)
    for region in regions:
        if region.seed is not None:
            share = region.mask.reshape(h, cell, w, cell).mean((1, 3))
            plane = np.where(share > 127, noise.field(region.seed, step, channels, h, w), plane)
    return plane


def row_weights(scene: Scene, regions: list[Region], sampler: Sampler, method: Method, cell: int) -> torch.Tensor:
    """(steps, regions + 1, h, w): the regions' weights, and last the background's, ``clip(1 - sum, 0, 1)``."""
    steps, h, w = len(sampler.levels), scene.height // cell, scene.width // cell
    if regions:
        feathers = [default_feather(scene) if r.feather is None else r.feather for r in regions]
        maps = weight_maps(
            [r.mask for r in regions],
            [r.strength for r in regions],
            feathers,
            sampler.levels,
            method.quantise,
            cell,
            cover_order=method.cover_order,
        )
    else:
        maps = torch.zeros(steps, 0, h, w)
    rest = (1 - maps.sum(1, keepdim=True)).clamp(0, 1)
    return torch.cat([maps, rest], 1)


def step_rows(weights: torch.Tensor, step: int, method: Method, prompted_background: bool) -> tuple[Row, ...]:
    """The rows of one step: ``weights`` is (rows, h, w), the background last."""
    if method.structural_steps is not None and step >= method.structural_steps:
        return fused_row(weights if prompted_background else weights[:-1])
    last = weights.shape[0] - 1
    rows = []
    for index, weight in enumerate(weights):
        if not bool((weight > 0).any()) or (index == last and not prompted_background):
            continue
        centred = step < method.centring_steps and index != last
        window = None
        if method.crops:
            h, w = weight.shape
            inner = box(weight > 0)
            assert inner is not None
            window = middle(inner, BORDER, h, w) if centred else around(inner.grown(CONTEXT, h, w), h, w)
        rows.append(Row(index, weight, centring_shift(weight) if centred else None, window=window))
    return tuple(rows)


def fused_row(weights: torch.Tensor) -> tuple[Row, ...]:
    """One row for all prompts of ``weights`` (prompts, h, w); no row where there is none."""
    total = weights.sum(0)
    if not bool((total > 0).any()):
        return ()
    # Where no prompt counts the row's answer is thrown away, so any share will do there.
    maps = torch.where(total > 0, weights / total.clamp(min=1e-6), 1 / len(weights))
    return (Row(0, total.clamp(0, 1), maps=maps),)


def blend_map(scene: Scene, regions: list[Region]) -> np.ndarray:
    """The generated pixels' share in the finished picture over a background picture: float32 (H, W, 1)."""
    share = torch.zeros(scene.height, scene.width)
    for region in regions:
        feather = default_feather(scene) if region.feather is None else region.feather
        share = torch.maximum(share, soften(torch.from_numpy(region.mask.astype(np.float32) / 255), feather))
    return share[..., None].numpy()
