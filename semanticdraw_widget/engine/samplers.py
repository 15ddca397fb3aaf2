"""Samplers: which timesteps, how a network's answer becomes a picture, how a picture becomes noisy again.

In the paper's symbols x is a noisy latent, x0 a picture's latent, abar the cumulated alpha of a timestep.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from diffusers import DDIMScheduler, LCMScheduler

# The authors' own picks from the 50-step grid where they differ from the scheduler's even ones.
AUTHORS_PICKS = {5: (0, 4, 12, 25, 37), 6: (0, 5, 16, 18, 20, 37)}


class Sampler(Protocol):
    """One denoising trajectory of ``len(timesteps)`` steps."""

    timesteps: list[int]
    levels: list[float]  # noise level of each step, sqrt(1 - abar), 0 to 1: what masks are quantised against
    deterministic: bool  # renoise ignores the fresh noise

    def add_noise(self, x0: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        """A picture's latent at the noise level of step ``i``."""

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        """The picture that the network's answer ``out`` to ``x`` means at step ``i``."""

    def renoise(self, x0: torch.Tensor, x: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        """The latent of step ``i`` from the picture and the latent of step ``i - 1``."""


class _Abar:
    """Coefficients that every sampler over a cumulated-alpha schedule shares."""

    def __init__(self, scheduler: Any, timesteps: list[int]) -> None:
        self.timesteps = timesteps
        self.config = scheduler.config
        self.prediction = scheduler.config.prediction_type
        abar = [float(scheduler.alphas_cumprod[t]) for t in timesteps]
        self.a = [value**0.5 for value in abar]
        self.s = [(1 - value) ** 0.5 for value in abar]
        self.levels = list(self.s)

    def add_noise(self, x0: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        return self.a[i] * x0 + self.s[i] * noise

    def predicted(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        if self.prediction == "epsilon":
            return (x - self.s[i] * out) / self.a[i]
        if self.prediction == "v_prediction":
            return self.a[i] * x - self.s[i] * out
        return out


class LCM(_Abar):
    """Latent consistency sampling (Luo et al. 2023): x0 in one call, then fresh noise to the next level."""

    deterministic = False

    def __init__(self, config: Any, steps: int) -> None:
        scheduler = LCMScheduler.from_config(config)
        grid = scheduler.config.original_inference_steps
        picks = AUTHORS_PICKS.get(steps)
        if picks and grid == 50:
            stride = scheduler.config.num_train_timesteps // grid
            times = [scheduler.config.num_train_timesteps - 1 - stride * pick for pick in picks]
        else:
            scheduler.set_timesteps(steps)
            times = [int(t) for t in scheduler.timesteps]
        super().__init__(scheduler, times)
        scalings = [scheduler.get_scalings_for_boundary_condition_discrete(torch.tensor(t)) for t in times]
        self.skip, self.out = ([float(pair[j]) for pair in scalings] for j in (0, 1))

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        return self.out[i] * self.predicted(x, out, i) + self.skip[i] * x

    def renoise(self, x0: torch.Tensor, x: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        return self.add_noise(x0, noise, i)


class DDIM(_Abar):
    """Deterministic DDIM (Song et al. 2021, eta 0), the many-step baseline."""

    deterministic = True

    def __init__(self, config: Any, steps: int) -> None:
        scheduler = DDIMScheduler.from_config(config, timestep_spacing="trailing", clip_sample=False)
        scheduler.set_timesteps(steps)
        super().__init__(scheduler, [int(t) for t in scheduler.timesteps])

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        return self.predicted(x, out, i)

    def renoise(self, x0: torch.Tensor, x: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        direction = (x - self.a[i - 1] * x0) / self.s[i - 1]
        return self.add_noise(x0, direction, i)


SAMPLERS: dict[str, type[LCM] | type[DDIM]] = {"lcm": LCM, "ddim": DDIM}
