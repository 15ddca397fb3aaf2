"""Which sampler a model wants, from the scheduler that its makers saved with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UnsupportedModel
from .registry import SAMPLERS

AUTO = "auto"
OWN = {
    "LCMScheduler": "lcm",
    "TCDScheduler": "tcd",
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler_ancestral",
}


def described(scheduler: Any) -> tuple[str, Mapping[str, Any]]:
    """The class name and config of a diffusers scheduler, or of what its scheduler_config.json holds."""
    if isinstance(scheduler, Mapping):
        return str(scheduler.get("_class_name", "")), scheduler
    return type(scheduler).__name__, scheduler.config


def is_flow(scheduler: Any) -> bool:
    """Whether ``scheduler`` is for models that predict a flow; no other sampler fits these, and theirs no others."""
    kind, config = described(scheduler)
    return (
        "FlowMatch" in kind or bool(config.get("use_flow_sigmas")) or config.get("prediction_type") == "flow_prediction"
    )


def pick_sampler(scheduler: Any) -> str:
    """The sampler that does what ``scheduler`` does: a diffusers scheduler, or the content of its
    scheduler_config.json. The solvers that have no like here (PNDM, DPM-Solver, ...) solve what DDIM solves.

    Raises UnsupportedModel for a scheduler over another kind of noise schedule.
    """
    kind, config = described(scheduler)
    if is_flow(scheduler):
        fresh = config.get("stochastic_sampling") or "Flash" in kind or "LCM" in kind
        return "flow_stochastic" if fresh else "flow"
    if kind not in OWN and "beta_schedule" not in config:
        raise UnsupportedModel(
            f"the model's scheduler is {kind or 'unnamed'}, and no sampler here does what it does",
            f"if one of these does, name it: sampler={', '.join(map(repr, SAMPLERS))}",
        )
    return OWN.get(kind, "ddim")


def few_step(scheduler: Any) -> bool:
    """Whether a model with ``scheduler`` was distilled to few steps already. Trailing spacing tells: the Euler
    schedulers of Turbo and Lightning models have it, those of many-step models do not; of flow matching, fresh noise at
    each step. False where the scheduler does not tell, as that of SD3.5 Turbo, which is SD3's."""
    kind, config = described(scheduler)
    if is_flow(scheduler):
        return pick_sampler(scheduler) == "flow_stochastic"
    name = OWN.get(kind)
    return name in ("lcm", "tcd") or (name is not None and config.get("timestep_spacing") == "trailing")


def checked(sampler: str) -> str:
    """``sampler`` if it is "auto" or one of ``SAMPLERS``; ValueError otherwise."""
    if sampler != AUTO and sampler not in SAMPLERS:
        raise ValueError(f"the sampler is {sampler!r}, it must be one of {AUTO}, {', '.join(SAMPLERS)}")
    return sampler


def choose(sampler: str, scheduler: Any, *, guidance_embedding: bool = False, merged: str | None = None) -> str:
    """The sampler of a model whose user asks for ``sampler``.

    "auto" is ``merged``, the sampler that a LoRA for few steps wants which is fused or merged into the model, if there
    is one; else "lcm" for a UNet that was distilled to take guidance as an embedding, whatever the scheduler is; else
    what the scheduler does.

    Raises ValueError for an unknown name, and for one that cannot run this model; UnsupportedModel as pick_sampler.
    """
    flow = is_flow(scheduler)
    if checked(sampler) == AUTO:
        if merged is not None:
            return merged
        return "lcm" if not flow and guidance_embedding else pick_sampler(scheduler)
    if sampler.startswith("flow") != flow:
        fit = [name for name in SAMPLERS if name.startswith("flow") == flow]
        raise ValueError(
            f"the sampler is {sampler!r}, and this model is {'' if flow else 'not '}made by flow matching; "
            f"it must be one of {AUTO}, {', '.join(fit)}"
        )
    return sampler
