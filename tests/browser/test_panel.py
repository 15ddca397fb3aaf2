"""What the panel, its menus and the status line do, with real pointers and keys: Python has each of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from browser.asking import regions, soon, until
from browser.drivers import LOADING, Canvas, Kernel, Notebook
from browser.test_canvas import kernel, open_notebook  # noqa: F401, fixtures

pytestmark = pytest.mark.browser

MAKE = """import numpy as np
from semanticdraw_widget import SemanticDraw
y, x = np.mgrid[0:256, 0:256]
canvas = SemanticDraw(background="sky")
canvas.add_region("grass", mask=y > 160)
canvas.add_region("house", mask=(abs(x - 75) < 42) & (abs(y - 110) < 42))
canvas.add_region("tree", mask=(abs(x - 180) < 30) & (abs(y - 110) < 45))
canvas"""
WELL_INSIDE = np.s_[95:125, 170:190]
"""Of the tree: so far from its edge that no feather reaches there."""
LONG = 1700
"""Milliseconds after which edits of the same kind are no longer one step of undo by themselves."""


class Hand:
    """A person at a canvas, and what the kernel says of it."""

    def __init__(self, canvas: Canvas, shell: Kernel) -> None:
        self.canvas, self.shell, self.page = canvas, shell, canvas.page
        self.mouse = canvas.page.mouse

    def python(self, code: str) -> str:
        return self.shell.run(f"print({code})").strip()

    def has(self, code: str, wanted: object) -> None:
        """Until the kernel gives that for an expression."""
        soon(lambda: self.python(code), str(wanted))

    def item(self, button: str, name: str) -> None:
        """Choose from a menu."""
        self.canvas.part(button).first.click()
        self.canvas.part(f"menu-{name}").click()

    def hold(self, what: Locator, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
        """Press the pointer on a place of an element, given in 0..1 of its sides; the place on the page."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box is not None
        at = box["x"] + x * box["width"], box["y"] + y * box["height"]
        self.mouse.move(*at)
        self.mouse.down()
        return at

    def drag(self, slider: Locator, *shares: float) -> int:
        """Drag a slider's thumb, slowly; the value that it has then."""
        _, y = self.hold(slider, shares[0])
        box = slider.bounding_box()
        assert box is not None
        for share in shares[1:]:
            self.page.wait_for_timeout(LONG)
            self.mouse.move(box["x"] + share * box["width"], y, steps=4)
        self.mouse.up()
        return int(slider.input_value())


@pytest.fixture
def hand(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
) -> Hand:
    notebook = open_notebook(MAKE)
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    return Hand(canvas, kernel())


def test_all_that_the_panel_and_the_menus_do(hand: Hand, tmp_path: Path) -> None:
    """One notebook, since most of the time goes into starting it."""
    rows_are_dragged(hand)
    regions_are_set(hand)
    sliders_are_one_step_each(hand)
    a_locked_region_keeps_its_pixels(hand)
    it_is_looked_at(hand)
    the_background_has_pictures(hand, tmp_path)
    it_is_painted_again(hand)
    keys_go_where_they_belong(hand)
    files_go_and_come_back(hand, hand.page, tmp_path)
    a_long_list_scrolls(hand)


def rows_are_dragged(hand: Hand) -> None:
    canvas, order = hand.canvas, "[r['prompt'] for r in canvas.regions]"
    grips, rows = canvas.root.locator(".sd-grip"), canvas.part("region-row")
    hand.has(order, ["grass", "house", "tree"])
    hand.hold(grips.first)
    last = rows.last.bounding_box()
    assert last is not None
    hand.mouse.move(last["x"] + 40, last["y"] + last["height"] - 2, steps=8)
    expect(rows.last).to_have_attribute("data-drop", "after")
    hand.mouse.up()
    hand.has(order, ["tree", "grass", "house"])
    hand.hold(grips.first)
    hand.mouse.move(last["x"] + 40, last["y"] + last["height"] - 2, steps=8)
    hand.page.keyboard.press("Escape")
    expect(canvas.root.locator("[data-dragged], [data-drop=after]")).to_have_count(0)
    hand.mouse.up()
    hand.page.wait_for_timeout(500)
    assert hand.python(order) == "['tree', 'grass', 'house']"
    canvas.part("undo").click()
    hand.has(order, ["grass", "house", "tree"])
    canvas.board.press("1")
    canvas.board.press("r")  # a shape tool leaves Alt with the arrows to the rows
    canvas.board.press("Alt+ArrowDown")
    hand.has(order, ["grass", "tree", "house"])
    canvas.part("size").press("Alt+ArrowUp")
    hand.has(order, ["grass", "house", "tree"])
    canvas.board.press("b")


def regions_are_set(hand: Hand) -> None:
    canvas, row = hand.canvas, hand.canvas.part("region-row").first  # the tree
    row.hover()
    row.get_by_test_id("sd-visible").click()
    hand.has("canvas.regions[2].visible", False)
    row.get_by_test_id("sd-visible").click()
    hand.has("canvas.regions[2].visible", True)

    hand.item("more", "solo")
    hand.has("canvas.solo == canvas.regions[2].id", True)
    row.get_by_test_id("sd-alone").click()
    hand.has("canvas.solo == ''", True)

    before = hand.python("canvas.regions[2].color")
    row.locator(".sd-dot-input").fill("#123456")
    hand.has("canvas.regions[2].color", "#123456")
    canvas.board.press("Control+z")
    hand.has("canvas.regions[2].color", before)

    canvas.board.press("F2")
    hand.page.keyboard.type("the old oak")
    hand.page.keyboard.press("Enter")
    expect(row.get_by_test_id("sd-row-name")).to_have_text("the old oak")
    expect(canvas.board).to_be_focused()
    hand.has("canvas.regions[2].name", "the old oak")
    hand.item("more", "rename")
    expect(canvas.part("rename").first).to_be_focused()
    hand.page.keyboard.press("Control+a")
    hand.page.keyboard.type("oak")
    hand.page.keyboard.press("Escape")
    hand.page.wait_for_timeout(400)
    assert hand.python("canvas.regions[2].name") == "the old oak"

    canvas.board.press("d")
    seed = "canvas.regions[2].seed"
    canvas.part("region-seed-dice").click()
    hand.has(seed, canvas.part("region-seed").input_value())
    canvas.part("region-seed-reset").click()
    hand.has(seed, None)
    canvas.part("seed-dice").click()
    hand.has("canvas.seed", canvas.part("seed").input_value())
    canvas.part("region-seed-pin").click()
    hand.has(f"{seed} == canvas.seed", True)
    canvas.part("region-seed-pin").click()
    hand.has(seed, None)


def sliders_are_one_step_each(hand: Hand) -> None:
    canvas = hand.canvas
    first = hand.drag(canvas.part("feather"), 0.3, 0.5, 0.7)
    hand.has("canvas.regions[2].feather", float(first))
    second = hand.drag(canvas.part("feather"), 0.6, 0.4)
    hand.has("canvas.regions[2].feather", float(second))
    canvas.board.press("Control+z")
    hand.has("canvas.regions[2].feather", float(first))
    canvas.board.press("Control+z")
    hand.has("canvas.regions[2].feather", None)

    percent = hand.drag(canvas.part("strength"), 0.8, 0.5)
    strength = f"canvas.regions[2].strength == round(canvas.strength_at({percent} / 100), 4) < 1"
    hand.has(strength, True)
    canvas.board.press("Control+z")
    hand.has("canvas.regions[2].strength", 1.0)


def a_locked_region_keeps_its_pixels(hand: Hand) -> None:
    canvas = hand.canvas
    canvas.wait_settled()
    canvas.part("locked").click()
    hand.has("canvas.regions[2].locked", True)
    mask = regions(hand.shell).masks[2]
    canvas.stroke([(0.1, 0.1), (0.3, 0.1)])
    expect(canvas.part("banner")).to_contain_text('"the old oak" is locked. Unlock it first.')
    assert np.array_equal(regions(hand.shell).masks[2], mask)
    before, shown = canvas.picture(), canvas.revision()
    canvas.part("seed-dice").click()
    shown = canvas.wait_settled(after=shown)
    after = canvas.picture()
    assert np.array_equal(after[WELL_INSIDE], before[WELL_INSIDE])
    assert not np.array_equal(after[mask == 0], before[mask == 0])
    # A tick leaves the keys to the canvas.
    canvas.part("locked").press("Control+z")
    hand.has("canvas.seed == 0", False)  # that of the dice before
    canvas.part("locked").click()
    hand.has("canvas.regions[2].locked", False)
    canvas.wait_settled(after=shown)


def it_is_looked_at(hand: Hand) -> None:
    canvas = hand.canvas
    hand.item("view", "outlines_only")
    hand.has("canvas.outlines_only", True)
    hand.item("view", "outlines_only")
    hand.has("canvas.outlines_only", False)
    canvas.board.press("Shift+X")
    expect(canvas.part("view-opacity")).to_be_focused()
    hand.page.keyboard.press("End")
    hand.has("canvas.opacity", 1.0)
    hand.page.keyboard.press("ArrowLeft")
    hand.has("canvas.opacity", 0.99)
    hand.page.keyboard.press("Escape")
    expect(canvas.board).to_be_focused()
    hand.shell.run("canvas.opacity = 0.5")
    expect(canvas.part("opacity")).to_have_value("50")
    canvas.root.locator(".sd-root").evaluate("(root) => root.style.width = '440px'")
    expect(canvas.part("opacity")).to_be_hidden()
    hand.item("view", "opacity")
    percent = hand.drag(canvas.part("view-opacity"), 0.5, 0.2)
    hand.has("canvas.opacity", percent / 100)
    hand.page.keyboard.press("Escape")

    place = canvas.board.bounding_box()
    toggle, told = canvas.part("statistics-toggle"), canvas.part("statistics")
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(told).to_contain_text("Edit to first preview")
    for word in ("crayon", "cpu", "Automatic", "Memory"):
        expect(told).to_contain_text(word)
    assert canvas.board.bounding_box() == place  # nothing moves
    toggle.press("Escape")
    expect(told).to_have_count(0)
    canvas.root.locator(".sd-root").evaluate("(root) => root.style.width = ''")


def the_background_has_pictures(hand: Hand, folder: Path) -> None:
    canvas = hand.canvas
    hand.shell.run("import hashlib")
    image = "canvas.scene.background.image"
    sha = f"hashlib.sha256({image}.tobytes()).hexdigest() if {image} is not None else None"
    shown = canvas.wait_settled()
    result = hashlib.sha256(canvas.picture().tobytes()).hexdigest()
    hand.item("background-menu", "result")
    hand.has(sha, result)
    canvas.wait_settled(after=shown)
    canvas.part("undo").click()
    hand.has(sha, None)
    wall = Image.fromarray(np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8))
    wall.save(folder / "wall.png")
    with hand.page.expect_file_chooser() as chooser:
        hand.item("background-menu", "file")
    chooser.value.set_files(folder / "wall.png")
    hand.has(sha, hashlib.sha256(np.asarray(wall).tobytes()).hexdigest())
    canvas.part("undo").click()
    hand.has(sha, None)

    # Several become masks of new regions, each one step of undo.
    gray = [Image.fromarray(np.random.default_rng(i).integers(0, 256, (256, 256), np.uint8)) for i in (2, 3)]
    for i, picture in enumerate(gray):
        picture.save(folder / f"mask{i}.png")
    with hand.page.expect_file_chooser() as chooser:
        hand.item("files", "picture")
    chooser.value.set_files([folder / "mask0.png", folder / "mask1.png"])
    expect(canvas.part("place")).to_contain_text("What are the 2 pictures to be?")
    canvas.part("place-new").click()
    expect(canvas.part("region-row")).to_have_count(5)
    wanted = [np.asarray(picture).tobytes() for picture in gray]
    soon(lambda: [mask.tobytes() for mask in regions(hand.shell).masks[3:]], wanted)
    for left in (4, 3):
        canvas.part("undo").click()
        hand.has("len(canvas.regions)", left)


def it_is_painted_again(hand: Hand) -> None:
    """With the same seed, and with new ones."""
    canvas = hand.canvas
    shown, seed = canvas.wait_settled(), hand.python("canvas.seed")
    canvas.part("regenerate").click()
    shown = canvas.wait_settled(after=shown)
    assert hand.python("canvas.seed") == seed
    asked = hand.python("hashlib.sha256(np.asarray(canvas.image).tobytes()).hexdigest()")
    assert asked == hashlib.sha256(canvas.picture().tobytes()).hexdigest()

    cards = canvas.part("variation")
    seeds = "(cards) => cards.map((card) => card.dataset.seed)"
    canvas.part("vary").click()
    expect(cards).to_have_count(4)
    first = cards.evaluate_all(seeds)
    canvas.part("more-variations").click()
    second = until(lambda: cards.evaluate_all(seeds), lambda found: len(found) == 4 and not set(found) & set(first))
    expect(cards.nth(1)).not_to_have_attribute("aria-busy", "true", timeout=LOADING)
    before = canvas.picture()
    cards.nth(1).click()
    hand.has("canvas.seed", second[1])
    canvas.wait_settled(after=shown)
    assert not np.array_equal(canvas.picture(), before)


def keys_go_where_they_belong(hand: Hand) -> None:
    canvas, page = hand.canvas, hand.page
    # Straight after a first stroke its empty prompt has the focus: undo takes the stroke back.
    canvas.part("add-region").click()
    expect(canvas.part("prompt").first).to_be_focused()
    page.keyboard.press("Control+z")
    expect(canvas.part("region-row")).to_have_count(3)
    hand.has("len(canvas.regions)", 3)
    # What is typed is taken back letter by letter, by the browser.
    canvas.part("prompt").first.focus()
    page.keyboard.press("End")
    page.keyboard.type("s")
    page.keyboard.press("Control+z")
    expect(canvas.part("prompt").first).to_have_value("tree")
    canvas.board.press("s")
    canvas.part("mode").select_option("masked")
    hand.has("canvas.mode", "masked")
    canvas.part("mode").press("Control+z")
    hand.has("canvas.mode", "auto")
    canvas.board.press("s")
    mask = regions(hand.shell).masks[2]
    canvas.board.press("?")
    expect(canvas.root.locator(".sd-help")).to_be_visible()
    page.keyboard.press("Delete")
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(canvas.root.locator(".sd-help")).to_be_hidden()
    found = regions(hand.shell)
    assert len(found.ids) == 3 and np.array_equal(found.masks[2], mask)


def files_go_and_come_back(hand: Hand, page: Page, folder: Path) -> None:
    canvas = hand.canvas

    def drawn() -> list[tuple[str, str, bytes]]:
        found = regions(hand.shell)
        return [(f["prompt"], f["name"], mask.tobytes()) for f, mask in zip(found.fields, found.masks)]

    canvas.wait_settled()
    wanted = drawn()
    assert [prompt for prompt, _, _ in wanted] == ["grass", "house", "tree"]
    for kind in ("png", "ora"):
        with page.expect_download() as download:
            hand.item("files", kind)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        assert path.suffix == f".{kind}"
        hand.shell.run("canvas.regions = []; canvas.masks = {}")
        expect(canvas.part("region-row")).to_have_count(0)
        with page.expect_file_chooser() as chooser:
            hand.item("files", "open")
        chooser.value.set_files(path)
        expect(canvas.part("region-row")).to_have_count(3)
        soon(drawn, wanted)


def a_long_list_scrolls(hand: Hand) -> None:
    canvas = hand.canvas
    hand.shell.run("canvas.regions = [{'prompt': '', 'name': f'{i}', 'id': f'r{i}'} for i in range(30)]")
    expect(canvas.part("region-row")).to_have_count(30)
    body = canvas.root.locator(".sd-panel-body")
    body.evaluate("(body) => body.scrollTop = 0")
    hand.page.wait_for_timeout(300)
    x, _ = hand.hold(canvas.root.locator(".sd-grip").first)
    box = body.bounding_box()
    assert box is not None
    hand.mouse.move(x + 20, box["y"] + box["height"] - 4, steps=6)
    until(lambda: body.evaluate("(body) => body.scrollHeight - body.clientHeight - body.scrollTop < 2"))
    last = canvas.part("region-row").last.bounding_box()
    assert last is not None
    hand.mouse.move(x + 20, last["y"] + last["height"] - 2, steps=3)
    hand.mouse.up()
    hand.has("canvas.regions[0].id", "r29")
