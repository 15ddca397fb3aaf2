"""One step of region-prompted denoising (arXiv 2403.09055, section 3), for any number of scenes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from .centring import move
from .families.family import Family
from .fusion import Regions, padded_maps
from .guidance import guided
from .increment import Patch, restricted
from .method import Method
from .noise import field as noise_field
from .plan import Plan, Row
from .samplers import Sampler
from .text import Text


@dataclass(eq=False)
class Slot:
    """A scene on its way: its plan, the step it is at, its latent (C, h, w) and the network samples spent on it, in
    samples of the whole canvas.

    patch: given, only its cells are made, and the rest is the kept trajectory's. xs, x0s: the latent before each step
    and the picture after it, so far.
    """

    plan: Plan
    patch: Patch | None = None
    step: int = 0
    samples: float = 0
    x: torch.Tensor = field(init=False)
    steps: tuple[tuple[Row, ...], ...] = field(init=False)
    xs: list[torch.Tensor] = field(default_factory=list)
    x0s: list[torch.Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = self.plan.steps if self.patch is None else restricted(self.plan, self.patch)
        self.x = self.plan.start * self.plan.noise[0]
        if self.patch is not None:
            self.x = self.patch.paste(self.x, self.patch.kept.xs[0])

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.steps[self.step]

    def move_on(self, picture: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Take a step's picture and the next step's latent; returns the picture, the patch pasted in."""
        if self.patch is not None:
            kept, following = self.patch.kept, self.step + 1
            picture = self.patch.paste(picture, kept.x0s[self.step])
            x = self.patch.paste(x, kept.xs[following]) if following < len(kept.xs) else picture
        self.xs.append(self.x)
        self.x0s.append(picture)
        self.x = x
        self.step += 1
        return picture


class Algorithm:
    """The steps of the published method over one family and one sampler."""

    def __init__(self, family: Family, sampler: Sampler, guidance: float, method: Method) -> None:
        self.family, self.sampler, self.guidance, self.method = family, sampler, guidance, method

    def advance(self, slots: Sequence[Slot]) -> list[torch.Tensor]:
        """Move every slot one step on, all in as few network calls as they have kinds of rows; returns each one's
        predicted picture (C, h, w)."""
        seen = [(slot, row, x) for slot in slots for row, x in zip(slot.rows, self.see(slot))]
        answers = iter(self.call(seen))
        pictures = []
        for slot in slots:
            rows = [(row, next(answers)) for row in slot.rows]
            picture, x = self.merge(slot, rows)
            whole = slot.x[0].numel()
            spent = sum(whole if row.window is None else row.window.area for row in slot.rows) / whole
            slot.samples += spent * (1 if slot.plan.negative is None else 2)
            pictures.append(slot.move_on(picture, x))
        return pictures

    def see(self, slot: Slot) -> list[torch.Tensor]:
        """What each row sees of the slot's latent: (C, h, w) or a window of it. In bootstrapping steps (section 3.3)
        a row sees its region alone, on plain ground, in the middle of the frame."""
        seen = []
        for row in slot.rows:
            x = slot.x
            if row.shift is not None:
                ground = self.ground(slot)
                x = move(torch.lerp(ground, x, row.weight), row.shift, ground)
            seen.append(x if row.window is None else row.window.cut(x))
        return seen

    def ground(self, slot: Slot) -> torch.Tensor:
        """The plain background: white in the first step, the user's picture after it, or the shared latent; noised."""
        white = min(max(1.0 - slot.step, 0.0), 1.0)
        paper = self.sampler.add_noise(slot.plan.paper, slot.plan.noise[slot.step], slot.step)
        if white == 1:
            return paper
        if slot.plan.picture is None:
            return torch.lerp(slot.x, paper, white)
        picture = self.sampler.add_noise(slot.plan.picture, slot.plan.noise[slot.step], slot.step)
        return torch.lerp(picture, paper, white)

    def call(self, seen: Sequence[tuple[Slot, Row, torch.Tensor]]) -> list[torch.Tensor]:
        """Each row's predicted picture, of the size that it sees: one network call for all rows of one size that have
        a prompt each, and one for those that serve all prompts of their scene."""
        kinds: dict[tuple[Any, ...], list[int]] = {}
        for i, (_, row, x) in enumerate(seen):
            kinds.setdefault((row.maps is None, x.shape), []).append(i)
        pictures: list[torch.Tensor] = [x for _, _, x in seen]
        for chosen in kinds.values():
            inputs = torch.stack([seen[i][2] for i in chosen])
            answers = self.ask([seen[i][:2] for i in chosen], inputs)
            for i, x, answer in zip(chosen, inputs, answers):
                pictures[i] = self.sampler.to_x0(x, answer, seen[i][0].step)
        return pictures

    def ask(self, rows: list[tuple[Slot, Row]], x: torch.Tensor) -> torch.Tensor:
        """One network call for rows of one kind."""
        regions = None
        prompts = [[row.index] for _, row in rows]
        own_maps = [
            row.maps if row.window is None else row.window.cut(row.maps) for _, row in rows if row.maps is not None
        ]
        if own_maps:
            maps = padded_maps(own_maps)
            prompts = [[*range(len(own)), *[0] * (maps.shape[1] - len(own))] for own in own_maps]
            regions = Regions(maps, tuple(slot.plan.keys[i] for (slot, _), own in zip(rows, prompts) for i in own))
        negatives = [slot.plan.negative[own] for (slot, _), own in zip(rows, prompts) if slot.plan.negative is not None]
        return guided(
            self.family,
            x,
            torch.tensor([self.sampler.timesteps[slot.step] for slot, _ in rows], device=x.device),
            Text.cat(slot.plan.text[own] for (slot, _), own in zip(rows, prompts)),
            Text.cat(negatives) if negatives else None,
            self.guidance,
            consistency=self.sampler.consistency,
            regions=regions,
        )

    def merge(self, slot: Slot, answers: list[tuple[Row, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Average the rows' pictures under their weights, then add noise once (pre-averaging, section 3.2).

        Returns the averaged picture and the next step's latent, both (C, h, w).
        """
        plan, i = slot.plan, slot.step
        rows = [self.placed(slot, row, picture) for row, picture in answers]
        weights = [self.damped(row, picture, plan) for (row, _), picture in zip(answers, rows)]
        picture = average(rows, weights, plan.paper, plan.picture)
        if i + 1 == len(plan.steps):
            picture = self.sampler.finish(picture, slot.x)
            return picture, picture
        noise = plan.noise[i + 1]
        if self.method.pre_averaging or self.sampler.deterministic:
            return picture, self.sampler.renoise(picture, slot.x, noise, i + 1)
        # Without the repair each row is renoised by itself, and the average cancels noise where rows overlap.
        noisy = [
            self.sampler.renoise(p, slot.x, self.own_noise(plan, row, i + 1), i + 1)
            for (row, _), p in zip(answers, rows)
        ]
        ground = None if plan.picture is None else self.sampler.add_noise(plan.picture, noise, i + 1)
        return picture, average(noisy, weights, plan.paper, ground)

    def placed(self, slot: Slot, row: Row, picture: torch.Tensor) -> torch.Tensor:
        """A row's picture where it belongs on the canvas (C, h, w); what it says nothing of is paper."""
        if row.window is not None:
            picture = row.window.paste(picture, slot.plan.paper)
        if row.shift is not None:
            picture = move(picture, (-row.shift[0], -row.shift[1]), picture)
        return picture

    def damped(self, row: Row, picture: torch.Tensor, plan: Plan) -> torch.Tensor:
        """The row's weight; with leak damping, less where its centred picture is no more than plain background."""
        if row.shift is None or not self.method.leak_damping:
            return row.weight
        change = (picture - plan.paper).square().mean(0)
        return row.weight * (2 * torch.sigmoid(change / 0.2) - 1)

    def own_noise(self, plan: Plan, row: Row, step: int) -> torch.Tensor:
        """Noise of one row alone: the scene's, at a step number that no trajectory reaches."""
        c, h, w = plan.noise.shape[1:]
        return torch.from_numpy(noise_field(plan.scene.seed, 1000 * (row.index + 1) + step, c, h, w)).to(
            plan.noise.device
        )


def average(
    rows: list[torch.Tensor], weights: list[torch.Tensor], paper: torch.Tensor, ground: torch.Tensor | None
) -> torch.Tensor:
    """The weighted mean of ``rows`` (C, h, w); over ``ground`` in the share of a cell that the weights leave free."""
    if not rows:
        return paper if ground is None else ground
    weight = torch.stack(weights)[:, None]
    total = weight.sum(0)
    mean = (weight * torch.stack(rows)).sum(0) / total.clamp(min=1e-6)
    if ground is None:
        return torch.where(total > 0, mean, paper)
    return torch.lerp(ground, mean, total.clamp(0, 1))
