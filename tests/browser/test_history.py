"""Finished pictures: looked at beside the current one, gone back to, kept and dropped, from both sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from browser.drivers import Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures

pytestmark = pytest.mark.browser


def test_one_looks_back_and_goes_back(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    tmp_path: Path,
) -> None:
    """A picture of the history is there again bit for bit, as one step of undo, in the mode where edits build up."""
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    canvas.brush_size(70)
    canvas.stroke([(0.2, 0.75), (0.8, 0.75)])
    canvas.say(0, "grass")
    canvas.wait_settled(after=canvas.revision() - 1)
    first, masks = canvas.picture(), canvas.revision()
    canvas.part("add-region").click()
    canvas.stroke([(0.4, 0.4), (0.6, 0.4)])
    canvas.say(0, "house")
    canvas.wait_settled(after=masks)
    second = canvas.picture()
    shell = kernel()

    place = canvas.board.bounding_box()
    items = canvas.part("history-item")
    expect(canvas.part("history")).to_be_visible()  # there is room
    canvas.board.press("y")
    expect(canvas.part("history")).to_be_hidden()
    canvas.board.press("y")
    ids = json.loads(shell.run("import json; print(json.dumps([e.id for e in canvas.history]))"))
    expect(items).to_have_count(len(ids))
    assert canvas.board.bounding_box() == place  # nothing but the strip has come
    titles = shell.run("print(*[e.title for e in canvas.history], sep='|')").strip().split("|")
    k = max(i for i, title in enumerate(titles) if title == "grass, sky")

    items.nth(k).click()
    expect(canvas.part("compare")).to_be_visible()
    canvas.page.wait_for_timeout(500)
    canvas.page.screenshot(path=tmp_path / "compare.png")
    x, y = canvas.place(0.9, 0.5)
    canvas.page.mouse.move(*canvas.place(0.5, 0.5))
    canvas.page.mouse.down()
    canvas.page.mouse.move(x, y, steps=4)
    canvas.page.mouse.up()
    expect(canvas.part("compare-line")).to_have_attribute("aria-valuenow", "90")
    assert np.array_equal(canvas.picture(), second)  # only looked at
    items.last.click(modifiers=["Shift"])
    expect(canvas.part("compare")).not_to_contain_text("now")
    items.nth(k).click()  # and without Shift, as by touch
    canvas.part("history-compare").click()
    items.last.click()
    expect(canvas.part("compare")).not_to_contain_text("now")
    canvas.part("history-close").click()
    expect(canvas.part("compare")).to_be_hidden()

    shown = canvas.revision()
    items.nth(k).click()
    canvas.part("history-restore").click()
    expect(canvas.part("prompt")).to_have_count(1)
    shown = canvas.wait_settled(after=shown)
    assert np.array_equal(canvas.picture(), first)
    canvas.part("undo").click()
    expect(canvas.part("prompt")).to_have_count(2)
    shown = canvas.wait_settled(after=shown)
    assert np.array_equal(canvas.picture(), second)

    shell.run(f"canvas.restore({k}); canvas.pin({k})")
    expect(canvas.part("prompt")).to_have_count(1)
    canvas.wait_settled(after=shown)
    assert np.array_equal(canvas.picture(), first)
    expect(items.nth(k)).to_have_attribute("data-pinned", "")
    asked = f"import numpy as np; print(int(np.asarray(canvas.history[{k}].image).sum()))"
    assert int(shell.run(asked)) == int(first.sum())
    items.first.press("Delete")
    expect(items).to_have_count(len(ids) - 1)
    assert shell.run("print(len(canvas.history))") == f"{len(ids) - 1}\n"
    the_strip_fits(canvas, tmp_path)


def test_the_strip_is_open_where_there_is_room(
    open_notebook: Callable[..., Notebook],  # noqa: F811
) -> None:
    """From 1100 px on it stands beside the picture, which neither moves nor shrinks when the strip is folded."""
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.page.set_viewport_size({"width": 1900, "height": 1000})
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    root, strip, items = canvas.root.locator(".sd-root"), canvas.part("history"), canvas.part("history-item")
    assert root.evaluate("(root) => root.clientWidth") >= 1100
    expect(items).to_have_count(1)
    canvas.board.focus()
    place, column = canvas.board.bounding_box(), strip.bounding_box()
    panel = canvas.root.locator(".sd-panel").bounding_box()
    assert place is not None and column is not None and panel is not None
    assert column["x"] >= panel["x"] + panel["width"] > place["x"] + place["width"]
    assert column["height"] > 8 * column["width"]
    items.first.press("Enter")
    expect(canvas.part("history-restore")).to_be_visible()
    canvas.part("history-close").click()
    expect(canvas.part("history-restore")).not_to_be_visible()
    canvas.board.press("y")
    expect(strip).to_be_hidden()
    assert canvas.board.bounding_box() == place
    assert canvas.root.locator(".sd-panel").bounding_box() == panel
    canvas.board.press("y")
    expect(strip).to_be_visible()
    overflow = (
        "(root) => [...root.querySelectorAll('.sd-past *')].filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert root.evaluate(overflow) == 0


def the_strip_fits(canvas: Canvas, folder: Path) -> None:
    """At the widths of a cell, nothing leaves it."""
    for width in (1900, 1400, 860, 640):
        canvas.page.set_viewport_size({"width": width, "height": 1000})
        canvas.page.wait_for_timeout(400)
        app = canvas.root.locator(".sd-app").bounding_box()
        boxes = [
            canvas.root.locator(f".sd-{part}").bounding_box()
            for part in ("past-list", "past-tools", "status", "past-toggle")
        ]
        assert app is not None
        for box in boxes:
            assert box is not None and box["x"] >= app["x"] and box["x"] + box["width"] <= app["x"] + app["width"] + 1
        canvas.root.screenshot(path=folder / f"strip-{width}.png")
