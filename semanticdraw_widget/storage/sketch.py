"""A scene as flat colors: what a file shows of a drawing that no model has painted yet."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..masks import Mask
from ..region_handle import COLORS
from ..scene import Region, Scene
from .drawing import Drawing
from .limits import THUMBNAIL
from .png import encode

PAPER = (245, 245, 245)
TINT = 0.5
"""Opacity of regions above a result, so that it shows through."""


def color_of(region: Region, place: int) -> tuple[int, int, int]:
    """A region's color; one by its place in the scene if it has none."""
    text = region.color or COLORS[place % len(COLORS)]
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def layer(mask: Mask, color: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """A region as a layer of a painting program: one color, the mask as its alpha. uint8 (height, width, 4)."""
    rgba = np.empty((*mask.shape, 4), np.uint8)
    rgba[..., :3] = color
    rgba[..., 3] = mask
    return rgba


def over(scene: Scene, beneath: npt.NDArray[np.uint8] | None, opacity: float) -> npt.NDArray[np.uint8]:
    """The visible regions above a picture, or above nothing: uint8 (height, width, 4)."""
    from PIL import Image

    canvas: Any = Image.new("RGBA", scene.size)
    if beneath is not None:
        canvas.paste(Image.fromarray(beneath))
    for place, region in enumerate(scene.regions):
        if region.visible:
            mask = np.rint(region.mask * np.float32(opacity)).astype(np.uint8)
            canvas.alpha_composite(Image.fromarray(layer(mask, color_of(region, place))))
    return np.asarray(canvas)


def sketch(scene: Scene) -> npt.NDArray[np.uint8]:
    """Regions in their colors above the background: uint8 (height, width, 3)."""
    beneath = scene.background.image
    if beneath is None:
        beneath = np.full((scene.height, scene.width, 3), PAPER, np.uint8)
    return np.ascontiguousarray(over(scene, beneath, 1.0)[..., :3])


def thumbnail(drawing: Drawing) -> bytes:
    """The result, or else the sketch, as a PNG of at most 256 px a side."""
    from PIL import Image

    image: Any = Image.fromarray(sketch(drawing.scene) if drawing.result is None else drawing.result)
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    return encode(np.asarray(image))
