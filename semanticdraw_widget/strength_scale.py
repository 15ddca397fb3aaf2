"""An even scale for the strength of a mask.

A mask counts in a step if it lies above the step's noise level, and the levels of few-step samplers crowd towards 1: of
four steps at 0.998, 0.97, 0.85 and 0.48, strength 0.9 loses two. On the even scale a share of 0.5 is the strength that
keeps half of the steps. js/src/strength.ts is the same from the other side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def strength_at(share: float, levels: Sequence[float]) -> float:
    """The strength at a share of the scale.

    Args:
        share: 0..1.
        levels: the steps' noise levels, falling from about 1; none leaves the scale as it is.
    """
    return float(np.interp(share, *_scale(levels)))


def share_of(strength: float, levels: Sequence[float]) -> float:
    """The place of a strength, 0..1, on the scale; `strength_at` the other way round."""
    shares, strengths = _scale(levels)
    return float(np.interp(strength, strengths, shares))


def _scale(levels: Sequence[float]) -> tuple[list[float], list[float]]:
    inner = [level for level in sorted(levels[1:]) if 0 < level < 1]
    count = len(inner) + 1
    return [i / count for i in range(count + 1)], [0.0, *inner, 1.0]
