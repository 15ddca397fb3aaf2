"""A scene made ready to denoise: everything that depends on the scene alone, worked out once per scene."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import torch

from ..scene import Region, Scene
from . import noise
from .method import Method
from .rows import Row
from .samplers import Sampler
from .text import Text
from .weights import Kept, soften, weight_maps

NOTHING = ("",)  # the key of an empty prompt


@dataclass(frozen=True)
class Plan:
    """What ``Engine`` needs of a scene. All tensors are float32 on the engine's device.

    text, negative: a prompt a region and the background's last; negative is None where no negative prompt counts. keys,
    negative_keys: what tells these prompts apart. rows: those of each step; steps: the same, cut into tiles of ``tile``
    cells, None cuts nothing. grain: cells that windows' sides are a multiple of. weights: what the rows were made of,
    (steps, prompts, h, w). noise: (steps, C, h, w), entry 0 times ``start`` the initial latent. paper: the latent of
    white, (C, h, w). picture: the background picture's latent or None. blend: (H, W, 1) share of the generated pixels
    in the finished picture, with a background picture only.
    """

    scene: Scene
    text: Text
    negative: Text | None
    keys: tuple[Hashable, ...]
    negative_keys: tuple[Hashable, ...] | None
    rows: tuple[tuple[Row, ...], ...]
    steps: tuple[tuple[Row, ...], ...]
    tile: int | None
    grain: int
    weights: torch.Tensor
    noise: torch.Tensor
    start: float
    paper: torch.Tensor
    picture: torch.Tensor | None
    blend: np.ndarray | None

    @property
    def aims(self) -> tuple[Hashable, ...]:
        """What tells apart what the regions and the background are asked to be and not to be."""
        return aims(self.keys, self.negative_keys)


def aims(keys: tuple[Hashable, ...], negative_keys: tuple[Hashable, ...] | None) -> tuple[Hashable, ...]:
    """See ``Plan.aims``."""
    return tuple(zip(keys, negative_keys or [NOTHING] * len(keys)))


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


def row_weights(
    scene: Scene, regions: list[Region], sampler: Sampler, method: Method, cell: int, kept: Kept | None = None
) -> torch.Tensor:
    """(steps, regions + 1, h, w): the regions' weights, and last the background's, ``clip(1 - sum, 0, 1)``. kept: see
    ``weight_maps``."""
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
            kept=kept,
        )
    else:
        maps = torch.zeros(steps, 0, h, w)
    rest = (1 - maps.sum(1, keepdim=True)).clamp(0, 1)
    return torch.cat([maps, rest], 1)


def blend_map(scene: Scene, regions: list[Region]) -> np.ndarray:
    """The generated pixels' share in the finished picture over a background picture: float32 (H, W, 1)."""
    share = torch.zeros(scene.height, scene.width)
    for region in regions:
        feather = default_feather(scene) if region.feather is None else region.feather
        share = torch.maximum(share, soften(torch.from_numpy(region.mask.astype(np.float32) / 255), feather))
    return share[..., None].numpy()
