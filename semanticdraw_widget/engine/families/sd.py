"""Stable Diffusion 1.x and 2.x: one text encoder, a UNet, latents an eighth of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..fusion import Regions
from ..offload import to_host
from ..text import Text
from . import clip, pictures
from .accelerator import Accelerator
from .family import Kind
from .unet import UNet, distilled


class StableDiffusion:
    """The parts of a StableDiffusionPipeline that the engine calls, on one device in one dtype."""

    name = "sd"
    leads_away = True

    def __init__(
        self, pipeline: Any, device: torch.device, dtype: torch.dtype, text_device: torch.device | None = None
    ) -> None:
        reader = text_device or device
        self.device, self.dtype = device, dtype
        self.tokenizer = pipeline.tokenizer
        self.text_encoder = pipeline.text_encoder.to(reader, dtype).eval()
        self.ask = UNet(pipeline.unet, device, dtype)
        self.unet = self.ask.unet
        self.vae = pictures.place(pipeline.vae, device, dtype)
        self.scheduler_config = pipeline.scheduler.config
        self.cell, self.grain = int(pipeline.vae_scale_factor), self.ask.grain
        self.channels, self.guidance_width = self.ask.channels, self.ask.guidance_width
        self.max_tokens = int(self.tokenizer.model_max_length)
        self.default_size = (int(self.unet.config.sample_size) * self.cell,) * 2

    def count_tokens(self, prompt: str) -> int:
        return len(self.tokenizer(prompt).input_ids)

    def encode_text(self, prompts: list[str]) -> Text:
        """See ``Family.encode_text``: tokens (n, max_tokens, width)."""
        batch = clip.tokens(self.tokenizer, prompts)
        wants_mask = getattr(self.text_encoder.config, "use_attention_mask", False)
        where = self.text_encoder.device
        mask = batch.attention_mask.to(where) if wants_mask else None
        told = self.text_encoder(batch.input_ids.to(where), attention_mask=mask)[0]
        return Text((told.to(self.device, self.dtype),))

    def on_canvas(self, text: Text, size: tuple[int, int]) -> Text:
        return text

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
        return self.ask(x, timesteps, text.tokens, guidance=guidance if consistency else None, regions=regions)

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        return pictures.decode(self.vae, x0)

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        return pictures.encode(self.vae, rgb)

    def offload(self) -> bool:
        return to_host(self.text_encoder, *pictures.encoder(self.vae))


def first_version(config: Any) -> bool:
    """Whether a UNet is of Stable Diffusion 1.x: 2.x has wider text embeddings, and none of these LoRAs."""
    return bool(config.cross_attention_dim != 1024)


KIND = Kind(
    label="Stable Diffusion 1.x or 2.x",
    make=StableDiffusion,
    pipelines=("StableDiffusionPipeline", "LatentConsistencyModelPipeline"),
    weights=("unet", "vae", "text_encoder"),
    options={"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False},
    checkpoint={"unet": "model.diffusion_model.input_blocks.", "text_encoder": "cond_stage_model."},
    lora_marks=("unet.", "lora_unet_", "text_encoder.", "lora_te_"),
    tiny_decoder="madebyollin/taesd",
    accelerators=(
        Accelerator("lcm", "latent-consistency/lcm-lora-sdv1-5", "lcm", fits=first_version),
        Accelerator("hyper-sd", "ByteDance/Hyper-SD/Hyper-SD15-1step-lora.safetensors", "tcd", fits=first_version),
        Accelerator("hyper-sd", "ByteDance/Hyper-SD/Hyper-SD15-4steps-lora.safetensors", "ddim", fits=first_version),
    ),
    distilled=distilled,
)
