"""Stable Diffusion 3 and 3.5: two CLIP encoders and an optional T5, a transformer that attends jointly (MMDiT)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from ..fusion import Fusion, Regions
from ..joint import JointRegionAttention
from ..offload import to_host
from ..text import Text
from . import clip, pictures
from .family import Kind

T5_TOKENS = 256  # the length that diffusers' pipeline gives T5, with zeros in its place where there is none


class StableDiffusion3:
    """The parts of a StableDiffusion3Pipeline that the engine calls, on one device in one dtype.

    ``Text.parts`` are tokens (n, CLIP's max_tokens + T5_TOKENS, width) and pooled (n, both CLIP encoders' widths).
    """

    name = "sd3"
    leads_away = False
    patch = 2
    guidance_width: int | None = None

    def __init__(
        self, pipeline: Any, device: torch.device, dtype: torch.dtype, text_device: torch.device | None = None
    ) -> None:
        reader = text_device or device
        self.device, self.dtype = device, dtype
        self.tokenizers = (pipeline.tokenizer, pipeline.tokenizer_2)
        self.text_encoders = tuple(
            encoder.to(reader, dtype).eval() for encoder in (pipeline.text_encoder, pipeline.text_encoder_2)
        )
        self.t5_tokenizer = pipeline.tokenizer_3
        # Its dtype is left as it was read: in float16 some of its layers have to stay float32.
        self.t5 = None if pipeline.text_encoder_3 is None else pipeline.text_encoder_3.to(reader).eval()
        self.transformer = pipeline.transformer.to(device, dtype).eval()
        self.fusion: Fusion | None = None
        self.vae = pictures.place(pipeline.vae, device, dtype)
        self.scheduler_config = pipeline.scheduler.config
        self.cell, self.grain = int(pipeline.vae_scale_factor), self.patch
        self.channels = int(self.transformer.config.in_channels)
        # T5 reads on where CLIP has to stop.
        self.max_tokens = int(self.tokenizers[0].model_max_length) if self.t5 is None else T5_TOKENS
        self.default_size = (int(self.transformer.config.sample_size) * self.cell,) * 2

    def count_tokens(self, prompt: str) -> int:
        tokenizer = self.tokenizers[0] if self.t5 is None else self.t5_tokenizer
        return len(tokenizer(prompt).input_ids)

    def encode_text(self, prompts: list[str]) -> Text:
        """See ``Family.encode_text``: CLIP's tokens first, side by side and widened with zeros, then T5's."""
        first, second = (
            clip.penultimate(encoder, tokenizer, prompts)
            for encoder, tokenizer in zip(self.text_encoders, self.tokenizers)
        )
        seen = torch.cat([first[0], second[0]], -1).to(self.dtype)
        width = int(self.transformer.config.joint_attention_dim)
        if self.t5 is None:
            read = seen.new_zeros(len(prompts), T5_TOKENS, width)
        else:
            ids = clip.tokens(self.t5_tokenizer, prompts, T5_TOKENS).input_ids
            read = self.t5(ids.to(self.t5.device))[0].to(self.dtype)
        tokens = torch.cat([F.pad(seen, (0, width - seen.shape[-1])), read], 1)
        pooled = torch.cat([first[1], second[1]], -1)
        return Text((tokens.to(self.device), pooled.to(self.device, self.dtype)))

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
        """See ``Family.network``: the velocity. Under many prompts a row's pooled embedding is their mean by area."""
        tokens, pooled = text.parts
        if regions is None:
            return self.transformer(x.to(self.dtype), tokens, pooled, timesteps, return_dict=False)[0].float()
        if self.fusion is None:
            self.fusion = Fusion(self.transformer, JointRegionAttention)
        tokens, pooled = tokens.reshape(len(x), -1, tokens.shape[-1]), regions.mean(pooled)
        with self.fusion.regions(regions):
            return self.transformer(x.to(self.dtype), tokens, pooled, timesteps, return_dict=False)[0].float()

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        return pictures.decode(self.vae, x0)

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        return pictures.encode(self.vae, rgb)

    def offload(self) -> bool:
        return to_host(*self.text_encoders, self.t5, *pictures.encoder(self.vae))


KIND = Kind(
    label="Stable Diffusion 3",
    make=StableDiffusion3,
    pipelines=("StableDiffusion3Pipeline",),
    network="transformer",
    weights=("transformer", "vae", "text_encoder", "text_encoder_2"),
    spared={"text_encoder_3": ("tokenizer_3",)},
    checkpoint={
        "transformer": "model.diffusion_model.joint_blocks.",
        "text_encoder": "text_encoders.clip_l.",
        "text_encoder_2": "text_encoders.clip_g.",
        "text_encoder_3": "text_encoders.t5xxl.",
    },
    lora_marks=("transformer.transformer_blocks.", "lora_transformer_", "joint_blocks"),
    tiny_decoder="madebyollin/taesd3",
    lcm_lora=None,
)
