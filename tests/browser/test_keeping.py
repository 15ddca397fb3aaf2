"""Nothing drawn is lost: pages, kernels and connections that go away, with the pen down and without."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.asking import until
from browser.cable import Cable
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab

pytestmark = pytest.mark.browser

MAKE = "from semanticdraw_widget import SemanticDraw\ncanvas = SemanticDraw(background='sky')\ncanvas"
LOST = 90_000


class Desk:
    """A notebook whose first cell makes a canvas, with a region drawn by hand, and its kernel.

    Args:
        cable: between the page and JupyterLab.
    """

    def __init__(self, lab: Lab, page: Page, name: str, cable: Cable | None = None) -> None:
        self.lab, self.page = lab, page
        url = lab.write(f"{name}.ipynb", [MAKE, "canvas"])
        if cable is not None:
            url = url.replace(f":{lab.port}/", f":{cable.port}/")
        page.on("dialog", lambda dialog: dialog.accept())  # leave, though the notebook is not saved
        self.notebook = Notebook(page, url)
        self.notebook.run(0)
        self.canvas = Canvas(self.notebook)
        self.kernel = Kernel(lab.connection_file())
        self.canvas.brush_size(65)
        self.canvas.stroke([(0.2, 0.3), (0.8, 0.3)])
        self.canvas.say(0, "house")
        self.canvas.wait_settled()

    def press(self, y: float = 0.75) -> None:
        """Put the pen down, draw a while, and leave it there."""
        mouse = self.page.mouse
        mouse.move(*self.canvas.place(0.2, y))
        mouse.down()
        mouse.move(*self.canvas.place(0.7, y), steps=8)
        self.page.wait_for_timeout(300)  # some patches are on their way

    def mask(self) -> np.ndarray:
        """Of the only region, as the kernel has it: bool (height, width)."""
        code = "import json; print(json.dumps([(canvas.mask(0) > 127).tolist(), canvas.regions[0].prompt]))"
        rows, prompt = json.loads(self.kernel.run(code))
        assert prompt in ("house", "tree")
        return np.array(rows)

    def mask_with(self, x: float, y: float) -> np.ndarray:
        """The mask, once it has that place, given in 0..1 of its sides."""
        return until(self.mask, lambda mask: mask[int(y * 256), int(x * 256)])


def shown(canvas: Canvas) -> np.ndarray:
    """Where the tint is on screen, in px of the mask: bool (256, 256). It is kept in sight for that."""
    if canvas.part("masks").get_attribute("aria-pressed") != "true":
        canvas.part("masks").click()
    canvas.page.wait_for_timeout(400)
    found = canvas.root.locator("canvas.sd-overlay").evaluate(TINT)
    return np.array(found).reshape(256, 256) > 0


# The overlay's alpha in the middle of each pixel of a mask of 256 px; the outlines are drawn over it, which shrinks or
# grows it by a pixel at most.
TINT = """(overlay) => {
    const small = document.createElement("canvas");
    small.width = small.height = 256;
    const context = small.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(overlay, 0, 0, 256, 256);
    const { data } = context.getImageData(0, 0, 256, 256);
    return Array.from({ length: 256 * 256 }, (_, i) => data[4 * i + 3]);
}"""


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """But for what an outline covers: two pixels on either side of it."""

    def grown(mask: np.ndarray) -> np.ndarray:
        near = [np.roll(mask, (y, x), (0, 1)) for y in range(-2, 3) for x in range(-2, 3)]
        return np.logical_or.reduce(near)

    return np.count_nonzero(a & b) > 2000 and not (a & ~grown(b)).any() and not (b & ~grown(a)).any()


@pytest.fixture(scope="module")
def desk(lab: Lab, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def open_desk(name: str, cable: Cable | None = None) -> Desk:
        for old in desks:
            if not old.page.is_closed():
                old.page.close()
        lab.stop_kernels()
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        desks.append(Desk(lab, page, name, cable))
        return desks[-1]

    yield open_desk
    for old in desks:
        old.kernel.close()
        if not old.page.is_closed():
            old.page.close()
    lab.stop_kernels()


def test_a_page_reloaded_with_the_pen_down(desk: Callable[..., Desk]) -> None:
    at = desk("reload")
    at.notebook.save()
    at.press()
    before = shown_without_hand(at)
    at.notebook.reload()
    canvas = Canvas(at.notebook)
    expect(canvas.part("prompt")).to_have_value("house")
    assert alike(shown(canvas), before)
    assert alike(at.mask_with(0.5, 0.75), before)
    expect(canvas.part("offer")).to_be_hidden()  # it is all here
    canvas.stroke([(0.5, 0.5), (0.6, 0.5)])  # and goes on from there
    assert alike(shown(canvas), at.mask_with(0.55, 0.5))


def shown_without_hand(at: Desk) -> np.ndarray:
    """What is on screen while the pen is down: the tint is in sight then."""
    at.page.wait_for_timeout(400)
    return np.array(at.canvas.root.locator("canvas.sd-overlay").evaluate(TINT)).reshape(256, 256) > 0


def test_a_reload_of_a_notebook_that_was_not_saved(desk: Callable[..., Desk]) -> None:
    """JupyterLab shows no output then; the kernel has the drawing, and a cell that is run again offers it."""
    at = desk("unsaved")
    before = at.mask()
    at.notebook.reload()
    at.notebook.run(1)
    assert alike(shown(Canvas(at.notebook, 1)), before)
    at.notebook.run(0)  # another canvas; the one in the second cell is still there
    canvas = Canvas(at.notebook)
    canvas.wait_settled()
    expect(canvas.part("offer")).to_be_hidden()
    at.page.locator(".jp-CodeCell").nth(1).locator(".jp-InputArea-editor").click()
    at.notebook.reload()
    at.notebook.run(0)
    canvas = Canvas(at.notebook)
    expect(canvas.part("offer")).to_contain_text("house")


def test_a_kernel_killed_with_the_pen_down(desk: Callable[..., Desk], tmp_path: Path) -> None:
    at = desk("killed")
    canvas, mouse = at.canvas, at.page.mouse
    pid = int(at.kernel.run("import os; print(os.getpid())"))
    at.press()
    os.kill(pid, signal.SIGKILL)
    expect(canvas.status).to_contain_text("kernel stopped: your drawing is kept; run the cell to go on", timeout=LOST)
    mouse.move(*canvas.place(0.8, 0.75), steps=4)
    mouse.up()
    dialog = at.page.locator(".jp-Dialog")  # JupyterLab tells it, too
    dialog.get_by_role("button").last.click(timeout=LOST)
    before = shown(canvas)
    assert before[int(0.75 * 256), int(0.77 * 256)]
    canvas.page.screenshot(path=tmp_path / "stopped.png")
    at.notebook.wait_for_kernel()
    at.notebook.run(0)
    canvas = Canvas(at.notebook)
    expect(canvas.part("offer")).to_contain_text("house", timeout=LOST)
    canvas.page.screenshot(path=tmp_path / "offer.png")
    canvas.part("bring-back").click()
    expect(canvas.part("prompt")).to_have_value("house")
    assert alike(shown(canvas), before)
    at.kernel = Kernel(at.lab.connection_file())
    assert alike(at.mask(), before)
    canvas.wait_settled()
    canvas.part("undo").click()
    expect(canvas.part("prompt")).to_have_count(0)
    canvas.part("redo").click()
    expect(canvas.part("prompt")).to_have_value("house")


def test_a_connection_that_drops_for_ten_seconds(desk: Callable[..., Desk], lab: Lab) -> None:
    with Cable(lab.port) as cable:
        at = desk("dropped", cable)
        canvas = at.canvas
        at.press()
        cable.cut()
        expect(canvas.status).to_contain_text("connection lost: your drawing is kept", timeout=LOST)
        at.page.mouse.move(*canvas.place(0.8, 0.75), steps=4)
        at.page.mouse.up()
        canvas.part("prompt").fill("tree")
        at.page.wait_for_timeout(10_000)
        cable.mend()
        dialog = at.page.locator(".jp-Dialog").get_by_role("button")  # JupyterLab's own word on it
        at.page.add_locator_handler(dialog.last, lambda button: button.click())
        expect(canvas.status).to_have_attribute("data-kernel", "ok", timeout=LOST)
        canvas.wait_settled(after=0)
        at.page.wait_for_timeout(1500)
        expect(canvas.part("prompt")).to_have_value("tree")
        assert at.kernel.run("print(canvas.regions[0].prompt)") == "tree\n"
        assert alike(shown(canvas), at.mask_with(0.77, 0.75))


def test_a_cell_that_is_run_again(desk: Callable[..., Desk], tmp_path: Path) -> None:
    at = desk("rerun")
    before = at.mask()
    at.notebook.run(0)
    canvas = Canvas(at.notebook)
    expect(canvas.part("offer")).to_contain_text("house", timeout=LOST)
    canvas.page.screenshot(path=tmp_path / "again.png")
    assert at.kernel.run("print(canvas.regions, canvas.kept['prompts'])") == "[] ['house']\n"
    at.kernel.run("canvas.bring_back()")  # from Python, as from the button
    expect(canvas.part("prompt")).to_have_value("house")
    expect(canvas.part("offer")).to_be_hidden()
    assert alike(shown(canvas), before) and np.array_equal(at.mask_with(0.5, 0.3), before)


def test_a_second_view_shows_a_stroke_of_the_first(desk: Callable[..., Desk]) -> None:
    at = desk("second")
    at.notebook.run(1)
    second = Canvas(at.notebook, 1)
    expect(second.part("prompt")).to_have_value("house")
    assert alike(shown(second), at.mask())
    at.canvas.stroke([(0.2, 0.75), (0.8, 0.75)])
    mask = at.mask_with(0.8, 0.75)
    end = time.monotonic() + 10
    while not (alike(shown(second), mask) and alike(shown(at.canvas), mask)):
        assert time.monotonic() < end, "one of the views never showed the kernel's mask"
        mask = at.mask()  # its last piece may have been on its way


def test_a_notebook_reopened_without_its_kernel(desk: Callable[..., Desk], chromium: Browser, tmp_path: Path) -> None:
    at = desk("alone")
    before, picture = at.mask(), at.canvas.picture()
    at.notebook.save()
    at.page.close()
    at.lab.stop_kernels()
    assert (at.lab.folder / "alone.ipynb").stat().st_size < 700_000
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})  # with a storage of its own
    notebook = Notebook(page, at.lab.url("alone.ipynb"))
    canvas = Canvas(notebook)
    expect(canvas.status).to_contain_text("kernel stopped: your drawing is kept; run the cell to go on")
    expect(canvas.part("prompt")).to_have_value("house")
    assert alike(shown(canvas), before)
    assert np.array_equal(canvas.picture(), picture)
    page.screenshot(path=tmp_path / "alone.png")
    canvas.stroke([(0.2, 0.75), (0.8, 0.75)])  # goes on with no kernel at all
    drawn = shown(canvas)
    notebook.run(0)
    canvas = Canvas(notebook)
    expect(canvas.part("offer")).to_contain_text("house", timeout=LOST)
    canvas.part("bring-back").click()
    assert alike(shown(canvas), drawn) and drawn[int(0.75 * 256), 128]
    page.close()
