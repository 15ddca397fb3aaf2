"""The canvas for everybody: axe-core and contrasts in both themes, keyboard alone, narrow, in any script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from browser.contrast import too_faint
from browser.drivers import LOADING, Canvas, Kernel, Notebook
from browser.lab import Lab
from browser.test_canvas import kernel, open_notebook  # noqa: F401, fixtures
from browser.test_choices import hand_over, png

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
MAKE = """import numpy as np
from semanticdraw_widget import SemanticDraw
y, x = np.mgrid[0:256, 0:256]
canvas = SemanticDraw(background="sky")
canvas.add_region("grass", mask=y > 160)
canvas.add_region("red hause", mask=(abs(x - 75) < 42) & (abs(y - 150) < 42))
canvas.add_region("tree", mask=(abs(x - 180) < 30) & (abs(y - 130) < 60))
canvas.regions[1].visible = False
canvas.regions[2].locked = True
canvas"""
EMPTY = "SemanticDraw()"
FAIL = """canvas.send({"type": "error", "seq": None, "code": "failed", "message": "The model failed", "action": "retry",
    "hint": "Try again, or choose another model."})"""


def faults(root: Locator) -> list[str]:
    """What axe-core finds serious or critical in a widget, and ids that are there twice."""
    if not root.page.evaluate("typeof axe === 'object'"):
        root.page.evaluate(AXE.read_text())
    found = root.evaluate("async (root) => JSON.stringify(await axe.run(root))")
    result = json.loads(found)
    grave = [one for one in result["violations"] if one["impact"] in ("serious", "critical")]
    twice = [one for one in result["incomplete"] if one["id"] == "duplicate-id-aria"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in grave + twice]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_serious_fault_and_all_can_be_read(theme: str, chromium: Browser, tmp_path: Path) -> None:
    with Lab(tmp_path, theme) as lab:
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        notebook = Notebook(page, lab.write("theme.ipynb", [MAKE, EMPTY, FAIL]))
        notebook.run(0)
        canvas = Canvas(notebook)
        canvas.wait_settled()
        dark = page.evaluate("document.body.dataset.jpThemeLight") == "false"
        assert dark == (theme == "JupyterLab Dark")
        root = canvas.root.locator(".sd-root")
        found = {}

        def look(state: str) -> None:
            page.wait_for_timeout(400)  # colors change over 120 ms
            page.screenshot(path=tmp_path / f"{state}.png")
            found[state] = (faults(root), too_faint(root))

        look("palette")
        canvas.part("more").first.click()
        expect(canvas.part("menu")).to_be_visible()
        look("menu")
        page.keyboard.press("Escape")
        canvas.part("files").click()
        look("files")
        page.keyboard.press("Escape")
        canvas.part("brush-tip").click()
        expect(canvas.part("brush-card")).to_be_visible()
        look("brush")
        page.keyboard.press("Escape")
        canvas.board.focus()
        page.keyboard.press("d")
        page.keyboard.press("s")
        canvas.part("negative-prompt").fill("fish")
        look("details and settings")
        canvas.board.focus()
        page.keyboard.press("?")
        look("keys")
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        page.keyboard.press("y")
        look("history")
        page.keyboard.press("y")
        canvas.part("history-item").first.click()
        expect(canvas.part("compare")).to_be_visible()
        expect(canvas.part("history-restore")).to_be_enabled()
        look("a picture of the history, compared")
        page.keyboard.press("Escape")
        canvas.part("statistics-toggle").click()
        look("statistics")
        canvas.part("statistics-toggle").click()
        canvas.board.press("F2")
        canvas.page.keyboard.type("meadow")
        look("a name is edited")
        page.keyboard.press("Enter")
        canvas.board.press("Shift+X")
        look("names and opacity")
        page.keyboard.press("Escape")
        canvas.board.press("u")
        expect(canvas.part("variation").first).not_to_have_attribute("aria-busy", "true", timeout=LOADING)
        look("variations")
        canvas.part("close-variations").click()
        hand_over(canvas, "drop", "leaf.png", "image/png", png(Image.new("RGB", (32, 32), "olive")))
        expect(canvas.part("place-mask")).to_be_visible()
        look("a picture that is taken in")
        page.keyboard.press("Escape")
        notebook.run(2)
        expect(canvas.part("banner").get_by_text("Try again", exact=True)).to_be_visible()
        look("banner")
        canvas.part("prompt").first.fill("")
        canvas.part("prompt").first.press_sequentially("bo")
        expect(canvas.part("offers").get_by_text("boat")).to_be_visible()
        look("completion")
        canvas.part("prompt").first.press("Enter")
        canvas.stroke([(0.2, 0.2), (0.5, 0.3)])
        page.wait_for_timeout(2000)  # the browser keeps what is drawn once the hand rests
        notebook.run(0)
        expect(canvas.part("offer")).to_be_visible(timeout=LOADING)
        root = canvas.root.locator(".sd-root")
        look("a drawing from before")
        notebook.run(1)
        root = Canvas(notebook, 1).root.locator(".sd-root")
        look("empty")
        assert {state: what for state, what in found.items() if what != ([], [])} == {}
        page.close()


@pytest.fixture
def canvas(open_notebook: Callable[..., Notebook]) -> Iterator[Canvas]:  # noqa: F811
    notebook = open_notebook(MAKE, "'another cell'")
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    yield canvas


def test_no_key_reaches_jupyterlab(canvas: Canvas) -> None:
    """In command mode A, B, X, D D, M, Y, Z, 0 0 and Enter change a notebook; over the canvas they do not."""
    page = canvas.page
    cells = page.locator(".jp-Notebook .jp-Cell")
    expect(cells).to_have_count(2)
    texts = cells.locator(".jp-InputArea").all_inner_texts()
    keys = [*"abcdd0y1mxzrvkqjt", "Enter", "Escape", "ArrowDown", "ArrowUp", "Shift+Enter", "Control+Enter", "Shift+M"]
    mouse = page.mouse
    mouse.move(*canvas.place(0.2, 0.2))
    mouse.down()
    mouse.move(*canvas.place(0.4, 0.3), steps=3)
    for key in keys:  # in the middle of a stroke
        page.keyboard.press(key)
    mouse.up()
    for key in keys:
        canvas.board.focus()
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    expect(cells).to_have_count(2)
    expect(page.locator(".jp-MarkdownCell, .jp-RawCell, .jp-Dialog")).to_have_count(0)
    expect(cells.first).to_have_class(re.compile(r"\bjp-mod-active\b"))
    assert cells.locator(".jp-InputArea").all_inner_texts() == texts  # with the numbers of their runs


FOCUSED = """() => {
    const element = document.activeElement;
    const marked = (of) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(of);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
    };
    const label = element.labels?.[0];
    return {
        inside: Boolean(element.closest(".sd-root")),
        bar: Boolean(element.closest(".sd-toolbar")) && element.matches("button"),
        grid: element.closest(".sd-concepts, .sd-palette-colors")?.className ?? null,
        board: element.matches(".sd-overlay"),
        name: element.getAttribute("aria-label") || label?.textContent.trim() || element.textContent.trim(),
        ring: [element, label, element.parentElement].some((of) => of && marked(of)),
    };
}"""


def test_tab_visits_every_control_once_and_shows_where_it_is(canvas: Canvas) -> None:
    page = canvas.page
    canvas.part("brush").focus()
    seen = []
    for _ in range(80):
        stop = page.evaluate(FOCUSED)
        if not stop["inside"]:
            break
        seen.append(stop)
        page.keyboard.press("Tab")
    else:
        raise AssertionError("Tab does not leave the widget")
    assert [stop for stop in seen if not stop["name"]] == []
    assert [stop["name"] for stop in seen if not stop["ring"] and not stop["board"]] == []
    assert sum(stop["bar"] for stop in seen) == 1  # arrows do the rest
    grids = [stop["grid"] for stop in seen if stop["grid"]]
    assert len(grids) == len(set(grids)) > 1
    names = {stop["name"] for stop in seen}
    assert {"Brush size", "Color", "What this region shows", "What the background shows", "Seed"} <= names
    assert sum(stop["board"] for stop in seen) == 1


def test_arrows_move_within_the_toolbar_and_the_palette(canvas: Canvas) -> None:
    page = canvas.page
    canvas.part("brush").focus()
    page.keyboard.press("ArrowRight")
    expect(canvas.part("eraser")).to_be_focused()
    page.keyboard.press("Enter")
    expect(canvas.part("eraser")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(canvas.part("help")).to_be_focused()
    canvas.part("concept").first.focus()
    page.keyboard.press("ArrowRight")
    expect(canvas.part("concept").nth(1)).to_be_focused()


def test_whoever_wants_no_motion_gets_none(canvas: Canvas) -> None:
    moving = "(root) => root.getAnimations({ subtree: true }).filter((a) => a.playState === 'running').length"
    root = canvas.root.locator(".sd-root")
    canvas.page.emulate_media(reduced_motion="reduce")
    canvas.part("eraser").hover()
    canvas.part("eraser").click()
    canvas.part("regenerate").click()
    assert root.evaluate(moving) == 0
    transitions = root.evaluate(
        "(root) => [...root.querySelectorAll('*')].filter((e) => !getComputedStyle(e).transitionDuration"
        ".split(', ').every((d) => d === '0s')).map((e) => e.className)"
    )
    assert transitions == []


def test_forced_colors_keep_the_colors_of_regions_and_show_what_is_chosen(canvas: Canvas, tmp_path: Path) -> None:
    page = canvas.page
    dot = canvas.root.locator(".sd-row .sd-dot").first
    color = "(dot) => getComputedStyle(dot, '::after').backgroundColor"
    before = dot.evaluate(color)
    page.emulate_media(forced_colors="active")
    page.screenshot(path=tmp_path / "forced.png")
    assert dot.evaluate(color) == before
    assert too_faint(canvas.root.locator(".sd-root")) == []
    border = "(button) => getComputedStyle(button).borderTopStyle"
    assert canvas.part("brush").evaluate(border) == "solid"
    assert canvas.part("eraser").evaluate(border) == "none"
    canvas.part("eraser").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED)["ring"]


BEYOND = """(root) => {
    const { left, right } = root.getBoundingClientRect();
    const shown = [...root.querySelectorAll("button, input, select, textarea, [role=status]")];
    return shown
        .filter((element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && (box.right > right + 1 || box.left < left - 1))
        .map(([element]) => element.getAttribute("aria-label") ?? element.className);
}"""
COVERED = """(root) => [...root.querySelectorAll(".sd-toolbar button")]
    .filter((button) => button.checkVisibility())
    .filter((button) => {
        const { x, y, width, height } = button.getBoundingClientRect();
        return !button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    })
    .map((button) => button.getAttribute("aria-label"))"""


def test_a_cell_of_700_px_at_200_percent(canvas: Canvas, tmp_path: Path) -> None:
    """Zoomed to 200 % it has 350 px, as CSS counts."""
    page = canvas.page
    root = canvas.root.locator(".sd-root")
    for _ in range(3):  # JupyterLab's own margins depend on the width
        size = page.viewport_size
        assert size is not None
        width = root.evaluate("(root) => root.clientWidth")
        page.set_viewport_size({"width": size["width"] - width + 350, "height": 1000})
        page.wait_for_timeout(500)
    assert abs(root.evaluate("(root) => root.clientWidth") - 350) <= 2
    canvas.part("brush").scroll_into_view_if_needed()
    for tool in ("brush", "transform", "magic"):
        canvas.board.focus()
        page.keyboard.press({"brush": "b", "transform": "v", "magic": "w"}[tool])
        page.screenshot(path=tmp_path / f"{tool}.png")
        assert root.evaluate(BEYOND) == []
        assert root.evaluate(COVERED) == []
    canvas.board.focus()
    page.keyboard.press("d")
    page.keyboard.press("s")
    page.screenshot(path=tmp_path / "unfolded.png", full_page=True)
    assert root.evaluate(BEYOND) == []
    assert root.evaluate("(root) => root.scrollWidth - root.clientWidth") <= 0


def test_prompts_in_any_script(canvas: Canvas, kernel: Callable[[], Kernel], page: Page) -> None:  # noqa: F811
    prompt = canvas.part("prompt").first
    direction = "(field) => getComputedStyle(field).direction"
    for text, way in [("بيت صغير", "rtl"), ("בית אדום", "rtl"), ("赤い家 🏠👩‍🚀", "ltr"), ("a house", "ltr")]:
        prompt.fill(text)
        assert prompt.evaluate(direction) == way
        prompt.press("Enter")
        page.wait_for_timeout(600)
        assert kernel().run("print(ascii(canvas.regions[2].prompt))").strip() == ascii(text)


def test_an_input_method_composes_undisturbed(canvas: Canvas, kernel: Callable[[], Kernel], page: Page) -> None:  # noqa: F811
    prompt = canvas.part("prompt").first
    prompt.fill("")
    prompt.focus()
    session = page.context.new_cdp_session(page)
    for text in ("ｋ", "か", "かわ"):
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(300)  # what is typed reaches the kernel, and comes back, while it is composed
        expect(prompt).to_have_value(text)
    # Enter that chooses a candidate belongs to the input method: some browsers say so by the code 229 alone.
    for kind in ("rawKeyDown", "keyUp"):
        session.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        )
    expect(prompt).to_be_focused()
    expect(prompt).to_have_value("かわ")
    session.send("Input.insertText", {"text": "川"})
    expect(prompt).to_have_value("川")
    prompt.press("Enter")
    expect(canvas.board).to_be_focused()
    page.wait_for_timeout(600)
    assert kernel().run("print(ascii(canvas.regions[2].prompt))").strip() == ascii("川")
