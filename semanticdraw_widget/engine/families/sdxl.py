"""Stable Diffusion XL, base and Turbo: two text encoders, a pooled embedding, and the picture's size as conditions."""

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


class StableDiffusionXL:
    """The parts of a StableDiffusionXLPipeline that the engine calls, on one device in one dtype.

    ``Text.parts`` are tokens (n, max_tokens, both encoders' widths), pooled (n, width) of the second encoder, and, once
    ``on_canvas`` has been called, time ids (n, 6).
    """

    name = "sdxl"
    leads_away = True

    def __init__(
        self, pipeline: Any, device: torch.device, dtype: torch.dtype, text_device: torch.device | None = None
    ) -> None:
        reader = text_device or device
        self.device, self.dtype = device, dtype
        self.tokenizers = (pipeline.tokenizer, pipeline.tokenizer_2)
        self.text_encoders = tuple(
            encoder.to(reader, dtype).eval() for encoder in (pipeline.text_encoder, pipeline.text_encoder_2)
        )
        self.ask = UNet(pipeline.unet, device, dtype)
        self.unet = self.ask.unet
        # SDXL's first VAE overflows in float16, and says so; the repaired one and tiny decoders do not.
        upcast = dtype == torch.float16 and pipeline.vae.config.get("force_upcast", False)
        self.vae = pictures.place(pipeline.vae, device, torch.float32 if upcast else dtype)
        self.scheduler_config = pipeline.scheduler.config
        self.cell, self.grain = int(pipeline.vae_scale_factor), self.ask.grain
        self.channels, self.guidance_width = self.ask.channels, self.ask.guidance_width
        self.max_tokens = int(self.tokenizers[0].model_max_length)
        self.default_size = (int(self.unet.config.sample_size) * self.cell,) * 2

    def count_tokens(self, prompt: str) -> int:
        return len(self.tokenizers[0](prompt).input_ids)

    def encode_text(self, prompts: list[str]) -> Text:
        """See ``Family.encode_text``: the encoders' layers before the last side by side, and the second's pooled."""
        first, second = (
            clip.penultimate(encoder, tokenizer, prompts)
            for encoder, tokenizer in zip(self.text_encoders, self.tokenizers)
        )
        tokens = torch.cat([first[0], second[0]], -1)
        return Text((tokens.to(self.device, self.dtype), second[1].to(self.device, self.dtype)))

    def on_canvas(self, text: Text, size: tuple[int, int]) -> Text:
        """The time ids of a picture that was neither resized nor cropped: (height, width, 0, 0, height, width). A
        window on the canvas has the canvas's, so that it is painted as a part of it and not as a small picture."""
        width, height = size
        ids = torch.tensor([[height, width, 0, 0, height, width]], dtype=torch.float32, device=self.device)
        return Text((*text.parts[:2], ids.expand(len(text), -1)))

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
        """See ``Family.network``. Under many prompts a row's pooled embedding is their mean by area."""
        if len(text.parts) == 2:
            text = self.on_canvas(text, (x.shape[-1] * self.cell, x.shape[-2] * self.cell))
        tokens, pooled, ids = text.parts
        if regions is not None:
            pooled, ids = regions.mean(pooled), ids[:: regions.maps.shape[1]]
        return self.ask(
            x,
            timesteps,
            tokens,
            guidance=guidance if consistency else None,
            regions=regions,
            added={"text_embeds": pooled, "time_ids": ids},
        )

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        return pictures.decode(self.vae, x0)

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        return pictures.encode(self.vae, rgb)

    def offload(self) -> bool:
        return to_host(*self.text_encoders, *pictures.encoder(self.vae))


KIND = Kind(
    label="Stable Diffusion XL",
    make=StableDiffusionXL,
    pipelines=("StableDiffusionXLPipeline",),
    weights=("unet", "vae", "text_encoder", "text_encoder_2"),
    options={"add_watermarker": False},
    checkpoint={
        "unet": "model.diffusion_model.label_emb.",
        "text_encoder": "conditioner.embedders.0.",
        "text_encoder_2": "conditioner.embedders.1.",
    },
    # Its deeper blocks have more than one transformer layer, which the other UNets' do not.
    lora_marks=("text_encoder_2.", "lora_te2_", ".transformer_blocks.1.", "_transformer_blocks_1_"),
    tiny_decoder="madebyollin/taesdxl",
    accelerators=(
        Accelerator("lcm", "latent-consistency/lcm-lora-sdxl", "lcm"),
        Accelerator("hyper-sd", "ByteDance/Hyper-SD/Hyper-SDXL-1step-lora.safetensors", "tcd"),
        Accelerator("hyper-sd", "ByteDance/Hyper-SD/Hyper-SDXL-4steps-lora.safetensors", "ddim"),
        Accelerator("lightning", "ByteDance/SDXL-Lightning/sdxl_lightning_4step_lora.safetensors", "euler"),
    ),
    distilled=distilled,
    cfg=5.0,
)
