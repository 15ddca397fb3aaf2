"""How many steps a model takes, at which guidance and by which sampler, where neither it nor its user says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import naming, samplers
from .families.accelerator import Accelerator, told
from .families.family import Family, Kind

FEW_STEPS = 4
CONSISTENCY = (
    "lcm",
    "tcd",
    "flow_stochastic",
)  # samplers for distilled models alone: who asks for one has such a model


@dataclass(frozen=True)
class Distillation:
    """Whether a model was distilled for few steps, before any LoRA is fused.

    few: it was. steps: for how many, None where nothing says. like: the LoRA that was merged into it, by its name.
    word: the word of its name that was believed. unsure: nothing said so or the contrary.
    """

    few: bool
    steps: int | None = None
    like: Accelerator | None = None
    word: str | None = None
    unsure: bool = False


def judged(pipeline: Any, kind: Kind, source: str) -> Distillation:
    """Whether the model ``source`` was distilled: its network or its scheduler may say so, else its name."""
    said = naming.read(source)
    shown = kind.distilled(getattr(pipeline, kind.network).config)
    if shown or samplers.few_step(pipeline.scheduler):
        return Distillation(True, said.steps)
    if said.word is not None:
        return Distillation(True, said.steps, told(kind.accelerators, source), said.word)
    # A scheduler of flow matching is the same before and after.
    return Distillation(False, unsure=shown is None and samplers.is_flow(pipeline.scheduler))


@dataclass(frozen=True)
class Defaults:
    """What an engine does where a call says nothing."""

    sampler: str
    steps: int
    guidance: float


def defaults(
    sampler: str, scheduler: Any, family: Family, kind: Kind, model: Distillation, fused: Accelerator | None = None
) -> Defaults:
    """Those of a model whose user asks for ``sampler``. fused: the LoRA for few steps that was fused.

    Raises ValueError and UnsupportedModel as ``samplers.choose``.
    """
    embedded = family.guidance_width is not None
    merged = fused or model.like
    chosen = samplers.choose(
        sampler, scheduler, guidance_embedding=embedded, merged=None if merged is None else merged.sampler
    )
    if merged is not None:
        return Defaults(chosen, merged.steps, merged.guidance)
    # DDIM asks a network with a guidance embedding as the many-step model that it was before.
    few = model.few and not (chosen == "ddim" and embedded)
    if few or (chosen == sampler and sampler in CONSISTENCY):
        return Defaults(chosen, model.steps or FEW_STEPS, kind.guidance if embedded else 1.0)
    return Defaults(chosen, kind.many_steps, kind.guidance if embedded else kind.cfg)


def assumed(model: Distillation, name: str, usual: Defaults, fused: Accelerator | None) -> str | None:
    """What to tell the user of a model that did not say itself whether it was distilled; None if there is nothing."""
    runs = f"{usual.steps} steps at guidance {usual.guidance:g}"
    change = "the numbers under Settings, or steps= and guidance=, change that"
    if model.word is not None:
        return f'{name} is taken for a model of few steps, as its name says "{model.word}": {runs}; {change}'
    if not model.unsure:
        return None
    if fused is not None:
        return (
            f"nothing in {name} says whether it was distilled for few steps, so it was given the LoRA {fused.source}: "
            f"{runs}; if it was, as Turbo models are, load it with lora=None and set 4 steps at guidance 1"
        )
    return (
        f"nothing in {name} says whether it was distilled for few steps, so it runs {runs}; if it was, as Turbo models "
        f"are, 4 steps at guidance 1 do: {change}"
    )
