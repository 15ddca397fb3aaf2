"""Undo after a load or a restore takes all of it back; what is loaded while paused has its own picture; two pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.asking import painted_mask, soon, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.scene import Region, Scene
from semanticdraw_widget.storage import write_drawing

pytestmark = pytest.mark.browser

STATE = """
import hashlib, json
names = "size background style_text quality_text negative_text seed steps guidance mode cfg brushes".split()
told = {name: getattr(canvas, name) for name in names} | {"regions": [dict(region) for region in canvas.regions]}
told["picture"] = hashlib.sha256(canvas.background_image).hexdigest()
told["masks"] = [hashlib.sha256(canvas.mask(region["id"]).tobytes()).hexdigest() for region in canvas.regions]
print(json.dumps(told))
"""
CHANGE = """
import numpy as np
canvas.set_background(np.random.default_rng(2).integers(0, 256, (300, 280, 3), np.uint8))
canvas.style_text, canvas.quality_text, canvas.negative_text = "watercolor", "sharp", "dull"
canvas.seed, canvas.steps, canvas.guidance, canvas.mode, canvas.cfg = 9, 2, 2.5, "masked", "none"
canvas.region(0).mask = np.eye(256) > 0
canvas.brushes = [{"name": "mine", "prompt": "old oak"}]
"""
THERE = {"name": "theirs", "prompt": "sea"}


def test_undo_takes_all_of_a_load_and_of_a_restore_back(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    tmp_path: Path,
) -> None:
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    canvas.stroke([(0.2, 0.6), (0.8, 0.6)])
    canvas.say(0, "tree")
    canvas.wait_settled()
    until(lambda: shell.run("print(len(canvas.history))") != "0\n")
    shown = canvas.picture()

    def state() -> Any:
        return json.loads(shell.run(STATE))

    canvas.part("pause").click()
    soon(lambda: shell.run("print(canvas.paused)"), "True\n")
    shell.run(CHANGE)
    mine = state()
    expect(canvas.part("brush-chip")).to_have_text(["mine"])

    # A file with a picture: it is on the canvas, in `image` and under magic select, though nothing is painted.
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[:, 128:] = (250, 180, 20)
    write_drawing(tmp_path / "a.sdraw", Scene((256, 256), "fog"), result=picture, brushes=[THERE])
    shell.run(f"canvas.load({str(tmp_path / 'a.sdraw')!r})")
    expect(canvas.part("region-row")).to_have_count(0)
    expect(canvas.part("brush-chip")).to_have_text(["mine", "theirs"])
    until(canvas.picture, lambda found: np.array_equal(found, picture))
    assert shell.run("print(int(np.asarray(canvas.image).sum()))") == f"{picture.sum()}\n"
    canvas.board.press("w")
    canvas.page.mouse.click(*canvas.place(0.75, 0.5))
    soon(lambda: shell.run("print(len(canvas.regions))"), "1\n")
    until(lambda: np.array_equal(painted_mask(shell, 0) > 0, picture[..., 0] > 0))
    canvas.page.screenshot(path=tmp_path / "loaded.png")
    canvas.part("undo").click()
    canvas.part("undo").click()
    soon(state, mine)
    expect(canvas.part("brush-chip")).to_have_text(["mine"])
    canvas.part("redo").click()
    expect(canvas.part("brush-chip")).to_have_text(["mine", "theirs"])
    canvas.part("undo").click()
    soon(state, mine)

    # A picture of the history: the whole scene of then, and undo brings back that of now.
    canvas.part("history-item").last.click()
    canvas.part("history-restore").click()
    soon(lambda: shell.run("print(canvas.style_text, len(canvas.background_image), canvas.seed)"), " 0 0\n")
    until(canvas.picture, lambda found: np.array_equal(found, shown))
    expect(canvas.part("brush-chip")).to_have_text(["mine"])
    canvas.part("undo").click()
    soon(state, mine)

    # A file of another size: undo brings that back, too, and the masks are not stretched there and back.
    write_drawing(tmp_path / "c.sdraw", Scene((128, 64), "sea", [Region("boat", np.ones((64, 128), bool))]))
    shell.run(f"canvas.load({str(tmp_path / 'c.sdraw')!r})")
    expect(canvas.part("prompt")).to_have_value("boat")
    shell.run("canvas.undo()")  # the same stack, from Python
    expect(canvas.part("prompt")).to_have_value("tree")
    soon(state, mine)
    shell.run("canvas.redo()")
    soon(
        lambda: shell.run("print(canvas.size, canvas.mask(0).shape, canvas.mask(0).min())"), "(128, 64) (64, 128) 255\n"
    )
    canvas.part("undo").click()
    soon(state, mine)

    # A file without a picture: there is none, on either side.
    write_drawing(tmp_path / "b.sdraw", Scene((256, 256), "fog"))
    shell.run(f"canvas.load({str(tmp_path / 'b.sdraw')!r})")
    until(canvas.alpha, lambda found: not found.any())
    assert shell.run("print(canvas.image)") == "None\n"
    canvas.page.screenshot(path=tmp_path / "none.png")
    canvas.part("pause").click()
    canvas.wait_settled()
    assert shell.run("print(canvas.image is None)") == "False\n" and canvas.alpha().all()


def test_two_pages_keep_each_other_s_strokes(
    lab: Lab,
    page: Page,
    kernel: Callable[[], Kernel],  # noqa: F811
    chromium: Browser,
) -> None:
    """No prompts, so that no model has to paint."""
    url = lab.write("pages.ipynb", [MAKE.format("")])
    notebook = Notebook(page, url)
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    canvas.brush_size(60)
    canvas.stroke([(0.1, 0.2), (0.9, 0.2)])
    canvas.page.keyboard.press("Escape")
    until(lambda: shell.run("print(len(canvas.regions))") == "1\n")
    notebook.save()
    second = chromium.new_page(viewport={"width": 1280, "height": 1000})
    other = Canvas(Notebook(second, url))
    other.brush_size(60)
    canvas.stroke([(0.1, 0.5), (0.9, 0.5)])
    rows = [int(y * 256) for y in (0.2, 0.5, 0.8)]
    until(lambda: painted_mask(shell, 0)[rows[1], 128])
    until(lambda: other.tinted(0.5, 0.5))
    other.stroke([(0.1, 0.8), (0.9, 0.8)])
    until(lambda: painted_mask(shell, 0)[rows[2], 128])
    until(lambda: canvas.tinted(0.5, 0.8))
    second.wait_for_timeout(1000)  # the traits follow the patches
    assert all(painted_mask(shell, 0)[rows, 128]), "no stroke is lost"
    notebook.reload()
    again = Canvas(notebook)
    until(lambda: all(again.tinted(0.5, y) for y in (0.2, 0.5, 0.8)))
    second.close()
    lab.stop_kernels()
