"""OpenRaster files of painting programs: where a layer is opaque, there its region is.

A layer becomes a region with the layer's name as prompt, its alpha as mask and its mean color as color. Blend modes and
a layer's overall opacity say how colors mix, not where something is, and do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..checks import MAX_PROMPT, MAX_REGIONS, MIN_SIDE, SIDE_STEP
from ..masks import MAX_PIXELS, MAX_SIDE
from ..scene import Background, Region, Scene
from .archive import Archive
from .drawing import Drawing
from .errors import StorageError
from .png import decode
from .stack import Layer, from_xml

RESULT_LAYER, BACKGROUND_LAYER = "semanticdraw: result", "semanticdraw: background"
"""Names of the layers that are no regions, in the files that ora.py writes and others save anew."""


def read_layers(archive: Archive, stack_xml: bytes) -> Drawing:
    """The drawing that the layers make. Its notices say what is not as in the other program."""
    found, layers = from_xml(stack_xml)
    size = _canvas(found)
    notices: list[str] = []
    if size != found:
        notices.append(
            f"the canvas is {size[0]}x{size[1]} px instead of {found[0]}x{found[1]}: sides are multiples of "
            f"{SIDE_STEP}; the strip at the right or below is in no region"
        )
    prompt, image, result = "", None, None
    regions: list[Region] = []
    usable = [layer for layer in reversed(layers) if _usable(layer, notices)]
    # Above our own result or background, the lowest layer is a region like any other.
    lowest = usable[0] if usable else None
    for layer in usable:
        pixels = _placed(layer, archive, size)
        if layer.name == RESULT_LAYER:
            result = pixels[..., :3]
        elif layer.name == BACKGROUND_LAYER:
            image = pixels[..., :3]
        elif layer is lowest and layer.visible and (pixels[: found[1], : found[0], 3] == 255).all():
            prompt = _prompt(layer, notices)
            notices.append(
                f"the lowest layer {layer.name[:80]!r} covers the whole canvas, so its name became the background's "
                "prompt; canvas.background = '...' says something else"
            )
        elif len(regions) == MAX_REGIONS:
            raise StorageError(
                f"the {len(usable)} layers of this file make more than {MAX_REGIONS} regions, and a scene has no more; "
                "merge some in the other program"
            )
        else:
            regions.append(Region(_prompt(layer, notices), pixels[..., 3], color=_mean(pixels), visible=layer.visible))
    return Drawing(Scene(size, Background(prompt, image), regions), result, None, notices)


def _canvas(found: tuple[int, int]) -> tuple[int, int]:
    """The smallest canvas that holds the picture."""
    width, height = (max(MIN_SIDE, -(-side // SIDE_STEP) * SIDE_STEP) for side in found)
    if min(found) < 1 or max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise StorageError(
            f"the picture has {found[0]} x {found[1]} px; sides of 1 to {MAX_SIDE} px are read, {MAX_PIXELS} in all; "
            "scale it down in the other program"
        )
    return width, height


def _usable(layer: Layer, notices: list[str]) -> bool:
    png = layer.source.lower().endswith(".png")
    if not png:
        notices.append(f"the layer {layer.name[:80]!r} is left out, because {layer.source[:80]!r} is no PNG")
    return png


def _placed(layer: Layer, archive: Archive, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The layer on a canvas of `size`: uint8 (height, width, 4), transparent where it does not reach."""
    from PIL import Image

    picture: Any = decode(f"layer {layer.name[:80]!r}", archive.read(layer.source))
    canvas: Any = Image.new("RGBA", size)
    canvas.paste(picture.convert("RGBA"), (layer.x, layer.y))
    return np.array(canvas)


def _prompt(layer: Layer, notices: list[str]) -> str:
    if len(layer.name.strip()) > MAX_PROMPT:
        notices.append(f"the name of the layer {layer.name[:40]!r}... is cut to {MAX_PROMPT} characters")
    return layer.name.strip()[:MAX_PROMPT]


def _mean(pixels: npt.NDArray[np.uint8]) -> str:
    """The mean color of what is painted, "#rrggbb"; "" for an empty layer."""
    alpha = pixels[..., 3]
    weight = int(alpha.sum(dtype=np.int64))
    if weight == 0:
        return ""
    red, green, blue = (
        round(float(np.einsum("ij,ij->", pixels[..., i], alpha, dtype=np.float64)) / weight) for i in range(3)
    )
    return f"#{red:02x}{green:02x}{blue:02x}"
