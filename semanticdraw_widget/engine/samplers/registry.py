"""The samplers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .ddim import DDIM
from .euler import Euler
from .euler_ancestral import EulerAncestral
from .flow import Flow, FlowStochastic
from .lcm import LCM
from .sampler import Sampler
from .tcd import TCD


class SamplerClass(Protocol):
    """A sampler is made from a scheduler's config and a number of steps. Raises ValueError where they do not fit."""

    consistency: bool

    def __call__(self, config: Mapping[str, Any], steps: int) -> Sampler: ...


SAMPLERS: dict[str, SamplerClass] = {
    "lcm": LCM,
    "tcd": TCD,
    "euler": Euler,
    "euler_ancestral": EulerAncestral,
    "ddim": DDIM,
    "flow": Flow,
    "flow_stochastic": FlowStochastic,
}


def sampler_class(name: str) -> SamplerClass:
    """The sampler called ``name``; ValueError for another name."""
    if name not in SAMPLERS:
        raise ValueError(f"the sampler is {name!r}, it must be one of {', '.join(SAMPLERS)}")
    return SAMPLERS[name]
