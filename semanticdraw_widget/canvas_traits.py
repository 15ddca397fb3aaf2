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
        sync=True,
        to_json=lambda regions, _: [dict(r) for r in regions],
        # Until all that came with them is validated, another thread sees what is given here.
        from_json=lambda regions, canvas: canvas._handles(values.check("regions", regions)),
    )
    """The regions as dicts, the last one on top; each is a RegionHandle, whose attributes write through.
    Keys are id, name, prompt, negative_prompt, color, strength, prompt_strength, feather, seed, visible and
    locked."""

    masks = t.Dict(default_value={}).tag(sync=True, echo_update=False, from_json=values.masks_from_json)
    """Region id -> mask as SDM1 bytes (see masks.py), of finished strokes; `mask(i)` is always up to date."""

    mask_edits = t.Dict(default_value={}).tag(sync=True)
    """Region id -> number of the last stroke patch that is in its mask; see mask_store.py."""

    mask_revisions = t.Dict(default_value={}).tag(sync=True, echo_update=False)
    """Region id -> number of Python's last edit of its mask. The canvas sends those that it has seen beside its masks,
    and this stays as it is; see mask_store.py."""

    page_edit = t.Unicode("").tag(sync=True)
    """Which page made the last edit that came from one, and its number there: to the other pages it is no edit of
    Python's, so that they cannot take it back."""

    active = t.Any("").tag(sync=True, echo_update=False)
    """Id of the region that the hand draws in; "" while there is none. It may be set to a place in `regions` as well,
    as in `canvas.active = -1` for the topmost; then it is that region's id. Every page follows what Python sets. What
    is chosen on a page is told to Python alone: two people at two pages keep a hand each.

        canvas.active = "house"
        canvas.observe(lambda change: print("now", change.new), "active")

    Raises IndexError for a place and KeyError for an id that is not there."""

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

    scheduling = t.Unicode("auto").tag(sync=True)
    """How a moving pen is followed: "newest", "stream", or "auto", which picks the better one for the device."""

    solo = t.Unicode("").tag(sync=True)
    """Id of the one region that is painted while the others rest, whatever their `visible` says; "" or an id that no
    region has paints all visible ones. See `solo_region`."""

    style_text = t.Unicode("").tag(sync=True)
    """What every prompt ends with, such as "watercolor, soft light"; "" for nothing."""

    quality_text = t.Unicode("").tag(sync=True)
    """What every prompt ends with after the style, such as "sharp focus"; `set_quality` has ready texts."""

    negative_text = t.Unicode("").tag(sync=True)
    """What every negative prompt ends with, such as "blurry"."""

    paused = t.Bool(False).tag(sync=True)
    """While this is True edits paint nothing: `repaint` or `generate` paints once, False paints on."""

    brushes: t.List[Any] = t.List(default_value=[]).tag(sync=True)
    """Saved prompts with their settings, as dicts of name, prompt, negative_prompt, color, strength, prompt_strength,
    feather and seed; see `save_brush`."""

    outlines_only = t.Bool(False).tag(sync=True)
    """View: masks show as outlines, without a tint."""

    grid = t.Bool(False).tag(sync=True)
    """View: lines every eighth of the canvas, thirds stronger."""

    side_by_side = t.Bool(False).tag(sync=True)
    """View: the picture without masks beside the canvas."""

    opacity = t.Float(0.35).tag(sync=True)
    """View: how much of the masks' tint covers the picture, 0..1, as in `canvas.opacity = 0.6`; 0 hides the outlines,
    too, and 1 shows nothing but masks where they are in sight."""

    language = t.Unicode(None, allow_none=True).tag(sync=True)
    """View: what the canvas speaks, "en" or "de", as in `canvas.language = "de"`; None for the language of the page, or
    English where the canvas does not speak that. Prompts and Python's own texts stay as they are."""

    model = t.Unicode("crayon").tag(sync=True)
    """Name or path of the model. Setting it loads the other one."""

    # ------------------------------------------------------------ what the kernel tells

    status = t.Dict(default_value=StatusMessage("loading").fields(), read_only=True).tag(sync=True)
    """What the session does: state ("loading", "idle", "busy", "error", "closed"), stage, progress, ..."""

    stats = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """How quick the last settled picture was; see jobs.Stats."""

    notices = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """The engine's remarks by region id or "background": unknown words, a prompt cut short, an empty mask. Those on
    style_text, quality_text and negative_text are under ""."""

    vocabulary = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """Words that the model is sure of: {"backgrounds": [...], "objects": [...]}, and where it has them "colors",
    which go before an object, and "styles", which go after a prompt and a comma."""

    palette = t.Bytes(b"", read_only=True).tag(sync=True, echo_update=False)
    """How those backgrounds and then objects look, a PNG file: tiles of 48x48 px, twelve to a row; b"" if the model
    has no pictures of them."""

    model_facts = t.Dict(default_value={}, read_only=True).tag(sync=True)
    """What the loaded model is by itself: {"steps", "guidance", "takes_guidance": whether its network is fed
    guidance as a number, "levels": its steps' noise levels}; {} before it is loaded."""

    frame = t.Bytes(b"", read_only=True).tag(sync=True, echo_update=False)
    """The last settled picture as a PNG file; b"" before there is one."""

    layouts = t.Int(0, read_only=True).tag(sync=True)
    """How many scenes Python has laid out; each is one step of undo in the canvas."""

    layout_kind = t.Unicode("surprise", read_only=True).tag(sync=True)
    """What the last one was: "surprise", "open" (a file) or "restore" (a picture of the history)."""

    history_entries: t.List[Any] = t.List(default_value=[], read_only=True).tag(sync=True)
    """What the history strip lists, the oldest first: dicts of id, title, made_at (ms since 1970), pinned and size. The
    pictures come when the canvas asks for them; `history` has all of it."""

    # ------------------------------------------------------------ what keeps a drawing

    autosave = t.Bool(True).tag(sync=True)
    """Whether saving the notebook keeps the drawing in it, so that it shows again where no kernel runs. That makes the
    notebook larger by the canvas's code, about 250 KB, the last picture and the masks."""

    kept = t.Dict(default_value={}).tag(sync=True)
    """A drawing that the browser has kept from a canvas before this one in the same notebook, and that is not here:
    {"regions": how many, "prompts": [...], "at": ms since 1970}; {} for none. See `bring_back`."""

    canvas_id = t.Unicode("").tag(sync=True)
    """Tells this canvas from others, in the browser's storage and in the notebook: its `model_id`."""

    _kernel_owned = frozenset(
        {
            *("status", "stats", "notices", "vocabulary", "palette", "model_facts", "frame", "layouts"),
            *("layout_kind", "history_entries", "canvas_id"),
        }
    )

    def _tell_layout(self, kind: str) -> None:
        """What is set in the same edit is a whole scene: "surprise", "open" or "restore"."""
        self.set_trait("layout_kind", kind)
        self.active = self.regions[-1]["id"] if self.regions else ""
        self.set_trait("layouts", self.layouts + 1)
