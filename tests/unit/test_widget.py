"""SemanticDraw with a recording comm and a fake engine: traits from both sides, messages, errors, threads."""

from __future__ import annotations

import base64
import copy
import gc
import inspect
import io
import json
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from typing import Any, get_args

import numpy as np
import pytest
import traitlets
from ipywidgets.widgets.widget import _instances
from PIL import Image

from semanticdraw_widget import Region, SemanticDraw
from semanticdraw_widget.canvas_values import CFGS
from semanticdraw_widget.engine import load_engine
from semanticdraw_widget.engine.guidance import Setting
from semanticdraw_widget.frames import encode_png
from semanticdraw_widget.masks import pack, unpack
from unit.doubles import FakeEngine, Loader, until

WIDTH, HEIGHT = 64, 48


class RecordingComm:
    """In place of ipykernel's comm: keeps what the widget sends, and confirms frames as a view does."""

    kernel = object()

    def __init__(self, **opened: Any) -> None:
        self.comm_id = f"comm-{id(self)}"
        self.opened = opened
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        self.handler: Callable[[Any], None] = lambda msg: None
        self.closed = False
        self.on_closed: Callable[[Any], None] = lambda msg: None

    def on_msg(self, handler: Callable[[Any], None]) -> None:
        self.handler = handler

    def on_close(self, handler: Callable[[Any], None]) -> None:
        self.on_closed = handler

    def send(self, data: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        json.dumps(data)
        self.sent.append((data, list(buffers or [])))
        content = data.get("content", {})
        if content.get("type") == "frame":
            self.custom({"type": "painted", "seq": content["seq"], "received": 1.0, "painted": 2.0})

    def close(self) -> None:
        self.closed = True

    # What a test asks.

    def messages(self, kind: str) -> list[dict[str, Any]]:
        contents = [data["content"] for data, _ in self.sent if data["method"] == "custom"]
        return [content for content in contents if content["type"] == kind]

    def buffers(self, kind: str) -> list[list[bytes]]:
        sent = [(data["content"], buffers) for data, buffers in self.sent if data["method"] == "custom"]
        return [buffers for content, buffers in sent if content["type"] == kind]

    def updates(self, name: str) -> list[Any]:
        sent = [data["state"] for data, _ in self.sent if data["method"] == "update"]
        return [state[name] for state in sent if name in state]

    def deliver(self, data: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        views = [memoryview(buffer) for buffer in buffers or []]
        self.handler({"content": {"data": data}, "buffers": views})

    def custom(self, content: object, *buffers: bytes) -> None:
        self.deliver({"method": "custom", "content": content}, list(buffers))

    def update(self, paths: list[list[str]] | None = None, buffers: list[bytes] | None = None, **state: Any) -> None:
        self.deliver({"method": "update", "state": state, "buffer_paths": paths or []}, buffers)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> Iterator[Callable[..., SemanticDraw]]:
    loader = Loader(engine)
    monkeypatch.setattr("semanticdraw_widget.widget.engine_leaser", lambda *args, **options: loader)
    monkeypatch.setattr("comm.create_comm", RecordingComm)
    made: list[SemanticDraw] = []

    def make(*args: Any, **options: Any) -> SemanticDraw:
        made.append(SemanticDraw(*args, **{"size": (WIDTH, HEIGHT), **options}))
        return made[-1]

    make.made = made  # type: ignore[attr-defined]
    yield make
    for widget in made:
        widget.close()


@pytest.fixture
def canvas(make: Callable[..., SemanticDraw]) -> SemanticDraw:
    return make()


def band(top: int, bottom: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[top:bottom] = 255
    return mask


def watch(canvas: SemanticDraw) -> RecordingComm:
    """A view has come."""
    canvas.comm.custom({"type": "ready", "view": 1})
    return canvas.comm


def settled(comm: RecordingComm, revision: int | None = None) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        frames = [f for f in comm.messages("frame") if f["kind"] == "settled"]
        return [f for f in frames if revision is None or f["revision"] >= revision]

    until(found)
    return found()[-1]


# ---------------------------------------------------------------- the Python API


def test_a_model_is_loaded_as_asked(make: Callable[..., SemanticDraw], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    loader = Loader(FakeEngine())
    monkeypatch.setattr(
        "semanticdraw_widget.widget.engine_leaser", lambda model, **options: asked.append(options) or loader
    )
    canvas = make(sampler="tcd", lora=None)
    assert (asked[0]["sampler"], asked[0]["lora"]) == ("tcd", None)
    canvas.model = "other"
    assert asked[1] == asked[0], "another model takes the same options"
    assert set(asked[0]) == set(inspect.signature(load_engine).parameters) - {"name_or_path", "progress"}


def test_regions_masks_and_scene(canvas: SemanticDraw) -> None:
    sea = canvas.add_region("sea", band(24, 48))
    house = canvas.add_region("house", Image.fromarray(band(8, 20)), seed=5, feather=2.0)
    scene = canvas.scene
    assert [r.prompt for r in scene.regions] == ["sea", "house"]
    assert np.array_equal(scene.regions[0].mask, band(24, 48))
    assert scene.regions[1].seed == 5 and scene.size == (WIDTH, HEIGHT)
    assert sea.color != house.color
    assert np.array_equal(canvas.mask(house.id), band(8, 20))
    assert np.array_equal(unpack(canvas.masks[sea.id]), band(24, 48))
    canvas.remove_region(0)
    assert [r.prompt for r in canvas.scene.regions] == ["house"] and sea.id not in canvas.masks


def test_handles_write_through(canvas: SemanticDraw) -> None:
    house = canvas.add_region("house")
    changes: list[Any] = []
    canvas.observe(changes.append, "regions")
    house.prompt = "red house"
    house.mask = band(0, 9)
    canvas.regions[0].strength = 0.5
    canvas.regions[0]["visible"] = False
    assert canvas.regions == [{**house, "prompt": "red house", "strength": 0.5, "visible": False}]
    assert (house.prompt, house.strength, house.visible) == ("red house", 0.5, False)
    assert np.array_equal(house.mask, band(0, 9))
    assert [c["old"][0]["prompt"] for c in changes] == ["house", "red house", "red house"]
    assert json.loads(json.dumps(canvas.regions))[0]["prompt"] == "red house"
    assert type(copy.deepcopy(canvas.regions)[0]) is dict
    with pytest.raises(AttributeError, match="prompt_strength"):
        house.promt  # noqa: B018
    with pytest.raises(TypeError, match="prompt_strength"):
        house.promt = "x"
    with pytest.raises(TypeError, match="attribute"):
        house.update(prompt="x")
    canvas.remove_region(0)
    assert house.prompt == "house"  # as it was read
    with pytest.raises(LookupError, match="no longer"):
        house.prompt = "x"


def test_handles_fill_shapes(canvas: SemanticDraw) -> None:
    house = canvas.add_region("house")
    house.fill_rectangle(0, 8, WIDTH, 12)
    assert np.array_equal(house.mask, band(8, 20))
    house.fill_rectangle(2.5, 8, 4, 12, value=0)
    assert not house.mask[8:20, 2:6].any() and np.count_nonzero(house.mask) == 12 * (WIDTH - 4)
    sun = canvas.add_region("sun")
    sun.fill_ellipse(10, 10, 20, 20)
    assert abs(np.count_nonzero(sun.mask) - 314) < 8
    roof = canvas.add_region("roof")
    roof.fill_polygon([(0, 0), (40, 0), (0, 40)])
    assert np.array_equal(roof.mask[:40, :40] == 255, np.add.outer(np.arange(40), np.arange(40)) < 39)
    for bad in ([(0, 0), (1, np.nan), (2, 0)], [(0, 0), (70000, 1), (2, 0)]):
        with pytest.raises(ValueError, match="65536 px"):
            roof.fill_polygon(bad)
    with pytest.raises(ValueError, match="3 or more"):
        roof.fill_polygon([(0, 0), (1, 1)])


def test_every_field_of_a_region_can_be_set_by_its_handle(canvas: SemanticDraw) -> None:
    house = canvas.add_region("house", band(0, 9))
    values = {"name": "mine", "prompt": "tree", "negative_prompt": "leaf", "color": "#123456", "strength": 0.5}
    values |= {"prompt_strength": 0.4, "feather": 3.0, "seed": 7, "visible": False, "locked": True}
    assert set(values) == set(house) - {"id"}
    for name, value in values.items():
        setattr(house, name, value)
    assert [getattr(canvas.scene.regions[0], name) for name in values] == list(values.values())


def test_regions_by_place_and_by_id(canvas: SemanticDraw) -> None:
    a, b = canvas.add_region("a", id="a"), canvas.add_region("b", id="b")
    assert canvas.region(0) == a and canvas.region(-1) == b and canvas.region("b") == b
    canvas.set_prompt("a", "boat")
    canvas.set_prompt(1, "tree")
    assert [r.prompt for r in canvas.scene.regions] == ["boat", "tree"]
    for call in (canvas.region, canvas.remove_region, canvas.mask):
        with pytest.raises(IndexError, match="there are 2"):
            call(2)
        with pytest.raises(KeyError, match="a, b"):
            call("c")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.add_region(""), ValueError, "prompt is empty"),
        (lambda c: c.set_prompt(0, "  "), ValueError, "prompt is empty"),
        (lambda c: c.add_region("x" * 1001), ValueError, "1001"),
        (lambda c: c.add_region(5), ValueError, "int"),
        (lambda c: c.add_region("x", colour="red"), TypeError, "colour.*color"),
        (lambda c: c.add_region("x", strength=2), ValueError, "strength.*2"),
        (lambda c: c.add_region("x", id="r"), ValueError, "r"),
        (lambda c: c.update_region(0, id="other"), ValueError, "id"),
        (lambda c: c.set_mask(0, np.zeros((WIDTH, HEIGHT), bool)), ValueError, r"\(64, 48\).*\(48, 64\)"),
        (lambda c: c.set_mask(0, np.zeros((HEIGHT, WIDTH), np.int32)), TypeError, "int32.*uint8"),
        (lambda c: c.add_region("x", np.full((HEIGHT, WIDTH), np.nan)), ValueError, "NaN"),
        (lambda c: c.set_background("x" * 1001), ValueError, "1001"),
        (lambda c: c.set_background(np.zeros((4, 4))), ValueError, "uint8"),
        (lambda c: setattr(c, "size", (100, 100)), ValueError, "96 or 104"),
        (lambda c: setattr(c, "seed", -1), ValueError, "seed"),
        (lambda c: setattr(c, "steps", -1), ValueError, "steps"),
        (lambda c: setattr(c, "guidance", 1000.0), ValueError, "guidance"),
        (lambda c: setattr(c, "masks", {"r": b"nonsense"}), ValueError, "mask of region 'r'"),
        (lambda c: setattr(c, "regions", [{"prompt": "x", "hue": 3}]), ValueError, "hue"),
        (lambda c: setattr(c, "regions", "house"), ValueError, "region"),
        (lambda c: setattr(c, "mode", "quick"), ValueError, "exact"),
        (lambda c: setattr(c, "cfg", "strong"), ValueError, "auto, none, full, initialise, self.*'strong'"),
        (lambda c: setattr(c, "cfg", 7.5), ValueError, "guidance is the number"),
        (lambda c: setattr(c, "model_facts", {}), traitlets.TraitError, "read-only"),
        (lambda c: setattr(c, "model", ""), ValueError, "model"),
        (lambda c: setattr(c, "frame", b"x"), traitlets.TraitError, "read-only"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    canvas: SemanticDraw, call: Callable[[SemanticDraw], None], error: type[Exception], text: str
) -> None:
    canvas.add_region("house", band(0, 9), id="r")
    before = canvas.scene
    with pytest.raises(error, match=f"(?s){text}"):
        call(canvas)
    assert canvas.scene == before


def test_constructor_arguments(make: Callable[..., SemanticDraw]) -> None:
    with pytest.raises(TypeError, match=r"prompt.*background"):
        make(prompt="x")
    for bad in ({"size": (63, 48)}, {"seed": "x"}, {"steps": 5000}, {"cfg": "on"}, {"regions": [{"prompt": ""}]}):
        with pytest.raises((ValueError, traitlets.TraitError)):
            make(**bad)
    canvas = make(
        background="sky",
        regions=[
            Region("house", band(0, 9), id="h", color="#123456"),
            {"prompt": "sun", "mask": band(20, 30)},
        ],
        seed=7,
        steps=3,
        guidance=2.5,
        cfg="initialise",
        layout={"width": "50%"},
    )
    assert (canvas.steps, canvas.guidance, canvas.cfg) == (3, 2.5, "initialise")
    assert [r.prompt for r in canvas.scene.regions] == ["house", "sun"]
    assert canvas.scene.regions[0].color == "#123456" and canvas.scene.seed == 7
    assert canvas.layout.width == "50%"


def test_background_is_a_prompt_or_a_picture(canvas: SemanticDraw) -> None:
    canvas.set_background("sky")
    picture = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    canvas.set_background(picture)
    assert canvas.scene.background.prompt == "sky"
    assert np.array_equal(canvas.scene.background.image, picture)
    canvas.set_background(Image.fromarray(picture).resize((7, 5)).convert("RGBA"))
    assert canvas.scene.background.image.shape == (HEIGHT, WIDTH, 3)
    canvas.set_background(None)
    assert canvas.scene.background.image is None and canvas.background == "sky"


def test_a_picture_that_undo_could_not_send_back_is_kept_in_the_canvas_s_size(canvas: SemanticDraw) -> None:
    large = np.random.default_rng(0).integers(0, 256, (1600, 2000, 3), np.uint8)
    canvas.set_background(large)
    assert len(canvas.background_image) < 10 * 2**20
    painted = canvas.scene.background.image
    canvas.set_background(large[:400])
    assert Image.open(io.BytesIO(canvas.background_image)).size == (2000, 400), "others stay as they are"
    canvas.background_image = encode_png(large)
    assert np.array_equal(canvas.scene.background.image, painted), "and what is painted is the same"


def test_a_new_size_stretches_the_masks(canvas: SemanticDraw) -> None:
    canvas.add_region("house", band(0, 24), id="r")
    canvas.size = (2 * WIDTH, 2 * HEIGHT)
    assert canvas.scene.regions[0].mask[:48].all() and not canvas.scene.regions[0].mask[48:].any()
    assert unpack(canvas.masks["r"]).shape == (96, 128)


def test_generate_image_snapshot_and_repr(
    make: Callable[..., SemanticDraw], engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = make(background="sky")
    assert canvas.image is None and "image/png" not in canvas._repr_mimebundle_()[0]
    image = canvas.generate(timeout=10)
    assert image.size == (WIDTH, HEIGHT) and canvas.image == image
    assert canvas.generate(timeout=10) == image and len(engine.runs) == 1
    until(lambda: canvas.frame)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(canvas.frame))), np.asarray(image))
    bundle = canvas._repr_mimebundle_()[0]
    assert base64.b64decode(bundle["image/png"]) == canvas.frame
    assert "application/vnd.jupyter.widget-view+json" in bundle
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    canvas.snapshot()
    assert shown[0].data == canvas.frame


def test_generate_takes_zero_regions(canvas: SemanticDraw) -> None:
    assert canvas.generate(timeout=10).size == (WIDTH, HEIGHT)


def test_the_context_manager_closes(make: Callable[..., SemanticDraw]) -> None:
    with make() as canvas:
        thread = canvas._session._thread
        comm = canvas.comm
    assert comm.closed and not thread.is_alive() and canvas.status["state"] == "closed"
    with pytest.raises(RuntimeError, match="closed"):
        canvas.generate()


# ---------------------------------------------------------------- the canvas's side


def test_ready_replays_status_and_frame(canvas: SemanticDraw) -> None:
    canvas.generate(timeout=10)
    comm = watch(canvas)
    assert comm.messages("status")[-1]["state"] in ("busy", "idle")
    frame = settled(comm)
    data, buffers = next((d, b) for d, b in comm.sent if d.get("content") == frame)
    assert data["method"] == "custom" and Image.open(io.BytesIO(buffers[0])).size == (WIDTH, HEIGHT)
    assert frame["mime"] == "image/png" and frame["size"] == [WIDTH, HEIGHT]


def test_an_empty_canvas_is_not_worked_on(canvas: SemanticDraw, engine: FakeEngine) -> None:
    comm = watch(canvas)
    canvas.add_region("house")
    time.sleep(0.05)
    assert engine.runs == []
    canvas.set_mask(0, band(0, 9))
    settled(comm)
    canvas.remove_region(0)  # but clearing one that was worked on clears the picture too
    until(lambda: len(engine.runs) == 2)


def patched(comm: RecordingComm, seq: int, region: str, top: int, final: bool = False) -> None:
    content = {"type": "mask_patch", "seq": seq, "region": region, "box": [0, top, WIDTH, 4], "final": final}
    comm.custom(content, pack(np.full((4, WIDTH), 255, np.uint8)))


def test_strokes_reach_the_scene_while_the_pen_moves(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house")
    patched(comm, 1, house.id, 0)
    assert np.array_equal(house.mask, band(0, 4)) and house.id not in canvas.masks
    patched(comm, 2, house.id, 4, final=True)
    assert np.array_equal(house.mask, band(0, 8))
    assert np.array_equal(unpack(canvas.masks[house.id]), band(0, 8))
    assert comm.updates("masks") == []  # not sent back to where it came from
    settled(comm)


def test_a_stroke_may_come_before_its_region(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    patched(comm, 1, "new", 0, final=True)
    comm.update(regions=[{"id": "new", "prompt": "house"}])
    assert np.array_equal(canvas.scene.regions[0].mask, band(0, 4))


def test_every_page_hears_of_a_stroke(canvas: SemanticDraw) -> None:
    """Masks are not echoed; a page that lacked a stroke of another one would take it away with its own next one."""
    region = canvas.add_region("house")
    comm = watch(canvas)
    packed = pack(band(4, 6)[4:6])
    comm.custom({"type": "mask_patch", "seq": 7, "region": region.id, "box": [0, 4, WIDTH, 2], "final": False}, packed)
    told = {"type": "patched", "seq": 7, "region": region.id, "box": [0, 4, WIDTH, 2]}
    assert comm.messages("patched") == [told] and comm.buffers("patched") == [[packed]]
    comm.custom({"type": "mask_patch", "seq": 8, "region": region.id, "box": [0, 4, WIDTH, 3], "final": True}, packed)
    assert comm.messages("patched") == [told], "one that is refused is told to nobody"


def test_a_late_mask_trait_loses_no_stroke(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house", id="r")
    patched(comm, 1, "r", 0, final=True)
    patched(comm, 2, "r", 8)
    comm.update([["masks", "r"]], [pack(band(0, 4))], masks={"r": None}, mask_edits={"r": 1})
    assert house.mask[8:12].all()
    patched(comm, 3, "r", 16, final=True)
    full = house.mask
    comm.update([["masks", "r"]], [pack(full)], masks={"r": None}, mask_edits={"r": 3})
    assert np.array_equal(house.mask, full) and full[[0, 8, 16]].all()
    comm.update([["masks", "r"]], [pack(band(0, 4))], masks={"r": None}, mask_edits={"r": 4})
    assert np.array_equal(house.mask, band(0, 4)), "one with a patch that never came is newer"


def revised(canvas: SemanticDraw, comm: RecordingComm, mask: np.ndarray, seen: int) -> None:
    """The canvas sends the mask of region "r", having seen that revision of Python's."""
    state = {"masks": {"r": None}, "mask_edits": {"r": 9}, "mask_revisions": {"r": seen}}
    comm.update([["masks", "r"]], [pack(mask)], **state)


def test_a_mask_that_python_sets_comes_with_its_revision(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house", id="r")
    for mask in (band(0, 4), band(4, 8), band(0, 4)):
        comm.sent.clear()
        house.mask = mask
        (state,) = [data["state"] for data, _ in comm.sent if data["method"] == "update" and "masks" in data["state"]]
        assert state["mask_revisions"] == canvas.mask_revisions
    assert canvas.mask_revisions["r"] == 3
    canvas.masks = {"r": pack(band(8, 12))}
    assert comm.updates("mask_revisions")[-1] == {"r": 4}


def test_a_mask_that_was_sent_before_python_s_was_seen_is_passed_over(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house", id="r")
    house.mask = band(0, 4)
    house.mask = band(4, 8)
    comm.sent.clear()
    revised(canvas, comm, band(20, 24), seen=1)
    assert np.array_equal(house.mask, band(4, 8)) and canvas.masks["r"] == pack(band(4, 8))
    assert comm.updates("mask_revisions") == [{"r": 2}] and len(comm.updates("masks")) == 1, "it is told once more"
    revised(canvas, comm, band(20, 24), seen=2)
    assert np.array_equal(house.mask, band(20, 24))
    assert canvas.mask_revisions == {"r": 2}, "the canvas cannot set it"


def test_an_observer_s_mask_is_python_s(canvas: SemanticDraw) -> None:
    """Set while the canvas's own state is taken over."""
    comm = watch(canvas)
    house = canvas.add_region("house", band(0, 4), id="r")
    canvas.observe(lambda _: canvas.invert_mask("r"), "seed")
    before = canvas.mask_revisions["r"]
    comm.sent.clear()
    comm.update([["masks", "r"]], [pack(band(0, 8))], masks={"r": None}, mask_edits={"r": 1}, seed=5)
    assert canvas.mask_revisions["r"] > before and comm.updates("masks")
    assert house.mask[40:].all()


def test_clear_takes_a_stroke_away_that_goes_on(canvas: SemanticDraw) -> None:
    """Its pixels are not in the trait yet."""
    comm = watch(canvas)
    house = canvas.add_region("house", band(0, 0), id="r")
    patched(comm, 1, "r", 8)
    comm.sent.clear()
    canvas.clear_mask("r")
    assert not house.mask.any() and comm.updates("masks")


def test_observers_hear_once_of_a_stroke(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house", id="r")
    heard: list[Any] = []
    canvas.observe(heard.append, "masks")
    patched(comm, 1, "r", 0)
    patched(comm, 2, "r", 0, final=True)
    packed = pack(house.mask)
    theirs = packed[:8] + zlib.compress(zlib.decompress(packed[8:]), 1)
    comm.update([["masks", "r"]], [theirs], masks={"r": None}, mask_edits={"r": 2}, mask_revisions={"r": 0})
    assert len(heard) == 1
    canvas.set_mask("r", band(0, 9))
    assert len(heard) == 2


def test_a_size_that_one_page_takes_back_brings_the_masks_to_the_others(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    house = canvas.add_region("house", band(0, 4), id="r")
    seen = canvas.mask_revisions
    comm.sent.clear()
    small = np.full((16, 32), 255, np.uint8)
    state = {"masks": {"r": None}, "mask_edits": {"r": 0}, "mask_revisions": seen}
    comm.update([["masks", "r"]], [pack(small)], size=[32, 16], **state)
    assert np.array_equal(house.mask, small)
    assert comm.updates("masks") and canvas.mask_revisions == seen


def test_a_new_size_is_one_message(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    canvas.add_region("house", band(0, 4), id="r")
    comm.sent.clear()
    canvas.size = (32, 24)
    states = [data["state"] for data, _ in comm.sent if data["method"] == "update" and "size" in data["state"]]
    assert [{"size", "masks", "mask_revisions"} <= set(state) for state in states] == [True]


def test_the_active_region(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    assert canvas.active == ""
    house, sea = canvas.add_region("house", id="h"), canvas.add_region("sea", id="s")
    assert canvas.active == house.id, "the first one, until somebody chooses"
    heard: list[Any] = []
    canvas.observe(heard.append, "active")
    canvas.active = -1
    assert canvas.active == "s" and comm.updates("active")[-1] == "s"
    comm.sent.clear()
    comm.update(active="h")
    assert canvas.active == "h" and [change.new for change in heard] == ["s", "h"]
    assert not comm.updates("active"), "another page keeps its own"
    comm.update(active="new")  # it may be on its way
    assert canvas.active == "new"
    with pytest.raises(IndexError, match="there are 2"):
        canvas.active = 2
    with pytest.raises(KeyError, match="no region 'x'; there are h, s"):
        canvas.active = "x"
    with pytest.raises(ValueError, match="place in regions"):
        canvas.active = 1.5
    canvas.active = "s"
    canvas.remove_region("s")
    assert canvas.active == "h"
    canvas.regions = []
    assert canvas.active == ""
    del sea


def test_state_from_the_canvas(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    region = {"id": "r", "prompt": "house ", "color": "#112233"}
    comm.update(
        [["masks", "r"]],
        [pack(band(0, 9))],
        regions=[region],
        masks={"r": None},
        background="sea",
        seed=3,
        steps=2,
        guidance=None,
        mode="exact",
        cfg="self",
        size=[WIDTH, HEIGHT],
    )
    scene = canvas.scene
    assert scene.background.prompt == "sea" and scene.seed == 3 and canvas.steps == 2
    assert (canvas.mode, canvas.cfg) == ("exact", "self")
    assert scene.regions[0].prompt == "house" and canvas.regions[0].prompt == "house "  # typing goes on
    assert isinstance(canvas.masks["r"], bytes)
    assert comm.updates("regions")[-1][0]["strength"] == 1.0  # what was missing is filled in and sent back
    assert comm.messages("error") == []
    settled(comm)


def test_size_and_masks_in_one_update(canvas: SemanticDraw) -> None:
    canvas.add_region("house", band(0, 9), id="r")
    mask = np.full((128, 128), 255, np.uint8)
    canvas.comm.update([["masks", "r"]], [pack(mask)], size=[128, 128], masks={"r": None})
    assert canvas.size == (128, 128) and np.array_equal(canvas.scene.regions[0].mask, mask)


@pytest.mark.parametrize(
    "state",
    [
        {"regions": "house"},
        {"regions": ["house"]},
        {"regions": [{"prompt": "x", "hue": 1}]},
        {"regions": [{"id": "a"}, {"id": "a"}]},
        {"regions": [{"id": "a", "prompt": "x" * 1001}]},
        {"regions": [{"id": str(i)} for i in range(65)]},
        {"regions": [{"id": "a", "strength": "much"}]},
        {"regions": None},
        {"masks": {"r": "text"}},
        {"masks": []},
        {"mask_edits": {"r": -1}},
        {"background": 5},
        {"background": "x" * 1001},
        {"background_image": "x"},
        {"size": [100, 100]},
        {"size": "big"},
        {"size": [1e9, 8]},
        {"seed": 1.5},
        {"seed": 2**60},
        {"steps": True},
        {"guidance": "strong"},
        {"mode": "quick"},
        {"cfg": "strong"},
        {"cfg": None},
        {"model_facts": {"steps": 9}},
        {"frame": "x"},
        {"status": {"state": "idle"}},
    ],
)
def test_malformed_state_is_refused_and_the_old_kept(canvas: SemanticDraw, state: dict[str, Any]) -> None:
    canvas.add_region("house", band(0, 9), id="r")
    comm, before, status = watch(canvas), canvas.scene, canvas.status["state"]
    sent = len(comm.sent)
    comm.update(**state)
    assert canvas.scene == before and canvas.status["state"] in (status, "busy", "idle")
    (name,) = state
    error = comm.messages("error")[-1]
    assert error["code"] == "bad_state" and name in error["message"]
    sent_back = [data for data, _ in comm.sent[sent:] if data["method"] == "update"]
    assert any(name in data["state"] or [name] in data["buffer_paths"] for data in sent_back)
    comm.update(seed=4)
    assert canvas.seed == 4


@pytest.mark.parametrize("blob", [b"", b"nonsense", pack(np.zeros((8, 8), np.uint8)), pack(band(0, 9))[:-3]])
def test_malformed_masks_are_refused(canvas: SemanticDraw, blob: bytes) -> None:
    canvas.add_region("house", band(0, 9), id="r")
    canvas.comm.update([["masks", "r"]], [blob], masks={"r": None}, background="sea")
    assert np.array_equal(canvas.mask("r"), band(0, 9)) and canvas.background == "sea"
    assert canvas.comm.messages("error")[-1]["code"] == "bad_state"


@pytest.mark.parametrize("data", [b"GIF89a", b"\x89PNG\r\n\x1a\n broken"])
def test_malformed_background_pictures_are_refused(canvas: SemanticDraw, data: bytes) -> None:
    canvas.comm.update([["background_image"]], [data], background_image=None)
    assert canvas.background_image == b""
    assert "background_image" in canvas.comm.messages("error")[-1]["message"]


def test_malformed_messages_are_answered(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    patched(comm, 7, "r", HEIGHT - 2)
    assert comm.messages("error")[-1] | {"message": ""} == {
        "type": "error", "code": "bad_patch", "message": "", "seq": 7, "action": "",
        "hint": comm.messages("error")[-1]["hint"],
    }  # fmt: skip
    comm.custom("nonsense")
    comm.custom({"type": "launch"})
    comm.custom({"type": "ready", "view": -1})
    assert [e["code"] for e in comm.messages("error")[1:]] == ["bad_message", "unknown_type", "bad_value"]
    canvas.add_region("house", band(0, 9))
    settled(comm)


def test_an_error_stands_until_it_is_over(canvas: SemanticDraw, engine: FakeEngine) -> None:
    comm = watch(canvas)
    engine.failure = MemoryError("8 GB")
    canvas.add_region("house", band(0, 9))
    until(lambda: canvas.status["state"] == "error")
    error = comm.messages("error")[-1]
    assert error["code"] == "out_of_memory" and error["action"] == "retry" and error["hint"]
    watch(canvas)  # a view that comes later sees it too
    assert len(comm.messages("error")) == 2
    engine.failure = None
    comm.custom({"type": "retry"})
    settled(comm)
    until(lambda: canvas.status["state"] == "idle")
    watch(canvas)
    assert len(comm.messages("error")) == 2


def test_regenerate_visible_and_confirmations(canvas: SemanticDraw, engine: FakeEngine) -> None:
    comm = watch(canvas)
    canvas.add_region("house", band(0, 9))
    frame = settled(comm)
    comm.custom({"type": "painted", "seq": frame["seq"], "received": 1.0, "painted": 2.5})
    comm.custom({"type": "regenerate"})
    until(lambda: len(engine.runs) == 2)
    comm.custom({"type": "visible", "visible": False})
    canvas.seed = 2
    time.sleep(0.05)
    assert len(engine.runs) == 2
    comm.custom({"type": "visible", "visible": True})
    until(lambda: len(engine.runs) == 3)


def test_a_closed_comm_ends_the_watching_not_the_canvas(canvas: SemanticDraw, engine: FakeEngine) -> None:
    comm = watch(canvas)
    comm.on_closed({})
    canvas.add_region("house", band(0, 9))
    time.sleep(0.05)
    assert engine.runs == []
    assert canvas.generate(timeout=10).size == (WIDTH, HEIGHT)


def test_notices_and_vocabulary(canvas: SemanticDraw) -> None:
    comm = watch(canvas)
    comm.update(regions=[{"id": "r", "prompt": ""}], background="sky")
    until(lambda: canvas.notices)
    assert canvas.notices["r"][0]["code"] == "empty_prompt"
    assert canvas.vocabulary == {"backgrounds": ["sky"], "objects": ["house"]}
    assert comm.updates("notices")
    assert canvas.model_facts == {
        "steps": 4,
        "guidance": 1.0,
        "takes_guidance": False,
        "levels": [1.0, 0.75, 0.5, 0.25],
    }


def test_words_and_pictures_that_a_model_may_have(make: Callable[..., SemanticDraw], engine: FakeEngine) -> None:
    engine.vocabulary = {"backgrounds": ["sky"], "objects": ["house"], "colors": ["red"], "styles": []}
    engine.palette = b"png"
    canvas = make()
    until(lambda: canvas.palette)
    assert canvas.vocabulary == {"backgrounds": ["sky"], "objects": ["house"], "colors": ["red"]}
    assert canvas.palette == b"png"


def test_surprise_lays_out_one_scene(canvas: SemanticDraw, engine: FakeEngine) -> None:
    canvas.add_region("old", band(0, 9))
    comm = watch(canvas)
    settled(comm)
    comm.sent.clear()
    canvas.surprise(seed=3)
    assert len(comm.updates("regions")) == 1, "it comes in one update"
    assert 3 <= len(canvas.regions) <= 6
    assert all(region["prompt"] == "house" and canvas.mask(region["id"]).any() for region in canvas.regions)
    assert canvas.background == "sky"
    assert set(canvas.masks) == {region["id"] for region in canvas.regions}
    assert canvas.layouts == 1
    masks = [canvas.mask(i) for i in range(len(canvas.regions))]
    comm.custom({"type": "surprise"})
    assert canvas.layouts == 2
    canvas.surprise(seed=3)
    assert all(np.array_equal(canvas.mask(i), mask) for i, mask in enumerate(masks))
    assert canvas.generate(timeout=10).size == (WIDTH, HEIGHT)


def test_surprise_needs_words_but_no_loaded_model(make: Callable[..., SemanticDraw], engine: FakeEngine) -> None:
    engine.vocabulary = {}
    canvas = make("someone/model")
    with pytest.raises(ValueError, match=r"the model lists none.*add_region"):
        canvas.surprise()
    comm = watch(canvas)
    comm.custom({"type": "surprise"})
    assert comm.messages("error")[-1]["code"] == "no_vocabulary"
    assert canvas.layouts == 0 and canvas.regions == []
    ready = make()
    ready.set_trait("vocabulary", {})  # as before its model is loaded
    ready.surprise()
    assert len(ready.regions) >= 3


def test_another_way_of_guidance_paints_again(canvas: SemanticDraw, engine: FakeEngine) -> None:
    comm = watch(canvas)
    canvas.add_region("house", band(0, 9), id="r", negative_prompt="tree")
    settled(comm)
    canvas.cfg = "none"
    until(lambda: canvas.notices)
    assert canvas.notices["r"][0]["code"] == "negative_unused"
    comm.update(cfg="full")
    until(lambda: engine.cfgs == ["auto", "none", "full"] and not canvas.notices)


def test_the_ways_of_guidance_are_the_engine_s() -> None:
    assert set(CFGS) == set(get_args(Setting)), "the widget lists them itself, so as not to import torch"


def test_the_facts_of_the_embedded_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comm.create_comm", RecordingComm)
    with SemanticDraw(size=(64, 64)) as canvas:
        until(lambda: canvas.model_facts, timeout=60)
        levels = canvas.model_facts["levels"]
        assert canvas.model_facts == {"steps": 4, "guidance": 4.0, "takes_guidance": True, "levels": levels}
        assert len(levels) == 4 and levels == sorted(levels, reverse=True) and levels[0] > 0.99


# ---------------------------------------------------------------- memory


def test_neither_session_nor_thread_keeps_a_canvas_alive(make: Callable[..., SemanticDraw], engine: FakeEngine) -> None:
    """Only ipywidgets does, until close(); and what it keeps has no engine (see engine_cache.py)."""
    canvas = make(background="sky")
    canvas.generate(timeout=10)
    seen, thread = weakref.ref(canvas), canvas._session._thread
    _instances.pop(canvas.model_id)
    make.made.clear()  # type: ignore[attr-defined]
    del canvas

    def gone() -> bool:
        gc.collect()  # once more, should the worker have been telling it something
        return seen() is None

    until(gone)
    until(lambda: not thread.is_alive())


# ---------------------------------------------------------------- threads


def test_an_observer_may_wait_for_the_worker(canvas: SemanticDraw) -> None:
    """Called under the widget's lock, while the worker publishes: neither waits for the other."""
    watch(canvas)
    images: list[Any] = []
    canvas.observe(lambda change: images.append(canvas.generate(timeout=10)), "background")
    canvas.comm.update(background="sea")
    assert images[0].size == (WIDTH, HEIGHT)
    until(lambda: canvas.status["state"] == "idle" and canvas.frame)


def test_regions_are_live_at_every_moment(canvas: SemanticDraw, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell may ask while what a page sends is still being checked in another thread."""
    canvas.add_region("house", mask=band(0, 9))
    told, check = [dict(region) for region in canvas.regions], canvas._check
    asked: list[str] = []
    seen: list[str] = []

    def look(name: str, value: Any) -> Any:
        asked.append(name)
        other = threading.Thread(target=lambda: seen.append(canvas.regions[0].prompt))
        other.start()
        other.join()
        return check(name, value)

    monkeypatch.setattr(canvas, "_check", look)
    told[0]["prompt"] = "tree"
    canvas.comm.update(regions=told, background="sea", seed=3)
    assert {"house", "tree"} == set(seen) and len(seen) == len(asked)


def test_everybody_at_once(make: Callable[..., SemanticDraw], engine: FakeEngine) -> None:
    """A cell, a pen, trait updates and the worker at the same time: nothing raises and nothing is lost."""
    canvas = make(background="sky")
    comm = watch(canvas)
    canvas.add_region("house", id="r")
    failures: list[BaseException] = []

    def guarded(work: Callable[[int], None]) -> threading.Thread:
        def run() -> None:
            try:
                for i in range(40):
                    work(i)
            except BaseException as error:
                failures.append(error)

        return threading.Thread(target=run)

    def cell(i: int) -> None:
        canvas.seed = i
        canvas.set_prompt("r", f"house {i}")

    def typing(i: int) -> None:
        comm.update(background=f"sky {i}", steps=1 + i % 3)

    workers = [
        guarded(cell),
        guarded(typing),
        guarded(lambda i: patched(comm, i, "r", i % 11 * 4, final=i % 5 == 4)),
        guarded(lambda i: comm.custom({"type": "painted", "seq": i, "received": 0.0, "painted": 0.0})),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert failures == []
    canvas.generate(timeout=10)
    scene = canvas.scene
    assert scene.seed == 39 and scene.background.prompt == "sky 39" and canvas.steps == 1
    assert scene.regions[0].prompt == "house 39" and scene.regions[0].mask[:44].all()
    until(lambda: engine.runs[-1] == 39)
    assert comm.messages("error") == []
