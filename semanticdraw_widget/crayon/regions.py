"""Train crayon on the region engine's own steps, so that an object fills the region that was painted for it.

The stages before show the network painted pictures under noise. The engine shows it something else: a region on blank
paper in the middle of the frame, then its own half-made answers, cut to the region and pasted into what is around.
Here a picture walks through the steps as the engine takes them (paper sections 3.2 and 3.3): the network's answer of
one training step, cut, pasted and noised again, is its input of the next. The goal is the painter's picture of the
same regions, which prompts and outlines all but determine (``fitting``), so a mean over what remains open is sharp.

Most walks take one network row for all prompts, as the engine's masked mode does; they learn from every object of a
crowded picture at once. Others take a row for one region, as the exact mode does. Backgrounds have no such goal, since
texture is free: beside the objects only their colors count, and alone they are held to what the network answered
before this stage.
"""

from __future__ import annotations

import argparse
import copy
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional as F

from ..engine.centring import centring_shift, move
from ..engine.fusion import Fusion, Regions, padded_maps
from .data import Latents, pixels
from .distil import GUIDANCE, USED, guidance_embedding, huber
from .networks import TEXT_WIDTH
from .painter import PAPER, Picture, phrase
from .vocabulary import LABELS

if TYPE_CHECKING:
    from .train import Denoiser

# Shares of the batches.
FUSED, ALONE, CENTRED, HELD, PLAIN = 0.30, 0.44, 0.14, 0.09, 0.03
GROUND = 0.6  # weight of the ground's colors beside the objects of a fused walk


@dataclass
class Walk:
    """A picture on its way through the steps.

    captions, maps: the prompts, and the share of each at each cell, (prompts, h, w). goal: the picture's latent
    (C, h, w). weight: the cells that the network makes, (h, w). made: its last answer, pasted into the goal's
    surroundings. late: added to the timesteps, for other step counts than four.
    """

    captions: list[str]
    maps: torch.Tensor
    guidance: float
    goal: torch.Tensor
    weight: torch.Tensor
    made: torch.Tensor
    late: int = 0
    step: int = 1


def blobs(goal: torch.Tensor, regions: list[torch.Tensor], detail: float) -> torch.Tensor:
    """What the first step makes of the regions: each in its mean color, with ``detail`` (0 to 1) of itself, blurred."""
    result = goal
    blurred = F.avg_pool2d(goal[None], 5, 1, 2, count_include_pad=False)[0]
    for region in regions:
        mean = (goal * region).sum((1, 2)) / region.sum().clamp(min=1e-3)
        result = torch.lerp(result, torch.lerp(mean[:, None, None], blurred, detail), region)
    return result


def begin(data: Latents, rng: np.random.Generator, device: str, fused: bool) -> Walk:
    """A walk over a random picture: of all its objects, or of one."""
    while True:
        index = int(rng.integers(0, len(data)))
        things = data.things[index]
        objects = [t for t in things if t.region is not None and t.region.any()]
        if not objects:
            continue
        if not fused:
            objects = [objects[int(rng.integers(len(objects)))]]
        regions = [torch.from_numpy(np.asarray(t.region, np.float32) / 255).to(device) for t in objects]
        captions, maps = [phrase(rng, t) for t in objects], list(regions)
        weight = torch.stack(regions).sum(0).clamp(max=1)
        h, w = weight.shape
        for thing in things if fused else ():
            if thing.region is None:
                shown = (data.labels[index] == LABELS[thing.concept]).reshape(h, 2, w, 2).mean((1, 3))
                captions.append(phrase(rng, thing))
                maps.append(torch.from_numpy(shown.astype(np.float32)).to(device) * (1 - weight))
        # Blank paper, and what a fitted object leaves of its region.
        captions.append("")
        maps.append((1 - torch.stack(maps).sum(0)).clamp(0, 1))
        shares = torch.stack(maps)
        goal = data.latents[index].float().to(device)
        return Walk(
            captions,
            shares / shares.sum(0),
            float(rng.uniform(*GUIDANCE)),
            goal,
            weight,
            blobs(goal, regions, float(rng.uniform(0, 0.6))),
            int(rng.integers(-160, 1)) if rng.random() < 0.25 else 0,
        )


def train_regions(args: argparse.Namespace) -> None:
    from .train import Denoiser, Stage, average, diffusion_loss, load_codec, schedule, training_data

    stage = Stage(args, "regions")  # one stage, whatever the sizes it is run at
    data: Latents = training_data(args)
    model = Denoiser(args)
    model.load(torch.load(Path(args.work) / f"{args.start}.pt", weights_only=False)["kept"])
    model.text.requires_grad_(False).eval()
    before = copy.deepcopy(model.unet).requires_grad_(False).eval()
    kept = copy.deepcopy(before)
    optimizer = torch.optim.AdamW(model.unet.parameters(), lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0)
    if stage.state:
        model.load(stage.state["live"])
        kept.load_state_dict(stage.state["kept"]["unet"])
        optimizer.load_state_dict(stage.state["optimizer"])

    def content() -> dict[str, Any]:
        return {
            "live": model.state(),
            "kept": {"text": model.text.state_dict(), "unet": kept.state_dict()},
            "optimizer": optimizer.state_dict(),
        }

    fusion = Fusion(model.unet)
    rng = np.random.default_rng([args.seed, stage.step, 11])
    torch.manual_seed(args.seed + stage.step)
    blank = np.full((args.size, args.size, 3), PAPER, np.uint8)
    with torch.no_grad():
        codec = load_codec(args)
        paper = codec.encode(pixels([Picture(blank, blank[..., 0], ())]).to(args.device)).latents[0].float()

    begun: list[Walk] = []  # walks of one region whose first step was really taken

    def fresh(fused: bool) -> Walk:
        return begun.pop() if begun and not fused else begin(data, rng, args.device, fused)

    walks = {fused: [fresh(fused) for _ in range(args.batch)] for fused in (True, False)}
    for fused, group in walks.items():
        for i, walk in enumerate(group):
            walk.step = 1 + i % 3 if fused else 1
    while not stage.over:
        schedule(optimizer, args.rate, stage.step, stage.clock.share, warmup=100)
        kind = rng.choice(5, p=[FUSED, ALONE, CENTRED, HELD, PLAIN])
        if kind < 2:
            fused = kind == 0
            loss = walk_loss(model, fusion if fused else None, walks[fused], args)
            walks[fused] = [w if w.step < len(USED) else fresh(fused) for w in walks[fused]]
        elif kind == 2:
            begun = [begin(data, rng, args.device, False) for _ in range(args.batch)]
            loss = centred_loss(model, begun, paper, args)
        elif kind == 3:
            loss = held_loss(model, before, data.batch(rng, args.batch, 0.0, objects=0.02), rng, args)
        else:
            loss = diffusion_loss(model, data.batch(rng, args.batch, args.even), rng, args)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.unet.parameters(), 1.0)
        optimizer.step()
        average(kept, model.unet, min(0.998, (1 + stage.step) / (10 + stage.step)))
        stage.tick(float(loss.detach()), content)
    stage.save(content())


def answer(
    model: Denoiser,
    x: torch.Tensor,
    t: torch.Tensor,
    walks: list[Walk],
    fusion: Fusion | None,
    args: argparse.Namespace,
) -> torch.Tensor:
    """The picture (batch, C, h, w) that the network sees in ``x``; with ``fusion`` under all prompts of each walk."""
    from .train import autocast

    guidance = torch.tensor([w.guidance for w in walks], device=args.device)
    condition = guidance_embedding(guidance, model.unet.config.time_cond_proj_dim).to(args.device)
    captions = [w.captions[0] for w in walks]
    regions = None
    if fusion is not None:
        regions = Regions(padded_maps([w.maps for w in walks]))
        most = regions.maps.shape[1]
        captions = [c for w in walks for c in w.captions + [""] * (most - len(w.captions))]
    a, s = model.coefficients(t)
    with autocast(args):
        with torch.no_grad():
            text = model.embed(captions).reshape(len(walks), -1, TEXT_WIDTH)
        with nullcontext() if fusion is None or regions is None else fusion.regions(regions):
            x = x.contiguous(memory_format=torch.channels_last)
            v = model.unet(x, t, text, timestep_cond=condition).sample.float()
    return a * x - s * v


def inside(error: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The mean of ``error`` (batch, C, h, w) over ``weight`` (batch, 1, h, w), picture by picture. A small region's few
    cells must not shout down the rest of the batch, hence the cap."""
    scale = weight / weight.mean((1, 2, 3), keepdim=True).clamp(min=1 / 12)
    return (error * scale).mean()


def walk_loss(model: Denoiser, fusion: Fusion | None, walks: list[Walk], args: argparse.Namespace) -> torch.Tensor:
    """One step of every walk: the loss of the answers inside their regions; the walks move on."""
    t = torch.tensor([USED[w.step] + w.late for w in walks], device=args.device)
    a, s = model.coefficients(t)
    made, goal = torch.stack([w.made for w in walks]), torch.stack([w.goal for w in walks])
    weight = torch.stack([w.weight for w in walks])[:, None]
    picture = answer(model, a * made + s * torch.randn_like(made), t, walks, fusion, args)
    pasted = torch.lerp(goal, picture.detach(), weight)
    for walk, now in zip(walks, pasted):
        walk.made = now
        walk.step += 1
    loss = inside(huber(picture - goal), weight)
    return loss if fusion is None else loss + GROUND * huber(patches(picture - goal, 1 - weight)).mean()


def patches(error: torch.Tensor, weight: torch.Tensor, size: int = 4) -> torch.Tensor:
    """The mean of ``error`` (batch, C, h, w) over the cells of each ``size`` by ``size`` patch that ``weight``
    (batch, 1, h, w) keeps; patches of which it keeps little count little."""
    return F.avg_pool2d(error * weight, size) / F.avg_pool2d(weight, size).clamp(min=0.5)


def centred_loss(model: Denoiser, walks: list[Walk], paper: torch.Tensor, args: argparse.Namespace) -> torch.Tensor:
    """The first step: each walk's region alone, on plain paper, in the middle (section 3.3). They go on from it."""
    t = torch.full((len(walks),), USED[0], device=args.device)
    a, s = (float(c[0]) for c in model.coefficients(t))
    inputs, goals, weights = [], [], []
    shifts = [centring_shift(walk.weight) for walk in walks]
    for walk, shift in zip(walks, shifts):
        noise = torch.randn_like(walk.goal)
        ground = a * paper + s * noise
        inputs.append(move(torch.lerp(ground, noise, walk.weight), shift, ground))
        goals.append(move(walk.goal, shift, paper))
        weights.append(move(walk.weight[None], shift, torch.zeros_like(walk.weight[None])))
    picture = answer(model, torch.stack(inputs), t, walks, None, args)
    for walk, (dy, dx), made in zip(walks, shifts, picture.detach()):
        walk.made = torch.lerp(walk.goal, move(made, (-dy, -dx), walk.goal), walk.weight)
    return inside(huber(picture - torch.stack(goals)), torch.stack(weights))


def held_loss(
    model: Denoiser,
    before: Any,
    batch: tuple[torch.Tensor, list[str], torch.Tensor],
    rng: np.random.Generator,
    args: argparse.Namespace,
) -> torch.Tensor:
    """The distance to what the network answered to a background's prompt before this stage."""
    from .train import autocast

    x0, captions, weights = batch[0].to(args.device), batch[1], batch[2].to(args.device)
    t = torch.from_numpy(rng.choice(USED, len(x0))).to(args.device)
    a, s = model.coefficients(t)
    x = (a * x0 + s * torch.randn_like(x0)).contiguous(memory_format=torch.channels_last)
    guidance = torch.from_numpy(rng.uniform(*GUIDANCE, len(x0))).float().to(args.device)
    condition = guidance_embedding(guidance, model.unet.config.time_cond_proj_dim).to(args.device)
    with autocast(args):
        with torch.no_grad():
            text = model.embed(captions)
            old = before(x, t, text, timestep_cond=condition).sample.float()
        new = model.unet(x, t, text, timestep_cond=condition).sample.float()
    return (huber(s * (new - old)) * weights).mean()
