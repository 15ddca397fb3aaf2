"""Guidance: how the answers to a prompt and to its negative prompt make one (classifier-free guidance)."""

from __future__ import annotations

import torch

from .families.family import Family
from .fusion import Regions
from .text import Text


def guided(
    family: Family,
    x: torch.Tensor,
    timesteps: torch.Tensor,
    text: Text,
    negative: Text | None,
    guidance: float,
    *,
    consistency: bool = True,
    regions: Regions | None = None,
) -> torch.Tensor:
    """The network's answer to ``x`` under ``text``; with ``negative``, prompts like ``text``, the rows are run twice
    and guided by the scale ``guidance``. For the other arguments see ``Family.network``."""
    if negative is None:
        return family.network(x, timesteps, text, guidance=guidance, consistency=consistency, regions=regions)
    if regions is not None:
        # Empty negative prompts are most often one and the same, so nothing is gained by keeping theirs.
        regions = Regions(torch.cat([regions.maps, regions.maps]))
    both = family.network(
        torch.cat([x, x]),
        torch.cat([timesteps, timesteps]),
        Text.cat([negative, text]),
        guidance=guidance,
        consistency=consistency,
        regions=regions,
    )
    without, told = both.chunk(2)
    return without + guidance * (told - without)
