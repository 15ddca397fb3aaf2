"""What a sampler is to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch


class Sampler(Protocol):
    """One denoising trajectory of ``len(timesteps)`` steps; latents are (C, h, w) or batches of them.

    timesteps: what the network is told at each step: integers for a UNet, sigma * 1000 for flow matching.
    levels: the share of noise in each step's latent, 0 to 1, falling: what masks are quantised against.
    start: the deviation of the initial latent, which is Gaussian noise.
    deterministic: ``renoise`` ignores the fresh noise.
    consistency: the network is asked as a distilled one, that is, fed the guidance scale where it takes one; a
        property of the class.
    """

    timesteps: Sequence[float]
    levels: list[float]
    start: float
    deterministic: bool
    consistency: bool

    def add_noise(self, x0: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        """A picture's latent at the noise level of step ``i``."""

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        """The picture that the network's answer ``out`` to ``x`` means at step ``i``."""

    def renoise(self, x0: torch.Tensor, x: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        """The latent of step ``i``, 1 at least, from the picture and the latent of step ``i - 1``."""

    def finish(self, x0: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """The finished latent from the last step's picture and latent: the picture itself, unless the noise schedule
        ends above zero."""
