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


def test_the_strip_fits(open_notebook: Callable[..., Notebook], tmp_path: Path) -> None:  # noqa: F811
    """At the widths of a cell, nothing leaves it or covers something else."""
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    canvas.stroke([(0.2, 0.75), (0.8, 0.75)])
    canvas.say(0, "sea")
    canvas.wait_settled()
    canvas.board.press("y")
    for width in (1400, 860, 640):
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
        canvas.root.screenshot(path=tmp_path / f"strip-{width}.png")
