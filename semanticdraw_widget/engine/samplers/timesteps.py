"""Which timesteps a sampler visits, and the diffusers schedulers that know them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from diffusers import DDIMScheduler

# Steps at which the authors pick from their accelerators' 50-step grid where the scheduler's own ones are even.
GRID = 50
AUTHORS_PICKS = {5: (0, 4, 12, 25, 37), 6: (0, 5, 16, 18, 20, 37)}


def scheduler_of(kind: type[Any], config: Mapping[str, Any], **changes: Any) -> Any:
    """A diffusers scheduler of class ``kind`` from another one's ``config``; what it does not know is left out."""
    known = {*inspect.signature(kind.__init__).parameters, "_use_default_values"}
    return kind.from_config({key: value for key, value in config.items() if key in known}, **changes)


def own(config: Mapping[str, Any], steps: int) -> list[int] | None:
    """The timesteps that the scheduler's config itself lists under "timesteps", where they are ``steps`` many. Some
    distilled models want such, as the one-step Hyper-SD: [800].

    Raises ValueError for timesteps that do not fall or lie outside the training schedule.
    """
    times = config.get("timesteps")
    if times is None or len(times) != steps:
        return None
    first = config.get("num_train_timesteps", 1000) - 1
    if times[0] > first or times[-1] < 0 or any(b >= a for a, b in pairwise(times)):
        raise ValueError(f"the scheduler's timesteps are {list(times)}, they must fall and lie in 0..{first}")
    return [int(t) for t in times]


def picked(config: Mapping[str, Any], steps: int) -> list[int] | None:
    """The authors' picks of the 50-step grid for five and six steps, None for others."""
    train = config.get("num_train_timesteps", 1000)
    if steps not in AUTHORS_PICKS or train < GRID:
        return None
    return [train - 1 - train // GRID * pick for pick in AUTHORS_PICKS[steps]]


def trailing(config: Mapping[str, Any], steps: int) -> list[int]:
    """Even timesteps that start at the noisiest ("trailing" spacing; Lin et al. 2023, table 2)."""
    scheduler = scheduler_of(DDIMScheduler, config, timestep_spacing="trailing")
    scheduler.set_timesteps(steps)
    return [int(t) for t in scheduler.timesteps]


def distilled(scheduler: Any, steps: int) -> list[int]:
    """Timesteps of the grid that a consistency model was distilled on. Raises ValueError for more than it has."""
    grid = scheduler.config.original_inference_steps
    if steps > grid:
        raise ValueError(f"steps is {steps}, it must lie in 1..{grid} for this sampler, whose grid has no more")
    scheduler.set_timesteps(steps)
    return [int(t) for t in scheduler.timesteps]
