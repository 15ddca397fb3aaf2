"""SemanticDraw: paint regions, say what each one is, and watch the picture follow the pen.

    canvas = SemanticDraw(background="sky")
    canvas                                        # paint on it; or, from Python:
    canvas.add_region("house", mask)
    canvas.generate().save("house.png")

What the canvas and Python share is a set of traits (regions, masks, background, size, seed, ...); a change
on one side shows on the other. Strokes and frames travel as messages beside them, because trait updates
wait for the kernel and a pen does not. Pictures are made by the session's own thread: no method but
`generate` waits for one.

The traits are in canvas_traits.py, and most of what can be done with them in files of one idea each:
region_list.py, region_actions.py, drawing_tools.py, surprise_action.py, file_actions.py, bridge_actions.py. Here they
meet the session that makes pictures and the messages of the canvas.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t
from PIL import Image

from . import canvas_values as values
from . import frontend
from .bridge_actions import BridgeActions
from .brush_actions import BrushActions
from .canvas_link import CanvasLink
from .canvas_messages import MaskPatch
from .drawing_tools import DrawingTools
from .engine_cache import engine_leaser
from .file_actions import FileActions
from .frames import encode_png
from .jobs import Settings
from .keeping import Keeping
from .looking_back import LookingBack
from .mask_store import MaskStore
from .painting import Painting
from .region_handle import REGION_FIELDS, RegionHandle
from .scene import Background, Region, Scene
from .scene_builder import SceneBuilder, shows_anything
from .session import Session
from .surprise_action import SurpriseAction
from .synced_widget import RefusedValue
from .text_actions import TextActions
from .undoing import Undoing

_MASKS = frozenset({"masks", "mask_edits", "mask_revisions"})

PictureSource = Image.Image | np.ndarray[Any, Any]


class SemanticDraw(
    DrawingTools,
    SurpriseAction,
    FileActions,
    BridgeActions,
    LookingBack,
    Keeping,
    Undoing,
    TextActions,
    BrushActions,
    Painting,
):
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
        scheduling: how a moving pen is followed. "newest" paints the newest scene and drops it for a newer one: the
            first preview comes soonest. "stream" lets a scene into the stream batch at every network call: a finished
            picture a call, as many calls late as there are steps. "auto" is newest on a CPU; elsewhere it measures
            how much the batch costs, and streams where that is little. The picture of a scene at rest is the same.
        language: what the canvas speaks, "en" or "de", as in `SemanticDraw(language="de")`; if None the language of the
            page, or English where the canvas does not speak that. Errors in Python stay English.
        device, dtype, lora, decoder, config, sampler, allow_pickle, compile, offload: as for load_engine.
        dom: `layout`, `tooltip` and `tabbable`, as for every ipywidget.

    Raises:
        TypeError: an unknown keyword, or a value of a wrong type.
        ValueError: a value out of its range; the text says the limits.
    """

    _esm = frontend.static("widget.js", frontend.NOT_BUILT)
    _css = frontend.static("widget.css", "")

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
        scheduling: str = "auto",
        language: str | None = None,
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
        self._taking: dict[str, Any] = {}  # what the canvas has sent, while it is taken over
        self._begun = False
        steps = 0 if steps is None else steps
        settings = {"seed": seed, "steps": steps, "guidance": guidance, "mode": mode, "cfg": cfg}
        ways = {"scheduling": scheduling, "language": language}
        super().__init__(model=str(model), size=self._store.size, **settings, **ways, **dom)
        self.on_msg(lambda _, content, buffers: self._link.receive(content, buffers))
        try:
            self.set_background(background)
            for region in regions:
                self.add_region(**(_arguments(region) if isinstance(region, Region) else region))
        except Exception:
            self.close()
            raise
        self._session.start()

    # ------------------------------------------------------------ what lies beneath

    def set_background(self, background: str | PictureSource | None) -> None:
        """Say what lies under the regions: a prompt, or a picture, which is stretched; None removes it.

        A picture of more than 8 MiB as a PNG file is kept in the canvas's size.
        """
        if isinstance(background, str):
            self.background = background
            return
        data = b"" if background is None else _png(background)
        if len(data) > values.MAX_SENT_PICTURE:
            data = encode_png(values.read_picture(data, self.size))
        self.background_image = data

    # ------------------------------------------------------------ pictures

    @property
    def scene(self) -> Scene:
        """What is to be painted now, as an immutable value that any engine takes; style_text and kin are in it, and
        where one region is painted alone, the others are hidden."""
        with self._exclusive():
            return self._settings().painted(self._scene())

    @property
    def image(self) -> Image.Image | None:
        """The last settled picture; None before the first."""
        picture = self._session.picture
        return None if picture is None else Image.fromarray(picture.rgb)

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
        return Image.fromarray(self._session.generate(scene, settings, timeout).rgb)

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
        """What is drawn."""
        return self._builder.build(
            self.size, self.background, self.background_image, self.regions, self._store, self.seed
        )

    def _settings(self) -> Settings:
        """How it is painted."""
        return Settings(self.steps or None, self.guidance, self.mode, self.cfg, self._texts, self.solo, self.scheduling)

    def _edited(self) -> None:
        """Give the session the newest scene, from the first one on that shows anything."""
        self.mask_revisions = self._store.revisions
        scene, settings = self._scene(), self._settings()
        self._begun = self._begun or shows_anything(settings.shown(scene))
        if self._begun:
            self._session.submit(scene, settings)

    # ------------------------------------------------------------ changes, from either side

    def _check(self, name: str, value: Any) -> Any:
        checked = values.check(name, value)
        if name == "masks":
            values.masks_fit(checked, self.size)
        return checked

    @t.validate(*values.CHECKED)
    def _valid(self, proposal: Any) -> Any:
        name, value = proposal.trait.name, proposal.value
        if name == "active" and value != "" and "active" not in self._taking and not isinstance(value, bool):
            value = self.region(value)["id"] if isinstance(value, int | str) else value
        try:
            value = self._check(name, value)
        except (TypeError, ValueError) as error:
            raise RefusedValue(str(error)) from None
        return self._handles(value) if name == "regions" else value

    def _handles(self, regions: Iterable[Mapping[str, Any]]) -> list[RegionHandle]:
        return [RegionHandle(self, region) for region in regions]

    def notify_change(self, change: Any) -> None:
        """Called for every change of a trait."""
        # A new size and the masks that it brings are one message, and so one step of undo.
        with self._edit() if change["name"] == "size" and hasattr(self, "_taking") else nullcontext():
            super().notify_change(change)

    @t.observe(*values.EDITED)
    def _changed(self, change: Any) -> None:
        with self._edit():
            if change.name == "masks" and self._is_from_canvas(change):
                self._store.settle_strokes(self.masks, self.mask_edits)
            elif change.name == "masks":
                # Only what this edit sets: the other regions may be ahead of the trait, with a stroke that goes on.
                self._store.settle({id: mask for id, mask in change.new.items() if change.old.get(id) != mask})
            elif change.name == "size" and change.new != self._store.size:
                self._store.resize(change.new)
                if self._is_from_canvas(change):  # whose masks come with it
                    self._accept({"masks": self._store.all_packed()})
                else:
                    self.masks = self._store.all_packed()
            elif change.name == "regions" and self._active_is_gone(change):
                self.active = change.new[-1]["id"] if change.new else ""
            elif change.name == "paused":
                self._session.set_paused(change.new)
            elif change.name == "model":
                self._session.reload(engine_leaser(change.new, **self._loading))

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Called with state from the canvas. What cannot be used is refused; the previous value stays."""
        with self._edit():
            size, self._from_canvas = self.size, True
            try:
                # The size first: it decides which masks fit.
                for part in ({"size"}, set(sync_data) - {"size"}):
                    super().set_state({name: sync_data[name] for name in sync_data if name in part})
            finally:
                self._from_canvas = False
            if self.size != size:  # of which other pages hear, while masks are not echoed
                self.send_state(_MASKS)

    def _take_over(self, state: dict[str, Any]) -> None:
        state = dict(state)
        seen = state.pop("mask_revisions", None)
        unseen = [] if seen is None else self._store.unseen(state.get("masks", ()), seen)
        if self._from_canvas and "masks" in state:
            regions = [str(region.get("id", "")) for region in state.get("regions", self.regions)]
            edits = state.get("mask_edits", self.mask_edits)
            state["masks"] = self._store.newest(state["masks"], edits, regions, unseen)
        self._accept(state)
        if unseen:  # they are on their way to the page, or were lost where it was not connected
            self.send_state(_MASKS)

    def _accept(self, state: dict[str, Any]) -> None:
        """Set traits to what the canvas has, which is not sent back to it."""
        before, self._taking = self._taking, state
        try:
            super()._take_over(state)
        finally:
            self._taking = before

    def _is_from_canvas(self, change: Any) -> bool:
        """Whether it is what the canvas has sent: an observer may set the same trait to something else."""
        if change.name not in self._taking:
            return False
        sent = self._taking[change.name]
        return bool(change.new == sent or change.new == values.check(change.name, sent))

    def _active_is_gone(self, change: Any) -> bool:
        ids = [region["id"] for region in change.new]
        return not self._is_from_canvas(change) and self.active not in ids

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


def _arguments(region: Region) -> dict[str, Any]:
    return {name: getattr(region, name) for name in (*REGION_FIELDS, "mask")}


def _png(picture: PictureSource) -> bytes:
    if isinstance(picture, Image.Image):
        return encode_png(np.asarray(picture.convert("RGB")))
    image = Background("", picture).image  # checks it
    assert image is not None
    return encode_png(image)
