"""What a model family is to the engine. A new one is a file beside this: encode prompts, call the network, decode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch

from ..fusion import Regions
from ..text import Text


class Family(Protocol):
    """The networks of one model, on one device in one dtype.

    name: of the family. scheduler_config: what a sampler is made from. cell: pixels a side of a latent cell. grain:
    cells that the sides of what the network sees must be a multiple of. channels:
    of the latent. guidance_width: of the embedding through which a distilled network takes the guidance scale, None
    where it takes none. leads_away: its region-bound attention heeds ``Regions.against``. max_tokens: of a prompt.
    default_size: (width, height) in pixels that the model is made for. vae: the autoencoder. Networks are attributes of
    the family, or of an attribute that has a dtype as well, so that recovery.py can move them to float32. A family that
    can do with less memory has ``offload() -> bool`` besides: move networks off the device, False where none is left.
    One whose network takes its latent in patches has ``patch: int`` besides, their side in cells.
    """

    name: str
    device: torch.device
    dtype: torch.dtype
    scheduler_config: Any
    cell: int
    grain: int
    channels: int
    guidance_width: int | None
    leads_away: bool
    max_tokens: int
    default_size: tuple[int, int]
    vae: Any

    def count_tokens(self, prompt: str) -> int:
        """The tokens of ``prompt``, start and end counted."""

    def encode_text(self, prompts: list[str]) -> Text:
        """The prompts' embeddings; longer ones are cut at ``max_tokens``."""

    def on_canvas(self, text: Text, size: tuple[int, int]) -> Text:
        """``text`` for a canvas of ``size`` (width, height) in pixels, with what the network wants to know of it."""

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
        """The network's answer, float32 (n, C, h, w), to ``x`` (n, C, h, w) at ``timesteps`` (n,) under ``text``, a
        prompt a row.

        guidance: the scale, for networks that take it as an embedding. consistency: feed it; off for the many-step
        baseline, which asks the same network as a plain diffusion model. regions: given, ``text`` holds
        ``regions.maps.shape[1]`` prompts a row, and each pixel attends to its own.
        """

    def decode(self, x0: torch.Tensor) -> np.ndarray:
        """A latent (C, h, w) to uint8 (H, W, 3), by way of ``pixels``."""

    def encode_image(self, rgb: np.ndarray) -> torch.Tensor:
        """uint8 (H, W, 3) to a latent (C, h, w), without noise of the encoder's own."""


@dataclass(frozen=True)
class Kind:
    """What loading needs to know of a family.

    label: its name for people. make: the family, from a diffusers pipeline, its device, its dtype and the device of its
    text encoders. pipelines: the diffusers classes that it
    reads; the first reads them. network: the part that denoises. weights: the parts of the pipeline that must have
    weights. spared: parts that may be missing, each with the parts that are of no use without it. options: given to
    diffusers' loaders. checkpoint: how the names of a part's weights start in a single-file checkpoint; the network's
    tell the family. lora_marks: what the names in a LoRA hold. Where several families match, the first of the
    registry counts. tiny_decoder, lcm_lora: hub ids; the latter None where there is none. guidance: the usual scale of
    networks with a guidance embedding.
    """

    label: str
    make: Callable[[Any, torch.device, torch.dtype, torch.device], Family]
    pipelines: tuple[str, ...]
    weights: tuple[str, ...]
    checkpoint: Mapping[str, str]
    lora_marks: tuple[str, ...]
    tiny_decoder: str
    lcm_lora: str | None
    network: str = "unet"
    guidance: float = 8.0
    spared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
