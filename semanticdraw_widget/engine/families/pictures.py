"""From latents to pixels and back, alike for every family: a full autoencoder (AutoencoderKL) or a tiny one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..constants import constant
from ..pixels import pixels
from ..quiet import quiet

with quiet():  # diffusers logs what it could do with torchvision, which it does not need here
    from diffusers import AutoencoderTiny


def place(vae: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """``vae`` where it will run, in the memory layout that its convolutions like best."""
    return vae.to(device, dtype, memory_format=torch.channels_last).eval()


def decode(vae: Any, x0: torch.Tensor) -> np.ndarray:
    """A latent (C, h, w) to uint8 (H, W, 3). Raises BrokenLatents, see ``pixels``."""
    scale, shift = normalisation(vae, x0.device)
    dtype = next(vae.decoder.parameters()).dtype  # vae.dtype looks through all of them, each time
    z = (x0[None] * scale + shift).to(dtype).contiguous(memory_format=torch.channels_last)
    return pixels(vae.decode(z, return_dict=False)[0][0], x0)


def encode(vae: Any, rgb: np.ndarray) -> torch.Tensor:
    """uint8 (H, W, 3) to a latent, float32 (C, h, w), on the decoder's device: the middle of what the encoder finds
    possible."""
    scale, shift = normalisation(vae, vae.device)
    x = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None].to(vae.device, vae.dtype) / 127.5 - 1
    code = vae.encode(x.contiguous(memory_format=torch.channels_last))
    latent = code.latents if isinstance(vae, AutoencoderTiny) else code.latent_dist.mode()
    return ((latent.float() - shift) / scale)[0].to(next(vae.decoder.parameters()).device)


def encoder(vae: Any) -> list[Any]:
    """The parts of ``vae`` that pictures are encoded with and no latent is decoded with. Its first weights are among
    them, so ``vae.device`` is theirs."""
    parts = (vae.encoder, getattr(vae, "quant_conv", None))
    return [part for part in parts if part is not None]


def normalisation(vae: Any, device: torch.device) -> tuple[float | torch.Tensor, float | torch.Tensor]:
    """(scale, shift): the autoencoder's own latent is the diffusion model's times scale plus shift."""
    config = vae.config
    scale, shift = 1 / config.scaling_factor, config.get("shift_factor") or 0.0
    if config.get("latents_mean") is None or config.get("latents_std") is None:
        return scale, shift
    mean, std = (
        constant(tuple(map(float, config[name])), device).view(1, -1, 1, 1) for name in ("latents_mean", "latents_std")
    )
    return std * scale, mean
