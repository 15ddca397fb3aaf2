"""Ancestral Euler sampling: SDXL-Turbo, with one to four steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diffusers import EulerAncestralDiscreteScheduler

from .path import GaussianPath, roots
from .timesteps import own, scheduler_of, trailing


class EulerAncestral(GaussianPath):
    """diffusers' EulerAncestralDiscreteScheduler with trailing spacing.

    From sigma to sigma' a step goes down to sigma'^2 / sigma, and up again with fresh noise of deviation
    sigma' sqrt(1 - sigma'^2 / sigma^2).
    """

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        scheduler = scheduler_of(EulerAncestralDiscreteScheduler, config)
        times = own(config, steps) or trailing(config, steps)
        a, s = roots(scheduler, times)
        sigma = [level / share for level, share in zip(s, a)]
        fresh = [0.0, *(s[i] * (1 - (sigma[i] / sigma[i - 1]) ** 2) ** 0.5 for i in range(1, steps))]
        super().__init__(times, a, s, prediction=scheduler.config.prediction_type, fresh=fresh, start=s[0])
