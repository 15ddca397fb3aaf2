"""The painter's backgrounds: one function a concept, each ``(rng, height, width) -> float32 (height, width, 3)``.

Values are 0 to 255. Patterns have a fixed scale in pixels (a brick is about 26 px wide), so a picture of 128 px is
a window on one of 256 px: what crayon learns on small pictures holds on large ones.
"""

from __future__ import annotations

from collections.abc import Callable

from ..sheet import Rng
from ..vocabulary import BACKGROUNDS
from .ground import GROUND
from .heaven import HEAVEN
from .noise import Array
from .surface import SURFACE

Texture = Callable[[Rng, int, int], Array]
PAINTED = {**HEAVEN, **GROUND, **SURFACE}
TEXTURES: dict[str, Texture] = {name: PAINTED[name] for name in BACKGROUNDS}  # in the vocabulary's order

__all__ = ["TEXTURES", "Texture"]
