"""Pictures of the gallery on their way through the region engine's steps: what the stage ``regions`` trains on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch.nn import functional as F

from ..engine.weights import blur, quantise
from .distil import random_guidance
from .gallery import CELL, GROUND, OBJECT, PATCH, REST, Gallery

EDGES = (0.5, 3.5, 7.0)  # pixels: the blurs of the masks in walks apart, each as often as the others
FINE = 4  # parts of a cell, along each side, in which those masks are blurred and quantised
LATE = 160  # timesteps at most by which a walk's levels differ from those of four steps, in a quarter of the walks


@dataclass
class Walks:
    """``n`` pictures on their way through the steps.

    tokens: int64 (n, prompts, TOKENS). kinds: what each prompt is of, uint8 (n, prompts). maps: float (n, prompts, h,
    w), the share of each prompt at each cell. guidance: (n,). goal: the picture's latent (n, C, h, w). weight: the
    cells that regions were asked to fill, (n, 1, h, w). ground: those that show a background. made: the last answer,
    pasted into the goal's surroundings. late: added to the timesteps (n,). step: the next one (n,). patch: the prompt
    whose region is a patch (n,), -1 for none. texture: what the network of before made of it last, over the whole
    canvas (n, C, h, w).
    """

    tokens: torch.Tensor
    kinds: torch.Tensor
    maps: torch.Tensor
    guidance: torch.Tensor
    goal: torch.Tensor
    weight: torch.Tensor
    ground: torch.Tensor
    made: torch.Tensor
    late: torch.Tensor
    step: torch.Tensor
    patch: torch.Tensor
    texture: torch.Tensor

    def replaced(self, rows: torch.Tensor, others: Walks) -> None:
        """Put ``others``, one a row, in the place of ``rows``."""
        for each in fields(self):
            getattr(self, each.name)[rows] = getattr(others, each.name)

    def part(self, rows: torch.Tensor) -> Walks:
        return Walks(*(getattr(self, each.name)[rows] for each in fields(Walks)))


@dataclass
class Apart(Walks):
    """Walks of all regions of a picture, a row for each. masks: the regions' weights in each step (n, steps, prompts,
    h, w). grounds: the backgrounds' shares (n, prompts, h, w), also under the objects."""

    masks: torch.Tensor
    grounds: torch.Tensor


def painted_in(kinds: torch.Tensor) -> torch.Tensor:
    """Which of the prompts of ``kinds`` (n, prompts) have a region to fill: bool (n, prompts, 1, 1)."""
    return ((kinds == OBJECT) | (kinds == PATCH))[..., None, None]


def begin(gallery: Gallery, rng: torch.Generator, count: int, fused: bool) -> Walks:
    """Walks over random pictures, at their first step: of all their regions, or of one. Of several patches of a
    picture one is a region, and the others count as its background."""
    index, slot = gallery.slots(rng, count, OBJECT, PATCH)
    maps, kinds = gallery.maps[index].float() / 255, gallery.kinds[index]
    goal = gallery.latents[index].float()
    rows = torch.arange(count, device=gallery.device)
    first = (kinds == PATCH).to(torch.uint8).argmax(1)
    patch = torch.where((kinds == PATCH).any(1), first, -1)
    if fused:
        tokens = gallery.prompts[index].long()
        others = (kinds == PATCH) & (torch.arange(kinds.shape[1], device=gallery.device) != patch[:, None])
        kinds = torch.where(others, GROUND, kinds)
        objects = maps * painted_in(kinds)
        weight = objects.sum(1, keepdim=True).clamp(max=1)
        grounds = maps * (kinds == GROUND)[..., None, None] * (1 - weight)
        maps = objects + grounds
        # Blank paper, and what a fitted object leaves of its region.
        rest = (1 - maps.sum(1, keepdim=True)).clamp(0, 1)
        maps = maps + rest * (kinds == REST)[..., None, None]
        maps = maps / maps.sum(1, keepdim=True)
        ground = grounds.sum(1, keepdim=True).clamp(max=1)
    else:
        tokens, maps = gallery.prompts[index, slot].long()[:, None], maps[rows, slot][:, None]
        kinds, weight, ground = kinds[rows, slot][:, None], maps, torch.zeros_like(maps)
        patch = torch.where(kinds[:, 0] == PATCH, 0, -1)
    late = -torch.randint(LATE + 1, (count,), generator=rng, device=gallery.device)
    late = late * (torch.rand(count, generator=rng, device=gallery.device) < 0.25)
    guidance = random_guidance(rng, count)
    step, texture = torch.zeros_like(slot), torch.zeros_like(goal)
    return Walks(tokens, kinds, maps, guidance, goal, weight, ground, goal.clone(), late, step, patch, texture)


def spread(maps: torch.Tensor) -> torch.Tensor:
    """Shares of cells (n, prompts, h, w) that add up to 1 everywhere: each prompt goes on, ever weaker, beyond its own
    cells, so where none has a share the nearest does. Slots without any cell stay without."""
    result, weaker = maps, maps
    for size in (3, 7, 15, 31):
        weaker = 1e-2 * F.avg_pool2d(weaker, size, 1, size // 2, count_include_pad=False)
        result = result + weaker
    result = result + 1e-12 * maps.amax((2, 3), keepdim=True)
    return result / result.sum(1, keepdim=True).clamp(min=1e-20)


def opening(maps: torch.Tensor, std: torch.Tensor, levels: list[float]) -> torch.Tensor:
    """The masks of ``maps`` (n, prompts, h, w), shares of cells, in each step: (n, steps, prompts, h, w). It is
    ``engine.weights`` for masks of which only the cells' shares are known. std: blur in pixels, (n,), one of EDGES."""
    pixel = CELL / FINE
    fine = F.interpolate(maps, scale_factor=FINE, mode="bilinear")
    fine = (fine > 0.5).to(maps.dtype).flatten(0, 1)
    soft = torch.stack([torch.stack([blur(mask, edge / pixel) for mask in fine]) for edge in EDGES])
    soft = soft.unflatten(1, maps.shape[:2])
    chosen = soft[
        (std[None] - torch.tensor(EDGES, device=std.device)[:, None]).abs().argmin(0), torch.arange(len(maps))
    ]
    return torch.stack([F.avg_pool2d(opened, FINE) for opened in quantise(chosen, levels, "semi")], 1)


def begin_apart(gallery: Gallery, rng: torch.Generator, count: int, levels: list[float]) -> Apart:
    """Walks of all regions of random pictures, a row for each, at their first step."""
    walks = begin(gallery, rng, count, fused=True)
    objects = walks.maps * painted_in(walks.kinds)
    grounds = walks.maps * (walks.kinds == GROUND)[..., None, None]
    bare = (grounds.amax((1, 2, 3)) == 0)[:, None, None, None]
    # A picture on blank paper has no background to name.
    grounds = torch.where(bare, (walks.kinds == REST)[..., None, None].to(grounds.dtype), spread(grounds))
    std = torch.tensor(EDGES, device=gallery.device)
    std = std[torch.randint(len(EDGES), (count,), generator=rng, device=gallery.device)]
    masks = opening(objects, std, levels)
    return Apart(**{f.name: getattr(walks, f.name) for f in fields(walks)}, masks=masks, grounds=grounds)
