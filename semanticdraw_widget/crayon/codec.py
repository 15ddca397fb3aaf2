"""The stage ``codec``: the AutoencoderTiny between pictures and latents."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from . import networks
from .gallery import Gallery
from .network import descend
from .stage import Settings, Stage, optimizer_of
from .vocabulary import BACKGROUNDS

CROP = 128  # pixels


def load_codec(settings: Settings) -> Any:
    codec = networks.make_codec().to(settings.device, memory_format=torch.channels_last)
    codec.load_state_dict(settings.load("codec")["codec"])
    return codec.eval().requires_grad_(False)


def difference(a: torch.Tensor, b: torch.Tensor, worth: torch.Tensor) -> torch.Tensor:
    """L1 of the pixels and of their steps, weighted by ``worth`` (n, 1, h, w)."""
    error = a - b
    steps = sum((error.diff(dim=d).abs() * worth.narrow(d, 1, worth.shape[d] - 1)).mean() for d in (2, 3))
    return (error.abs() * worth).mean() + steps


def crops(gallery: Gallery, rng: torch.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows of random pictures: float32 (count, 3, CROP, CROP) in -1..1, and where objects are (count, 1, ...)."""
    index = gallery.choose(rng, count)
    side = min(CROP, gallery.size)
    top, left = (
        torch.randint((gallery.size - side) // 8 + 1, (count,), generator=rng, device=gallery.device) * 8
        for _ in range(2)
    )
    y = (top[:, None] + torch.arange(side, device=gallery.device))[:, :, None]
    x = (left[:, None] + torch.arange(side, device=gallery.device))[:, None, :]
    rgb = gallery.rgb[index[:, None, None], y, x].permute(0, 3, 1, 2).float().div(127.5).sub(1)
    shown = gallery.labels[index[:, None, None], y, x] > len(BACKGROUNDS)
    return rgb.contiguous(memory_format=torch.channels_last), shown[:, None].float()


def train_codec(settings: Settings, gallery: Gallery) -> None:
    """L1 in pixels and in their differences; latents kept near unit scale, noise-proof and sound when halved.

    A latent space that survives being shrunk (decode(half z) = half picture) holds the picture rather than a code
    for it, and a small denoiser learns it far sooner.
    """
    stage = Stage(settings, "codec")
    codec = networks.make_codec().to(settings.device, memory_format=torch.channels_last)
    optimizer = optimizer_of(codec.parameters(), settings, 1e-4)
    if stage.state:
        codec.load_state_dict(stage.state["codec"])
        if "optimizer" in stage.state:
            optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {"codec": codec.state_dict(), "optimizer": optimizer.state_dict()}

    parameters = list(codec.parameters())
    while not stage.over:
        stage.schedule(optimizer)
        x, objects = crops(gallery, stage.rng, stage.own["batch"])
        # Objects are few pixels of a picture and most of what people look at.
        worth = 0.8 + 2.0 * objects
        with settings.autocast():
            z = codec.encode(x).latents
            loss = difference(codec.decode(z + 0.1 * torch.randn_like(z)).sample.float(), x, worth)
            if stage.step % 4 == 0:
                half = [F.avg_pool2d(v, 2) for v in (z, x, worth)]
                loss = loss + 0.4 * difference(codec.decode(half[0]).sample.float(), half[1], half[2])
        spread = z.float().var(dim=(0, 2, 3))
        loss = loss + 0.02 * (z.float().mean(dim=(0, 2, 3)).square() + (spread - 1).square()).mean()
        descend(loss, optimizer, parameters)
        stage.tick(loss, content)
    stage.finish(content())
