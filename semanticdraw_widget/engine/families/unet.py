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
        self.unet = unet.to(device, dtype, memory_format=torch.channels_last).eval()
        self.device, self.dtype = device, dtype
        self.channels = int(unet.config.in_channels)
        self.guidance_width: int | None = unet.config.time_cond_proj_dim
        self.grain = 2 ** int(unet.num_upsamplers)  # cells, so that all halvings come out even
        self.fusion: Fusion | None = None
        self.traced = Traced(self.unet, self.grain) if device.type == "cpu" and small(self.unet) else None

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
        call = Call(x.to(self.dtype).contiguous(memory_format=torch.channels_last), timesteps, tokens, condition, added)
        traced = self.traced if self.traced is not None and self.traced.fits(call) else None
        if regions is None:
            return (run(self.unet, None, call) if traced is None else traced(self.fusion, call)).float()
        call = replace(call, tokens=tokens.reshape(len(x), -1, tokens.shape[-1]))
        fusion = self.fusion = self.fusion or Fusion(self.unet)
        if traced is not None and regions.against is None and fusion.known:
            return traced(fusion, replace(call, layers=fusion.layers(regions, call.tokens))).float()
        with fusion.regions(regions):
            return run(self.unet, fusion, call).float()


def distilled(config: Any) -> bool | None:
    """Whether a UNet was distilled for few steps: with a guidance embedding it was, else it may have been."""
    return True if config.get("time_cond_proj_dim") is not None else None


@lru_cache(maxsize=KEPT)
def guidance_embedding(
    guidance: float, width: int, rows: int, device: torch.device, dtype: torch.dtype
) -> torch.Tensor:
    """The guidance scale as latent consistency models take it (Luo et al. 2023): (rows, width). Made once: see
    constants.py."""
    with torch.inference_mode(False):
        scale = torch.full((rows,), guidance - 1.0)
        return StableDiffusionPipeline.get_guidance_scale_embedding(None, scale, embedding_dim=width).to(device, dtype)
