"""One step of region-prompted denoising (arXiv 2403.09055, section 3), for any number of scenes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import torch

from .centring import move
from .constants import constant
from .first import Answer, Answers, known, remembered
from .fusion import Regions, padded_maps
from .guidance import NEGATIVE, Cfg, guided, moderated
from .increment import Patch, restricted
from .method import Method
from .nag import Against
from .noise import field as noise_field
from .plan import NOTHING, Plan
from .rows import Row
from .samplers import Sampler
from .text import Text

TOGETHER = 16  # pictures that are averaged at a time


class Network(Protocol):
    """A family's network, or what stands before it."""

    def __call__(
        self,
        x: torch.Tensor,
        timesteps: torch.Tensor,
        text: Text,
        *,
        guidance: float,
        consistency: bool,
        regions: Regions | None,
    ) -> torch.Tensor:
        """See ``Family.network``."""


@dataclass(eq=False)
class Slot:
    """A scene on its way: its plan, the step it is at, its latent (C, h, w) and the network samples spent on it, in
    samples of the whole canvas.

    patch: given, only its cells are made, and the rest is the kept trajectory's. first: answers to its first step, at
    the beginning those of an earlier scene. origin: what residual guidance leads away from, a picture's latent
    (C, h, w). xs, x0s: the latent before each step and the picture after it, so far.
    """

    plan: Plan
    patch: Patch | None = None
    step: int = 0
    samples: float = 0
    first: Answers = field(default_factory=dict)
    origin: torch.Tensor | None = None
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

    def known(self, row: Row) -> Answer | None:
        """The row's answer, if it is known already."""
        return known(self.first, row, self.patch is not None) if self.step == 0 else None

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
    """The steps of the published method over one network and one sampler, under one kind of guidance. method: with
    what is the model's own filled in.

    Raises ValueError for a delta that the sampler cannot have.
    """

    def __init__(self, network: Network, sampler: Sampler, guidance: float, method: Method, cfg: Cfg) -> None:
        self.network, self.sampler, self.guidance, self.method, self.cfg = network, sampler, guidance, method, cfg
        one, nothing = torch.ones(()), torch.zeros(())
        self.signals = [float(sampler.add_noise(one, nothing, i)) for i in range(len(sampler.timesteps))]
        if method.delta != 1 and not all(self.signals):
            raise ValueError(f"delta is {method.delta}, it must be 1 for a sampler that starts at noise alone")

    def advance(self, slots: Sequence[Slot]) -> list[torch.Tensor]:
        """Move every slot one step on, all in as few network calls as they have kinds of rows; returns each one's
        predicted picture (C, h, w)."""
        seen = [(slot, row, x) for slot in slots for row, x in zip(slot.rows, self.see(slot))]
        answers = [slot.known(row) for slot, row, _ in seen]
        new = iter(self.call([one for one, answer in zip(seen, answers) if answer is None]))
        asked = iter([(row, x, answer or next(new), answer is None) for (_, row, x), answer in zip(seen, answers)])
        pictures = []
        for slot in slots:
            mine = [next(asked) for _ in slot.rows]
            its = [(row, x, answer) for row, x, answer, _ in mine]
            slot.samples += self.spent(slot, [row for row, _, _, fresh in mine if fresh])
            if slot.step == 0:
                slot.first = remembered(slot.first, slot.plan.steps[0], [(row, answer) for row, _, answer in its])
            if self.cfg in ("initialise", "self") and slot.origin is None:
                slot.origin = self.origin(slot, [(row, answer.other) for row, _, answer in its])
            rows = [(row, self.guide(slot, row, x, answer)) for row, x, answer in its]
            pictures.append(slot.move_on(*self.merge(slot, rows)))
        return pictures

    def spent(self, slot: Slot, rows: list[Row]) -> float:
        """The network samples that ``rows`` take, in samples of the whole canvas."""
        whole = slot.x[0].numel()
        area = sum(whole if row.window is None else row.window.area for row in rows)
        return area / whole * (2 if self.asks_negative(slot) else 1)

    def see(self, slot: Slot) -> list[torch.Tensor]:
        """What each row sees of the slot's latent: (C, h, w) or a window of it."""
        centred = any(row.shift is not None for row in slot.rows)
        ground = self.ground(slot) if centred else slot.x
        return [self.framed(row, slot.x, ground) for row in slot.rows]

    def framed(self, row: Row, x: torch.Tensor, ground: torch.Tensor) -> torch.Tensor:
        """What a row sees of ``x`` (C, h, w). In bootstrapping steps (section 3.3) that is its region alone, on plain
        ground, in the middle of the frame."""
        if row.shift is not None:
            x = move(torch.lerp(ground, x, row.weight), row.shift, ground)
        return x if row.window is None else row.window.cut(x)

    def ground(self, slot: Slot) -> torch.Tensor:
        """The plain background: white in the first steps, the user's picture after them, or the shared latent;
        noised."""
        white = self.white(slot)
        paper = self.sampler.add_noise(slot.plan.paper, slot.plan.noise[slot.step], slot.step)
        if white == 1:
            return paper
        if slot.plan.picture is None:
            return torch.lerp(slot.x, paper, white)
        picture = self.sampler.add_noise(slot.plan.picture, slot.plan.noise[slot.step], slot.step)
        return torch.lerp(picture, paper, white)

    def white(self, slot: Slot) -> float:
        """The share of white in the ground of a centred region, 0 to 1."""
        assert self.method.mixing_steps is not None
        return min(max(self.method.mixing_steps - slot.step, 0.0), 1.0)

    # ------------------------------------------------------------ the network

    def call(self, seen: Sequence[tuple[Slot, Row, torch.Tensor]]) -> list[Answer]:
        """Each row's predicted pictures: one network call for all rows of one size that have a prompt each, and one
        for those that serve all prompts of their scene; negative passes in the same calls."""
        kinds: dict[tuple[Any, ...], list[int]] = {}
        for i, (_, row, x) in enumerate(seen):
            kinds.setdefault((row.maps is None, x.shape), []).append(i)
        pictures: dict[tuple[int, bool], torch.Tensor] = {}
        for chosen in kinds.values():
            asked = [(i, False) for i in chosen] + [(i, True) for i in chosen if self.asks_negative(seen[i][0])]
            inputs = torch.stack([seen[i][2] for i, _ in asked])
            answers = self.ask([(*seen[i][:2], negative) for i, negative in asked], inputs)
            for (i, negative), x, answer in zip(asked, inputs, answers):
                pictures[i, negative] = self.sampler.to_x0(x, answer, seen[i][0].step)
        return [Answer(pictures[i, False], pictures.get((i, True))) for i in range(len(seen))]

    def ask(self, rows: list[tuple[Slot, Row, bool]], x: torch.Tensor) -> torch.Tensor:
        """One network call for rows of one kind, each under its prompts or their negatives."""
        regions = None
        prompts = [[row.index] for _, row, _ in rows]
        own_maps = [
            row.maps if row.window is None else row.window.cut(row.maps) for _, row, _ in rows if row.maps is not None
        ]
        if own_maps:
            maps = padded_maps(own_maps)
            prompts = [[*row.prompts, *[row.prompts[0]] * (maps.shape[1] - len(row.prompts))] for _, row, _ in rows]
            sources = [slot.plan.negative_keys if negative else slot.plan.keys for slot, _, negative in rows]
            keys = tuple(keys[i] for keys, own in zip(sources, prompts) if keys for i in own)
            regions = Regions(maps, keys, self.against(rows, maps))
        texts = [slot.plan.negative if negative else slot.plan.text for slot, _, negative in rows]
        return self.network(
            x,
            constant(tuple(self.sampler.timesteps[slot.step] for slot, _, _ in rows), x.device),
            Text.cat(text[own] for text, own in zip(texts, prompts) if text is not None),
            # A network that takes guidance as a number would else be guided twice.
            guidance=self.guidance if self.cfg == "none" else 1.0,
            consistency=self.sampler.consistency,
            regions=regions,
        )

    def against(self, rows: list[tuple[Slot, Row, bool]], maps: torch.Tensor) -> Against | None:
        """The negative prompts that the attention is led away from, where no negative pass serves them. maps: (rows,
        most prompts, h, w), as many for all."""
        if self.cfg in NEGATIVE or not self.method.nag:
            return None
        found = [
            (number * maps.shape[1] + place, slot.plan.negative[[i]].tokens, slot.plan.negative_keys[i])
            for number, (slot, row, _) in enumerate(rows)
            if slot.plan.negative is not None and slot.plan.negative_keys is not None
            for place, i in enumerate(row.prompts)
            if slot.plan.negative_keys[i] != NOTHING
        ]
        if not found:
            return None
        prompts, tokens, keys = zip(*found)
        return Against(prompts, torch.cat(tokens), keys)

    # ------------------------------------------------------------ guidance

    def asks_negative(self, slot: Slot) -> bool:
        """Whether the slot's rows are asked for their negative prompts too in the step that it is at."""
        return self.cfg == "full" or (self.cfg == "initialise" and slot.origin is None)

    def origin(self, slot: Slot, others: list[tuple[Row, torch.Tensor | None]]) -> torch.Tensor:
        """What residual guidance leads away from: the picture that the negative prompts predict in the slot's first
        step; without negative passes, what pure noise holds: nothing."""
        if self.cfg == "self":
            return torch.zeros_like(slot.x)
        pictures = ((self.placed(slot, row, other), row.weight) for row, other in others if other is not None)
        ground = slot.plan.paper if slot.plan.picture is None else slot.plan.picture
        return average(pictures, ground, None)

    def guide(self, slot: Slot, row: Row, x: torch.Tensor, answer: Answer) -> torch.Tensor:
        """The row's picture under guidance, of the size that it sees."""
        if self.cfg == "none":
            return answer.told
        other = answer.other
        if other is None:
            assert slot.origin is not None
            other = self.framed(row, slot.origin, self.plain(slot, slot.origin))
        if self.cfg != "full":
            other = moderated(other, x, self.signals[slot.step], self.method.delta)
        return guided(answer.told, other, self.guidance)

    def plain(self, slot: Slot, origin: torch.Tensor) -> torch.Tensor:
        """The ``ground`` without its noise, as the latent's own picture is ``origin``."""
        behind = origin if slot.plan.picture is None else slot.plan.picture
        return torch.lerp(behind, slot.plan.paper, self.white(slot))

    # ------------------------------------------------------------ from pictures to the next latent

    def merge(self, slot: Slot, answers: list[tuple[Row, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Average the rows' pictures under their weights, then add noise once (pre-averaging, section 3.2).

        Returns the averaged picture and the next step's latent, both (C, h, w).
        """
        plan, i = slot.plan, slot.step

        def placed() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
            for row, answer in answers:
                whole = self.placed(slot, row, answer)
                yield whole, self.damped(row, whole, plan)

        picture = average(placed(), plan.paper, plan.picture)
        if i + 1 == len(plan.rows):
            picture = self.sampler.finish(picture, slot.x)
            return picture, picture
        noise = plan.noise[i + 1]
        if self.method.pre_averaging or self.sampler.deterministic:
            return picture, self.sampler.renoise(picture, slot.x, noise, i + 1)
        # Without the repair each row is renoised by itself, and the average cancels noise where rows overlap.
        noisy = (
            (self.sampler.renoise(whole, slot.x, self.own_noise(plan, row, i + 1), i + 1), weight)
            for (row, _), (whole, weight) in zip(answers, placed())
        )
        ground = None if plan.picture is None else self.sampler.add_noise(plan.picture, noise, i + 1)
        return picture, average(noisy, plan.paper, ground)

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
    rows: Iterable[tuple[torch.Tensor, torch.Tensor]], paper: torch.Tensor, ground: torch.Tensor | None
) -> torch.Tensor:
    """The mean of pictures (C, h, w), each with its weight (h, w); over ``ground`` in the share of a cell that the
    weights leave free."""
    total, mean = torch.zeros_like(paper[:1]), torch.zeros_like(paper)
    source = iter(rows)
    # A few at a time: a large canvas has many tiles, and here each is as large as the canvas.
    while some := list(islice(source, TOGETHER)):
        weight = torch.stack([weight for _, weight in some])[:, None]
        total += weight.sum(0)
        mean += (weight * torch.stack([picture for picture, _ in some])).sum(0)
    mean /= total.clamp(min=1e-6)
    if ground is None:
        return torch.where(total > 0, mean, paper)
    return torch.lerp(ground, mean, total.clamp(0, 1))
