"""Python's edits beside a hand's, in JupyterLab: controls of ipywidgets, masks set there and back, one undo for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.asking import painted_mask, soon, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures

pytestmark = pytest.mark.browser

CONTROLS = """
import ipywidgets, numpy as np
from traitlets import link
canvas.paused = True  # no model has to paint
canvas.add_region("house", id="h")
canvas.add_region("sea", id="s")
heard = {name: [] for name in ("seed", "steps", "masks", "active", "regions")}
for name, list_of in heard.items():
    canvas.observe(lambda change, list_of=list_of: list_of.append(change.new), name)
slider, other = ipywidgets.IntSlider(max=50), ipywidgets.IntSlider(max=50)
link((slider, "value"), (canvas, "seed"))
jslinked = ipywidgets.jslink((other, "value"), (canvas, "steps"))
ipywidgets.VBox([slider, other])
"""
INTERACT = """
def band(x):
    mask = np.zeros((256, 256), bool)
    mask[:, 25 * x : 25 * x + 25] = True
    return mask
def move(x):
    canvas.set_mask("h", band(x))
    canvas.set_prompt("h", f"house {x}")
ipywidgets.interact(move, x=ipywidgets.IntSlider(2, 0, 9))
None
"""


def test_controls_of_ipywidgets_drive_the_canvas_and_undo_takes_that_back(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
) -> None:
    notebook = open_notebook(MAKE.format(""), CONTROLS, INTERACT)
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()

    def told(expression: str) -> Any:
        return json.loads(shell.run(f"import json; print(json.dumps({expression}))"))

    def press(handle: Locator, *keys: str) -> None:
        for key in keys:
            handle.press(key)
            canvas.page.wait_for_timeout(60)

    notebook.run(1)
    handles = notebook.output(1).locator(".noUi-handle")
    expect(handles).to_have_count(2)
    expect(canvas.part("region-row")).to_have_count(2)

    # Linked in Python, and in the browser: a person's moves are heard once each, on both sides.
    press(handles.nth(0), "ArrowRight", "ArrowRight", "ArrowRight")
    soon(lambda: told("[canvas.seed, heard['seed']]"), [3, [1, 2, 3]])
    press(handles.nth(1), "ArrowRight", "ArrowRight")
    soon(lambda: told("[canvas.steps, heard['steps']]"), [2, [1, 2]])
    undo = canvas.part("undo")
    expect(undo).to_have_attribute("title", "Undo edit from Python (Ctrl+Z)")
    undo.click()
    soon(lambda: told("[canvas.steps, other.value]"), [0, 0])
    undo.click()
    soon(lambda: told("[canvas.seed, slider.value]"), [0, 0])

    # interact, there and back within a moment: canvas and kernel agree, and a stroke adds to what is there.
    notebook.run(2)
    moved = notebook.output(2).locator(".noUi-handle")
    expect(moved).to_have_count(1)
    until(lambda: canvas.tinted(62 / 256, 0.5))
    press(moved, *4 * ["ArrowRight", "ArrowLeft"])
    state = "print(np.array_equal(canvas.mask('h'), 255 * band(2)), canvas.regions[0].prompt)"
    soon(lambda: shell.run(state), "True house 2\n")
    until(lambda: canvas.tinted(62 / 256, 0.5))
    assert not canvas.tinted(87 / 256, 0.5) and not canvas.tinted(0.9, 0.5)
    canvas.part("region-row").first.click()
    soon(lambda: told("[canvas.active, heard['active']]"), ["s", ["s"]])
    canvas.part("region-row").last.click()
    soon(lambda: told("[canvas.active, heard['active']]"), ["h", ["s", "h"]])
    before, strokes = painted_mask(shell, 0), told("len(heard['masks'])")
    canvas.stroke([(0.7, 0.3), (0.9, 0.3)])
    until(lambda: painted_mask(shell, 0)[76, 204])
    canvas.page.wait_for_timeout(500)  # the trait follows the patches
    after = painted_mask(shell, 0)
    assert (after[before > 0] > 0).all() and told("len(heard['masks'])") == strokes + 1
    undo.click()
    until(lambda: np.array_equal(painted_mask(shell, 0), before))

    # From Python: what it took away comes back, by the canvas's key and by undo().
    shell.run("canvas.active = 's'")
    expect(canvas.part("region-row").first).to_have_attribute("aria-current", "true")
    shell.run("canvas.invert_mask('h'); canvas.invert_mask('h'); canvas.remove_region('h')")
    expect(canvas.part("region-row")).to_have_count(1)
    canvas.board.press("Control+z")
    expect(canvas.part("region-row")).to_have_count(2)
    soon(lambda: told("len(canvas.regions)"), 2)
    until(lambda: np.array_equal(painted_mask(shell, 0), before))
    shell.run("canvas.regions = []")
    expect(canvas.part("region-row")).to_have_count(0)
    shell.run("canvas.undo()")
    expect(canvas.part("region-row")).to_have_count(2)
    soon(lambda: told("len(canvas.regions)"), 2)
    until(lambda: np.array_equal(painted_mask(shell, 0), before))
    shell.run("canvas.size = (128, 64)")
    until(lambda: painted_mask(shell, 0).shape == (64, 128))
    expect(undo).to_be_enabled()
    canvas.page.wait_for_timeout(500)
    shell.run("canvas.undo()")
    until(lambda: np.array_equal(painted_mask(shell, 0), before))
    assert canvas.tinted(62 / 256, 0.5)


def test_each_page_takes_back_its_own_edits_and_python_s(
    lab: Lab,
    page: Page,
    kernel: Callable[[], Kernel],  # noqa: F811
    chromium: Browser,
) -> None:
    url = lab.write("two-stacks.ipynb", [MAKE.format("") + "\ncanvas.paused = True\ncanvas"])
    notebook = Notebook(page, url)
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    shell.run("canvas.add_region('house', id='h')")
    expect(canvas.part("region-row")).to_have_count(1)
    notebook.save()
    second = chromium.new_page(viewport={"width": 1280, "height": 1000})
    other = Canvas(Notebook(second, url))
    expect(other.part("undo")).to_be_disabled()
    canvas.part("add-region").click()
    expect(other.part("region-row")).to_have_count(2)
    expect(other.part("undo")).to_be_disabled()  # not this page's
    shell.run("canvas.seed = 7")
    expect(other.part("undo")).to_be_enabled()
    other.part("undo").click()
    soon(lambda: shell.run("print(canvas.seed, len(canvas.regions))"), "0 2\n")
    expect(other.part("undo")).to_be_disabled()
    shell.run("import numpy as np; canvas.set_mask('h', np.eye(256) > 0)")
    until(lambda: canvas.tinted(0.5, 0.5))
    until(lambda: other.tinted(0.5, 0.5))
    # The size that one page takes back brings the other its masks, and none of them is lost.
    shell.run("canvas.size = (128, 128)")
    until(lambda: shell.run("print(canvas.size)") == "(128, 128)\n")
    canvas.page.wait_for_timeout(500)
    canvas.board.press("Control+z")
    until(lambda: shell.run("print(canvas.size)") == "(256, 256)\n")
    until(lambda: other.tinted(0.5, 0.5))
    other.brush_size(60)
    other.part("region-row").last.click()
    other.stroke([(0.7, 0.2), (0.9, 0.2)])
    until(lambda: painted_mask(shell, 0)[51, 204])
    assert np.diag(painted_mask(shell, 0)).all(), "what was there is there"
    second.close()
    lab.stop_kernels()
