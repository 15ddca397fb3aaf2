"""FLUX.1, schnell above all: CLIP for a pooled embedding, T5 for tokens, a transformer that attends jointly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from ..constants import KEPT
from ..fusion import Regions
from ..joint import joint_bias
from ..offload import to_host
from ..text import Text
from . import clip, pictures
from .family import Kind


class Flux:
    """The parts of a FluxPipeline that the engine calls, on one device in one dtype.

    ``Text.parts`` are tokens (n, max_tokens, width) of T5 and pooled (n, width) of CLIP.
    """

    name = "flux"
    leads_away = False
    patch = 2

    def __init__(
        self, pipeline: Any, device: torch.device, dtype: torch.dtype, text_device: torch.device | None = None
    ) -> None:
        reader = text_device or device
        self.device, self.dtype = device, dtype
        self.clip_tokenizer, self.tokenizer = pipeline.tokenizer, pipeline.tokenizer_2
        self.clip = pipeline.text_encoder.to(reader, dtype).eval()
        # Its dtype is left as it was read: in float16 some of its layers have to stay float32.
        self.t5 = pipeline.text_encoder_2.to(reader).eval()
        self.transformer = pipeline.transformer.to(device, dtype).eval()
        self.vae = pictures.place(pipeline.vae, device, dtype)
        self.scheduler_config = {**pipeline.scheduler.config, "even_sigmas": True}
        self.cell, self.grain = int(pipeline.vae_scale_factor), self.patch
        self.channels = int(self.transformer.config.in_channels) // 4
        takes_guidance = bool(self.transformer.config.guidance_embeds)
        embedder = self.transformer.time_text_embed
        self.guidance_width = int(embedder.guidance_embedder.linear_1.in_features) if takes_guidance else None
        self.max_tokens = 512 if takes_guidance else 256  # what FLUX.1 dev and schnell were trained with
        self.default_size = (int(pipeline.default_sample_size) * self.cell,) * 2

    def count_tokens(self, prompt: str) -> int:
        return len(self.tokenizer(prompt).input_ids)

    def encode_text(self, prompts: list[str]) -> Text:
        seen = clip.tokens(self.clip_tokenizer, prompts).input_ids.to(self.clip.device)
        read = clip.tokens(self.tokenizer, prompts, self.max_tokens).input_ids.to(self.t5.device)
        told = self.t5(read)[0], self.clip(seen).pooler_output
        return Text(tuple(part.to(self.device, self.dtype) for part in told))

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
        patches = F.pixel_unshuffle(x.to(self.dtype), 2)  # a token is two by two cells
        height, width = patches.shape[-2:]
        attention = None
        if regions is not None:
            tokens, pooled = tokens.reshape(len(x), -1, tokens.shape[-1]), regions.mean(pooled)
            bias = joint_bias(regions, height * width, tokens.shape[1], self.dtype)
            # Text comes first in this sequence.
            attention = {"attention_mask": bias.roll((tokens.shape[1], tokens.shape[1]), (-2, -1))}
        scale = None if self.guidance_width is None else torch.full((len(x),), guidance, device=self.device)
        answer = self.transformer(
            hidden_states=patches.flatten(2).transpose(1, 2),
            encoder_hidden_states=tokens,
            pooled_projections=pooled,
            timestep=timesteps / 1000,
            guidance=scale,
            img_ids=places(height, width, self.device, self.dtype),
            txt_ids=torch.zeros(tokens.shape[1], 3, device=self.device, dtype=self.dtype),
            joint_attention_kwargs=attention,
            return_dict=False,
        )[0]
        return F.pixel_shuffle(answer.transpose(1, 2).unflatten(-1, (height, width)), 2).float()

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        return pictures.decode(self.vae, x0)

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        return pictures.encode(self.vae, rgb)

    def offload(self) -> bool:
        return to_host(self.clip, self.t5, *pictures.encoder(self.vae))


@lru_cache(maxsize=KEPT)
def places(height: int, width: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Where each token of the picture lies, for rotary embeddings: (height * width, 3), (0, row, column). Made once:
    see constants.py."""
    with torch.inference_mode(False):
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        return torch.stack([torch.zeros_like(rows), rows, columns], -1).flatten(0, 1).to(device, dtype)


KIND = Kind(
    label="FLUX.1",
    make=Flux,
    pipelines=("FluxPipeline",),
    network="transformer",
    weights=("transformer", "vae", "text_encoder", "text_encoder_2"),
    checkpoint={
        "transformer": "model.diffusion_model.double_blocks.",
        "text_encoder": "text_encoders.clip_l.",
        "text_encoder_2": "text_encoders.t5xxl.",
    },
    # A LoRA of the double blocks alone has the names of one for SD3; the widths of its layers tell them apart.
    lora_marks=("single_transformer_blocks", "single_blocks", "double_blocks", "transformer.transformer_blocks."),
    tiny_decoder="madebyollin/taef1",
    lcm_lora=None,
    guidance=3.5,
)
