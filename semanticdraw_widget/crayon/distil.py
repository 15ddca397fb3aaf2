"""Distil crayon's base model to a latent consistency model (Luo et al. 2023, arXiv 2310.04378, section 4).

One network serves both: with the guidance embedding it answers as the consistency model, without it (no
``timestep_cond``) as the diffusion model it was, which a share of plain diffusion batches keeps alive. So the
many-step baseline of ``bench fidelity`` needs no second set of weights.
"""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from .data import Latents

if TYPE_CHECKING:
    from .train import Denoiser

GRID = 25  # the teacher's DDIM steps from noise to picture
USED = (999, 759, 499, 259)  # the timesteps of 4 LCM steps
GUIDANCE = (1.5, 7.0)
PLAIN = 0.2  # share of diffusion batches
HUBER = 0.06


def guidance_embedding(guidance: torch.Tensor, width: int) -> torch.Tensor:
    """The embedding that diffusers' pipeline feeds as ``timestep_cond``: of guidance - 1, shape (batch, width)."""
    return StableDiffusionPipeline.get_guidance_scale_embedding(None, guidance - 1, embedding_dim=width)


def huber(error: torch.Tensor) -> torch.Tensor:
    return (error.square() + HUBER**2).sqrt() - HUBER


def consistency_loss(
    model: Denoiser,
    teacher: Any,
    target: Any,
    batch: tuple[torch.Tensor, list[str], torch.Tensor],
    rng: np.random.Generator,
    args: argparse.Namespace,
) -> torch.Tensor:
    """From a noisy painted picture, ``model``'s answer is to be that of ``target`` one step of ``teacher`` further on.

    model: the ``Denoiser`` in training. teacher, target: UNets, the first as a diffusion model under guidance, the
    second as a consistency model; one network may be both.
    """
    from .train import autocast

    x0, captions, weights = batch[0].to(args.device), batch[1], batch[2].to(args.device)
    count, jump, width = x0.shape[0], 1000 // GRID, model.unet.config.time_cond_proj_dim
    even = rng.integers(1, GRID + 1, count) * jump - 1
    t_now = np.where(rng.random(count) < 0.5, rng.choice(USED, count), even)
    t = torch.from_numpy(t_now).to(args.device)
    before = torch.clamp(t - jump, min=0)
    guidance = torch.from_numpy(rng.uniform(*GUIDANCE, count)).float().to(args.device)
    noise = torch.randn_like(x0)
    a, s = model.coefficients(t)
    x = a * x0 + s * noise
    # Sampling starts from noise that holds no picture at all.
    pure = (t == 999) & torch.from_numpy(rng.random(count) < 0.5).to(args.device)
    x = torch.where(pure[:, None, None, None], noise, x).contiguous(memory_format=torch.channels_last)
    condition = guidance_embedding(guidance, width).to(args.device)
    with torch.no_grad(), autocast(args):
        text, empty = model.embed(captions), model.embed([""] * count)
        both = teacher(torch.cat([x, x]), torch.cat([t, t]), torch.cat([text, empty])).sample.float()
        told, untold = both.chunk(2)
        v = untold + guidance[:, None, None, None] * (told - untold)
        clean, direction = a * x - s * v, s * x + a * v
        a_before, s_before = model.coefficients(before)
        x_before = (a_before * clean + s_before * direction).contiguous(memory_format=torch.channels_last)
        answer = target(x_before, before, text, timestep_cond=condition).sample.float()
        goal = a_before * x_before - s_before * answer
        # At the last jump the picture itself is the goal.
        goal = torch.where((before == 0)[:, None, None, None], clean, goal)
    with autocast(args):
        v = model.unet(x, t, text, timestep_cond=condition).sample
    return (huber(a * x - s * v.float() - goal) * weights).mean()


def train_distil(args: argparse.Namespace) -> None:
    from .train import Denoiser, Stage, average, diffusion_loss, schedule, training_data

    stage = Stage(args, "distil")  # one stage, whatever the sizes it is run at
    data: Latents = training_data(args)
    model = Denoiser(args)
    model.load(torch.load(Path(args.work) / f"{args.start}.pt", weights_only=False)["kept"])
    model.text.requires_grad_(False).eval()
    teacher = copy.deepcopy(model.unet).requires_grad_(False).eval()
    with torch.no_grad():
        model.unet.time_embedding.cond_proj.weight.zero_()
    target, kept = (copy.deepcopy(model.unet).requires_grad_(False).eval() for _ in range(2))
    optimizer = torch.optim.AdamW(model.unet.parameters(), lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0)
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

    rng = np.random.default_rng([args.seed, stage.step, 7])
    torch.manual_seed(args.seed + stage.step)
    while not stage.over:
        schedule(optimizer, args.rate, stage.step, stage.clock.share, warmup=100)
        batch = data.batch(rng, args.batch, args.even)
        if rng.random() < PLAIN:
            loss = diffusion_loss(model, batch, rng, args)
        else:
            loss = consistency_loss(model, teacher, target, batch, rng, args)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.unet.parameters(), 1.0)
        optimizer.step()
        average(target, model.unet, 0.95)
        average(kept, model.unet, min(0.995, (1 + stage.step) / (10 + stage.step)))
        stage.tick(float(loss.detach()), content)
    stage.save(content())
