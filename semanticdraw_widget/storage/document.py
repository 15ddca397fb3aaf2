"""scene.json: a drawing as JSON whose pixels lie beside it, in a .sdraw or an .ora. docs/sdraw.md describes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import __version__, checks
from ..checks import MAX_REGIONS
from ..masks import Mask
from ..scene import Background, Region, Scene
from .drawing import Brush, Drawing
from .errors import StorageError
from .values import check_version, fields_of, parse_json

FORMAT, VERSION = "semanticdraw-drawing", 1
NAME = "scene.json"

_REGION_FIELDS = [field.name for field in fields(Region) if field.name != "mask"]
_NAMES = {"format", "version", "writer", "size", "seed", "background", "regions", "result", "settings"}

ReadMask = Callable[[str, str, tuple[int, int]], Mask]
ReadPicture = Callable[[str, str, tuple[int, int]], npt.NDArray[np.uint8]]


def to_bytes(drawing: Drawing, masks: Sequence[str], background: str, result: str) -> bytes:
    """The JSON.

    Args:
        masks: the member that holds each region's mask. background, result: theirs, where there are such pictures.
    """
    scene = drawing.scene
    document = {
        "format": FORMAT,
        "version": VERSION,
        "writer": f"semanticdraw_widget {__version__}",
        "size": scene.size,
        "seed": scene.seed,
        "background": {
            "prompt": scene.background.prompt,
            "image": None if scene.background.image is None else background,
        },
        "regions": [
            {name: getattr(region, name) for name in _REGION_FIELDS} | {"mask": mask}
            for region, mask in zip(scene.regions, masks, strict=True)
        ],
        "result": None if drawing.result is None else result,
        "settings": dict(drawing.settings),
    }
    # ASCII, because a prompt may hold half a surrogate pair, which UTF-8 cannot.
    return json.dumps(document, indent=1).encode("ascii")


def from_bytes(data: bytes, read_mask: ReadMask, read_picture: ReadPicture, brushes: Sequence[Brush] = ()) -> Drawing:
    """The drawing in such JSON.

    Args:
        read_mask, read_picture: called as (what it is, member, size) for pixels.
        brushes: what lies beside it.
    """
    document = parse_json(data)
    check_version(document, FORMAT, VERSION)
    document = fields_of("scene", document, _NAMES)
    background = fields_of("background", document["background"], {"prompt", "image"})
    regions = document["regions"]
    if not isinstance(regions, list) or len(regions) > MAX_REGIONS:
        raise StorageError(f"the regions in this file are a JSON list of at most {MAX_REGIONS}; it is damaged")
    with_masks = {*_REGION_FIELDS, "mask"}
    try:
        size = checks.size(document["size"])
        image = _optional(read_picture, "background picture", background["image"], size)
        scene = Scene(
            size,
            Background(background["prompt"], image),
            [_region(i, fields_of("region", region, with_masks), read_mask, size) for i, region in enumerate(regions)],
            document["seed"],
        )
        result = _optional(read_picture, "result", document["result"], size)
        return Drawing(scene, result, document["settings"], brushes=brushes)
    except StorageError:
        raise
    except (TypeError, ValueError) as error:
        raise StorageError(f"the scene in this file cannot be used: {error}") from None


def _region(i: int, region: dict[str, Any], read_mask: ReadMask, size: tuple[int, int]) -> Region:
    what = f"mask of region {i}"
    if not isinstance(region["id"], str) or not region["id"]:
        raise StorageError(f"region {i} in this file has no id; every region has one")
    return Region(**region | {"mask": read_mask(what, _member(what, region["mask"]), size)})


def _optional(read: ReadPicture, what: str, member: object, size: tuple[int, int]) -> npt.NDArray[np.uint8] | None:
    return None if member is None else read(what, _member(what, member), size)


def _member(what: str, name: object) -> str:
    if not isinstance(name, str):
        raise StorageError(f"the {what} in this file is named by text, not {type(name).__name__}")
    return name
