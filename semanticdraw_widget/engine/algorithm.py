"""One step of region-prompted denoising (arXiv 2403.09055, section 3), for any number of scenes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from .centring import move
from .families.sd import StableDiffusion
from .fusion import Regions, padded_maps
from .method import Method
from .noise import field as noise_field
from .plan import Plan, Row
from .samplers import Sampler
from .text import Text


@dataclass(eq=False)
class Slot:
    """A scene on its way: its plan, the step it is at, its latent (C, h, w) and the network samples spent on it."""

    plan: Plan
    step: int = 0
    samples: int = 0
    x: torch.Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.x = self.plan.noise[0]

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.plan.steps[self.step]


class Algorithm:
    """The steps of the published method over one family and one sampler."""

    def __init__(self, family: StableDiffusion, sampler: Sampler, guidance: float, method: Method) -> None:
        self.family, self.sampler, self.guidance, self.method = family, sampler, guidance, method

    def advance(self, slots: Sequence[Slot]) -> list[torch.Tensor]:
        """Move every slot one step on with a single network call; returns each one's predicted picture (C, h, w)."""
        seen = [self.see(slot) for slot in slots]
        answers = self.call(slots, torch.cat(seen)).split([len(slot.rows) for slot in slots])
        pictures = []
        for slot, inputs, out in zip(slots, seen, answers):
            picture, x = self.merge(slot, self.sampler.to_x0(inputs, out, slot.step))
            slot.samples += len(slot.rows) * (1 if slot.plan.negative is None else 2)
            slot.x = x
            slot.step += 1
            pictures.append(picture)
        return pictures

    def see(self, slot: Slot) -> torch.Tensor:
        """What each row sees of the slot's latent: (rows, C, h, w). In bootstrapping steps (section 3.3) a row sees
        its region alone, on plain ground, in the middle of the frame."""
        seen = []
        for row in slot.rows:
            if row.shift is None:
                seen.append(slot.x)
            else:
                ground = self.ground(slot)
                seen.append(move(torch.lerp(ground, slot.x, row.weight), row.shift, ground))
        return torch.stack(seen) if seen else slot.x.new_zeros(0, *slot.x.shape)

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

    def call(self, slots: Sequence[Slot], x: torch.Tensor) -> torch.Tensor:
        """The network's raw answer to the rows of all slots, (rows, C, h, w): one call for those with a prompt each,
        and one for those that serve all prompts of their scene."""
        rows = [(slot, row) for slot in slots for row in slot.rows]
        plain = [i for i, (_, row) in enumerate(rows) if row.maps is None]
        fused = [i for i, (_, row) in enumerate(rows) if row.maps is not None]
        answer = torch.empty_like(x)
        for chosen in (plain, fused):
            if chosen:
                answer[chosen] = self.ask([rows[i] for i in chosen], x if len(chosen) == len(rows) else x[chosen])
        return answer

    def ask(self, rows: list[tuple[Slot, Row]], x: torch.Tensor) -> torch.Tensor:
        """One network call for rows of one kind."""
        regions = None
        prompts = [[row.index] for _, row in rows]
        own_maps = [row.maps for _, row in rows if row.maps is not None]
        if own_maps:
            maps = padded_maps(own_maps)
            prompts = [[*range(len(own)), *[0] * (maps.shape[1] - len(own))] for own in own_maps]
            regions = Regions(maps, tuple(slot.plan.keys[i] for (slot, _), own in zip(rows, prompts) for i in own))
        negatives = [slot.plan.negative[own] for (slot, _), own in zip(rows, prompts) if slot.plan.negative is not None]
        return self.family.network(
            x,
            torch.tensor([self.sampler.timesteps[slot.step] for slot, _ in rows], device=x.device),
            Text.cat(slot.plan.text[own] for (slot, _), own in zip(rows, prompts)),
            negative=Text.cat(negatives) if negatives else None,
            guidance=self.guidance,
            consistency=self.method.sampler == "lcm",
            regions=regions,
        )

    def merge(self, slot: Slot, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Average the rows' pictures under their weights, then add noise once (pre-averaging, section 3.2).

        Returns the averaged picture and the next step's latent, both (C, h, w).
        """
        plan, i = slot.plan, slot.step
        rows = [
            picture if row.shift is None else move(picture, (-row.shift[0], -row.shift[1]), picture)
            for row, picture in zip(slot.rows, pictures)
        ]
        weights = [self.damped(row, picture, plan) for row, picture in zip(slot.rows, rows)]
        picture = average(rows, weights, plan.paper, plan.picture)
        if i + 1 == len(plan.steps):
            return picture, picture
        noise = plan.noise[i + 1]
        if self.method.pre_averaging or self.sampler.deterministic:
            return picture, self.sampler.renoise(picture, slot.x, noise, i + 1)
        # Without the repair each row is renoised by itself, and the average cancels noise where rows overlap.
        noisy = [
            self.sampler.renoise(p, slot.x, self.own_noise(plan, r, i + 1), i + 1) for r, p in zip(slot.rows, rows)
        ]
        ground = None if plan.picture is None else self.sampler.add_noise(plan.picture, noise, i + 1)
        return picture, average(noisy, weights, plan.paper, ground)

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
