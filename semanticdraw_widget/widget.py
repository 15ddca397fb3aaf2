"""SemanticDraw: paint regions, say what each one is, and watch the picture follow the pen.

    canvas = SemanticDraw(background="sky")
    canvas                                        # paint on it; or, from Python:
    canvas.add_region("house", mask)
    canvas.generate().save("house.png")

What the canvas and Python share is a set of traits (regions, masks, background, size, seed, ...); a change
on one side shows on the other. Strokes and frames travel as messages beside them, because trait updates
wait for the kernel and a pen does not. Pictures are made by the session's own thread: no method but
`generate` waits for one.
"""

from __future__ import annotations

import base64
import inspect
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t
from PIL import Image

from . import canvas_values as values
from . import storage
from .canvas_file import SETTINGS, scene_traits, settings_to_keep, settings_to_take
from .canvas_link import CanvasLink
from .engine_cache import engine_leaser
from .frames import encode_png
from .jobs import Picture
from .mask_store import MaskStore
from .masks import Mask, MaskSource, pack, to_mask
from .protocol import MaskPatch, StatusMessage
from .region_handle import COLORS, REGION_FIELDS, RegionHandle, region_fields
from .region_tools import RegionTools
from .scene import Background, Region, Scene
from .scene_builder import SceneBuilder, shows_anything
from .session import Session
from .surprise import surprise
from .synced_widget import RefusedValue

if TYPE_CHECKING:
    from .canvas_masks import MaskLink
    from .overlay import Overlay

PictureSource = Image.Image | np.ndarray[Any, Any]

_PAINTINGS = 8
"""How often a picture is waited for that is to go into a file, while somebody goes on painting."""
_STATIC = Path(__file__).parent / "static"
_NOT_BUILT = """
export default {
  render({ el }) { el.textContent = "SemanticDraw's front end is not built; run: make setup"; },
};
"""


def _static(name: str, otherwise: str) -> Path | str:
    """A built file of the front end. A source tree without one still serves Python.

    As text, because anywidget ties every widget to a file that it could watch, and so keeps it for ever; as a
    file only if that is asked for, for work on the front end.
    """
    path = _STATIC / name
    if not path.is_file():
        return otherwise
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")


class SemanticDraw(RegionTools):
    """A canvas for region-prompted pictures. It takes strokes at once; the model loads behind it.

    Args:
        model: "crayon" (embedded), a hub id, a model folder, or a .safetensors file.
        size: (width, height) in px, each 16..8192 and divisible by 8, 4096 * 4096 at most in all; the model's own
            if None.
        background: what lies under the regions: a prompt; or a picture, PIL or uint8 (height, width, 3).
        regions: to begin with, the lowest first: scene.Region objects, or dicts of `add_region`'s arguments.
        seed: 0..2^53-1. The same scene with the same seed gives the same picture, bit for bit.
        steps: denoising steps; the model's own if None.
        guidance: guidance scale; the model's own if None.
        mode: how regions share the network. "exact" is the published algorithm. "crops" gives a region no more of the
            canvas than it needs. "masked" has one pass for all regions after the first step. "increment" is masked,
            and an edit recomputes what it changes, so that the rest of the picture stays as it is, bit for bit. "auto"
            is increment with a first preview after one network call.
        cfg: how guidance works, and with it negative prompts. "full" looks at the negative prompts in every step,
            "initialise" in the first one only, "self" leads away from plain noise, and "none" leads nowhere. "auto" is
            full if guidance is above 1, but none for networks that take guidance as a number, as crayon's does.
        device, dtype, lora, decoder, config, sampler, allow_pickle, compile, offload: as for load_engine.
        dom: `layout`, `tooltip` and `tabbable`, as for every ipywidget.

    Raises:
        TypeError: an unknown keyword, or a value of a wrong type.
        ValueError: a value out of its range; the text says the limits.
    """

    _esm = _static("widget.js", _NOT_BUILT)
    _css = _static("widget.css", "")

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

    def __init__(
        self,
        model: str | Path = "crayon",
        *,
        size: tuple[int, int] | None = None,
        background: str | PictureSource = "",
        regions: Iterable[Region | Mapping[str, Any]] = (),
        seed: int = 0,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "auto",
        cfg: str = "auto",
        device: str = "auto",
        dtype: Any = None,
        lora: str | Path | Sequence[Any] | None = "auto",
        decoder: str | Path | None = "auto",
        config: str | Path | None = None,
        sampler: str = "auto",
        allow_pickle: bool = False,
        compile: bool | str = False,
        offload: str = "auto",
        **dom: Any,
    ) -> None:
        _check_keywords(dom)
        self._loading = {
            "device": device,
            "dtype": dtype,
            "lora": lora,
            "decoder": decoder,
            "config": config,
            "sampler": sampler,
            "allow_pickle": allow_pickle,
            "compile": compile,
            "offload": offload,
        }
        self._link = CanvasLink(self)
        self._session = Session(engine_leaser(str(model), **self._loading), self._link)
        self._store = MaskStore(values.size(size if size is not None else values.default_size(model)))
        self._builder = SceneBuilder()
        self._from_canvas = False
        self._begun = False
        self._opened: tuple[tuple[Any, ...], np.ndarray[Any, Any]] | None = None  # a file's result, and of what
        steps = 0 if steps is None else steps
        settings = {"seed": seed, "steps": steps, "guidance": guidance, "mode": mode, "cfg": cfg}
        super().__init__(model=str(model), size=self._store.size, **settings, **dom)
        self.on_msg(lambda _, content, buffers: self._link.receive(content, buffers))
        try:
            self.set_background(background)
            for region in regions:
                self.add_region(**(_arguments(region) if isinstance(region, Region) else region))
        except Exception:
            self.close()
            raise
        self._session.start()

    # ------------------------------------------------------------ regions, from Python

    def add_region(self, prompt: str, mask: MaskSource | None = None, **fields: Any) -> RegionHandle:
        """Add a region on top of the others.

        Args:
            prompt: what it shows, 1..1000 characters.
            mask: where it is: anything that `to_mask` takes, (height, width) as the canvas; empty if None.
            fields: id, name, negative_prompt, color, strength, prompt_strength, feather, seed, visible and
                locked, as in scene.Region.

        Raises:
            TypeError: an unknown field, or a mask of a wrong dtype.
            ValueError: an empty prompt, a value out of range, a mask of a wrong shape.
        """
        _check_fields(fields)
        region = region_fields({"color": self._next_color(), **fields, "prompt": _prompt(prompt)})
        pixels = None if mask is None else to_mask(mask, self.size)
        with self._edit():
            self.regions = [*self.regions, region]
            if pixels is not None:
                self.set_mask(region["id"], pixels)
            return self.region(region["id"])

    def remove_region(self, i: int | str) -> None:
        """Remove a region, given by its place in `regions` or by its id."""
        with self._edit():
            gone = self.region(i)["id"]
            self.regions = [region for region in self.regions if region["id"] != gone]
            self.masks = {region: packed for region, packed in self.masks.items() if region != gone}
            self._store.forget(keep={region["id"] for region in self.regions})

    def update_region(self, i: int | str, **fields: Any) -> None:
        """Change fields of a region; the rest stays. Raises as `add_region` does."""
        _check_fields(fields, "prompt")
        if "prompt" in fields:
            fields["prompt"] = _prompt(fields["prompt"])
        with self._edit():
            old = self.region(i)
            if fields.get("id", old["id"]) != old["id"]:
                raise ValueError("the id of a region stays; remove the region and add another")
            new = region_fields({**old, **fields})
            self.regions = [new if region["id"] == old["id"] else region for region in self.regions]

    def set_prompt(self, i: int | str, text: str) -> None:
        """Say what a region shows. Raises ValueError for an empty text."""
        self.update_region(i, prompt=text)

    def set_mask(self, i: int | str, mask: MaskSource) -> None:
        """Say where a region is: anything that `to_mask` takes, (height, width) as the canvas.

        Raises:
            TypeError: a wrong dtype; the text names it and the accepted ones.
            ValueError: a wrong shape; the text names both.
        """
        pixels = to_mask(mask, self.size)
        with self._edit():
            region = self.region(i)["id"]
            self.masks = {**self.masks, region: pack(pixels)}

    def set_background(self, background: str | PictureSource | None) -> None:
        """Say what lies under the regions: a prompt, or a picture, which is stretched; None removes it."""
        if isinstance(background, str):
            self.background = background
        else:
            self.background_image = b"" if background is None else _png(background)

    def surprise(self, seed: int | None = None) -> None:
        """Lay out a random scene from the model's words, in place of what is there; a background picture stays.

        In the canvas that is one step of undo. It needs no loaded model.

        Args:
            seed: the same seed, words and canvas size give the same scene; another one each time if None.

        Raises:
            NoVocabulary: a ValueError; the model lists no words. The text says what to do.
        """
        words = self.vocabulary or values.default_vocabulary(self.model)
        scene = surprise(words, self.size, np.random.default_rng(seed))
        colors = [COLORS[i % len(COLORS)] for i in range(len(scene.regions))]
        regions = [region_fields({"prompt": r.prompt, "color": color}) for r, color in zip(scene.regions, colors)]
        with self._edit():
            self.regions = regions
            self.masks = {region["id"]: pack(r.mask) for region, r in zip(regions, scene.regions)}
            self._store.forget(keep={region["id"] for region in regions})
            self.background = scene.background.prompt
            self.set_trait("layouts", self.layouts + 1)

    def region(self, i: int | str) -> RegionHandle:
        """A region by its place in `regions` (negative ones count from the end) or by its id.

        Raises:
            IndexError: no such place; the text says how many regions there are.
            KeyError: no such id.
        """
        regions = self.regions
        if isinstance(i, str):
            for region in regions:
                if region["id"] == i:
                    return region
            raise KeyError(f"no region {i!r}; there are {', '.join(r['id'] for r in regions) or 'none'}")
        if not -len(regions) <= i < len(regions):
            raise IndexError(f"no region {i}; there are {len(regions)}, counted from 0")
        return regions[i]

    def mask(self, i: int | str) -> Mask:
        """Where a region is now, strokes in progress included: uint8 (height, width), 255 inside."""
        with self._exclusive():
            return self._store[self.region(i)["id"]].copy()

    # ------------------------------------------------------------ pictures

    @property
    def scene(self) -> Scene:
        """What is to be painted now, as an immutable value that any engine takes."""
        with self._exclusive():
            return self._scene()

    @property
    def image(self) -> Image.Image | None:
        """The last settled picture; None before the first."""
        pixels = self._pixels
        return None if pixels is None else Image.fromarray(pixels)

    @property
    def _pixels(self) -> np.ndarray[Any, Any] | None:
        """The last settled picture, uint8 (height, width, 3)."""
        picture = self._session.picture
        return None if picture is None else picture.rgb

    def generate(self, timeout: float | None = None) -> Image.Image:
        """Wait until the picture of the current scene is settled, and return it.

        Works in a busy cell, in a script and without a kernel. An unchanged scene is not computed again. If
        somebody goes on painting meanwhile, the picture is that of the newer scene.

        Raises:
            TimeoutError: not settled within `timeout` seconds.
            EngineError: the model failed to load or to run; the text says what to do.
            SessionClosed: the canvas is closed.
        """
        with self._exclusive():
            scene, settings = self._scene(), self._settings()
        self._begun = True
        return Image.fromarray(self._session.generate(scene, *settings, timeout).rgb)

    def snapshot(self) -> None:
        """Display the last settled picture as an ordinary PNG, which stays in a saved notebook.

        Generates it first where there is none yet.
        """
        from IPython.display import Image as PngImage
        from IPython.display import display

        if self._session.picture is None:
            self.generate()
        assert self._session.picture is not None
        display(PngImage(data=self._session.picture.png, format="png"))

    # ------------------------------------------------------------ files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the drawing: regions, masks, background, seed, settings, and its picture if that is settled.

        The suffix says how. ".sdraw" keeps everything in a small file. ".png" is the picture for anybody to look at,
        with the scene in its metadata; that waits for the picture as `generate` does. ".ora" has a layer per region,
        for Krita, GIMP and MyPaint. `load` reads each of them back exactly. An existing file is replaced at once.

            canvas.save("sea.sdraw")
            canvas.save("sea.ora")  # then paint the masks in Krita, save there, and canvas.load("sea.ora")

        Raises:
            StorageError: a ValueError; another suffix, or more masks than a PNG takes.
            OSError: there is no such folder, or the disk refuses.
            TimeoutError, EngineError, SessionClosed: for a PNG, as `generate` does.
        """
        drawing = self._drawing(painted=storage.suffix(path) == ".png")
        storage.write_drawing(path, drawing.scene, result=drawing.result, settings=drawing.settings)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Load a drawing in place of what is there: a .sdraw, .png or .ora that `save` wrote, or any .ora.

        Steps, guidance, mode and cfg come along. The model stays, as a file does not decide what runs here. The layers
        of another program's .ora become regions, named as they are. In the canvas it is one step of undo, which
        brings back regions and background prompt, but not the settings. A file that is refused changes nothing.

            canvas.load("sea.sdraw")

        Warns:
            UserWarning: something in the file is left aside; the text says what.

        Raises:
            StorageError: a ValueError; a file that cannot be used, and why.
            OSError: there is no such file.
        """
        for notice in self._take_drawing(storage.read_drawing(path)):
            warnings.warn(notice, stacklevel=2)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], model: str | Path = "crayon", **options: Any) -> SemanticDraw:
        """A new canvas with the drawing in a file; see `load`.

        It is not called `open`, a name that ipywidgets has for something else.

            canvas = SemanticDraw.from_file("sea.sdraw", device="cuda")

        Args:
            path: a .sdraw, .png or .ora file.
            model: the file's own is not loaded by itself.
            options: as for SemanticDraw, except size, background, regions and seed, which the file has. steps,
                guidance, mode and cfg given here go before those of the file.

        Raises:
            StorageError, OSError: as `load` does.
            TypeError: an option that there is not, or that the file has.
        """
        if taken := sorted({"size", "background", "regions", "seed"} & set(options)):
            raise TypeError(f"{', '.join(taken)} come from the file; change them on the canvas afterwards")
        drawing = storage.read_drawing(path)
        canvas = cls(model, size=drawing.scene.size, **options)
        try:
            notices = canvas._take_drawing(drawing, given=options)
        except Exception:
            canvas.close()
            raise
        for notice in notices:
            warnings.warn(notice, stacklevel=2)
        return canvas

    def _drawing(self, painted: bool) -> storage.Drawing:
        """What a file keeps of the canvas now. painted: never without its picture, which is waited for.

        Somebody may go on painting meanwhile, so that the picture is that of a newer scene: that one is kept then.
        """
        for _ in range(_PAINTINGS):
            with self._exclusive():
                scene, settings = self._scene(), self._settings()
                kept = settings_to_keep(self.model, {name: getattr(self, name) for name in SETTINGS})
            result = self._picture_of(scene, settings)
            if result is None and painted:
                self._begun = True
                picture = self._session.generate(scene, *settings)
                result = picture.rgb if _shows(picture, scene, settings) else None
            if result is not None or not painted:
                return storage.Drawing(scene, result, kept)
        raise storage.StorageError(
            f"the drawing was changed {_PAINTINGS} times before its picture was there; save it when nobody paints"
        )

    def _take_drawing(self, drawing: storage.Drawing, given: Iterable[str] = ()) -> list[str]:
        """Put a drawing in place of what is there; a sentence for each thing in it that is left aside."""
        settings, notices = settings_to_take(drawing, self.model, set(given))
        scene = drawing.scene
        traits = scene_traits(scene) | settings
        with self._exclusive():
            # In a message of its own, before the layout: a canvas takes no masks of another size than it has.
            self.size = scene.size
            with self._edit():
                self._store.forget(keep=())  # ids may be the same as before, and strokes on those are over
                for name, value in traits.items():
                    setattr(self, name, value)
                self._store.settle(self.masks)  # a trait set to what it was tells nobody
                self.set_trait("layouts", self.layouts + 1)
            if drawing.result is not None:
                self._opened = ((scene.key, *self._settings()), drawing.result)
                self.set_trait("frame", encode_png(drawing.result))  # what a view shows until the model is there
        return notices

    def _picture_of(self, scene: Scene, settings: tuple[Any, ...]) -> np.ndarray[Any, Any] | None:
        """The settled picture of just this scene, made here or before it was saved; None if there is none."""
        picture = self._session.picture
        if picture is not None and _shows(picture, scene, settings):
            return picture.rgb
        opened = self._opened
        return opened[1] if opened is not None and opened[0] == (scene.key, *settings) else None

    # ------------------------------------------------------------ ipycanvas

    def masks_from_canvas(
        self, canvas: Any, prompts: str | Sequence[str | None] | None = None, threshold: float | None = 0.5
    ) -> MaskLink:
        """Make each layer of an ipycanvas Canvas or MultiCanvas a region, and follow it until the link's `close()`.

            for layer in shapes:  # an ipycanvas.MultiCanvas
                layer.sync_image_data = True
            link = canvas.masks_from_canvas(shapes, ["sea", "house"])

        A layer's opacity is its region's mask, uint8 (height, width), stretched to this canvas's size; what is at least
        `threshold` opaque is inside, None keeps soft edges. `semanticdraw_widget.masks_from_canvas` has the details.

        Raises:
            ImportError: ipycanvas is not installed; the text says how to.
            TypeError: neither a Canvas nor a MultiCanvas, or a prompt is not a text.
            ValueError: sync_image_data is off, prompts of another number than layers, a threshold not in 0..1.
        """
        from .bridge import masks_from_canvas

        return masks_from_canvas(self, canvas, prompts, threshold)

    def draw_overlay(self, canvas: Any, preview: bool = True, outlines: bool = True, labels: bool = True) -> Overlay:
        """Show the picture, with the regions' outlines and labels, in an ipycanvas Canvas until the link's `close()`.

            slide = ipycanvas.Canvas(width=768, height=768)
            overlay = canvas.draw_overlay(slide)

        What was on it is replaced, (width, height) may be any. `semanticdraw_widget.draw_overlay` has the details.

        Raises:
            ImportError: ipycanvas is not installed; the text says how to.
            TypeError: not a Canvas, which a layer of a MultiCanvas is.
        """
        from .bridge import draw_overlay

        return draw_overlay(self, canvas, preview, outlines, labels)

    # ------------------------------------------------------------ the end

    def close(self) -> None:
        """Stop working: the thread ends, the model is freed with its last canvas, the view goes away."""
        if hasattr(self, "_session"):  # not if the constructor refused its arguments
            self._session.close()
        super().close()

    def __enter__(self) -> SemanticDraw:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # ------------------------------------------------------------ state into scene

    def _scene(self) -> Scene:
        return self._builder.build(
            self.size, self.background, self.background_image, self.regions, self._store, self.seed, self.solo
        )

    def _settings(self) -> tuple[int | None, float | None, str, str]:
        return self.steps or None, self.guidance, self.mode, self.cfg

    def _edited(self) -> None:
        """Give the session the newest scene, from the first one on that shows anything."""
        scene = self._scene()
        self._begun = self._begun or shows_anything(scene)
        if self._begun:
            self._session.submit(scene, *self._settings())

    def _next_color(self) -> str:
        taken = [region["color"] for region in self.regions]
        return min(COLORS, key=taken.count)

    # ------------------------------------------------------------ changes, from either side

    def _check(self, name: str, value: Any) -> Any:
        checked = values.check(name, value)
        if name == "masks":
            values.masks_fit(checked, self.size)
        return checked

    @t.validate(*values.CHECKED)
    def _valid(self, proposal: Any) -> Any:
        try:
            value = self._check(proposal.trait.name, proposal.value)
        except (TypeError, ValueError) as error:
            raise RefusedValue(str(error)) from None
        return [RegionHandle(self, region) for region in value] if proposal.trait.name == "regions" else value

    @t.observe(*values.CHECKED)
    def _changed(self, change: Any) -> None:
        with self._edit():
            if change.name == "masks" and self._from_canvas:
                self._store.settle_strokes(self.masks, self.mask_edits)
            elif change.name == "masks":
                # Only what this edit sets: the other regions may be ahead of the trait, with a stroke that goes on.
                self._store.settle({id: mask for id, mask in change.new.items() if change.old.get(id) != mask})
            elif change.name == "size" and change.new != self._store.size:
                self._store.resize(change.new)
                self.masks = self._store.all_packed()
            elif change.name == "model":
                self._session.reload(engine_leaser(change.new, **self._loading))

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Called with state from the canvas. What cannot be used is refused; the previous value stays."""
        with self._edit():
            self._from_canvas = True
            try:
                # The size first: it decides which masks fit.
                for part in ({"size"}, set(sync_data) - {"size"}):
                    super().set_state({name: sync_data[name] for name in sync_data if name in part})
            finally:
                self._from_canvas = False

    def _refuse(self, name: str, error: Exception) -> None:
        self._link.refuse("bad_state", f"{name}: {error}")

    def _apply_patch(self, message: MaskPatch) -> None:
        """The pen moved. Raises ValueError for a patch that does not fit."""
        with self._edit():
            if self._store.full:
                self._store.forget(keep={message.region, *(region["id"] for region in self.regions)})
            self._store.patch(message)
            if message.final:  # the trait settles here already; nothing is sent back to where it came from
                self._take_over({"masks": {**self.masks, message.region: self._store.packed(message.region)}})

    # ------------------------------------------------------------ ipywidgets' own methods

    def open(self) -> None:
        """Called when the widget meets its front end."""
        super().open()
        self.comm.on_close(lambda _: self._session.set_visible(False))
        if hasattr(self.comm, "_reply_subshell_for"):
            # ipykernel 7.4 takes a comm's messages to the shell of the last send on it: strokes would wait
            # for the cell that made the canvas, and be lost once the subshell of an earlier page is gone.
            # Right is the subshell that the front end itself names.
            self.comm._reply_subshell_for = lambda data, named: named

    def _handle_msg(self, msg: Any) -> None:
        self._link.remember_context()
        super()._handle_msg(msg)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The view, and beside it the last picture for places that have no widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        picture = self._session.picture
        if bundle is not None and picture is not None:
            bundle[0]["image/png"] = base64.b64encode(picture.png).decode()
        return bundle


def _check_keywords(dom: Mapping[str, Any]) -> None:
    known = {"layout", "tooltip", "tabbable"}
    if unknown := sorted(set(dom) - known):
        own = [name for name in inspect.signature(SemanticDraw).parameters if name != "dom"]
        raise TypeError(f"SemanticDraw has no {', '.join(unknown)}; it takes {', '.join([*own, *sorted(known)])}")


def _check_fields(fields: Mapping[str, Any], *also: str) -> None:
    known = [name for name in REGION_FIELDS if name != "prompt" or "prompt" in also]
    if unknown := sorted(set(fields) - set(known)):
        raise TypeError(f"a region has no {', '.join(unknown)}; it has {', '.join(known)}")


def _prompt(text: str) -> str:
    if isinstance(text, str) and not text.strip():
        raise ValueError("the prompt is empty; say what the region shows, as in 'house'")
    return text


def _shows(picture: Picture, scene: Scene, settings: tuple[Any, ...]) -> bool:
    """Whether it is the picture of just this scene."""
    wanted = (scene.key, *settings)
    return picture.key[: len(wanted)] == wanted


def _arguments(region: Region) -> dict[str, Any]:
    return {name: getattr(region, name) for name in (*REGION_FIELDS, "mask")}


def _png(picture: PictureSource) -> bytes:
    if isinstance(picture, Image.Image):
        return encode_png(np.asarray(picture.convert("RGB")))
    image = Background("", picture).image  # checks it
    assert image is not None
    return encode_png(image)
