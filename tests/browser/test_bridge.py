"""ipycanvas beside the widget in JupyterLab: shapes drawn by code become regions, and the picture goes to a slide."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from browser.asking import painted_mask, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.masks import Mask

pytestmark = pytest.mark.browser

SHAPES = """
from ipycanvas import Canvas, MultiCanvas, hold_canvas
shapes = MultiCanvas(2, width=256, height=256)
for layer in shapes:
    layer.sync_image_data = True
link = canvas.masks_from_canvas(shapes, ["sea", "house"])
with hold_canvas():
    shapes[0].fill_style = "navy"
    shapes[0].fill_rect(0, 180, 256, 76)
    shapes[1].fill_circle(128, 110, 40)
shapes
"""
SLIDE = "slide = Canvas(width=512, height=512)\noverlay = canvas.draw_overlay(slide)\nslide"
MORE = "shapes[1].clear()\nshapes[1].fill_rect(60, 50, 120, 100)"

PIXELS = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let text = "";
    for (let i = 0; i < data.length; i += 4096) text += String.fromCharCode(...data.subarray(i, i + 4096));
    return btoa(text);
}"""


def pixels(canvas: Locator, size: int) -> np.ndarray:
    """What an ipycanvas canvas shows: uint8 (size, size, 4)."""
    return np.frombuffer(base64.b64decode(canvas.evaluate(PIXELS)), np.uint8).reshape(size, size, 4)


def test_shapes_become_regions_and_a_slide_shows_the_picture(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    tmp_path: Path,
) -> None:
    notebook = open_notebook(MAKE.format("background='sky'"), SHAPES, SLIDE, MORE)
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    notebook.run(1)
    expect(canvas.part("region-row")).to_have_count(2)
    assert [field.input_value() for field in canvas.part("prompt").all()] == ["house", "sea"]
    y, x = np.mgrid[:256, :256]
    distance = np.hypot(x + 0.5 - 128, y + 0.5 - 110)

    def mask(region: int) -> Mask:
        return painted_mask(shell, region)

    until(lambda: np.array_equal(mask(0), np.where(y >= 180, 255, 0)))
    until(lambda: mask(1).any())
    house = mask(1)
    assert (house[distance < 39.3] == 255).all() and not house[distance > 40.7].any()

    shown = canvas.wait_settled()
    notebook.run(2)
    slide = notebook.output(2).locator("canvas")
    expect(slide).to_be_visible()
    until(lambda: pixels(slide, 512)[..., 3].all())
    notebook.run(3)  # followed live
    box = np.where((x >= 60) & (x < 180) & (y >= 50) & (y < 150), 255, 0)
    until(lambda: np.array_equal(mask(1), box))
    canvas.wait_settled(after=shown)
    color = shell.run("print(canvas.regions[1].color)").strip()
    rim = list(bytes.fromhex(color[1:]))
    until(lambda: pixels(slide, 512)[100, 120:360, :3].tolist() == 240 * [rim])
    seen, picture = pixels(slide, 512), canvas.picture()
    assert np.abs(seen[20:80:2, 20:480:2, :3].astype(int) - picture[10:40, 10:240]).mean() < 12, "the sky is on it"
    near = np.abs(seen[..., :3].astype(int) - rim).max(axis=2) < 8
    assert near[190:210, 200:280].sum() > 20, "and the label in the house"
    notebook.page.screenshot(path=tmp_path / "bridge.png", full_page=True)

    notebook.save()
    notebook.reload()  # ipycanvas itself replays nothing
    slide = notebook.output(2).locator("canvas")
    expect(slide).to_be_visible()
    until(lambda: pixels(slide, 512)[100, 120:360, :3].tolist() == 240 * [rim])
    assert np.array_equal(mask(1), box)
