"""Stable Diffusion 1.x and 2.x: one text encoder, a UNet, latents an eighth of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..fusion import Fusion, Regions
from ..pixels import pixels
from ..quiet import quiet
from ..text import Text

with quiet():  # importing the pipelines logs what they could do with torchvision, which they do not need here
    from diffusers import AutoencoderTiny, StableDiffusionPipeline


class StableDiffusion:
    """The parts of a StableDiffusionPipeline that the engine calls, on one device in one dtype."""

    name = "sd"
    leads_away = True

    def __init__(self, pipeline: StableDiffusionPipeline, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype
        self.tokenizer = pipeline.tokenizer
        self.text_encoder = pipeline.text_encoder.to(device, dtype).eval()
        # Channels-last pays on a GPU's tensor cores and in the decoder; a CPU runs a small UNet faster without it.
        self.layout = torch.contiguous_format if device.type == "cpu" else torch.channels_last
        self.unet = pipeline.unet.to(device, dtype, memory_format=self.layout).eval()
        self.vae = pipeline.vae.to(device, dtype, memory_format=torch.channels_last).eval()
        self.fusion: Fusion | None = None
        self.scheduler_config = pipeline.scheduler.config
        self.cell = int(pipeline.vae_scale_factor)
        self.channels = int(self.unet.config.in_channels)
        self.guidance_width: int | None = self.unet.config.time_cond_proj_dim
        self.max_tokens = int(self.tokenizer.model_max_length)
        self.default_size = (int(self.unet.config.sample_size) * self.cell,) * 2

    # -- text

    def count_tokens(self, prompt: str) -> int:
        return len(self.tokenizer(prompt).input_ids)

    def encode_text(self, prompts: list[str]) -> Text:
        """Prompts to embeddings (len(prompts), max_tokens, width); longer ones are cut."""
        batch = self.tokenizer(
            prompts, padding="max_length", max_length=self.max_tokens, truncation=True, return_tensors="pt"
        )
        wants_mask = getattr(self.text_encoder.config, "use_attention_mask", False)
        mask = batch.attention_mask.to(self.device) if wants_mask else None
        return Text((self.text_encoder(batch.input_ids.to(self.device), attention_mask=mask)[0].to(self.dtype),))

    # -- network

    def network(
        self,
        x: torch.Tensor,
        timesteps: torch.Tensor,
        text: Text,
        *,
        guidance: float = 1.0,
        consistency: bool = True,
        regions: Regions | None = None,
    ) -> torch.Tensor:
        """See ``Family.network``; the UNet's answer."""
        condition = None
        if self.guidance_width is not None and consistency:
            scale = torch.full((x.shape[0],), guidance - 1.0)
            condition = StableDiffusionPipeline.get_guidance_scale_embedding(
                None, scale, embedding_dim=self.guidance_width
            ).to(self.device, self.dtype)
        x = x.to(self.dtype).contiguous(memory_format=self.layout)
        tokens = text.tokens
        if regions is None:
            return self.unet(x, timesteps, tokens, timestep_cond=condition, return_dict=False)[0].float()
        if self.fusion is None:
            self.fusion = Fusion(self.unet)
        with self.fusion.regions(regions):
            tokens = tokens.reshape(len(x), -1, tokens.shape[-1])
            return self.unet(x, timesteps, tokens, timestep_cond=condition, return_dict=False)[0].float()

    # -- pictures

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        """A latent (C, h, w) to uint8 (H, W, 3)."""
        z = x0[None].to(self.vae.dtype).contiguous(memory_format=torch.channels_last)
        return pixels(self.vae.decode(z / self.vae.config.scaling_factor, return_dict=False)[0][0])

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        """uint8 (H, W, 3) to a latent (C, h, w), without noise of the encoder's own."""
        x = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None].to(self.device, self.vae.dtype) / 127.5 - 1
        code = self.vae.encode(x.contiguous(memory_format=torch.channels_last))
        latent = code.latents if isinstance(self.vae, AutoencoderTiny) else code.latent_dist.mode()
        return (latent[0] * self.vae.config.scaling_factor).float()


def accepts(pipeline: Any) -> bool:
    return isinstance(pipeline, StableDiffusionPipeline)
