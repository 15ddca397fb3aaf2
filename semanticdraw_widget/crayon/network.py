"""A UNet as training calls it: in half precision, by CUDA graphs and compiled where the settings say so."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from diffusers.models.attention_processor import AttnProcessor

from ..engine.fusion import Fusion, RegionAttention, Regions
from .graphs import Recorded
from .stage import Settings

SHAPES = 512  # of inputs that torch.compile makes code for, where the same lines of a network meet that many


def bound(plain: Any) -> RegionAttention:
    """Attention in plain products: torch's own kernel is slow backwards on a CPU."""
    return RegionAttention(AttnProcessor())


class Network:
    """Calls ``unet`` (float32, which the optimizer moves), or a half-precision copy of it.

    A copy all in half precision, where autocast keeps normalisations in float32 and changes types at each of them: on a
    GPU these networks wait for memory, not for arithmetic. After each backward pass ``collect`` hands the copy's
    gradients to ``unet``; after each step ``refresh`` takes over its weights.
    """

    def __init__(self, unet: Any, settings: Settings) -> None:
        self.unet = unet
        self.half = settings.precision == "bf16"
        self.dtype = torch.bfloat16 if self.half else torch.float32
        self.module = copy.deepcopy(unet).to(self.dtype) if self.half else unet
        self.fusion = Fusion(self.module, bound) if settings.device == "cpu" else Fusion(self.module)
        self.gradients = [torch.zeros_like(p) for p in unet.parameters()] if self.half else []
        self.called: Any = self.module
        if settings.compiled:
            torch._dynamo.config.cache_size_limit = SHAPES
            torch._dynamo.config.accumulated_cache_size_limit = 8 * SHAPES
            self.called = torch.compile(self.module, dynamic=False)
        graphs = settings.graphs and settings.device.startswith("cuda")
        self.run: Callable[..., torch.Tensor] = Recorded(self.plain, self.module) if graphs else self.plain

    def plain(
        self,
        x: torch.Tensor,
        t: torch.Tensor,
        text: torch.Tensor,
        condition: torch.Tensor | None = None,
        maps: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """What ``__call__`` does, in the network's own precision."""
        with nullcontext() if maps is None else self.fusion.regions(Regions(maps)):
            sample: torch.Tensor = self.called(x, t, text, timestep_cond=condition).sample
        return sample

    def __call__(
        self,
        x: torch.Tensor,
        t: torch.Tensor,
        text: torch.Tensor,
        condition: torch.Tensor | None = None,
        maps: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The network's prediction, float32 (n, C, h, w).

        x: (n, C, h, w). t: int64 (n,). text: (n, tokens, width), or (n, prompts * tokens, width) with ``maps``.
        condition: the guidance embedding. maps: (n, prompts, h, w), each prompt's share of each cell.
        """
        x = x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        condition, maps = (None if part is None else part.to(self.dtype) for part in (condition, maps))
        return self.run(x, t, text.to(self.dtype), condition, maps).float()

    def collect(self) -> None:
        if not self.half:
            return
        halves = [half.grad for half in self.module.parameters()]
        pairs = [(own, half) for own, half in zip(self.gradients, halves) if half is not None]
        if pairs:
            torch._foreach_copy_([own for own, _ in pairs], [half for _, half in pairs])
        for parameter, own, half in zip(self.unet.parameters(), self.gradients, halves):
            parameter.grad = None if half is None else own
        for parameter in self.module.parameters():
            parameter.grad = None

    @torch.no_grad()
    def refresh(self) -> None:
        if self.half:
            torch._foreach_copy_(list(self.module.parameters()), list(self.unet.parameters()))


def descend(
    loss: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    parameters: list[torch.nn.Parameter],
    network: Network | None = None,
) -> None:
    """One step of ``parameters`` down the gradient, which is held to length 1."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if network is not None:
        network.collect()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    if network is not None:
        network.refresh()
