"""Flow matching (Esser et al. 2024; Lipman et al. 2023): SD3, SD3-Flash, SD3.5-Turbo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diffusers import FlowMatchEulerDiscreteScheduler

from .path import GaussianPath
from .timesteps import AUTHORS_PICKS, GRID, scheduler_of


class Flow(GaussianPath):
    """diffusers' FlowMatchEulerDiscreteScheduler with the shift of its config, and no shift by picture size; with five
    and six steps, at the authors' picks. x = (1 - sigma) x0 + sigma eps, and the network answers eps - x0.

    A config with "even_sigmas" has sigma fall evenly from 1 to 1 / steps before the shift, with no picks: FLUX.
    """

    consistency = True
    stochastic = False

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        shift = config.get("shift", config.get("flow_shift")) or 1.0
        scheduler = scheduler_of(FlowMatchEulerDiscreteScheduler, config, shift=shift, use_dynamic_shifting=False)
        even = bool(config.get("even_sigmas"))
        picks = None if even else AUTHORS_PICKS.get(steps)
        if even:
            scheduler.set_timesteps(sigmas=[1 - i / steps for i in range(steps)])
        else:
            scheduler.set_timesteps(GRID if picks else steps)
        chosen = picks or range(steps)
        sigma = [float(scheduler.sigmas[i]) for i in chosen]
        super().__init__(
            [float(scheduler.timesteps[i]) for i in chosen],
            [1 - level for level in sigma],
            sigma,
            prediction="flow",
            fresh=sigma if self.stochastic else None,
        )


class FlowStochastic(Flow):
    """The same with ``stochastic_sampling``: x0, then fresh noise to the next level, as SD3-Flash wants it."""

    stochastic = True
