"""What a canvas is made of: the traits that Python and the canvas share, and those that the kernel tells."""

from __future__ import annotations

from typing import Any

import traitlets as t

from . import canvas_values as values
from .protocol import StatusMessage
from .synced_widget import SyncedWidget


class CanvasTraits(SyncedWidget):
    """A canvas's traits. What they take is in canvas_values.py."""

    # ------------------------------------------------------------ what Python and the canvas share

    regions: t.List[Any] = t.List(default_value=[]).tag(
        sync=True, to_json=lambda regions, _: [dict(r) for r in regions]
    )
    """The regions as dicts, the last one on top; each is a RegionHandle, whose attributes write through.
    Keys are id, name, prompt, negative_prompt, color, strength, prompt_strength, feather, seed, visible and
    locked."""

    masks = t.Dict(default_value={}).tag(sync=True, echo_update=False, from_json=values.masks_from_json)
    """Region id -> mask as SDM1 bytes (see masks.py), of finished strokes; `mask(i)` is always up to date."""

    mask_edits = t.Dict(default_value={}).tag(sync=True)
    """Region id -> number of the last stroke patch that is in its mask; see mask_store.py."""

    background = t.Unicode("").tag(sync=True)
    """What the background shows; "" for nothing in particular."""

    background_image = t.Bytes(b"").tag(sync=True, echo_update=False, from_json=values.bytes_from_json)
    """A picture under the regions as a PNG file, stretched to the canvas; b"" for none."""

    size = t.Tuple(t.Int(), t.Int(), default_value=(256, 256)).tag(sync=True)
    """(width, height) in px. Masks are stretched with it."""

    seed = t.Int(0).tag(sync=True)
    """Seed of the noise, 0..2^53-1."""

    steps = t.Int(0).tag(sync=True)
    """Denoising steps; 0 for the model's own number."""

    guidance = t.Float(None, allow_none=True).tag(sync=True)
    """Guidance scale; None for the model's own."""

    mode = t.Unicode("auto").tag(sync=True)
    """How regions share the network."""

    cfg = t.Any("auto").tag(sync=True)
    """How guidance works: "auto", "none", "full", "initialise" or "self". A number is told where it belongs."""

    solo = t.Unicode("").tag(sync=True)
    """Id of the one region that is painted while the others rest, whatever their `visible` says; "" or an id that no
    region has paints all visible ones. See `solo_region`."""

    model = t.Unicode("crayon").tag(sync=True)
    """Name or path of the model. Setting it loads the other one."""

    # ------------------------------------------------------------ what the kernel tells

    status = t.Dict(default_value=StatusMessage("loading").fields(), read_only=True).tag(sync=True)
    """What the session does: state ("loading", "idle", "busy", "error", "closed"), stage, progress, ..."""

    stats = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """How quick the last settled picture was; see jobs.Stats."""

    notices = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """The engine's remarks by region id or "background": unknown words, a prompt cut short, an empty mask."""

    vocabulary = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """Words that the model is sure of: {"backgrounds": [...], "objects": [...]}, and where it has them "colors",
    which go before an object, and "styles", which go after a prompt and a comma."""

    palette = t.Bytes(b"", read_only=True).tag(sync=True, echo_update=False)
    """How those backgrounds and then objects look, a PNG file: tiles of 48x48 px, twelve to a row; b"" if the model
    has no pictures of them."""

    model_facts = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """What the loaded model is by itself: {"steps", "guidance", "takes_guidance": whether its network is fed
    guidance as a number}; {} before it is loaded."""

    frame = t.Bytes(b"", read_only=True).tag(sync=True, echo_update=False)
    """The last settled picture as a PNG file; b"" before there is one."""

    layouts = t.Int(0, read_only=True).tag(sync=True)
    """How many scenes `surprise` has laid out; each is one step of undo in the canvas."""

    _kernel_owned = frozenset(
        {"status", "stats", "notices", "vocabulary", "palette", "model_facts", "frame", "layouts"}
    )
