"""Between a canvas's traits and a drawing in a file: which settings go along, and what a file may change."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import canvas_values as values
from .frames import encode_png
from .masks import pack
from .region_handle import REGION_FIELDS

if TYPE_CHECKING:
    from .scene import Scene
    from .storage import Drawing

SETTINGS = ("steps", "guidance", "mode", "cfg", "style_text", "quality_text", "negative_text")
"""Traits beside the scene that a file keeps and sets. A file names its model, too, but never loads one: which weights
run on a machine is not for whoever sent the file to say."""


def settings_to_keep(model: str, traits: Mapping[str, Any]) -> dict[str, Any]:
    """What a file keeps beside the scene. Of a model on this disk, it keeps the name alone."""
    return {"model": Path(model).name if Path(model).exists() else model, **{name: traits[name] for name in SETTINGS}}


def settings_to_take(drawing: Drawing, model: str, given: Container[str] = ()) -> tuple[dict[str, Any], list[str]]:
    """The traits that a file sets, and a sentence for each thing in it that this canvas leaves aside.

    Args:
        model: the canvas's.
        given: traits that somebody has set by hand, which stay.
    """
    taken: dict[str, Any] = {}
    notices = list(drawing.notices)
    for name in SETTINGS:
        if name in drawing.settings and name not in given:
            try:
                taken[name] = values.check(name, drawing.settings[name])
            except (TypeError, ValueError) as error:
                notices.append(f"the file's {name} is left aside: {error}")
    theirs = drawing.settings.get("model")
    ours = settings_to_keep(model, dict.fromkeys(SETTINGS))["model"]
    if isinstance(theirs, str) and theirs != ours:
        notices.append(
            f"the drawing was made with the model {theirs!r}, and this canvas has {ours!r}; set canvas.model if you "
            "have and trust that one"
        )
    return taken, notices


def scene_traits(scene: Scene) -> dict[str, Any]:
    """The traits that mean `scene`, checked.

    Raises:
        TypeError, ValueError: a canvas cannot hold it.
    """
    image = scene.background.image
    traits = {
        "regions": [{name: getattr(region, name) for name in REGION_FIELDS} for region in scene.regions],
        "masks": {region.id: pack(region.mask) for region in scene.regions},
        "background": scene.background.prompt,
        "background_image": b"" if image is None else encode_png(np.asarray(image)),
        "seed": scene.seed,
    }
    for name, value in traits.items():
        values.check(name, value)
    return traits
