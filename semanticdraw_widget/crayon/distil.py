"""Distil crayon's base model to a latent consistency model (Luo et al. 2023, arXiv 2310.04378, section 4).

One network serves both: with the guidance embedding it answers as the consistency model, without it (no
``timestep_cond``) as the diffusion model it was, which a share of plain diffusion batches keeps alive. So the
many-step baseline of ``bench fidelity`` needs no second set of weights.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from .denoiser import OUTSIDE, Denoiser, diffusion_loss
from .gallery import Batch, Gallery
from .network import Network, descend
from .stage import Settings, Stage, average, optimizer_of

GRID = 25  # the teacher's DDIM steps from noise to picture
USED = (999, 759, 499, 259)  # the timesteps of 4 LCM steps
GUIDANCE = (1.5, 7.0)
PLAIN = 0.15  # share of the batches that are plain diffusion
HUBER = 0.06


def guidance_embedding(guidance: torch.Tensor, width: int) -> torch.Tensor:
    """The embedding that diffusers' pipeline feeds as ``timestep_cond``: of guidance - 1, shape (batch, width)."""
    with guidance.device:  # where diffusers' function makes its own tensors
        return StableDiffusionPipeline.get_guidance_scale_embedding(None, guidance - 1, embedding_dim=width)


def random_guidance(rng: torch.Generator, count: int) -> torch.Tensor:
    """float32 (count,), even over ``GUIDANCE``."""
    low, high = GUIDANCE
    return torch.rand(count, generator=rng, device=rng.device) * (high - low) + low


def condition_of(model: Denoiser, guidance: torch.Tensor) -> torch.Tensor:
    return guidance_embedding(guidance, model.unet.config.time_cond_proj_dim)


def huber(error: torch.Tensor) -> torch.Tensor:
    return (error.square() + HUBER**2).sqrt() - HUBER


def consistency_loss(
    model: Denoiser, teacher: Network, target: Network, batch: Batch, rng: torch.Generator
) -> torch.Tensor:
    """From a noisy painted picture, ``model``'s answer is to be that of ``target`` one step of ``teacher`` further on.

    model: the ``Denoiser`` in training. teacher, target: UNets, the first as a diffusion model under guidance, the
    second as a consistency model; one network may be both.
    """
    x0, count, jump = batch.latents, len(batch.latents), 1000 // GRID
    device = x0.device

    def chance(share: float) -> torch.Tensor:
        return torch.rand(count, generator=rng, device=device) < share

    even = torch.randint(1, GRID + 1, (count,), generator=rng, device=device) * jump - 1
    used = torch.tensor(USED, device=device)[torch.randint(len(USED), (count,), generator=rng, device=device)]
    t = torch.where(chance(0.5), used, even)
    before = torch.clamp(t - jump, min=0)
    guidance = random_guidance(rng, count)
    noise = torch.randn_like(x0)
    a, s = model.coefficients(t)
    x = a * x0 + s * noise
    # Sampling starts from noise that holds no picture at all.
    pure = (t == 999) & chance(0.5)
    x = torch.where(pure[:, None, None, None], noise, x)
    condition = condition_of(model, guidance)
    with model.settings.autocast():
        text, empty = model.embed(batch.tokens), model.embed(model.empty).expand(count, -1, -1)
    with torch.no_grad():
        told, untold = teacher(torch.cat([x, x]), torch.cat([t, t]), torch.cat([text, empty])).chunk(2)
        v = untold + guidance[:, None, None, None] * (told - untold)
        clean, direction = a * x - s * v, s * x + a * v
        a_before, s_before = model.coefficients(before)
        x_before = a_before * clean + s_before * direction
        goal = a_before * x_before - s_before * target(x_before, before, text, condition)
        # At the last jump the picture itself is the goal.
        goal = torch.where((before == 0)[:, None, None, None], clean, goal)
    return (huber(a * x - s * model.network(x, t, text, condition) - goal) * batch.weights).mean()


def train_distil(settings: Settings, gallery: Gallery) -> None:
    stage = Stage(settings, "distil")
    model = Denoiser(settings, stage.own.get("start", "base"))
    model.text.requires_grad_(False).eval()
    teacher = Network(copy.deepcopy(model.unet).requires_grad_(False).eval(), settings)
    with torch.no_grad():
        model.unet.time_embedding.cond_proj.weight.zero_()
    target, kept = (copy.deepcopy(model.unet).requires_grad_(False).eval() for _ in range(2))
    optimizer = optimizer_of(model.unet.parameters(), settings, beta=0.99)
    if stage.state:
        model.load(stage.state["live"])
        target.load_state_dict(stage.state["target"])
        kept.load_state_dict(stage.state["kept"]["unet"])
        optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {
            "live": model.state(),
            "target": target.state_dict(),
            "kept": {"text": model.text.state_dict(), "unet": kept.state_dict()},
            "optimizer": optimizer.state_dict(),
        }

    parameters, follower = list(model.unet.parameters()), Network(target, settings)
    order = np.random.default_rng([settings.seed, stage.step, 7])
    while not stage.over:
        stage.schedule(optimizer)
        batch = gallery.batch(stage.rng, stage.own["batch"], stage.own["even"], OUTSIDE)
        if order.random() < PLAIN:
            loss = diffusion_loss(model, batch, stage.rng)
        else:
            loss = consistency_loss(model, teacher, follower, batch, stage.rng)
        descend(loss, optimizer, parameters, model.network)
        average(target, model.unet, 0.95)
        follower.refresh()
        average(kept, model.unet, min(0.995, (1 + stage.step) / (10 + stage.step)))
        stage.tick(loss, content)
    stage.finish(content())
