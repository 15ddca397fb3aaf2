"""Saving and opening in JupyterLab: a drawing goes to a disk and comes back, its masks the same to the byte."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.asking import regions, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.storage import read_sdraw

pytestmark = pytest.mark.browser

SPACE = """(root) => {
    root.querySelector("[data-testid=sd-surprise]").hidden = false; // as soon as the model has told its words
    return [...root.querySelectorAll(".sd-toolbar, .sd-app")].map((e) => e.scrollWidth - e.clientWidth);
}"""
UNDER = """(menu) => {
    const [a, b] = [menu, menu.closest(".sd-root")].map((e) => e.getBoundingClientRect());
    return a.left >= b.left && a.right <= b.right && menu.scrollWidth <= menu.clientWidth;
}"""


def test_a_drawing_goes_to_a_file_and_comes_back(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    page: Page,
    tmp_path: Path,
) -> None:
    """No prompts, so that no model has to paint."""
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()

    def told() -> list[tuple[str, bytes]]:
        found = regions(shell)
        return [(fields["prompt"], mask.tobytes()) for fields, mask in zip(found.fields, found.masks)]

    def two() -> list[tuple[str, bytes]]:
        return until(told, lambda found: len(found) == 2 and all(any(mask) for _, mask in found))

    canvas.stroke([(0.2, 0.4), (0.5, 0.7), (0.8, 0.4)])
    canvas.part("add-region").click()
    canvas.stroke([(0.3, 0.2), (0.7, 0.2)])
    canvas.board.focus()
    drawn = two()

    written: list[str] = []
    page.on("request", lambda request: written.append(request.url) if request.method == "PUT" else None)
    with page.expect_download() as download:
        canvas.board.press("Control+s")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "drawing.sdraw"
    expect(canvas.part("said")).to_have_text("drawing.sdraw is saved.")
    assert len(read_sdraw(path).scene.regions) == 2
    assert not [url for url in written if "/api/contents/" in url]  # the notebook is not saved by the way

    shell.run("canvas.regions = []; canvas.masks = {}")
    expect(canvas.part("region-row")).to_have_count(0)
    with page.expect_file_chooser() as chooser:
        canvas.part("files").click()
        canvas.part("menu-open").click()
    chooser.value.set_files(path)
    expect(canvas.part("region-row")).to_have_count(2)
    expect(canvas.part("said")).to_have_text("drawing.sdraw is open.")
    assert two() == drawn
    # What the canvas itself holds is told by an inversion there.
    canvas.board.press("1")
    canvas.board.press("Shift+I")
    canvas.board.press("Shift+I")
    time.sleep(1)
    assert told() == drawn

    # More than Jupyter's server takes in one message. Other members are passed over.
    large = tmp_path / "large.sdraw"
    large.write_bytes(path.read_bytes())
    with zipfile.ZipFile(large, "a") as archive:
        archive.writestr("noise.bin", os.urandom(11 * 2**20))
    shell.run("canvas.regions = []; canvas.masks = {}")
    expect(canvas.part("region-row")).to_have_count(0)
    canvas.part("file").set_input_files(large)
    expect(canvas.part("said")).to_have_text("large.sdraw is open.", timeout=30_000)
    assert two() == drawn

    # A file that is none.
    (tmp_path / "bad.sdraw").write_bytes(b"no zip")
    canvas.part("file").set_input_files(tmp_path / "bad.sdraw")
    expect(canvas.part("banner")).to_contain_text("is not a zip file")
    assert told() == drawn

    for width in (1000, 700, 690, 660, 640, 560, 540, 480):
        canvas.root.locator(".sd-root").evaluate(f"(root) => root.style.width = '{width}px'")
        assert canvas.root.locator(".sd-root").evaluate(SPACE) == [0, 0], width
        canvas.part("files").click()
        assert canvas.part("menu").evaluate(UNDER), width
        canvas.page.screenshot(path=tmp_path / f"{width}.png")
        canvas.page.keyboard.press("Escape")
        expect(canvas.part("files")).to_be_focused()
