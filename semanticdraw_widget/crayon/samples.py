"""A grid of pictures that a half-trained crayon makes: one prompt a tile, four LCM steps on the whole canvas."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from .denoiser import Denoiser
from .distil import USED, condition_of
from .objects import KINDS
from .show import sheet
from .vocabulary import COLORS, CONCEPTS, OBJECTS

SIDE, GUIDANCE, DDIM_STEPS = 128, 4.0, 25


def prompts() -> list[str]:
    """Every concept once, every second object in a color of its own."""
    colors = list(COLORS)
    named = [
        f"{colors[i % len(colors)]} {name}" if i % 2 and KINDS[name].color else name for i, name in enumerate(OBJECTS)
    ]
    return [*CONCEPTS[: -len(OBJECTS)], *named]


@torch.no_grad()
def latents(model: Denoiser, texts: list[str], side: int, few: bool, seed: int = 0) -> torch.Tensor:
    """float (n, C, side / 8, side / 8): by 4 LCM steps, or with the network as a diffusion model by guided DDIM."""
    device, n = model.settings.device, len(texts)
    rng = torch.Generator("cpu").manual_seed(seed)
    x = torch.randn(n, model.unet.config.in_channels, side // 8, side // 8, generator=rng).to(device)
    text = model.embed(model.tokens(texts))
    steps = list(USED) if few else list(range(999, 0, -1000 // DDIM_STEPS))
    clean = x
    for step, after in zip(steps, [*steps[1:], -1]):
        t = torch.full((n,), step, device=device)
        a, s = model.coefficients(t)
        if few:
            condition = condition_of(model, torch.full((n,), GUIDANCE, device=device))
            v = model.unet(x, t, text, timestep_cond=condition).sample
        else:
            told = model.unet(x, t, text).sample
            untold = model.unet(x, t, model.embed(model.empty).expand_as(text)).sample
            v = untold + GUIDANCE * (told - untold)
        clean = a * x - s * v
        if after >= 0:
            b, r = model.coefficients(torch.full((n,), after, device=device))
            noise = torch.randn(x.shape, generator=rng).to(device) if few else s * x + a * v
            x = b * clean + r * noise
    return clean


@torch.no_grad()
def sample_grid(model: Denoiser, codec: Any, stage: str) -> Image.Image:
    texts = prompts()
    made = latents(model, texts, SIDE, few=stage != "base")
    rgb = torch.cat([codec.decode(part).sample for part in made.split(16)])
    pictures = ((rgb / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return sheet([(text, np.ascontiguousarray(p)) for text, p in zip(texts, pictures)], 12)
