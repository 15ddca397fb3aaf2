"""Train crayon on the region engine's own steps, so that an object fills the region that was painted for it.

The stages before show the network painted pictures under noise. The engine shows it something else: a region on blank
paper in the middle of the frame, then its own half-made answers, cut to the region and pasted into what is around.
Here a picture walks through the steps as the engine takes them (paper sections 3.2 and 3.3): the network's answer of
one training step, cut, pasted and noised again, is its input of the next. The goal is the painter's picture of the
same regions, which prompts and outlines all but determine (``fitting``), so a mean over what remains open is sharp.

Some walks take one network row for all prompts, as the engine's masked mode does; they learn from every object of a
crowded picture at once. Others take a row for each region, as the exact mode does, either of one region in the
painter's own picture, or of all of them at once: those see each other half-made, and a region grows from step to step
as its mask opens (section 3.4), which a row has to expect although nobody shows it the mask. Backgrounds have no such
goal, since texture is free: beside the objects only their colors count, and alone they are held to what the network
answered before this stage. A patch, a background in a region of its own, is to show what the network of before paints
over a whole canvas from the same noise: that one has the texture, and only the region is new.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from .denoiser import OUTSIDE, Denoiser, diffusion_loss
from .distil import USED, condition_of, huber, random_guidance
from .gallery import Batch, Gallery
from .network import Network, descend
from .networks import TEXT_WIDTH
from .painter import PAPER
from .stage import Settings, Stage, average, optimizer_of
from .walks import Apart, Walks, begin, begin_apart, painted_in

SHARES = {"fused": 0.35, "alone": 0.1, "apart": 0.4, "held": 0.1, "plain": 0.05}  # of the batches, if not set
CENTRED = 3  # steps that show a region alone; what crayon's semanticdraw.json asks the engine for
SMALL = 1 / 64  # of a picture: smaller regions count less than larger ones
OBJECTS = 2.5  # objects a picture, about: a batch of walks apart has this many fewer pictures than rows
GROUND_WEIGHT = 0.6  # of the ground's colors beside the objects of a fused walk
WIDE = 0.2  # share of the batches of larger pictures


def shifts(weight: torch.Tensor) -> torch.Tensor:
    """``engine.centring.centring_shift`` of each row of ``weight`` (n, 1, h, w): int64 (n, 2)."""
    result = []
    for axis, other in ((2, 3), (3, 2)):
        lines = (weight > 0).any(other)[:, 0].to(torch.uint8)
        size = weight.shape[axis]
        first, last = lines.argmax(1), size - 1 - lines.flip(1).argmax(1)
        result.append(torch.where(lines.amax(1) > 0, size // 2 - (first + last + 1) // 2, 0))
    return torch.stack(result, 1)


def moved(x: torch.Tensor, shift: torch.Tensor, ground: torch.Tensor) -> torch.Tensor:
    """``engine.centring.move`` of each row of ``x`` (n, C, h, w) by its own ``shift`` (n, 2)."""
    n, _, h, w = x.shape
    y = (torch.arange(h, device=x.device) - shift[:, :1])[:, :, None]
    column = (torch.arange(w, device=x.device) - shift[:, 1:])[:, None, :]
    here = ((y >= 0) & (y < h) & (column >= 0) & (column < w))[:, None]
    rows = torch.arange(n, device=x.device)[:, None, None]
    taken = x[rows, :, y.clamp(0, h - 1), column.clamp(0, w - 1)].permute(0, 3, 1, 2)
    return torch.where(here, taken, ground)


def answer(model: Denoiser, x: torch.Tensor, t: torch.Tensor, walks: Walks, fused: bool = False) -> torch.Tensor:
    """The picture (n, C, h, w) that the network sees in ``x``; ``fused``: under all prompts of each walk."""
    condition = condition_of(model, walks.guidance)
    a, s = model.coefficients(t)
    with torch.no_grad(), model.settings.autocast():
        text = model.embed(walks.tokens.flatten(0, 1)).reshape(len(t), -1, TEXT_WIDTH)
    return a * x - s * model.network(x, t, text, condition, walks.maps if fused else None)


def inside(error: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The mean of ``error`` (n, C, h, w) over ``weight`` (n, 1, h, w), picture by picture. A small region's few cells
    must not shout down the rest of the batch, hence the cap."""
    scale = weight / weight.mean((1, 2, 3), keepdim=True).clamp(min=SMALL)
    return (error * scale).mean()


def patches(error: torch.Tensor, weight: torch.Tensor, size: int = 4) -> torch.Tensor:
    """The mean of ``error`` (n, C, h, w) over the cells of each ``size`` by ``size`` patch that ``weight`` (n, 1, h, w)
    keeps; patches of which it keeps little count little."""
    return F.avg_pool2d(error * weight, size) / F.avg_pool2d(weight, size).clamp(min=0.5)


def patch_rows(walks: Walks) -> int:
    """Rows of a call for the patches of ``walks``, about as many as there are."""
    return max(1, len(walks.step) // 3)


@torch.no_grad()
def textured(
    model: Denoiser, before: Network, walks: Walks, t: torch.Tensor, noise: torch.Tensor, rows: int
) -> torch.Tensor:
    """The walks' goal (n, C, h, w) of this step, with the patches as ``before`` paints them.

    noise: that of the walks' own step, (n, C, h, w). rows: how many a network call, always as many: a GPU's libraries
    set themselves up for each new shape.
    """
    a, s = model.coefficients(t)
    x = torch.where((walks.step == 0)[:, None, None, None], noise, a * walks.texture + s * noise)
    goal = walks.goal.clone()
    patched = torch.nonzero(walks.patch >= 0)[:, 0]
    for start in range(0, len(patched), rows):
        r = patched[start : start + rows]
        row = r[torch.arange(rows, device=r.device) % len(r)]
        with model.settings.autocast():
            text = model.embed(walks.tokens[row, walks.patch[row]])
        v = before(x[row], t[row], text, condition_of(model, walks.guidance[row]))
        walks.texture[r] = (a[row] * x[row] - s[row] * v)[: len(r)]
        goal[r] = torch.lerp(goal[r], walks.texture[r], walks.maps[r, walks.patch[r]][:, None])
    return goal


def alone_step(model: Denoiser, before: Network, walks: Walks, paper: torch.Tensor) -> torch.Tensor:
    """One step of walks of one region: the loss of the answers inside it; the walks move on.

    The first steps see the region alone, on plain paper, in the middle of the frame (section 3.3).
    """
    # Whatever the number of steps, the first one is at the last timestep.
    t = torch.tensor(USED, device=paper.device)[walks.step] + walks.late * (walks.step > 0)
    a, s = model.coefficients(t)
    noise = torch.randn_like(walks.goal)
    first = (walks.step == 0)[:, None, None, None]
    lone = (walks.step < CENTRED)[:, None, None, None]
    shift = shifts(walks.weight) * lone[:, :, 0, 0]
    ground = a * paper + s * noise
    x = torch.where(first, noise, a * walks.made + s * noise)
    x = moved(torch.where(lone, torch.lerp(ground, x, walks.weight), x), shift, ground)
    goal = textured(model, before, walks, t, noise, patch_rows(walks))
    goal = moved(goal, shift, paper.expand_as(goal))
    weight = moved(walks.weight, shift, torch.zeros_like(walks.weight))
    picture = answer(model, x, t, walks)
    back = moved(picture.detach(), -shift, walks.goal)
    walks.made = torch.lerp(walks.goal, back, walks.weight)
    walks.step = walks.step + 1
    return inside(huber(picture - goal), weight)


@torch.no_grad()
def first_answers(model: Denoiser, before: Network, walks: Walks, paper: torch.Tensor, chunk: int) -> None:
    """Take the first step of fused walks as the engine does, a row for each region, and paste the answers.

    chunk: rows a network call, always as many: a GPU's libraries set themselves up for each new shape.
    """
    regions = walks.maps * painted_in(walks.kinds)
    rows, slots = torch.nonzero(regions.flatten(2).amax(2) > 0.05, as_tuple=True)
    made = walks.goal.clone()
    for start in range(0, len(rows), chunk):
        r, s = rows[start : start + chunk], slots[start : start + chunk]
        filled = torch.arange(chunk, device=r.device) % len(r)
        row, slot = r[filled], s[filled]
        picked = walks.part(row)
        picked.tokens, picked.kinds, picked.maps, picked.weight = (
            part[row, slot][:, None] for part in (walks.tokens, walks.kinds, walks.maps, regions)
        )
        picked.patch = torch.where(picked.patch == slot, 0, -1)
        alone_step(model, before, picked, paper)
        made.index_add_(0, r, (picked.made - picked.goal)[: len(r)])
        own = picked.patch[: len(r)] == 0
        walks.texture[r[own]] = picked.texture[: len(r)][own]
    walks.made = made
    walks.step = walks.step + 1


def fused_step(model: Denoiser, before: Network, walks: Walks) -> torch.Tensor:
    """One step of walks of all regions in one row each; the walks move on."""
    t = torch.tensor(USED, device=walks.goal.device)[walks.step] + walks.late
    a, s = model.coefficients(t)
    noise = torch.randn_like(walks.goal)
    picture = answer(model, a * walks.made + s * noise, t, walks, fused=True)
    goal = textured(model, before, walks, t, noise, patch_rows(walks))
    walks.made = torch.lerp(walks.goal, picture.detach(), walks.weight)
    walks.step = walks.step + 1
    error = picture - goal
    return inside(huber(error), walks.weight) + GROUND_WEIGHT * huber(patches(error, walks.ground)).mean()


def apart_step(
    model: Denoiser, before: Network, walks: Apart, paper: torch.Tensor, rng: torch.Generator, rows: int
) -> torch.Tensor:
    """One step of walks of all regions, a row for each: the loss of each answer inside its own mask; the walks move on.

    rows: how many regions are asked, always as many: a GPU's libraries set themselves up for each new shape. Regions
    beyond that keep what they had.
    """
    n = len(walks.goal)
    t = torch.tensor(USED, device=paper.device)[walks.step] + walks.late * (walks.step > 0)
    a, s = model.coefficients(t)
    noise = torch.randn_like(walks.goal)
    start = (walks.step == 0)[:, None, None, None]
    masks = walks.masks[torch.arange(n, device=paper.device), walks.step]
    x = torch.where(start, noise, a * walks.made + s * noise)
    behind = walks.part(torch.arange(n, device=paper.device))
    behind.maps = walks.grounds
    with torch.no_grad():
        made = answer(model, x, t, behind, fused=True)
    r, k = torch.nonzero(masks.flatten(2).amax(2) > 0.05, as_tuple=True)
    order = torch.randperm(len(r), generator=rng, device=r.device)
    r, k = r[order], k[order]
    filled = torch.arange(rows, device=r.device) % max(len(r), 1)
    once = (torch.arange(rows, device=r.device) < len(r))[:, None, None, None]
    row, slot = (r[filled], k[filled]) if len(r) else (filled, filled)
    mask = masks[row, slot][:, None] * once
    picked = walks.part(row)
    picked.tokens = walks.tokens[row, slot][:, None]
    lone = (walks.step < CENTRED)[row, None, None, None]
    shift = shifts(mask) * lone[:, :, 0, 0]
    ground = a[row] * paper + s[row] * noise[row]
    seen = moved(torch.where(lone, torch.lerp(ground, x[row], mask), x[row]), shift, ground)
    picture = answer(model, seen, t[row], picked)
    goal = textured(model, before, walks, t, noise, patch_rows(walks))[row]
    goal = moved(goal, shift, paper.expand_as(goal))
    # Where a mask's soft edge lies over the background, the painter's picture shows the background.
    weight = moved(mask * walks.maps[row, slot][:, None], shift, torch.zeros_like(mask))
    back = moved(picture.detach(), -shift, made[row])
    total = torch.zeros_like(walks.weight).index_add_(0, row, mask)
    share = mask / total[row].clamp(min=1)
    asked = torch.zeros_like(walks.weight).index_add_(0, row, share)
    left = (masks.sum(1, keepdim=True).clamp(max=1) - asked).clamp(min=0)  # of the regions beyond ``rows``
    made = made * (1 - asked - left) + walks.made * left
    walks.made = made.index_add_(0, row, share * back)
    walks.step = walks.step + 1
    return inside(huber(picture - goal), weight)


def held_loss(model: Denoiser, before: Network, batch: Batch, rng: torch.Generator) -> torch.Tensor:
    """The distance to what the network answered to a background's prompt before this stage."""
    x0, count = batch.latents, len(batch.latents)
    t = torch.tensor(USED, device=x0.device)[torch.randint(len(USED), (count,), generator=rng, device=x0.device)]
    a, s = model.coefficients(t)
    x = a * x0 + s * torch.randn_like(x0)
    condition = condition_of(model, random_guidance(rng, count))
    with torch.no_grad():
        with model.settings.autocast():
            text = model.embed(batch.tokens)
        old = before(x, t, text, condition)
    return (huber(s * (model.network(x, t, text, condition) - old)) * batch.weights).mean()


@torch.no_grad()
def blank_paper(codec: Any, size: int, device: str) -> torch.Tensor:
    """The latent of a white picture: float32 (1, C, h, w)."""
    white = torch.full((1, 3, size, size), PAPER / 127.5 - 1, device=device)
    latent: torch.Tensor = codec.encode(white).latents.float()
    return latent


def shares_of(own: dict[str, Any]) -> dict[str, float]:
    """How often each kind of batch comes: ``shares`` of the stage's settings, where they say so."""
    shares = own.get("shares", SHARES)
    if set(shares) != set(SHARES) or abs(sum(shares.values()) - 1) > 1e-6 or min(shares.values()) < 0:
        raise ValueError(f"shares of the batches are {shares}: give {', '.join(SHARES)}, numbers that add up to 1")
    return {kind: float(shares[kind]) for kind in SHARES}


class Course:
    """The walks of one kind: a batch of them, at all steps, in which those that are over give way to new ones."""

    def __init__(
        self, model: Denoiser, before: Network, gallery: Gallery, rng: torch.Generator, paper: torch.Tensor
    ) -> None:
        self.model, self.before, self.gallery, self.rng, self.paper = model, before, gallery, rng, paper
        self.walks: dict[bool, Walks] = {}
        self.apart: Apart | None = None
        self.levels = model.coefficients(torch.tensor(USED, device=paper.device))[1].flatten().tolist()

    def fresh(self, count: int, fused: bool, size: int) -> Walks:
        walks = begin(self.gallery, self.rng, count, fused)
        if fused:
            first_answers(self.model, self.before, walks, self.paper, size)
        return walks

    def ready(self, size: int, fused: bool) -> Walks:
        """``size`` walks, none of them over."""
        if fused not in self.walks:
            walks = self.walks[fused] = self.fresh(size, fused, size)
            first = int(fused)
            walks.step = first + torch.arange(size, device=self.paper.device) % (len(USED) - first)
            return walks
        walks = self.walks[fused]
        over = torch.nonzero(walks.step >= len(USED))[:, 0]
        if len(over):
            walks.replaced(over, self.fresh(len(over), fused, size))
        return walks

    def ready_apart(self, size: int) -> Apart:
        """Walks with about ``size`` regions in all, none of them over."""
        count = max(1, round(size / OBJECTS))
        if self.apart is None:
            self.apart = begin_apart(self.gallery, self.rng, count, self.levels)
            # They begin one after another, so that a batch soon holds all steps.
            self.apart.step = torch.arange(count, device=self.paper.device) % len(USED)
            return self.apart
        over = torch.nonzero(self.apart.step >= len(USED))[:, 0]
        if len(over):
            self.apart.replaced(over, begin_apart(self.gallery, self.rng, len(over), self.levels))
        return self.apart


def train_regions(settings: Settings, gallery: Gallery, wide: Gallery | None = None) -> None:
    stage = Stage(settings, "regions")
    model = Denoiser(settings, stage.own.get("start", "distil"))
    model.text.requires_grad_(False).eval()
    kept = copy.deepcopy(model.unet).requires_grad_(False).eval()
    before = Network(copy.deepcopy(kept), settings)
    optimizer = optimizer_of(model.unet.parameters(), settings, beta=0.99)
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

    galleries = [gallery] if wide is None else [gallery, wide]
    courses = [Course(model, before, g, stage.rng, blank_paper(g.codec, g.size, settings.device)) for g in galleries]
    # Larger pictures come in smaller batches, of as many cells.
    sizes = [max(1, round(stage.own["batch"] * (gallery.size / g.size) ** 2)) for g in galleries]
    parameters = list(model.unet.parameters())
    order = np.random.default_rng([settings.seed, stage.step])
    shares = shares_of(stage.own)
    while not stage.over:
        stage.schedule(optimizer)
        which = int(len(galleries) > 1 and order.random() < WIDE)
        course, size = courses[which], sizes[which]
        course.gallery.encode_new()
        kind = str(order.choice(list(shares), p=list(shares.values())))
        if kind == "fused":
            loss = fused_step(model, before, course.ready(size, True))
        elif kind == "apart":
            loss = apart_step(model, before, course.ready_apart(size), course.paper, stage.rng, size)
        elif kind == "alone":
            loss = alone_step(model, before, course.ready(size, False), course.paper)
        elif kind == "held":
            loss = held_loss(model, before, course.gallery.ground_batch(stage.rng, size), stage.rng)
        else:
            loss = diffusion_loss(model, course.gallery.batch(stage.rng, size, stage.own["even"], OUTSIDE), stage.rng)
        descend(loss, optimizer, parameters, model.network)
        average(kept, model.unet, min(0.998, (1 + stage.step) / (10 + stage.step)))
        stage.tick(loss, content)
    stage.finish(content())
