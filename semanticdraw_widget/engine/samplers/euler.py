"""Euler steps of the probability flow (Karras et al. 2022): SDXL-Lightning, SD-Turbo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diffusers import EulerDiscreteScheduler

from .path import GaussianPath, roots
from .timesteps import own, picked, scheduler_of, trailing


class Euler(GaussianPath):
    """diffusers' EulerDiscreteScheduler with trailing spacing; with five and six steps, at the authors' picks.

    With x scaled to unit variance an Euler step in sigma is a DDIM step. The start differs: the noise that diffusers
    scales to the first sigma misses the picture's share, so its deviation is s[0] here, and not 1.
    """

    def __init__(self, config: Mapping[str, Any], steps: int) -> None:
        scheduler = scheduler_of(EulerDiscreteScheduler, config)
        times = own(config, steps) or picked(config, steps) or trailing(config, steps)
        a, s = roots(scheduler, times)
        super().__init__(times, a, s, prediction=scheduler.config.prediction_type, start=s[0])
