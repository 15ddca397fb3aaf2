"""A canvas's history and what keeps its drawing, with a recording comm and a fake engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw, storage
from semanticdraw_widget.masks import pack, unpack
from semanticdraw_widget.past import NoEntry
from unit.doubles import FakeEngine, until
from unit.test_widget import RecordingComm, band, engine, make, settled, watch  # noqa: F401, fixtures


@pytest.fixture
def painted(make: Callable[..., SemanticDraw]) -> SemanticDraw:  # noqa: F811
    """Two finished pictures: of a sea alone, and with a boat on it."""
    canvas = make(background="sky", seed=1, regions=[{"prompt": "sea", "mask": band(20, 48)}])
    watch(canvas)
    canvas.generate(10)
    with canvas._edit():  # as one, or what lies between may be painted, too
        canvas.seed, canvas.steps = 2, 3
        canvas.add_region("boat", band(10, 24))
    canvas.generate(10)
    until(lambda: len(canvas.history) == 2 and len(canvas.history_entries) == 2)
    return canvas


def test_the_history_lists_finished_pictures(painted: SemanticDraw) -> None:
    first, second = painted.history
    assert [first.title, second.title] == ["sea, sky", "boat, sea, sky"]
    assert (first.scene.seed, second.scene.seed, second.settings["steps"]) == (1, 2, 3)
    assert np.array_equal(np.asarray(second.image), np.asarray(painted.image))
    listed = painted.history_entries[1]
    assert listed["id"] == second.id and listed["size"] == [64, 48] and not listed["pinned"]


def test_restore_brings_the_whole_scene_back_as_one_layout(painted: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    first, second = painted.history
    steps = len(engine.decoded)
    layouts = painted.layouts
    painted.restore(0)
    assert painted.scene == first.scene and painted.steps == 0
    assert (painted.layouts, painted.layout_kind) == (layouts + 1, "restore")
    assert painted.generate(10).tobytes() == first.image.tobytes()
    painted.restore(second)
    assert painted.scene == second.scene and painted.steps == 3
    assert painted.generate(10).tobytes() == second.image.tobytes()
    assert len(engine.decoded) == steps  # both were shown as they were
    assert len(painted.history) == 2


def test_a_paused_canvas_shows_what_it_goes_back_to(painted: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    first = painted.history[0]
    painted.paused = True
    runs = list(engine.runs)
    painted.restore(0)
    assert painted.image is not None and painted.image.tobytes() == first.image.tobytes()
    assert engine.runs == runs


def test_restore_brings_texts_and_background_picture_in_the_layouts_message(
    make: Callable[..., SemanticDraw],  # noqa: F811
) -> None:
    """All that a step of undo takes back comes in one message; what is not in it would stay."""
    canvas = make(background=band(0, 9)[..., None].repeat(3, 2))
    canvas.background, canvas.style_text, canvas.quality_text, canvas.negative_text = "sky", "oil", "sharp", "dull"
    comm = watch(canvas)
    canvas.generate(10)
    until(lambda: canvas.history_entries)
    with canvas._edit():
        canvas.background_image, canvas.background, canvas.mode, canvas.cfg = b"", "sea", "exact", "none"
        canvas.style_text = canvas.quality_text = canvas.negative_text = ""
        canvas.seed, canvas.steps, canvas.guidance = 3, 2, 1.5
    comm.sent.clear()
    canvas.restore(0)
    (laid,) = [data for data, _ in comm.sent if data["method"] == "update" and "layouts" in data["state"]]
    changed = {"background", "mode", "cfg", "style_text", "quality_text", "negative_text", "seed", "steps", "guidance"}
    assert changed <= set(laid["state"]) and ["background_image"] in laid["buffer_paths"]


def test_restore_to_another_size(painted: SemanticDraw) -> None:
    painted.size = (32, 32)
    painted.generate(10)
    painted.restore(0)
    assert painted.size == (64, 48) and np.array_equal(painted.mask(0), band(20, 48))


def test_nothing_rests_any_more_in_what_is_restored(painted: SemanticDraw) -> None:
    second = painted.history[1]
    painted.solo_region(0)
    painted.restore(second)
    assert painted.solo == "" and painted.scene == second.scene


def test_a_picture_of_one_region_alone_brings_the_scene_back_as_it_was_drawn(painted: SemanticDraw) -> None:
    painted.add_region("bird", band(0, 8), visible=False)
    whole, regions, picture = painted.scene, list(painted.regions), painted.generate(10)
    for alone in (2, 0):  # one that is hidden, too, may be painted alone
        before = painted.history
        painted.solo_region(alone)
        painted.generate(10)
        until(lambda before=before: len(painted.history) == len(before) + 1)
        assert painted.history[-1].title == f"{regions[alone]['prompt']}, sky"
        painted.restore(-1)
        assert painted.solo == "" and painted.regions == regions and painted.scene == whole
        assert painted.generate(10).tobytes() == picture.tobytes()


def test_variations_of_one_region_alone_are_of_that_one(painted: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    painted.solo_region(1)
    painted.variations(seeds=[7], timeout=10)
    assert [region.visible for region in engine.scenes[-1].regions] == [False, True]


def test_a_region_that_rests_is_as_visible_in_a_file_as_ever(painted: SemanticDraw, tmp_path: Path) -> None:
    whole, regions = painted.scene, list(painted.regions)
    painted.solo_region(0)
    painted.save(tmp_path / "a.sdraw")
    drawing = storage.read_drawing(tmp_path / "a.sdraw")
    assert drawing.scene == whole
    painted.save(tmp_path / "a.png")
    alone = storage.read_drawing(tmp_path / "a.png")
    assert [region.visible for region in alone.scene.regions] == [True, False], "a PNG keeps what it shows"
    assert alone.result is not None and np.array_equal(alone.result, np.asarray(painted.image))
    painted.load(tmp_path / "a.sdraw")
    assert painted.solo == "" and painted.regions == regions


def test_pin_and_forget(painted: SemanticDraw) -> None:
    entry = painted.history[0]
    painted.pin(0)
    assert painted.history[0].pinned and painted.history_entries[0]["pinned"]
    painted.pin(entry, False)
    assert not painted.history[0].pinned
    painted.forget(0)
    assert [one["title"] for one in painted.history_entries] == ["boat, sea, sky"]
    with pytest.raises(NoEntry):
        painted.forget(entry)
    with pytest.raises(IndexError, match="no picture 1"):
        painted.restore(1)


def test_the_canvas_asks_for_pictures_and_goes_back(painted: SemanticDraw) -> None:
    comm, (first, second) = painted.comm, painted.history
    comm.custom({"type": "look", "entry": first.id, "whole": False})
    comm.custom({"type": "look", "entry": second.id, "whole": True})
    sent = [(data["content"], buffers) for data, buffers in comm.sent if data["method"] == "custom"]
    pictures = [(content["entry"], buffers) for content, buffers in sent if content["type"] == "entry"]
    assert pictures == [(first.id, [first.thumbnail]), (second.id, [second.png])]
    comm.custom({"type": "pin", "entry": first.id, "pinned": True})
    comm.custom({"type": "restore", "entry": first.id})
    assert painted.scene == first.scene and painted.history[0].pinned
    comm.custom({"type": "forget", "entry": first.id})
    comm.custom({"type": "restore", "entry": first.id})  # a moment too late
    error = comm.messages("error")[-1]
    assert error["code"] == "history" and "no picture" in error["message"]


def test_a_regenerated_picture_is_made_anew(painted: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    before = len(engine.decoded)
    painted.comm.custom({"type": "regenerate"})
    until(lambda: len(engine.decoded) > before)


# ---------------------------------------------------------------- what is kept


def patch(seq: int, final: bool) -> dict[str, object]:
    return {"type": "mask_patch", "seq": seq, "region": "a", "box": [0, 0, 64, 48], "final": final}


def test_a_new_page_gets_the_stroke_that_the_last_one_left_open(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas = make(regions=[{"prompt": "sea", "id": "a"}])
    watch(canvas).custom(patch(1, False), pack(band(0, 9)))
    assert "a" not in canvas.masks
    state = canvas.get_state()
    assert np.array_equal(unpack(bytes(state["masks"]["a"])), band(0, 9))
    assert np.array_equal(canvas.mask("a"), band(0, 9))


def in_a_new_page(canvas: SemanticDraw, region: str = "a") -> np.ndarray:
    return unpack(bytes(canvas.get_state()["masks"][region]))


def test_a_new_page_gets_strokes_that_overtook_the_trait_of_the_last_one(
    make: Callable[..., SemanticDraw],  # noqa: F811
) -> None:
    """The page goes away while the trait of its first stroke is on its way, and that of its second was never sent."""
    canvas = make(regions=[{"prompt": "sea", "id": "a"}])
    comm = watch(canvas)
    first, second = band(0, 9), band(0, 30)
    comm.custom(patch(1, True), pack(first))
    comm.custom(patch(2, True), pack(second))
    comm.update([["masks", "a"]], [pack(first)], masks={}, mask_edits={"a": 1})
    assert np.array_equal(canvas.mask("a"), second)
    assert np.array_equal(in_a_new_page(canvas), second)
    assert np.array_equal(unpack(canvas.masks["a"]), second)
    assert comm.updates("masks") == [], "nothing is sent back to where it came from"
    comm.update([["masks", "a"]], [pack(first)], masks={}, mask_edits={"a": 3})
    assert np.array_equal(in_a_new_page(canvas), first), "what is newer is taken over"


def test_a_mask_that_the_canvas_had_not_heard_of_stays(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    """Python adds a region while the canvas sends its masks."""
    canvas = make(regions=[{"prompt": "sea", "id": "a"}])
    comm = watch(canvas)
    canvas.add_region("boat", band(3, 6), id="b")
    comm.update([["masks", "a"]], [pack(band(0, 9))], masks={}, mask_edits={"a": 0})
    assert np.array_equal(in_a_new_page(canvas, "b"), band(3, 6))
    assert np.array_equal(in_a_new_page(canvas), band(0, 9))
    regions = [dict(region) for region in canvas.regions if region["id"] == "a"]
    comm.update([["masks", "a"]], [pack(band(0, 9))], regions=regions, masks={}, mask_edits={"a": 0})
    assert set(canvas.masks) == {"a"}, "what the canvas removes goes"


def test_what_the_worker_tells_while_a_new_page_is_served_comes(
    make: Callable[..., SemanticDraw],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canvas = make()
    until(lambda: canvas.status["state"] == "idle")

    def open_strokes() -> dict[str, bytes]:
        worker = Thread(target=canvas._publish, args=({"stats": {"fps": 5.0}},))
        worker.start()
        worker.join(5)
        return {}

    monkeypatch.setattr(canvas._store, "open_strokes", open_strokes)
    assert canvas.get_state()["stats"] == canvas.stats == {"fps": 5.0}


def test_ready_is_answered_once_everything_before_it_is_done(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    comm = watch(make())
    comm.update(background="sea")
    comm.custom({"type": "ready", "view": 7})
    assert [message["view"] for message in comm.messages("attached")] == [1, 7]


def test_a_kept_drawing_is_brought_back_by_the_browser(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas = make()
    with pytest.raises(LookupError, match="no kept drawing"):
        canvas.bring_back()
    comm: RecordingComm = watch(canvas)
    comm.update(kept={"regions": 1, "prompts": ["sea"], "at": 5})
    assert canvas.kept["prompts"] == ["sea"]
    canvas.bring_back()
    assert comm.messages("bring_back") == [{"type": "bring_back"}]


def test_undo_and_redo_are_asked_of_the_page(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas = make()
    for step in (canvas.undo, canvas.redo):
        with pytest.raises(LookupError, match="no page shows the canvas"):
            step()
    comm = watch(canvas)
    canvas.undo()
    canvas.redo()
    assert comm.messages("undo") == [{"type": "undo"}] and comm.messages("redo") == [{"type": "redo"}]
    comm.custom({"type": "visible", "visible": False})
    with pytest.raises(LookupError, match="no page shows the canvas"):
        canvas.undo()


@pytest.mark.parametrize(
    "kept",
    [[], {"regions": 1}, {"regions": -1, "prompts": [], "at": 1}, {"regions": 1, "prompts": ["x" * 2000], "at": 1}],
)
def test_what_the_browser_says_of_it_is_checked(make: Callable[..., SemanticDraw], kept: object) -> None:  # noqa: F811
    canvas = make()
    watch(canvas).update(kept=kept)
    assert canvas.kept == {} and canvas.comm.messages("error")[-1]["code"] == "bad_state"


def test_the_canvas_id_is_the_kernels_own(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas, other = make(), make()
    assert canvas.canvas_id and canvas.canvas_id != other.canvas_id
    watch(canvas).update(canvas_id="x")
    assert canvas.canvas_id != "x"
