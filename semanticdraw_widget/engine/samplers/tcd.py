"""Trajectory consistency sampling (Zheng et al. 2024): TCD and Hyper-SD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from diffusers import TCDScheduler

from .path import GaussianPath, roots
from .timesteps import distilled, own, scheduler_of

GAMMA = 0.3  # of diffusers and of the paper's pictures


class TCD(GaussianPath):
    """diffusers' TCDScheduler. A step goes along the trajectory to (1 - gamma) t', past the next timestep t', and
    from there up to t' with fresh noise; the last one ends at timestep 0, whose noise is slight.

    gamma is "eta" in the scheduler's config, 0 (no fresh noise) to 1 (as LCM); 0.3 if that says nothing.
    """

    consistency = True

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        scheduler = scheduler_of(TCDScheduler, config)
        gamma = float(config.get("eta", GAMMA))
        if not 0 <= gamma <= 1:
            raise ValueError(f"the scheduler's eta is {gamma}, it must lie in 0..1")
        times = own(config, steps) or distilled(scheduler, steps)
        a, s = roots(scheduler, times)
        # As diffusers rounds: in float32.
        passed = [int(torch.floor((1 - gamma) * torch.tensor(t))) for t in times]
        nearer, _ = roots(scheduler, passed)
        fresh = [max(1 - (share / near) ** 2, 0.0) ** 0.5 for share, near in zip(a, nearer)]
        (last,), (rest,) = roots(scheduler, [0])
        super().__init__(times, a, s, prediction=scheduler.config.prediction_type, fresh=fresh, end=(last, rest))
