"""Scenes made ready to denoise, and what is kept of them: an edit plans again what it changed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from ..scene import Scene
from .canvas import Canvas
from .crops import FINEST
from .errors import UnsupportedSize
from .families.family import Family
from .first import sourced
from .guidance import NEGATIVE, Cfg, resolved
from .method import EXACT, Method
from .plan import Plan, active, aims, blend_map, region_noise, row_weights
from .prompts import Language
from .recent import Recent
from .rows import moved, step_rows
from .samplers import Sampler, sampler_class
from .text import Text
from .thread import inferred
from .tiles import side, tiled
from .weights import Kept, nothing_kept


def no_texts() -> Recent[Text]:
    """Room for 512 prompts' embeddings, and for 128 MB of them."""
    return Recent(512, 128 << 20)


def no_plans() -> Recent[Plan]:
    """Room for 8 plans: undo, redo and a stream's slots come back to recent scenes; and for 256 MB of them."""
    return Recent(8, 256 << 20)


@dataclass(eq=False)
class Planner:
    """What makes plans for one model. name: the model's, for messages. default_size, default_sampler, centring_steps:
    see ``Engine``. texts, plans, maps, samplers: what is kept."""

    family: Family
    canvas: Canvas
    language: Language
    name: str
    default_size: tuple[int, int]
    default_sampler: str
    centring_steps: int
    texts: Recent[Text] = field(default_factory=no_texts)
    plans: Recent[Plan] = field(default_factory=no_plans)
    maps: Kept = field(default_factory=nothing_kept)
    samplers: dict[tuple[str, int], Sampler] = field(default_factory=dict)

    def twin(self) -> Planner:
        """The same with nothing kept but samplers."""
        return replace(self, texts=no_texts(), plans=no_plans(), maps=nothing_kept())

    def forget(self) -> None:
        """Drop all that is kept but samplers, as if no scene had been seen."""
        for kept in (self.texts, self.plans, self.maps):
            kept.clear()

    def plan(self, scene: Scene, steps: int, guidance: float, method: Method = EXACT) -> Plan:
        """All that depends on the scene alone. Recent plans are kept, so the same scene plans nothing again."""
        method = self.able(method, steps)
        key = (scene.key, steps, self.cfg(guidance, method), method)
        return self.plans.made(key, lambda: inferred(self.family.device, self._planned, scene, steps, guidance, method))

    def _planned(self, scene: Scene, steps: int, guidance: float, method: Method) -> Plan:
        self.check_size(scene)
        family, regions = self.family, active(scene)
        sampler = self.sampler(method.sampler, steps)
        weights = row_weights(scene, regions, sampler, method, family.cell, self.maps)
        image = scene.background.image
        grain = max(family.grain, FINEST)
        tile = side(scene.size, self.default_size, family.cell, grain, method.tile)
        picture = None if image is None else self.canvas.encode(image, tile)
        text, keys, negative, negative_keys = self._embeddings(scene, guidance, method)
        seen = scene.size if tile is None else (tile * family.cell, tile * family.cell)
        text = family.on_canvas(text, seen)
        negative = None if negative is None else family.on_canvas(negative, seen)
        noise = np.stack([region_noise(scene, regions, i, family.channels, family.cell) for i in range(steps)])
        rows = [step_rows(weights[i], i, method, picture is None, grain, tile) for i in range(steps)]
        rows[0] = sourced(rows[0], aims(keys, negative_keys), noise[0], self.family.dtype)
        return Plan(
            scene=scene,
            text=text,
            negative=negative,
            keys=keys,
            negative_keys=negative_keys,
            rows=moved(rows, self.family.device),
            steps=moved(tiled(rows, tile), self.family.device),
            tile=tile,
            grain=grain,
            weights=weights.to(self.family.device),
            noise=torch.from_numpy(noise).to(self.family.device),
            start=sampler.start,
            paper=self.canvas.paper(scene.size, tile),
            picture=picture,
            blend=None if picture is None else blend_map(scene, regions),
        )

    def _embeddings(
        self, scene: Scene, guidance: float, method: Method
    ) -> tuple[Text, tuple[Hashable, ...], Text | None, tuple[Hashable, ...] | None]:
        """A prompt a region, drawn towards the background's by its prompt strength, and the background's last; what
        tells them apart; and both of the negative prompts, where they count."""
        background = self.text(scene.background.prompt)
        regions = active(scene)
        behind = scene.background.prompt
        keys = [(r.prompt, *((r.prompt_strength, behind) if r.prompt_strength < 1 else ())) for r in regions]
        rows = [background.lerp(self.text(r.prompt), r.prompt_strength) for r in regions]
        text = Text.cat([*rows, background])
        others = [*(r.negative_prompt for r in regions), ""]
        if self.cfg(guidance, method) not in NEGATIVE and not (method.nag and any(others)):
            return text, (*keys, (behind,)), None, None
        negative = Text.cat(self.text(other) for other in others)
        return text, (*keys, (behind,)), negative, tuple((other,) for other in others)

    def text(self, prompt: str) -> Text:
        """The embedding of one prompt, kept across scenes."""
        prompt = self.language.clean(prompt)
        return self.texts.made(prompt, lambda: self.family.encode_text([prompt]))

    def sampler(self, name: str | None, steps: int) -> Sampler:
        """The sampler called ``name``, of ``samplers.SAMPLERS``, over ``steps`` steps of this model's noise schedule;
        None is the engine's own. Raises ValueError for another name, and for more steps than the sampler has."""
        name = name or self.default_sampler
        if (name, steps) not in self.samplers:
            self.samplers[name, steps] = sampler_class(name)(self.family.scheduler_config, steps)
        return self.samplers[name, steps]

    def embedded(self, method: Method) -> bool:
        """Whether the network is fed the guidance scale, as a distilled one is by its own sampler."""
        sampler = sampler_class(method.sampler or self.default_sampler)
        return self.family.guidance_width is not None and sampler.consistency

    def cfg(self, guidance: float, method: Method) -> Cfg:
        return resolved(method.cfg, guidance, self.embedded(method))

    def able(self, method: Method, steps: int) -> Method:
        """``method`` with what is the model's own, less what the family's attention cannot do."""
        own = method.of(self.centring_steps, steps)
        return own if self.family.leads_away else replace(own, nag=False)

    def check_size(self, scene: Scene) -> None:
        """Raises UnsupportedSize where the network cannot take a canvas of the scene's size."""
        step = self.family.cell * int(getattr(self.family, "patch", 1))
        if any(side % step for side in scene.size):
            width, height = scene.size
            near = "x".join(str(-(-side // step) * step) for side in scene.size)
            raise UnsupportedSize(
                f"the canvas is {width}x{height} pixels, and {self.name} paints sides that are a multiple of {step}",
                f"make it {near}",
            )
