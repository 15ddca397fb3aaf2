"""Train crayon on the region engine's own steps, so that an object fills the region that was painted for it.

The stages before show the network painted pictures under noise. The engine shows it something else: a region on blank
paper in the middle of the frame, then its own half-made answers, cut to the region and pasted into what is around.
Here every sample walks through the steps as the engine takes them (paper sections 3.2 and 3.3): the network's answer
of one training step, cut, pasted and noised again, is its input of the next. The goal is the painter's picture of the
same region, which prompt and outline all but determine (``fitting``), so a mean over what remains open is still sharp.

Backgrounds have no such picture, since texture is free; consistency distillation, as in ``distil`` but with the
network's own averaged weights for a teacher, keeps them, and a share of plain diffusion keeps the many-step model.
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

from ..engine.centring import centring_shift, move
from ..engine.fusion import Fusion, Regions, padded_maps
from .data import Latents, passed_over, pixels
from .distil import GUIDANCE, USED, consistency_loss, guidance_embedding, huber
from .networks import TEXT_WIDTH
from .painter import PAPER, Picture, phrase
from .vocabulary import LABELS

if TYPE_CHECKING:
    from .train import Denoiser

PLAIN = 0.15  # share of diffusion batches
SETTLED = 0.25  # share of consistency batches over painted pictures
FUSED = 0.5  # share of walks whose later steps serve all prompts with one row


@dataclass
class Walk:
    """One region on its way through the steps.

    captions, maps: the region's prompt and those of what is around it, and the share of each at each cell,
    (prompts, h, w). goal: the whole picture's latent (C, h, w). weight: the region's share of each cell (h, w).
    fused: after the first step one network row serves all prompts, as the engine's masked mode does it. made: the
    network's last answer, pasted into the goal's surroundings, (C, h, w). late: added to the timesteps, for other
    step counts.
    """

    captions: list[str]
    maps: torch.Tensor
    guidance: float
    goal: torch.Tensor
    weight: torch.Tensor
    fused: bool = False
    late: int = 0
    step: int = 0
    made: torch.Tensor | None = None


def start(data: Latents, rng: np.random.Generator, device: str) -> Walk:
    """A region of a random picture that shows an object."""
    while True:
        index = int(rng.integers(0, len(data)))
        things = [t for t in data.things[index] if t.region is not None and t.region.any()]
        if not things:
            continue
        # The topmost one most of the time: it is whole.
        thing = things[-1] if rng.random() < 0.75 else things[int(rng.integers(len(things)))]
        if passed_over(rng, thing):
            continue
        weight = np.asarray(thing.region, np.float32) / 255
        captions, maps = [phrase(rng, thing)], [weight]
        h, w = weight.shape
        for other in data.things[index]:
            if other is not thing:
                shown = (data.labels[index] == LABELS[other.concept]).reshape(h, 2, w, 2).mean((1, 3))
                captions.append(phrase(rng, other))
                maps.append((shown * (1 - weight)).astype(np.float32))
        # Blank paper, and what a fitted object leaves of its region.
        captions.append("")
        maps.append(np.clip(1 - np.sum(maps, 0), 0, 1))
        shares = torch.from_numpy(np.stack(maps)).to(device)
        return Walk(
            captions,
            shares / shares.sum(0),
            float(rng.uniform(*GUIDANCE)),
            data.latents[index].float().to(device),
            torch.from_numpy(weight).to(device),
            bool(rng.random() < FUSED),
            int(rng.integers(-160, 1)) if rng.random() < 0.25 else 0,
        )


def train_regions(args: argparse.Namespace) -> None:
    from .train import Denoiser, Stage, average, diffusion_loss, load_codec, schedule, training_data

    stage = Stage(args, "regions")  # one stage, whatever the sizes it is run at
    data: Latents = training_data(args)
    model = Denoiser(args)
    if not stage.state:
        model.load(torch.load(Path(args.work) / f"{args.start}.pt", weights_only=False)["kept"])
    model.text.requires_grad_(False).eval()
    kept = copy.deepcopy(model.unet).requires_grad_(False).eval()
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
    walks = [start(data, rng, args.device) for _ in range(args.batch)]
    while not stage.over:
        schedule(optimizer, args.rate, stage.step, stage.clock.share, warmup=100)
        kind = rng.random()
        if kind < PLAIN:
            loss = diffusion_loss(model, data.batch(rng, args.batch, args.even), rng, args)
        elif kind < PLAIN + SETTLED:
            loss = consistency_loss(model, kept, kept, data.batch(rng, args.batch, args.even, objects=0.5), rng, args)
        else:
            loss = walk_loss(model, fusion, walks, paper, args)
            walks = [w if w.step < len(USED) else start(data, rng, args.device) for w in walks]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.unet.parameters(), 1.0)
        optimizer.step()
        average(kept, model.unet, min(0.998, (1 + stage.step) / (10 + stage.step)))
        stage.tick(float(loss.detach()), content)
    stage.save(content())


def padded(captions: list[str], count: int) -> list[str]:
    return captions + [""] * (count - len(captions))


def walk_loss(
    model: Denoiser, fusion: Fusion, walks: list[Walk], paper: torch.Tensor, args: argparse.Namespace
) -> torch.Tensor:
    """One step of every walk: the loss of the answers inside their regions; the walks move on."""
    from .train import autocast

    t = torch.tensor([USED[w.step] + w.late for w in walks], device=args.device)
    a, s = model.coefficients(t)
    inputs, goals, weights, shifts = [], [], [], []
    for i, walk in enumerate(walks):
        noise = torch.randn_like(walk.goal)
        if walk.made is None:
            # The first step sees the region alone, on plain paper, in the middle (section 3.3).
            shift = centring_shift(walk.weight)
            ground = a[i] * paper + s[i] * noise
            inputs.append(move(torch.lerp(ground, noise, walk.weight), shift, ground))
            goals.append(move(walk.goal, shift, paper))
            weights.append(move(walk.weight[None], shift, torch.zeros_like(walk.weight[None])))
            shifts.append(shift)
        else:
            inputs.append(a[i] * walk.made + s[i] * noise)
            goals.append(walk.goal)
            weights.append(walk.weight[None])
            shifts.append((0, 0))
    x, goal, weight = torch.stack(inputs), torch.stack(goals), torch.stack(weights)
    guidance = torch.tensor([w.guidance for w in walks], device=args.device)
    condition = guidance_embedding(guidance, model.unet.config.time_cond_proj_dim).to(args.device)
    one = [i for i, w in enumerate(walks) if w.step == 0 or not w.fused]
    many = [i for i, w in enumerate(walks) if w.step > 0 and w.fused]
    v = torch.empty_like(x)
    with autocast(args):
        for chosen in (one, many):
            if not chosen:
                continue
            regions, captions = None, [walks[i].captions[0] for i in chosen]
            if chosen is many:
                maps = padded_maps([walks[i].maps for i in chosen])
                regions = Regions(maps)
                captions = [c for i in chosen for c in padded(walks[i].captions, maps.shape[1])]
            with torch.no_grad():
                text = model.embed(captions).reshape(len(chosen), -1, TEXT_WIDTH)
            with nullcontext() if regions is None else fusion.regions(regions):
                seen = x[chosen].contiguous(memory_format=torch.channels_last)
                v[chosen] = model.unet(seen, t[chosen], text, timestep_cond=condition[chosen]).sample.float()
    picture = a * x - s * v
    for walk, answer, shift in zip(walks, picture.detach(), shifts):
        back = move(answer, (-shift[0], -shift[1]), answer)
        walk.made = torch.lerp(walk.goal, back, walk.weight)
        walk.step += 1
    # A small region's few cells must not shout down the rest of the batch, hence the cap.
    scale = weight / weight.mean((1, 2, 3), keepdim=True).clamp(min=1 / 12)
    return (huber(picture - goal) * scale).mean()
