"""A canvas's history and what keeps its drawing, with a recording comm and a fake engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
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


def test_restore_to_another_size(painted: SemanticDraw) -> None:
    painted.size = (32, 32)
    painted.generate(10)
    painted.restore(0)
    assert painted.size == (64, 48) and np.array_equal(painted.mask(0), band(20, 48))


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
