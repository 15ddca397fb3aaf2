"""What each trait of the canvas may hold, checked the same whether it comes from Python or from the browser.

`check(name, value)` gives the value as the trait keeps it, or raises TypeError or ValueError.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import checks
from .mask_store import MAX_MASKS
from .masks import MAX_SIDE, unpack
from .message_fields import MAX_ID_LENGTH, MAX_INT
from .region_handle import region_list
from .semantic_brushes import brush_list

MODES = ("auto", "exact", "crops", "masked", "increment")
CFGS = ("auto", "none", "full", "initialise", "self")
SCHEDULES = ("auto", "newest", "stream")
LANGUAGES = ("en", "de")
"""Those that the canvas speaks, by the first part of their tag; each is a file in js/src/languages."""
MAX_STEPS = 100
MAX_GUIDANCE = 30.0
MAX_PICTURE_BYTES = 64 * 2**20
"""Largest picture file that the canvas may send as a background."""
MAX_SENT_PICTURE = 8 * 2**20
"""Bytes that the canvas can send back, as undo does: Jupyter's server takes no message of more than 10 MiB."""

CRAYON = Path(__file__).parent / "crayon" / "model"
DEFAULT_SIZE = (512, 512)
"""The canvas of a model that is not here to be asked."""


def check(name: str, value: Any) -> Any:
    """The value that trait `name` keeps for `value`; traits without a rule keep it as it is.

    Raises:
        TypeError, ValueError: the text names the value, the limit and what would be right.
    """
    rule = _RULES.get(name)
    return value if rule is None else rule(value)


def size(value: Any) -> tuple[int, int]:
    """A canvas size (width, height); SceneError names the nearest legal ones."""
    return checks.size(value)


def text(what: str, value: Any) -> str:
    """A background prompt, or a text that goes with every prompt. It keeps its spaces: somebody may be typing it."""
    checks.text(what, value)
    return str(value)


def steps(value: Any) -> int:
    """0 (the model's own number) to 100."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_STEPS:
        raise ValueError(f"steps is a whole number, 0 (the model's own) to {MAX_STEPS}, not {value!r}")
    return value


def guidance(value: Any) -> float | None:
    """None (the model's own) or 0..30."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_GUIDANCE:
        raise ValueError(f"guidance is a number, 0 to {MAX_GUIDANCE:g}, or None, not {value!r}")
    return float(value)


def opacity(value: Any) -> float:
    """Of the masks' tint, 0 (masks are not seen) to 1 (they cover the picture)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"the opacity of the masks is a number, 0 (hidden) to 1 (they cover), not {value!r}")
    return float(value)


def mode(value: Any) -> str:
    """How regions share the network: one of MODES."""
    if value not in MODES:
        raise ValueError(f"the mode is one of {', '.join(MODES)}, not {value!r}")
    return str(value)


def cfg(value: Any) -> str:
    """How guidance works: one of CFGS."""
    if value not in CFGS:
        raise ValueError(f"cfg is one of {', '.join(CFGS)}, not {value!r}; guidance is the number")
    return str(value)


def scheduling(value: Any) -> str:
    """How a moving pen is followed: one of SCHEDULES."""
    if value not in SCHEDULES:
        raise ValueError(f"scheduling is one of {', '.join(SCHEDULES)}, not {value!r}")
    return str(value)


def language(value: Any) -> str | None:
    """None (that of the page) or the BCP 47 tag of one of LANGUAGES, as in "de" or "de-AT"."""
    tag = re.fullmatch(r"([a-z]{2,3})([-_][a-z0-9]{1,8})*", value.lower()) if isinstance(value, str) else None
    if value is not None and (tag is None or tag[1] not in LANGUAGES):
        known = " or ".join(map(repr, LANGUAGES))
        raise ValueError(f"language is {known}, perhaps with a land as in 'de-AT', or None (the page's), not {value!r}")
    return value


def solo(value: Any) -> str:
    """The id of the region that is painted alone, or "". Its region need not be known: it may be on its way."""
    if not isinstance(value, str) or len(value) > MAX_ID_LENGTH:
        raise ValueError(f"solo is a region's id, text of at most {MAX_ID_LENGTH} characters, or '', not {value!r}")
    return value


def model(value: Any) -> str:
    """A model's name or path; whether there is such a model shows when it is loaded."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"a model is named by text, as in 'crayon', not {value!r}")
    return value


def masks(value: Any) -> dict[str, bytes]:
    """Region id -> SDM1 bytes that can be unpacked. Their size is checked by `masks_fit`."""
    if not isinstance(value, Mapping):
        raise TypeError(f"masks are a dict of region id to packed bytes, not {type(value).__name__}")
    if len(value) > MAX_MASKS:
        raise ValueError(f"a canvas keeps at most {MAX_MASKS} masks, not {len(value)}")
    for region, blob in value.items():
        _region_id(region)
        if not isinstance(blob, bytes | bytearray | memoryview):
            raise TypeError(f"the mask of region {region!r} is packed bytes, not {type(blob).__name__}")
        try:
            unpack(blob)
        except ValueError as error:
            raise ValueError(f"the mask of region {region!r} cannot be read: {error}") from None
    return {region: bytes(blob) for region, blob in value.items()}


def masks_fit(value: Mapping[str, bytes], size: tuple[int, int]) -> None:
    """That packed masks have the canvas's size."""
    for region, blob in value.items():
        checks.shape(f"mask of region {region!r}", unpack(blob), size)


def mask_edits(value: Any) -> dict[str, int]:
    """Region id -> a patch's seq, or for mask_revisions the number of an edit."""
    if not isinstance(value, Mapping):
        raise TypeError(f"mask_edits and mask_revisions are dicts of region id to number, not {type(value).__name__}")
    for region, seq in value.items():
        _region_id(region)
        if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq <= MAX_INT:
            raise ValueError(f"the number of region {region!r} is whole, 0 to {MAX_INT}, not {seq!r}")
    return dict(value)


def page_edit(value: Any) -> str:
    """Which page made an edit, and its number there."""
    if not isinstance(value, str) or len(value) > MAX_ID_LENGTH:
        raise ValueError(f"page_edit is text of at most {MAX_ID_LENGTH} characters, not {value!r}")
    return value


def active(value: Any) -> str:
    """The id of the region that the hand draws in, or "". Its region need not be known: it may be on its way."""
    if not isinstance(value, str) or len(value) > MAX_ID_LENGTH:
        raise ValueError(
            f"active is a region's id, text of at most {MAX_ID_LENGTH} characters, its place in regions, or '' for "
            f"none, not {value!r}"
        )
    return value


def kept(value: Any) -> dict[str, Any]:
    """What the browser says of a drawing that it has kept; {} for none."""
    if not isinstance(value, Mapping):
        raise TypeError(f"kept is a dict, not {type(value).__name__}")
    if not value:
        return {}
    if set(value) != {"regions", "prompts", "at"}:
        raise ValueError(f"kept has regions, prompts and at, not {', '.join(map(str, value)) or 'nothing'}")
    for name in ("regions", "at"):
        if isinstance(value[name], bool) or not isinstance(value[name], int) or not 0 <= value[name] <= MAX_INT:
            raise ValueError(f"kept's {name} is a whole number, 0 to {MAX_INT}, not {value[name]!r}")
    prompts = value["prompts"]
    if not isinstance(prompts, list) or len(prompts) > checks.MAX_REGIONS:
        raise ValueError(f"kept's prompts are a list of at most {checks.MAX_REGIONS} texts, not {prompts!r}")
    for prompt in prompts:
        checks.text("kept prompt", prompt)
    return dict(value)


def background_image(value: Any) -> bytes:
    """A picture file that Pillow can read, or b"" for none."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"a background image is the bytes of a PNG file, not {type(value).__name__}")
    data = bytes(value)
    if len(data) > MAX_PICTURE_BYTES:
        raise ValueError(f"a background image is at most {MAX_PICTURE_BYTES} bytes, not {len(data)}")
    if data:
        read_picture(data, (16, 16))
    return data


def read_picture(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture file as uint8 (height, width, 3), stretched to `size`.

    Raises:
        ValueError: Pillow cannot read it, or it is larger than a canvas can be.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError(f"its sides are {image.size}, at most {MAX_SIDE} px are taken")
            rgb = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"the background image cannot be used: {error}") from None
    return np.asarray(rgb if rgb.size == size else rgb.resize(size, Image.Resampling.LANCZOS))


def masks_from_json(value: Any, _: object) -> Any:
    """Buffers from the browser come as memoryviews."""
    return {region: bytes(blob) for region, blob in value.items()} if isinstance(value, Mapping) else value


def bytes_from_json(value: Any, _: object) -> Any:
    """A buffer from the browser comes as a memoryview."""
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def default_size(model: str | Path) -> tuple[int, int]:
    """The canvas of a model before it is loaded: the "canvas" in its semanticdraw.json, or 512x512."""
    folder = CRAYON if model == "crayon" else Path(model)
    try:
        return size(json.loads((folder / "semanticdraw.json").read_text(encoding="utf-8"))["canvas"])
    except (OSError, ValueError, KeyError, TypeError):
        return DEFAULT_SIZE  # whether there is such a model at all is for load_engine to say


def default_vocabulary(model: str | Path) -> dict[str, list[str]]:
    """The ready words of a model before it is loaded: those in its semanticdraw.json, else none."""
    folder = CRAYON if model == "crayon" else Path(model)
    try:
        words = json.loads((folder / "semanticdraw.json").read_text(encoding="utf-8"))["vocabulary"]
        return {str(kind): [str(word) for word in some] for kind, some in words.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _region_id(value: Any) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID_LENGTH:
        raise ValueError(f"a region id is text of 1 to {MAX_ID_LENGTH} characters, not {value!r}")


_RULES: dict[str, Callable[[Any], Any]] = {
    "regions": region_list,
    "masks": masks,
    "mask_edits": mask_edits,
    "mask_revisions": mask_edits,
    "page_edit": page_edit,
    "active": active,
    "background": partial(text, "background prompt"),
    "background_image": background_image,
    "size": size,
    "seed": checks.seed,
    "steps": steps,
    "guidance": guidance,
    "mode": mode,
    "cfg": cfg,
    "scheduling": scheduling,
    "solo": solo,
    "language": language,
    "style_text": partial(text, "style"),
    "quality_text": partial(text, "quality"),
    "negative_text": partial(text, "negative text"),
    "brushes": brush_list,
    **{name: partial(checks.flag, name) for name in ("paused", "outlines_only", "grid", "side_by_side")},
    "opacity": opacity,
    "model": model,
    "kept": kept,
}

CHECKED = tuple(_RULES)
"""The traits that have a rule."""

EDITED = tuple(name for name in _RULES if name not in ("mask_revisions", "page_edit", "active", "kept"))
"""Those of them that may change what is painted, or how it is looked at."""
