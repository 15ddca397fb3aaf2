"""Pictures, brushes, variations, pause and views in JupyterLab: what is chosen on the canvas is what Python has."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, expect

from browser.asking import painted_mask, regions, soon
from browser.drivers import LOADING, Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.masks import to_mask

pytestmark = pytest.mark.browser

HAND_OVER = """([board, kind, name, type, text]) => {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type }));
    const carried = kind === "drop" ? { dataTransfer: data } : { clipboardData: data };
    const Kind = kind === "drop" ? DragEvent : ClipboardEvent;
    board.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...carried }));
}"""
SURPLUS = """(root) => [...root.querySelectorAll(".sd-toolbar, .sd-app, .sd-panel")]
    .map((element) => element.scrollWidth - element.clientWidth)"""


def hand_over(canvas: Canvas, kind: str, name: str, mime: str, data: bytes) -> None:
    """Drop or paste a file onto the board."""
    canvas.page.evaluate(HAND_OVER, [canvas.board.element_handle(), kind, name, mime, base64.b64encode(data).decode()])


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def test_pictures_become_masks_and_background(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
) -> None:
    """No prompts, so that no model has to paint. Pixels are the same as Python reads, to the byte."""
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    rng = np.random.default_rng(4)
    gray = Image.fromarray(rng.integers(0, 256, (256, 256, 3), np.uint8))
    clear = Image.fromarray(rng.integers(0, 256, (256, 256, 4), np.uint8), "RGBA")

    def ids() -> list[str]:
        return regions(shell).ids

    hand_over(canvas, "drop", "leaf.png", "image/png", png(gray))
    expect(canvas.part("place")).to_contain_text('What is "leaf.png" to be?')
    expect(canvas.part("place-mask")).to_be_hidden()
    canvas.part("place-new").click()
    expect(canvas.part("region-row")).to_have_count(1)
    soon(lambda: len(ids()), 1)
    soon(lambda: painted_mask(shell, 0).tobytes(), to_mask(gray, (256, 256)).tobytes())

    hand_over(canvas, "paste", "image.png", "image/png", png(clear))
    expect(canvas.part("place")).to_contain_text("What is The picture to be?")
    canvas.part("place-mask").click()
    soon(lambda: painted_mask(shell, 0).tobytes(), to_mask(clear, (256, 256)).tobytes())
    canvas.part("undo").click()
    soon(lambda: painted_mask(shell, 0).tobytes(), to_mask(gray, (256, 256)).tobytes())

    def backdrop() -> str:
        code = "import hashlib; image = canvas.scene.background.image\n"
        return shell.run(code + "print(image is not None and hashlib.sha256(image.tobytes()).hexdigest())").strip()

    hand_over(canvas, "drop", "wall.jpg", "image/png", png(gray))
    canvas.part("place-background").click()
    soon(backdrop, hashlib.sha256(np.asarray(gray).tobytes()).hexdigest())
    canvas.part("background-menu").click()
    canvas.part("menu-remove").click()
    soon(backdrop, "False")
    canvas.part("undo").click()
    soon(backdrop, hashlib.sha256(np.asarray(gray).tobytes()).hexdigest())

    # One of other proportions is cut in its middle.
    bands = Image.new("RGB", (512, 256), "red")
    bands.paste("lime", (128, 0, 384, 256))
    hand_over(canvas, "drop", "bands.png", "image/png", png(bands))
    canvas.part("place-background").click()
    soon(backdrop, hashlib.sha256(np.asarray(ImageOps.fit(bands, (256, 256))).tobytes()).hexdigest())

    hand_over(canvas, "drop", "wide.png", "image/png", png(Image.new("L", (8200, 10))))
    expect(canvas.part("banner")).to_contain_text("8200 x 10 px; sides of up to 8192 px are taken")
    hand_over(canvas, "drop", "cut.png", "image/png", png(gray)[:90])
    canvas.part("place-new").click()
    expect(canvas.part("banner")).to_contain_text('"cut.png" cannot be read')
    assert len(ids()) == 1


def test_variations_brushes_pause_and_views(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    page: Page,
    tmp_path: Path,
) -> None:
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    canvas.stroke([(0.2, 0.6), (0.5, 0.7), (0.8, 0.6)])
    canvas.say(0, "tree")
    before = canvas.wait_settled()

    # Four seeds, and one of them.
    canvas.board.press("u")
    cards = canvas.part("variation")
    expect(cards).to_have_count(4)
    for i in range(4):
        expect(cards.nth(i)).not_to_have_attribute("aria-busy", "true", timeout=LOADING)
    assert canvas.revision() == before
    cards.nth(2).hover()
    expect(canvas.root.locator(".sd-variation-large")).to_be_visible()
    seed = int(cards.nth(2).get_attribute("data-seed") or -1)
    cards.nth(2).click()
    canvas.wait_settled(after=before)
    expect(canvas.part("variations")).to_be_hidden()
    assert int(shell.run("print(canvas.seed)")) == seed
    shell.run("import numpy as np, hashlib")
    same = f"print(np.array_equal(np.asarray(canvas.variations(seeds=[{seed}])[0]), np.asarray(canvas.image)))"
    assert shell.run(same).strip() == "True"

    # A brush, to a file and back.
    canvas.board.press("t")
    expect(canvas.part("brush-chip")).to_have_text(["tree"])
    soon(lambda: shell.run("print([b['name'] for b in canvas.brushes])").strip(), "['tree']")
    with page.expect_download() as download:
        canvas.part("export-brushes").click()
    download.value.save_as(tmp_path / "brushes.json")
    shell.run("canvas.remove_brush('tree')")
    expect(canvas.part("brush-chip")).to_have_count(0)
    shell.run(f"canvas.import_brushes({str(tmp_path / 'brushes.json')!r})")
    expect(canvas.part("brush-chip")).to_have_text(["tree"])
    canvas.part("brush-chip").click()
    expect(canvas.part("region-row")).to_have_count(2)
    soon(lambda: shell.run("print([r['prompt'] for r in canvas.regions])").strip(), "['tree', 'tree']")

    # Edits wait while it is paused; a request paints once.
    canvas.board.press("k")
    expect(canvas.status).to_contain_text("paused")
    soon(lambda: shell.run("print(canvas.paused)").strip(), "True")
    paused = canvas.revision()
    canvas.part("background-prompt").fill("sea")
    soon(lambda: shell.run("print(canvas.background)").strip(), "sea")
    page.wait_for_timeout(500)
    assert canvas.revision() == paused
    canvas.board.press("Control+Enter")
    canvas.wait_settled(after=paused)
    canvas.part("pause").click()
    soon(lambda: shell.run("print(canvas.paused)").strip(), "False")

    # The picture beside the canvas is the picture; lines; the whole screen.
    canvas.part("view").click()
    canvas.part("menu-side_by_side").click()
    expect(canvas.part("mirror")).to_be_visible()
    both = canvas.root.locator("canvas.sd-picture").evaluate_all("(all) => all.map((one) => one.toDataURL())")
    assert len(both) == 2 and both[0] == both[1]
    shell.run("canvas.side_by_side, canvas.grid = False, True")
    expect(canvas.part("mirror")).to_be_hidden()
    expect(canvas.part("grid")).to_be_visible()
    for width in (1200, 700, 480):
        canvas.root.locator(".sd-root").evaluate(f"(root) => root.style.width = '{width}px'")
        assert canvas.root.locator(".sd-root").evaluate(SURPLUS) == [0, 0, 0], width
    canvas.root.locator(".sd-root").evaluate("(root) => root.style.width = ''")
    canvas.board.press("z")
    page.wait_for_function("() => document.fullscreenElement?.classList.contains('sd-root')")
    canvas.board.press("z")
    page.wait_for_function("() => !document.fullscreenElement")
