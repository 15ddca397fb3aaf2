"""Tones that several drawings share: a color in the shade and in the light, and the choice of one that stands out."""

from __future__ import annotations

from ..sheet import Color, brightness, mix

DUSK = (0.9, 1.0, 0.8)  # how much of red, green and blue goes in the shade: yellow turns to ochre, gray to slate
GLOW: Color = (255, 248, 230)  # what light tends to
SLATE: Color = (62, 78, 118)
GLASS: Color = (142, 204, 232)
LAMP: Color = (255, 214, 98)


def dim(color: Color, share: float = 0.28) -> Color:
    """``color`` in the shade."""
    return tuple(int(c * (1 - share * d)) for c, d in zip(color, DUSK))  # type: ignore[return-value]


def lift(color: Color, share: float = 0.3) -> Color:
    """``color`` in the light."""
    return mix(color, GLOW, share)


def seam(color: Color, share: float = 0.34) -> Color:
    """What a line on ``color`` is drawn in: a darker tone of it, a lighter one where it is nearly black."""
    return dim(color, share) if brightness(color) > 70 else lift(color, share)


def other(color: Color, *choices: Color) -> Color:
    """The first of ``choices`` that nobody takes for ``color``, else the last: for large parts, walls and hulls."""
    for choice in choices:
        if sum((a - b) ** 2 for a, b in zip(color, choice)) > 105**2:
            return choice
    return choices[-1]


def unlike(color: Color, *choices: Color, apart: float = 190) -> Color:
    """The first of ``choices`` that stands out from ``color`` as a small detail has to, an eye or a berry, else the
    last; ``apart`` is the least sum of their channels' differences."""
    for choice in choices:
        if sum(abs(a - b) for a, b in zip(color, choice)) > apart:
            return choice
    return choices[-1]
