"""Latent consistency sampling (Luo et al. 2023): x0 in one call, then fresh noise to the next level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from diffusers import LCMScheduler

from .path import GaussianPath, roots
from .timesteps import GRID, distilled, own, picked, scheduler_of


class LCM(GaussianPath):
    """diffusers' LCMScheduler; with five and six steps on a 50-step grid, at the authors' picks."""

    consistency = True

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        scheduler = scheduler_of(LCMScheduler, config)
        times = own(config, steps)
        if times is None and scheduler.config.original_inference_steps == GRID:
            times = picked(config, steps)
        times = times or distilled(scheduler, steps)
        a, s = roots(scheduler, times)
        super().__init__(times, a, s, prediction=scheduler.config.prediction_type, fresh=s)
        scalings = [scheduler.get_scalings_for_boundary_condition_discrete(torch.tensor(t)) for t in times]
        self.skip, self.out = ([float(pair[j]) for pair in scalings] for j in (0, 1))

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        return self.out[i] * super().to_x0(x, out, i) + self.skip[i] * x
