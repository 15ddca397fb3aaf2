"""The tools for whole masks from Python: transform, magic select, and the region on top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.masks import Mask, pack, unpack
from semanticdraw_widget.similar import add_similar
from semanticdraw_widget.transforms import transformed
from unit.test_widget import engine, make  # noqa: F401, fixtures

WIDTH, HEIGHT = 32, 24


@pytest.fixture
def canvas(make: Callable[..., SemanticDraw]) -> SemanticDraw:  # noqa: F811
    canvas = make(size=(WIDTH, HEIGHT))
    canvas.add_region("house", block(8, 6, 10, 5), id="house")
    canvas.add_region("tree", block(14, 4, 6, 12), id="tree")
    return canvas


def block(x: int, y: int, width: int, height: int) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[y : y + height, x : x + width] = 255
    return mask


def test_transform_is_what_the_shared_function_makes(canvas: SemanticDraw) -> None:
    before, change = canvas.mask("house"), {"move": (3.5, -2.0), "scale": (1.25, -0.5), "rotate": 33.0}
    canvas.transform("house", **change)
    assert np.array_equal(canvas.mask("house"), transformed(before, **change))
    assert not np.array_equal(canvas.mask("house"), before)
    assert np.array_equal(canvas.mask("tree"), block(14, 4, 6, 12))


def test_transform_counts_strokes_of_the_pen_and_is_one_message(canvas: SemanticDraw) -> None:
    stroke = {"type": "mask_patch", "seq": 1, "region": "tree", "box": [0, 0, WIDTH, HEIGHT], "final": False}
    canvas.comm.custom(stroke, pack(block(0, 0, 4, 4)))
    canvas.comm.sent.clear()
    canvas.transform(-1, move=(2, 3))
    assert np.array_equal(canvas.mask("tree"), block(2, 3, 4, 4))
    sent = [data["state"] for data, _ in canvas.comm.sent if data["method"] == "update"]
    assert sum("masks" in state for state in sent) == 1
    assert np.array_equal(unpack(canvas.masks["tree"]), block(2, 3, 4, 4))


def test_magic_select_adds_and_takes_away(canvas: SemanticDraw) -> None:
    canvas.generate(timeout=20)
    picture = np.asarray(canvas.image).copy()
    picture[:, 20:] = 255 - picture[0, 0]  # a picture with an edge
    canvas._session.picture.rgb.setflags(write=True)
    canvas._session.picture.rgb[:] = picture
    before = canvas.mask("tree")
    canvas.magic_select("tree", (25.9, 3), tolerance=5)
    expected = add_similar(before, picture, (25 * 16, 48), 5)
    assert np.array_equal(canvas.mask("tree"), expected) and expected[3, 25] == 255 != before[3, 25]
    canvas.magic_select("tree", (25, 3), tolerance=5, value=0)
    assert not canvas.mask("tree")[:, 20:].any()


def test_region_at_is_what_one_sees(canvas: SemanticDraw) -> None:
    def at(x: float, y: float) -> str | None:
        found = canvas.region_at((x, y))
        return None if found is None else found.id

    assert [at(9, 7), at(15, 7), at(17.99, 10.99), at(0, 0), at(31.9, 23.9)] == ["house", "tree", "tree", None, None]
    canvas.region("tree").visible = False
    assert at(15, 7) == "house"
    canvas.solo_region("tree")
    assert [at(15, 7), at(9, 7)] == ["tree", None]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda c: c.transform("roof", (1, 1)), KeyError, "house, tree"),
        (lambda c: c.transform(2), IndexError, "there are 2"),
        (lambda c: c.transform(0, scale=(0, 1)), ValueError, "1/64 to 64"),
        (lambda c: c.transform(0, move=(1, 1e9)), ValueError, "65536"),
        (lambda c: c.transform(0, rotate="a bit"), TypeError, "a bit"),
        (lambda c: c.magic_select(0, (3, 3)), ValueError, r"no picture yet.*generate\(\)"),
        (lambda c: c.magic_select(0, (32, 3)), ValueError, r"\(32, 3\) is not on the canvas of 32x24 px"),
        (lambda c: c.magic_select(0, (3, float("nan"))), ValueError, "not on the canvas"),
        (lambda c: c.magic_select(0, 3), TypeError, r"\(x, y\), not 3"),
        (lambda c: c.region_at((-0.1, 3)), ValueError, "not on the canvas"),
    ],
)
def test_refusals_change_nothing(
    canvas: SemanticDraw, call: Callable[[SemanticDraw], Any], error: type[Exception], text: str
) -> None:
    before = [canvas.mask(i) for i in range(2)]
    with pytest.raises(error, match=text):
        call(canvas)
    assert all(map(np.array_equal, before, [canvas.mask(i) for i in range(2)]))


def test_a_picture_of_another_size_is_not_selected_in(canvas: SemanticDraw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(canvas), "_pixels", np.zeros((64, 48, 3), np.uint8))
    with pytest.raises(ValueError, match=r"48x64 px, the canvas 32x24; make one of its size with generate\(\)"):
        canvas.magic_select(0, (3, 3))
    monkeypatch.setattr(type(canvas), "_pixels", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    with pytest.raises(ValueError, match="not 999"):
        canvas.magic_select(0, (3, 3), tolerance=999)
