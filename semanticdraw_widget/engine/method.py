"""Which parts of the published algorithm are on. ``EXACT`` is all of it, right; ``bench fidelity`` takes it apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Method:
    """The paper's parts, each of which can be left out.

    pre_averaging: average the denoised predictions and add noise once (section 3.2); off: average noisy latents.
    centring_steps: leading steps with mask-centring bootstrapping (section 3.3).
    cover_order: a later region weakens what it lies on; off: overlapping regions count alike, as in MultiDiffusion.
    quantise: how masks open over the steps (section 3.4): "none" uses the blurred mask as it is, "discrete"
        thresholds it at each step's noise level, "continuous" ramps between levels, "semi" is discrete with a
        continuous last step.
    leak_damping: weaken a mask where the network painted no more than the plain background during centring.
    structural_steps: leading steps with a network row per region; the steps after them take one row for all regions,
        with region-bound cross-attention (fusion.py). None: every step has a row per region, as published.
    sampler: "lcm", or "ddim" for the many-step baseline.
    """

    pre_averaging: bool = True
    centring_steps: int = 1
    cover_order: bool = True
    quantise: Literal["none", "discrete", "continuous", "semi"] = "semi"
    leak_damping: bool = False
    structural_steps: int | None = None
    sampler: Literal["lcm", "ddim"] = "lcm"


EXACT = Method()
MASKED = Method(structural_steps=1)
METHODS = {"exact": EXACT, "masked": MASKED}
