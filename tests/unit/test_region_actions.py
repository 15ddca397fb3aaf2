"""What can be done with whole regions from Python: the same as in the canvas, to the byte, and clear refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.mask_ops import filled, inverted, union
from semanticdraw_widget.masks import Mask, pack, unpack
from unit.test_widget import RecordingComm, engine, make  # noqa: F401, fixtures

VECTORS = Path(__file__).parents[1] / "vectors"
PIXELS = json.loads((VECTORS / "mask_ops.json").read_text())
ACTIONS = json.loads((VECTORS / "region_actions.json").read_text())
SIDE = 16


@pytest.fixture
def canvas(make: Callable[..., SemanticDraw]) -> SemanticDraw:  # noqa: F811
    return make(size=(SIDE, SIDE))


def rows(name: str) -> Mask:
    return np.repeat(np.array(ACTIONS["masks"][name], np.uint8)[:, None], SIDE, axis=1)


def lay_out(canvas: SemanticDraw, *parts: list[str]) -> None:
    for name, mask, *hidden in parts:
        canvas.add_region(name, rows(mask), id=name, visible=not hidden)


def state(canvas: SemanticDraw) -> dict[str, Any]:
    masks = {region["id"]: canvas.mask(region["id"]).tobytes() for region in canvas.regions}
    return {"regions": [dict(region) for region in canvas.regions], "masks": masks, "solo": canvas.solo}


def painted(canvas: SemanticDraw) -> list[str]:
    return [region.id for region in canvas.scene.regions if region.visible]


# ---------------------------------------------------------------- the same as in the canvas


@pytest.mark.parametrize("operation", [union, inverted, filled])
def test_masks_from_masks(operation: Callable[..., Mask]) -> None:
    def mask(values: list[int]) -> Mask:
        return np.array(values, np.uint8).reshape(PIXELS["height"], PIXELS["width"])

    for case in PIXELS[operation.__name__]:
        given = [mask(PIXELS["masks"][name]) for name in case["of"]]
        before = [one.copy() for one in given]
        result = filled(given[0], given[1:]) if operation is filled else operation(*given)
        assert np.array_equal(result, mask(case["is"])) and result.dtype == np.uint8, case
        assert all(map(np.array_equal, given, before))


@pytest.mark.parametrize("case", ACTIONS["actions"], ids=lambda case: f"{case['do']} {case['with']}")
def test_actions_leave_what_the_canvas_s_leave(canvas: SemanticDraw, case: dict[str, Any]) -> None:
    lay_out(canvas, *case["before"])
    canvas.solo = case.get("solo", "")
    place = [name for name, *_ in case["before"]].index(case["with"])
    do: dict[str, Callable[[Any], object]] = {
        "up": lambda i: canvas.move_region(i, place + 1),
        "down": lambda i: canvas.move_region(i, place - 1),
        "duplicate": canvas.duplicate_region,
        "merge": canvas.merge_down,
        "solo": canvas.solo_region,
        "clear": canvas.clear_mask,
        "invert": canvas.invert_mask,
        "fill": canvas.fill_rest,
    }
    do[case["do"]](case["with"])
    assert len(canvas.regions) == len(case["after"])
    for region, (name, mask, *hidden) in zip(canvas.regions, case["after"]):
        assert region.id == name or (name == "*" and region.id not in dict(map(lambda r: r[:2], case["before"])))
        assert region.visible == (not hidden)
        assert canvas.mask(region.id).tobytes() == rows(mask).tobytes()
    assert canvas.solo == case.get("solo after", case.get("solo", ""))


# ---------------------------------------------------------------- one by one


def test_move_region_counts_from_either_end(canvas: SemanticDraw) -> None:
    lay_out(canvas, ["a", "top"], ["b", "soft"], ["c", "empty"])
    for i, to, order in (("a", -1, "bca"), (1, 0, "cba"), (-1, 1, "cab"), ("a", 1, "cab")):
        canvas.move_region(i, to)
        assert "".join(region.id for region in canvas.regions) == order
    assert np.array_equal(canvas.mask("b"), rows("soft"))


def test_a_duplicate_has_everything_but_id_and_color(canvas: SemanticDraw) -> None:
    settings = {"name": "n", "negative_prompt": "car", "strength": 0.5, "prompt_strength": 0.4, "feather": 3.0}
    house = canvas.add_region("house", rows("soft"), seed=7, locked=True, visible=False, **settings)
    canvas.add_region("sun")
    copy = canvas.duplicate_region(house.id)
    assert canvas.regions[1] == copy
    assert {**copy, "id": house.id, "color": house.color} == dict(house)
    assert copy.id != house.id and copy.color not in {house.color, canvas.regions[2].color}
    canvas.clear_mask(copy.id)
    assert np.array_equal(house.mask, rows("soft")), "it has a mask of its own"
    canvas.regions = [{"prompt": "", "id": "drawn"}]
    assert canvas.duplicate_region("drawn").prompt == "", "the canvas has regions without a prompt"


def test_a_solo_changes_the_scene_alone(canvas: SemanticDraw) -> None:
    lay_out(canvas, ["a", "top"], ["b", "soft", "hidden"], ["c", "empty"])
    before, key = state(canvas), canvas.scene.key
    canvas.solo_region("b")
    assert painted(canvas) == ["b"] and canvas.scene.key != key
    canvas.solo_region(-1)
    assert painted(canvas) == ["c"] and [region.visible for region in canvas.regions] == [True, False, True]
    canvas.solo_region(None)
    assert state(canvas) == before and canvas.scene.key == key
    canvas.solo_region("a")
    canvas.remove_region("a")
    assert painted(canvas) == ["c"], "a solo ends with its region"


def test_an_edit_is_one_message_and_one_picture(canvas: SemanticDraw, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(canvas, ["a", "top", "hidden"], ["b", "soft"], ["c", "middle"])
    canvas.solo_region("b")
    scenes: list[Any] = []
    monkeypatch.setattr(canvas._session, "submit", lambda scene, *settings: scenes.append(scene))
    comm: RecordingComm = canvas.comm
    for edit in (
        lambda: canvas.merge_down("b"),
        lambda: canvas.duplicate_region("a"),
        lambda: canvas.move_region("c", 0),
        lambda: canvas.invert_mask("a"),
    ):
        comm.sent.clear()
        scenes.clear()
        edit()
        sent = [data["state"] for data, _ in comm.sent if data["method"] == "update"]
        assert len(sent) == len(scenes) == 1
    assert np.array_equal(unpack(canvas.masks["a"]), 255 - np.maximum(rows("top"), rows("soft")))


def test_strokes_of_the_pen_count(canvas: SemanticDraw) -> None:
    lay_out(canvas, ["a", "empty"], ["b", "empty"])
    stroke = {"type": "mask_patch", "seq": 1, "region": "b", "box": [0, 0, SIDE, SIDE], "final": False}
    canvas.comm.custom(stroke, pack(rows("middle")))
    canvas.fill_rest("a")
    assert np.array_equal(canvas.mask("a"), rows("not middle"))
    canvas.merge_down("b")
    assert np.array_equal(canvas.mask("a"), rows("full"))


def test_the_canvas_says_which_region_is_alone(canvas: SemanticDraw) -> None:
    lay_out(canvas, ["a", "top"], ["b", "soft"])
    canvas.comm.update(solo="b")
    assert (canvas.solo, painted(canvas)) == ("b", ["b"])
    canvas.comm.update(solo="on its way")
    assert painted(canvas) == ["a", "b"]
    for bad in (5, None, "x" * 65):
        canvas.comm.update(solo=bad)
        assert canvas.solo == "on its way"
    assert len(canvas.comm.messages("error")) == 3


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.merge_down(0), ValueError, r"region 0 \('a'\) is the lowest.*move_region\(0, 1\)"),
        (lambda c: c.move_region(0, 2), IndexError, "no place 2; there are 2 regions, places 0 to 1 or -2 to -1"),
        (lambda c: c.move_region("b", -3), IndexError, "no place -3"),
        (lambda c: c.move_region("c", 0), KeyError, "a, b"),
        (lambda c: c.duplicate_region(2), IndexError, "there are 2"),
        (lambda c: c.merge_down("c"), KeyError, "a, b"),
        (lambda c: c.solo_region(5), IndexError, "there are 2"),
        (lambda c: c.clear_mask("c"), KeyError, "a, b"),
        (lambda c: c.invert_mask(-3), IndexError, "there are 2"),
        (lambda c: c.fill_rest("c"), KeyError, "a, b"),
        (lambda c: setattr(c, "solo", "x" * 65), ValueError, "solo.*64.*x"),
    ],
)
def test_refusals_change_nothing(
    canvas: SemanticDraw, call: Callable[[SemanticDraw], None], error: type[Exception], text: str
) -> None:
    lay_out(canvas, ["a", "top"], ["b", "soft"])
    before = state(canvas)
    with pytest.raises(error, match=f"(?s){text}"):
        call(canvas)
    assert state(canvas) == before


def test_duplicates_end_at_the_limit(canvas: SemanticDraw) -> None:
    canvas.regions = [{"prompt": "x", "id": str(i)} for i in range(64)]
    before = state(canvas)
    with pytest.raises(ValueError, match="64 regions, not 65; merge or remove some"):
        canvas.duplicate_region(0)
    assert state(canvas) == before
