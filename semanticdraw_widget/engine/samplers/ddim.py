"""Deterministic DDIM (Song et al. 2021, eta 0): the many-step baseline, and Hyper-SD with few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diffusers import DDIMScheduler

from .path import GaussianPath, roots
from .timesteps import own, scheduler_of, trailing


class DDIM(GaussianPath):
    """diffusers' DDIMScheduler with trailing spacing.

    A step ends at the level where the next one begins. diffusers ends it at t - 1000 // steps, which is another level
    where ``steps`` does not divide 1000.
    """

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        scheduler = scheduler_of(DDIMScheduler, config)
        times = own(config, steps) or trailing(config, steps)
        last = float(scheduler.final_alpha_cumprod)
        super().__init__(
            times,
            *roots(scheduler, times),
            prediction=scheduler.config.prediction_type,
            end=(last**0.5, (1 - last) ** 0.5),
        )
