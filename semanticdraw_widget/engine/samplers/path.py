"""What all samplers here share: a latent is a weighted sum of picture and noise, and a step changes the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

PREDICTIONS = ("epsilon", "v_prediction", "sample", "flow")


class GaussianPath:
    """At step i a latent is x = a[i] x0 + s[i] eps; ``levels`` is s. Between steps a part of eps may be drawn anew.

    Variance preserving schedules have a = sqrt(abar), s = sqrt(1 - abar). The sigmas of Euler samplers are s / a there,
    so their scaled input is x, and no other scaling is needed. Flow matching has a = 1 - sigma, s = sigma.

    prediction: what the network answers: "epsilon" (eps), "v_prediction" (a eps - s x0), "sample" (x0) or "flow"
    (eps - x0). fresh: the weight of new noise at each step, 0 to s[i]; none anywhere if not given. end: (a, s) after
    the last step. start: see ``Sampler``.
    """

    consistency = False

    def __init__(
        self,
        timesteps: Sequence[float],
        a: Sequence[float],
        s: Sequence[float],
        *,
        prediction: str,
        fresh: Sequence[float] | None = None,
        end: tuple[float, float] = (1.0, 0.0),
        start: float = 1.0,
    ) -> None:
        if prediction not in PREDICTIONS:
            raise ValueError(f"the prediction type is {prediction!r}, it must be one of {', '.join(PREDICTIONS)}")
        self.timesteps: Sequence[float] = list(timesteps)
        self.a, self.s = list(a), list(s)
        self.levels = list(s)
        self.prediction, self.end, self.start = prediction, end, start
        self.fresh = [0.0] * len(self.s) if fresh is None else list(fresh)
        self.kept = [max(level**2 - new**2, 0.0) ** 0.5 for level, new in zip(self.s, self.fresh)]
        self.deterministic = not any(self.fresh)

    def add_noise(self, x0: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        return self.a[i] * x0 + self.s[i] * noise

    def to_x0(self, x: torch.Tensor, out: torch.Tensor, i: int) -> torch.Tensor:
        if self.prediction == "epsilon":
            return (x - self.s[i] * out) / self.a[i]
        if self.prediction == "v_prediction":
            return self.a[i] * x - self.s[i] * out
        return x - self.s[i] * out if self.prediction == "flow" else out

    def direction(self, x0: torch.Tensor, x: torch.Tensor, i: int) -> torch.Tensor:
        """The noise eps that ``x`` holds at step ``i`` beside the picture. Where regions were averaged into ``x0``,
        it is theirs together, which no single network answer says."""
        return (x - self.a[i] * x0) / self.s[i]

    def renoise(self, x0: torch.Tensor, x: torch.Tensor, noise: torch.Tensor, i: int) -> torch.Tensor:
        result = self.a[i] * x0
        if self.kept[i]:
            result = result + self.kept[i] * self.direction(x0, x, i - 1)
        return result + self.fresh[i] * noise if self.fresh[i] else result

    def finish(self, x0: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        a, s = self.end
        return a * x0 + s * self.direction(x0, x, -1) if s else x0


def roots(scheduler: Any, timesteps: Sequence[int]) -> tuple[list[float], list[float]]:
    """sqrt(abar) and sqrt(1 - abar) of a diffusers scheduler at ``timesteps``."""
    abar = [float(scheduler.alphas_cumprod[t]) for t in timesteps]
    return [value**0.5 for value in abar], [(1 - value) ** 0.5 for value in abar]
