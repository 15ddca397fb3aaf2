"""Normalised attention guidance (Chen et al. 2025, arXiv 2505.21179): negative prompts without a negative pass.

Few-step models are distilled with their guidance, and a second one on top spoils them. But cross-attention can be led
away from a negative prompt where it happens: its answer z+ to the prompt is pushed away from its answer z- to the
negative one, kept from growing too long, and blended with what it was. That costs a share of cross-attention.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import torch

from .constants import constant

SCALE, LONGEST, BLEND = 5.0, 2.5, 0.25  # the paper's scale, tau and alpha


@dataclass
class Against:
    """The negative prompts of one network call, n of them and at least one.

    prompts: the numbers of the call's prompts that have one, ascending. tokens: their negative prompts' embeddings
    (n, tokens, width). keys: what tells these apart.
    """

    prompts: tuple[int, ...]
    tokens: torch.Tensor
    keys: tuple[Hashable, ...]

    @property
    def index(self) -> torch.Tensor:
        """``prompts`` on the network's device."""
        return constant(self.prompts, self.tokens.device)

    def part(self, start: int, stop: int) -> Against | None:
        """What of it belongs to the prompts ``start`` to ``stop``, excluded, which are then numbered from 0."""
        chosen = [i for i, prompt in enumerate(self.prompts) if start <= prompt < stop]
        if not chosen:
            return None
        first, last = chosen[0], chosen[-1] + 1
        numbers = tuple(prompt - start for prompt in self.prompts[first:last])
        return Against(numbers, self.tokens[first:last], self.keys[first:last])

    def led_away(self, answers: torch.Tensor) -> torch.Tensor:
        """The attention's ``answers`` to all prompts and then to the negative ones, (prompts + n, heads, pixels,
        width), to those that count, (prompts, heads, pixels, width)."""
        told, other = answers.tensor_split([len(answers) - len(self.tokens)])
        return told.index_copy(0, self.index, normalised(told[self.index], other))


def normalised(told: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """``told`` led away from ``other``, both (n, heads, pixels, width): to at most LONGEST times its length, which is
    the L1 norm of a pixel's features over all heads, and then BLEND of the way there."""
    away = told + SCALE * (told - other)
    length, most = away.abs().sum((1, 3), keepdim=True), LONGEST * told.abs().sum((1, 3), keepdim=True)
    away = torch.where(length > most, away * (most / length.clamp(min=1e-6)), away)
    return torch.lerp(told, away, BLEND)
