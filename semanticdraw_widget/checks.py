"""The values of a scene, each checked where it comes in.

Every function returns the value as the scene stores it, or raises SceneError.
"""

from __future__ import annotations

import math
import re
from operator import index
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from .masks import MAX_PIXELS, MAX_SIDE

MIN_SIDE = 16
"""Shortest side of a canvas, px. The longest, and the largest area, are those of a mask."""
SIDE_STEP = 8
"""Canvas sides are multiples of this many px, one latent pixel of every supported model."""
MAX_REGIONS = 64
MAX_PROMPT = 1000
"""Characters in a prompt. Text encoders read some 77 tokens, so longer ones are slips of the clipboard."""
MAX_FEATHER = 512.0
MAX_SEED = 2**53 - 1
"""The largest whole number that the browser holds exactly."""


class SceneError(ValueError):
    """A scene that cannot be painted; the message names the value, the limit and the way out."""


def text(what: str, value: object) -> str:
    """Text of at most 1000 characters, stripped."""
    if not isinstance(value, str):
        raise SceneError(f"the {what} is text, not {type(value).__name__}")
    if len(value.strip()) > MAX_PROMPT:
        raise SceneError(f"the {what} has {len(value.strip())} characters; shorten it to {MAX_PROMPT}")
    return value.strip()


def identifier(value: object) -> str:
    """A region's id; a new one for the empty text."""
    if not isinstance(value, str) or len(value) > 64:
        raise SceneError(f"a region id is text of at most 64 characters, not {value!r}")
    if value == "background":
        raise SceneError("the id 'background' stands for the background; choose another for a region")
    return value or uuid4().hex[:8]


def color(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(#[0-9a-fA-F]{6})?", value):
        raise SceneError(f"a color is written '#rrggbb', or '' for none, not {value!r}")
    return value.lower()


def number(what: str, value: Any, most: float, above: float | None = None) -> float:
    """A number in 0..most, or in above..most without `above` itself."""
    try:
        real = math.nan if isinstance(value, str | bool) else float(value)
    except (TypeError, ValueError):
        real = math.nan
    if not 0.0 <= real <= most or real == above:
        limits = f"0 to {most:g}" if above is None else f"above {above:g} and at most {most:g}"
        raise SceneError(f"the {what} is a number, {limits}, not {value!r}")
    return real


def seed(value: Any) -> int:
    try:
        whole = -1 if isinstance(value, bool) else index(value)
    except TypeError:
        whole = -1
    if not 0 <= whole <= MAX_SEED:
        raise SceneError(f"a seed is a whole number, 0 to {MAX_SEED}, not {value!r}")
    return whole


def flag(what: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise SceneError(f"'{what}' is True or False, not {value!r}")
    return bool(value)


def size(value: Any) -> tuple[int, int]:
    """A canvas size (width, height)."""
    try:
        width, height = (index(side) for side in value)
    except (TypeError, ValueError):
        raise SceneError(f"a size is two whole numbers (width, height), not {value!r}") from None
    width, height = _side("width", width), _side("height", height)
    if width * height > MAX_PIXELS:
        raise SceneError(
            f"a canvas of {width}x{height} px is too large: {MAX_PIXELS} px in all, such as 4096x4096 or "
            f"{MAX_SIDE}x{MAX_PIXELS // MAX_SIDE}"
        )
    return width, height


def _side(what: str, px: int) -> int:
    if MIN_SIDE <= px <= MAX_SIDE and px % SIDE_STEP == 0:
        return px
    below = max(MIN_SIDE, min(px // SIDE_STEP * SIDE_STEP, MAX_SIDE))
    above = min(MAX_SIDE, max(-(-px // SIDE_STEP) * SIDE_STEP, MIN_SIDE))
    nearest = f"{below} or {above}" if below != above else str(below)
    raise SceneError(
        f"the {what} {px} px is not a canvas side: {MIN_SIDE} to {MAX_SIDE} px, divisible by {SIDE_STEP}; "
        f"the nearest is {nearest}"
    )


def shape(what: str, array: npt.NDArray[np.uint8], size: tuple[int, int]) -> None:
    """That an array (height, width, ...) fits a canvas of `size` (width, height)."""
    found, needed = array.shape[:2], (size[1], size[0])
    if found == needed:
        return
    hint = "it looks transposed" if found == size else "resize it, or change the size of the scene"
    raise SceneError(f"the {what} has shape {found}, the canvas needs {needed} as (height, width); {hint}")
