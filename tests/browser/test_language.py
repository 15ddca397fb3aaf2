"""The canvas in another language, in a real JupyterLab: chosen, changed while it is shown, and wide enough for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.drivers import LOADING, Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook, painted_mask  # noqa: F401, fixtures

pytestmark = pytest.mark.browser

CUT_OFF = """(root) => [...root.querySelectorAll(
        ".sd-toolbar, .sd-app, .sd-panel, .sd-status, .sd-line-label, .sd-menu-item, .sd-menu, .sd-panel-title")]
    .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
    .map((element) => `${element.className}: ${element.textContent.slice(0, 60)}`)"""


def test_german_is_chosen_fits_and_gives_way_to_the_page_s_language(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    page: Page,
) -> None:
    page.set_viewport_size({"width": 1700, "height": 1000})
    notebook = open_notebook(MAKE.format('language="de", regions=[{"prompt": "house"}]'))
    notebook.run(0)
    canvas = Canvas(notebook)
    expect(canvas.part("brush")).to_have_attribute("title", "Pinsel (B)")
    canvas.board.press("d")
    for width in (1400, 700, 480):
        canvas.root.locator(".sd-root").evaluate(f"(root) => root.style.width = '{width}px'")
        for _ in range(2):
            canvas.board.press("s")  # the settings, unfolded and folded
            assert canvas.root.locator(".sd-root").evaluate(CUT_OFF) == [], width
        canvas.part("more").click()
        expect(canvas.part("menu-delete")).to_have_text("Region löschenUmschalt+Entf")
        assert canvas.root.locator(".sd-root").evaluate(CUT_OFF) == [], width
        page.keyboard.press("Escape")

    python = kernel()
    page.evaluate("document.documentElement.lang = 'de-AT'")
    python.run("canvas.language = 'en'")
    expect(canvas.part("brush")).to_have_attribute("title", "Brush (B)", timeout=LOADING)
    python.run("canvas.language = None")
    expect(canvas.part("brush")).to_have_attribute("title", "Pinsel (B)", timeout=LOADING)
    expect(canvas.root.locator(".sd-root")).to_have_count(1)
    canvas.stroke([(0.3, 0.3), (0.6, 0.6)])
    expect(canvas.part("undo")).to_have_attribute("title", "Rückgängig: Strich (Strg+Z)")
    canvas.wait_settled()
    assert painted_mask(python, 0).any()
