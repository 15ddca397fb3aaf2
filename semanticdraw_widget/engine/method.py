"""Which parts of the published algorithm are on. ``EXACT`` is all of it, right; ``bench fidelity`` takes it apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .guidance import Setting


@dataclass(frozen=True)
class Method:
    """The paper's parts, each of which can be left out.

    pre_averaging: average the denoised predictions and add noise once (section 3.2); off: average noisy latents.
    centring_steps: leading steps with mask-centring bootstrapping (section 3.3); None is the model's own number, 1
        where its folder does not say (about.py).
    mixing_steps: over so many steps the plain white around a centred region gives way to the background's picture or
        the shared latent, as the share of white is this less the step's number, within 0..1; None is as many as the
        model's own centring steps.
    cover_order: where a later region has opened it hides what it lies on; off: overlapping regions count alike, as in
        MultiDiffusion.
    quantise: how masks open over the steps (section 3.4): "none" uses the blurred mask as it is, "discrete"
        thresholds it at each step's noise level, "continuous" ramps between levels, "semi" is discrete with a
        continuous last step.
    leak_damping: weaken a mask where the network painted no more than the plain background during centring.
    structural_steps: leading steps with a network row per region; the steps after them take one row for all regions,
        with region-bound cross-attention (fusion.py). None: every step has a row per region, as published.
    crops: a region's own row sees the smallest window that holds the region, not the whole canvas (crops.py).
    sampler: one of samplers.SAMPLERS, such as "ddim" for the many-step baseline; None is the engine's own.
    cfg: "none" has no negative pass; "full" has one at every step; "initialise" one at the first step, whose residual
        noise serves the others; "self" takes the initial noise for it; "auto" is "full" where guidance is above 1 and
        the network does not take it as a number, else "none". Chosen by name on a network that takes it as a
        number, it is fed 1.
    nag: without a negative pass, negative prompts count in the region-bound cross-attention (nag.py).
    tile: the side in pixels of the tiles that a large canvas is cut into (tiles.py); None is the model's own size on
        canvases of more than twice that, 0 cuts none.
    delta: the weight of the residual noise with "initialise" and "self" (arXiv 2312.12491, section 3.2).
    """

    pre_averaging: bool = True
    centring_steps: int | None = None
    mixing_steps: float | None = None
    cover_order: bool = True
    quantise: Literal["none", "discrete", "continuous", "semi"] = "semi"
    leak_damping: bool = False
    structural_steps: int | None = None
    crops: bool = False
    sampler: str | None = None
    cfg: Setting = "auto"
    nag: bool = False
    delta: float = 1.0
    tile: int | None = None

    def of(self, centring_steps: int, steps: int) -> Method:
        """With what is the model's own filled in. Of several ``steps`` the last one never centres: a region has to meet
        the others before its picture is done."""
        own = min(centring_steps, max(steps - 1, 1))
        return replace(
            self,
            centring_steps=own if self.centring_steps is None else self.centring_steps,
            mixing_steps=float(own) if self.mixing_steps is None else self.mixing_steps,
        )


EXACT = Method()
CROPS = Method(crops=True)
MASKED = Method(structural_steps=1, crops=True, nag=True)


@dataclass(frozen=True)
class Mode:
    """How a scene is painted. increment: an edit recomputes what it changes of the picture that is there.
    fast_lane: before that, where edits follow each other fast, one late step from the picture that is there shows what
    the edit makes of it."""

    method: Method
    increment: bool = False
    fast_lane: bool = False


MODES = {
    "auto": Mode(MASKED, increment=True, fast_lane=True),
    "exact": Mode(EXACT),
    "crops": Mode(CROPS),
    "masked": Mode(MASKED),
    "increment": Mode(MASKED, increment=True),
}


def mode_of(method: Method) -> str:
    """The name of the plainest mode that runs ``method``, whatever its sampler and guidance."""
    plain = Mode(replace(method, sampler=None, cfg="auto", delta=1.0, tile=None))
    return next((name for name, mode in MODES.items() if mode == plain), "custom")


def named(mode: str) -> Mode:
    """The mode called ``mode``; ValueError for another name."""
    if mode not in MODES:
        raise ValueError(f"the mode is {mode!r}, it must be one of {', '.join(MODES)}")
    return MODES[mode]
