"""The UNet of Stable Diffusion and SDXL, with its guidance embedding and its region-bound attention."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch

from ..constants import KEPT
from ..fusion import Fusion, Regions
from ..quiet import quiet
from ..traced import Call, Traced, run, small

with quiet():
    from diffusers import StableDiffusionPipeline


class UNet:
    """``unet`` on one device in one dtype. channels, guidance_width: see ``Family``."""

    def __init__(self, unet: Any, device: torch.device, dtype: torch.dtype) -> None:
        # Channels-last pays on a GPU's tensor cores; a CPU runs a small UNet faster without it.
        self.layout = torch.contiguous_format if device.type == "cpu" else torch.channels_last
        self.unet = unet.to(device, dtype, memory_format=self.layout).eval()
        self.device, self.dtype = device, dtype
        self.channels = int(unet.config.in_channels)
        self.guidance_width: int | None = unet.config.time_cond_proj_dim
        self.fusion: Fusion | None = None
        self.traced = Traced(self.unet) if device.type == "cpu" and small(self.unet) else None

    def __call__(
        self,
        x: torch.Tensor,
        timesteps: torch.Tensor,
        tokens: torch.Tensor,
        *,
        guidance: float | None,
        regions: Regions | None,
        added: dict[str, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """See ``Family.network``. guidance: None feeds no guidance embedding. added: SDXL's further conditions."""
        condition = None
        if self.guidance_width is not None and guidance is not None:
            condition = guidance_embedding(guidance, self.guidance_width, len(x), self.device, self.dtype)
        call = Call(x.to(self.dtype).contiguous(memory_format=self.layout), timesteps, tokens, condition, added)
        if regions is None:
            return self.answer(call).float()
        call = replace(call, tokens=tokens.reshape(len(x), -1, tokens.shape[-1]))
        fusion = self.fusion = self.fusion or Fusion(self.unet)
        if self.traced is not None and regions.against is None and fusion.asking():
            return self.answer(replace(call, layers=fusion.layers(regions, call.tokens))).float()
        with fusion.regions(regions):
            return run(self.unet, fusion, call).float()

    def answer(self, call: Call) -> torch.Tensor:
        return run(self.unet, self.fusion, call) if self.traced is None else self.traced(self.fusion, call)


@lru_cache(maxsize=KEPT)
def guidance_embedding(
    guidance: float, width: int, rows: int, device: torch.device, dtype: torch.dtype
) -> torch.Tensor:
    """The guidance scale as latent consistency models take it (Luo et al. 2023): (rows, width). Made once: see
    constants.py."""
    with torch.inference_mode(False):
        scale = torch.full((rows,), guidance - 1.0)
        return StableDiffusionPipeline.get_guidance_scale_embedding(None, scale, embedding_dim=width).to(device, dtype)
