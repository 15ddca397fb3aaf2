"""Regions from ipycanvas and pictures into it, with real ipycanvas objects; this file is their browser."""

from __future__ import annotations

import asyncio
import builtins
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import ipycanvas.canvas
import numpy as np
import pytest
from ipycanvas import Canvas, MultiCanvas, hold_canvas
from ipycanvas.canvas import _CMD_LIST
from PIL import Image

import semanticdraw_widget
from semanticdraw_widget import SemanticDraw, bridge
from semanticdraw_widget.canvas_masks import alpha_mask
from semanticdraw_widget.frames import encode_png
from semanticdraw_widget.outlines import draw_rims, label_place, rim
from unit.doubles import FakeEngine, Loader, until

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def widget(monkeypatch: pytest.MonkeyPatch) -> Iterator[SemanticDraw]:
    loader = Loader(FakeEngine())
    monkeypatch.setattr("semanticdraw_widget.widget.engine_leaser", lambda *args, **options: loader)
    widget = SemanticDraw(size=(WIDTH, HEIGHT))
    yield widget
    widget.close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Any], list[bytes]]]:
    """What ipycanvas sends its front end: the commands of a message by name, and the pictures beside them."""
    sent: list[tuple[list[Any], list[bytes]]] = []

    def send(metadata: Any, buffers: list[Any]) -> None:
        commands = json.loads(bytes(buffers[0]))
        batch = commands if isinstance(commands[0], list) else [commands]
        sent.append(([(_CMD_LIST[name], *rest) for name, *rest in batch], list(buffers[1:])))

    monkeypatch.setattr(ipycanvas.canvas._CANVAS_MANAGER, "send", send)
    return sent


def box(x: int, y: int, width: int, height: int, size: tuple[int, int] = (WIDTH, HEIGHT), alpha: int = 255) -> Any:
    """The alpha of a filled rectangle, uint8 (height, width)."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[y : y + height, x : x + width] = alpha
    return mask


def png(alpha: np.ndarray) -> bytes:
    pixels = np.full((*alpha.shape, 4), 80, np.uint8)
    pixels[..., 3] = alpha
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def paint(layer: Canvas, alpha: np.ndarray) -> None:
    """What the front end does after drawing."""
    layer.set_state({"image_data": memoryview(png(alpha))})


def layers(count: int, **options: Any) -> MultiCanvas:
    canvas = MultiCanvas(count, **{"width": WIDTH, "height": HEIGHT, **options})
    for layer in canvas:
        layer.sync_image_data = True
    return canvas


def pixels(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)))


# ---------------------------------------------------------------- masks from a canvas


def test_layers_become_regions_with_the_masks_that_are_drawn(widget: SemanticDraw) -> None:
    canvas = layers(3)
    paint(canvas[0], box(0, 30, 64, 18))
    link = widget.masks_from_canvas(canvas, ["sea", "house", None])
    assert [region.prompt for region in widget.regions] == ["sea", "house", ""]
    assert [region.id for region in link.regions] == [region.id for region in widget.regions]
    assert len({region.color for region in link.regions}) == 3
    assert np.array_equal(widget.mask(0), box(0, 30, 64, 18)), "what is there already comes at once"
    assert not widget.mask(1).any()
    paint(canvas[1], box(10, 10, 20, 20))
    paint(canvas[2], box(40, 5, 9, 9))
    until(lambda: np.array_equal(widget.mask(1), box(10, 10, 20, 20)))
    until(lambda: np.array_equal(widget.mask(2), box(40, 5, 9, 9)))
    assert np.array_equal(widget.mask(0), box(0, 30, 64, 18))
    assert np.array_equal(widget.scene.regions[1].mask, box(10, 10, 20, 20))


def test_a_single_canvas_is_one_region(widget: SemanticDraw) -> None:
    canvas = Canvas(width=WIDTH, height=HEIGHT, sync_image_data=True)
    link = semanticdraw_widget.masks_from_canvas(widget, canvas, "tree")
    paint(canvas, box(3, 4, 5, 6))
    (tree,) = link.regions
    until(lambda: np.array_equal(tree.mask, box(3, 4, 5, 6)))
    assert tree.prompt == "tree"


def test_changes_that_come_together_are_one_edit(widget: SemanticDraw) -> None:
    canvas = layers(2)
    widget.masks_from_canvas(canvas, ["sea", "house"])
    edits: list[Any] = []
    widget.observe(edits.append, "masks")
    with widget._exclusive():  # nothing is taken over before all have come
        for x in range(20):
            paint(canvas[0], box(x, 0, 8, 8))
            paint(canvas[1], box(x, 20, 8, 8))
    until(
        lambda: np.array_equal(widget.mask(0), box(19, 0, 8, 8)) and np.array_equal(widget.mask(1), box(19, 20, 8, 8))
    )
    assert len(edits) <= 4, "at most two masks, twice"


def test_a_canvas_of_another_size_is_stretched(widget: SemanticDraw) -> None:
    canvas = layers(1, width=2 * WIDTH, height=3 * HEIGHT)
    paint(canvas[0], box(20, 30, 40, 60, (2 * WIDTH, 3 * HEIGHT)))
    widget.masks_from_canvas(canvas, "house")
    assert np.array_equal(widget.mask(0), box(10, 10, 20, 20))
    widget.size = (2 * WIDTH, 2 * HEIGHT)
    until(lambda: np.array_equal(widget.mask(0), box(20, 20, 40, 40, (2 * WIDTH, 2 * HEIGHT))))


@pytest.mark.parametrize(
    ("threshold", "inside"), [(0.5, [0, 255, 255]), (0.2, [255, 255, 255]), (None, [60, 130, 255])]
)
def test_how_opaque_is_inside(threshold: float | None, inside: list[int]) -> None:
    alpha = np.repeat(np.array([[60, 130, 255]], np.uint8), 2, axis=0)
    assert alpha_mask(png(alpha), (3, 2), threshold).tolist() == [inside, inside]


def test_nothing_follows_after_close(widget: SemanticDraw) -> None:
    canvas = layers(2)
    with widget.masks_from_canvas(canvas, ["sea", "house"]) as link:
        paint(canvas[0], box(0, 0, 9, 9))
        until(lambda: widget.mask(0).any())
    assert link.closed
    paint(canvas[0], box(9, 9, 9, 9))
    paint(canvas[1], box(9, 9, 9, 9))
    semanticdraw_widget.masks_from_canvas(widget, other := layers(1), "moon")
    paint(other[0], box(1, 1, 2, 2))
    until(lambda: widget.mask(2).any())
    assert np.array_equal(widget.mask(0), box(0, 0, 9, 9)) and not widget.mask(1).any()
    link.close()


@pytest.mark.parametrize("which", ["widget", "canvas"])
def test_a_link_ends_with_either_side(widget: SemanticDraw, which: str) -> None:
    canvas = layers(1)
    links = [widget.masks_from_canvas(canvas), widget.draw_overlay(canvas[0])]
    (widget if which == "widget" else canvas[0]).close()
    assert [link.closed for link in links] == [True, True]


def test_a_cell_that_runs_again_adds_no_regions(widget: SemanticDraw) -> None:
    canvas = layers(2)
    first = widget.masks_from_canvas(canvas, ["sea", "house"])
    widget.regions[0].seed = 5
    second = widget.masks_from_canvas(canvas, [None, "boat"])
    assert first.closed and not second.closed
    assert [(region.prompt, region.seed) for region in widget.regions] == [("sea", 5), ("boat", None)]


def test_a_region_that_is_removed_stays_away(widget: SemanticDraw) -> None:
    canvas = layers(2)
    link = widget.masks_from_canvas(canvas, ["sea", "house"])
    widget.remove_region(0)
    paint(canvas[0], box(0, 0, 9, 9))
    paint(canvas[1], box(0, 0, 5, 5))
    until(lambda: widget.mask(0).any())
    assert [region.prompt for region in link.regions] == ["house"] and len(widget.regions) == 1


def test_damaged_image_data_changes_nothing(widget: SemanticDraw, caplog: pytest.LogCaptureFixture) -> None:
    canvas = layers(1)
    widget.masks_from_canvas(canvas, "sea")
    paint(canvas[0], box(0, 0, 9, 9))
    until(lambda: widget.mask(0).any())
    canvas[0].set_state({"image_data": memoryview(png(box(0, 0, 2, 2))[:60])})
    until(lambda: "cannot be read as a picture" in caplog.text)
    assert np.array_equal(widget.mask(0), box(0, 0, 9, 9))
    paint(canvas[0], box(1, 1, 9, 9))
    until(lambda: np.array_equal(widget.mask(0), box(1, 1, 9, 9)))
    canvas[0].set_state({"image_data": memoryview(b"no picture")})
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        widget.masks_from_canvas(canvas, "other")
    assert widget.regions[0].prompt == "sea"


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        (
            lambda: (MultiCanvas(2, sync_image_data=True),),
            ValueError,
            r"layers 0, 1 .*for layer in canvas: layer.sync_image",
        ),
        (lambda: (Canvas(),), ValueError, r"canvas\.sync_image_data = True"),
        (lambda: (np.zeros((4, 4)),), TypeError, "not from ndarray"),
        (lambda: (layers(2), ["sea"]), ValueError, "1 prompts for 2 layers"),
        (lambda: (layers(2), "sea"), ValueError, "1 prompts for 2 layers"),
        (lambda: (layers(2), []), ValueError, "0 prompts for 2 layers"),
        (lambda: (layers(2), ["sea", 3]), TypeError, "a prompt is a text, not int"),
        (lambda: (layers(2), ["sea", "x" * 1001]), ValueError, "1000"),
        (lambda: (layers(1), "sea", 0), ValueError, "threshold is above 0"),
        (lambda: (layers(65),), ValueError, "64"),
    ],
)
def test_what_is_refused_changes_nothing(
    widget: SemanticDraw, arguments: Callable[[], tuple[Any, ...]], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        widget.masks_from_canvas(*arguments())
    assert widget.regions == []


def test_without_ipycanvas_it_says_what_to_install(widget: SemanticDraw, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any) -> Any:
        if name == "ipycanvas":
            raise ModuleNotFoundError("No module named 'ipycanvas'", name=name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    for call in (bridge.masks_from_canvas, bridge.draw_overlay):
        with pytest.raises(ImportError, match=r"pip install semanticdraw-widget\[ipycanvas\]"):
            call(widget, None)


# ---------------------------------------------------------------- an overlay


def names(message: tuple[list[Any], list[bytes]]) -> list[str]:
    return [name for name, *_ in message[0]]


def texts(message: tuple[list[Any], list[bytes]]) -> list[Any]:
    return [rest[0][0] for name, *rest in message[0] if name == "fillText"]


def test_an_overlay_has_picture_outlines_and_labels(
    widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]]
) -> None:
    widget.add_region("house", box(10, 10, 20, 20), color="#ff0000")
    widget.add_region("tree", box(40, 10, 10, 10), visible=False)
    canvas = Canvas(width=2 * WIDTH, height=2 * HEIGHT)
    widget.draw_overlay(canvas)
    until(lambda: drawn)
    first = pixels(drawn[-1][1][0])
    assert first.shape == (2 * HEIGHT, 2 * WIDTH, 4)
    assert first[20, 40].tolist() == [255, 0, 0, 255] and first[40, 40, 3] == 0 and not first[20:40, 80:, 3].any()
    assert texts(drawn[-1]) == ["house"]
    assert names(drawn[-1]).count("putImageData") == 1, "one message has it all"
    picture = np.asarray(widget.generate(timeout=10))
    until(lambda: drawn[-1][1] and pixels(drawn[-1][1][0]).shape[2] == 3)
    second = pixels(drawn[-1][1][0])
    assert np.array_equal(second[0, 0], picture[0, 0]) and second[20, 40].tolist() == [255, 0, 0]
    widget.regions[0].prompt = "red house"
    until(lambda: texts(drawn[-1]) == ["red house"])
    widget.regions[1].visible = True
    until(lambda: texts(drawn[-1]) == ["red house", "tree"])
    widget.solo_region(1)
    until(lambda: texts(drawn[-1]) == ["tree"])
    widget.regions[1].name = "oak"
    until(lambda: texts(drawn[-1]) == ["oak"])
    widget.solo_region(None)
    widget.regions[0].mask = box(0, 0, 4, 4)
    until(lambda: pixels(drawn[-1][1][0])[0, 0].tolist() == [255, 0, 0])


@pytest.mark.parametrize("part", ["preview", "outlines", "labels"])
def test_each_part_of_an_overlay_can_be_left_out(
    widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]], part: str
) -> None:
    widget.add_region("house", box(10, 10, 20, 20), color="#ff0000")
    gray = np.asarray(widget.generate(timeout=10))
    until(lambda: widget.frame)
    widget.draw_overlay(Canvas(width=WIDTH, height=HEIGHT), **{part: False})
    until(lambda: drawn)
    found = pixels(drawn[-1][1][0])
    assert (found.shape[2] == 3) == (part != "preview")
    assert np.array_equal(found[20, 10, :3], [255, 0, 0]) == (part != "outlines")
    assert texts(drawn[-1]) == (["house"] if part != "labels" else [])
    if part == "outlines":
        assert np.array_equal(found, gray)


def test_previews_are_shown_too(widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]]) -> None:
    overlay = widget.draw_overlay(Canvas(width=WIDTH, height=HEIGHT))
    until(lambda: drawn)
    for show in widget._link.previews:
        show(encode_png(np.full((HEIGHT, WIDTH, 3), 77, np.uint8)))
    until(lambda: pixels(drawn[-1][1][0])[0, 0].tolist() == [77, 77, 77])
    overlay.close()
    assert widget._link.previews == []


def test_an_overlay_leaves_the_canvas_as_the_user_had_it(
    widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]]
) -> None:
    widget.add_region("house", box(10, 10, 20, 20))
    canvas, other = Canvas(width=WIDTH, height=HEIGHT), Canvas()
    canvas.fill_style, canvas.font = "#123456", "9px serif"
    count = len(drawn)
    overlay = widget.draw_overlay(canvas)
    until(lambda: len(drawn) > count)
    assert (canvas.fill_style, canvas.font, canvas.global_composite_operation) == (
        "#123456",
        "9px serif",
        "source-over",
    )
    assert [names(drawn[-1]).count(name) for name in ("save", "restore")] == [1, 1]
    other.fill_rect(0, 0, 5)
    assert names(drawn[-2]) == ["switchCanvas"] and names(drawn[-1]) == ["fillRect"]
    count = len(drawn)
    canvas._handle_frontend_event(canvas, {"event": "client_ready"}, [])  # another browser comes
    until(lambda: len(drawn) > count)
    assert names(drawn[-1])[0] == "switchCanvas"
    overlay.close()
    count = len(drawn)
    canvas._handle_frontend_event(canvas, {"event": "client_ready"}, [])
    widget.regions[0].prompt = "other"
    assert len(drawn) == count


def test_a_failure_while_drawing_does_not_hold_ipycanvas_for_ever(
    widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("no letters")

    monkeypatch.setattr("semanticdraw_widget.overlay._draw_labels", broken)
    widget.draw_overlay(Canvas(width=WIDTH, height=HEIGHT))
    until(lambda: "no letters" in caplog.text)
    assert not ipycanvas.canvas._CANVAS_MANAGER._caching


def test_on_a_kernels_loop_it_is_drawn_between_cells(
    widget: SemanticDraw, drawn: list[tuple[list[Any], list[bytes]]]
) -> None:
    """Whatever a cell holds back, nothing of the overlay gets into it."""

    async def session() -> None:
        canvas, other = Canvas(width=WIDTH, height=HEIGHT), Canvas()
        overlay = widget.draw_overlay(canvas)
        with hold_canvas():
            other.fill_rect(0, 0, 5)
            until(lambda: overlay._waiting is not None)
            other.fill_rect(9, 9, 5)
        assert names(drawn[-1])[-2:] == ["fillRect", "fillRect"]
        while "putImageData" not in names(drawn[-1]):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(session(), 20))
    count = len(drawn)
    widget.add_region("house", box(10, 10, 20, 20))  # that loop is closed
    until(lambda: len(drawn) > count and texts(drawn[-1]) == ["house"])


def test_an_overlay_is_drawn_on_one_canvas(widget: SemanticDraw) -> None:
    with pytest.raises(TypeError, match=r"draw_overlay\(canvas\[0\]\)"):
        widget.draw_overlay(MultiCanvas(2))
    with pytest.raises(TypeError, match="not on str"):
        semanticdraw_widget.draw_overlay(widget, "canvas")


# ---------------------------------------------------------------- outlines


def test_a_rim_is_closed_and_inside() -> None:
    inside = box(1, 0, 5, 4, (8, 6)) > 0
    found = rim(inside, 1)
    assert found.sum() == 2 * 5 + 2 * 2 and not (found & ~inside).any()
    assert np.array_equal(rim(inside, 9), inside)
    picture = np.zeros((12, 16, 4), np.uint8)
    draw_rims(picture, [("#ff0000", box(0, 0, 8, 6, (8, 6))), ("#00ff00", box(0, 0, 4, 6, (8, 6)))], 1)
    assert picture[0, 0].tolist() == [0, 255, 0, 255] and picture[0, 15].tolist() == [255, 0, 0, 255]


def test_a_label_lies_in_its_region() -> None:
    assert label_place(np.zeros((4, 4), np.uint8)) is None
    assert label_place(box(2, 1, 4, 3, (8, 5))) == (0.5, 0.5)
    ring = box(0, 0, 48, 48) - box(10, 8, 30, 32)
    x, y = label_place(ring) or (0.0, 0.0)
    assert ring[int(y * HEIGHT), int(x * WIDTH)] == 255
