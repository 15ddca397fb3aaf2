"""How one object is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..sheet import Color, Rng, Sheet


@dataclass(frozen=True)
class Kind:
    """draw: its function. aspect: width over height. color: its usual one of ``vocabulary.COLORS``; it can be drawn in
    each of them. None: it has its own colors and takes no other (the sun, a rainbow)."""

    draw: Callable[[Sheet, Rng, Color], None]
    aspect: float
    color: str | None = None
