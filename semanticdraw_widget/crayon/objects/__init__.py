"""The painter's objects: one function a concept, each draws into a unit box on a :class:`~..sheet.Sheet`.

Plain enough for a small network, and what a good picture book would show: clear silhouettes, a few large parts, light
from the upper left. An object always faces the same way and keeps its build: the less a prompt leaves open, the sharper
a few-step network answers it.
"""

from __future__ import annotations

import numpy as np

from ..sheet import Rng, Sheet
from ..vocabulary import COLORS, OBJECTS
from .animals import ANIMALS
from .buildings import BUILDINGS
from .kind import Kind
from .nature import NATURE
from .things import THINGS

DRAWN = {**NATURE, **ANIMALS, **BUILDINGS, **THINGS}
KINDS: dict[str, Kind] = {name: DRAWN[name] for name in OBJECTS}  # in the vocabulary's order


def draw_object(rng: Rng, concept: str, width: int, height: int, color: str | None) -> np.ndarray:
    """One drawing of ``concept``: uint8 (height, width, 4). ``color`` is one of :data:`COLORS`, or None: its usual."""
    kind = KINDS[concept]
    sheet = Sheet(width, height)
    kind.draw(sheet, rng, COLORS[color or kind.color] if kind.color else (128, 128, 128))
    return sheet.pixels()


__all__ = ["KINDS", "Kind", "draw_object"]
