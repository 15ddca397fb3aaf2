"""Zoom, pan, transform, eyedropper and magic select in JupyterLab, with real pointers: Python has what one sees."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from browser.asking import painted_mask, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab
from browser.test_canvas import MAKE
from semanticdraw_widget.masks import Mask, draw_stroke
from semanticdraw_widget.similar import add_similar
from semanticdraw_widget.transforms import transformed

pytestmark = pytest.mark.browser

SIDE = 256
REGIONS = """
import numpy as np
def block(x, y, width, height):
    mask = np.zeros((256, 256), bool)
    mask[y : y + height, x : x + width] = True
    return mask
canvas.regions = [{'prompt': '', 'id': 'house'}, {'prompt': '', 'id': 'tree'}]
canvas.set_mask('house', block(60, 80, 80, 40))
canvas.set_mask('tree', block(160, 40, 30, 120))
"""
# What the browser keeps of a drawing is offered to the next canvas of a notebook.
FORGET = """() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("semanticdraw:")) localStorage.removeItem(key);
}"""


def block(x: int, y: int, width: int, height: int) -> Mask:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[y : y + height, x : x + width] = 255
    return mask


class Desk:
    """The canvas of a notebook, and places in scene px on it, however it is zoomed."""

    def __init__(self, notebook: Notebook, shell: Kernel) -> None:
        self.canvas, self.shell, self.page = Canvas(notebook), shell, notebook.page
        self.mouse, self.keyboard = self.page.mouse, self.page.keyboard
        self.canvas.board.scroll_into_view_if_needed()

    def view(self) -> tuple[float, float, float, float]:
        """Where scene (0, 0) is on the page, and CSS px to a scene px, across and down."""
        box = self.canvas.board.bounding_box()
        assert box is not None
        style = self.canvas.under.evaluate("(picture) => picture.style.transform")
        x, y, zoom = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", style)) if style else (0.0, 0.0, 1.0)
        left, top = box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]
        return left, top, box["width"] * zoom / SIDE, box["height"] * zoom / SIDE

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Whole CSS px, near a place in scene px."""
        left, top, across, down = self.view()
        return round(left + x * across), round(top + y * down)

    def scene(self, client: tuple[int, int]) -> tuple[int, int]:
        """What is under a place of the page, in 1/16 scene px."""
        left, top, across, down = self.view()
        return int((client[0] - left) / across * 16 // 1), int((client[1] - top) / down * 16 // 1)

    def drag(self, *points: tuple[float, float], button: str = "left") -> list[tuple[int, int]]:
        """Through places in scene px, one event each; what they are in 1/16 px."""
        clients = [self.at(*point) for point in points]
        box = self.canvas.board.bounding_box()
        assert box and all(0 <= x - box["x"] < box["width"] and 0 <= y - box["y"] < box["height"] for x, y in clients)
        scene = [self.scene(client) for client in clients]
        self.mouse.move(*clients[0])
        self.mouse.down(button=button)  # type: ignore[arg-type]
        for client in clients[1:]:
            self.mouse.move(*client)
        self.mouse.up(button=button)  # type: ignore[arg-type]
        return scene

    def wheel(self, x: float, y: float, delta: int, times: int = 1) -> None:
        """With Ctrl down."""
        self.mouse.move(*self.at(x, y))
        self.keyboard.down("Control")
        for _ in range(times):
            self.mouse.wheel(0, delta)
        self.keyboard.up("Control")

    def percent(self) -> int:
        return int(self.canvas.part("zoom").input_value().removesuffix(" %"))

    def python(self, code: str) -> None:
        """Once the canvas has sent its traits, which hold all masks and follow its patches: two edits at once race."""
        self.page.wait_for_timeout(500)
        self.shell.run(code)

    def holds(self, *masks: Mask) -> None:
        """Until Python has those masks, and then that the canvas has them: it inverts them, there and back."""

        def waits_for(wanted: list[Mask]) -> None:
            def unlike() -> list[int]:
                return [int((painted_mask(self.shell, i) != mask).sum()) for i, mask in enumerate(wanted)]

            until(unlike, lambda found: not any(found))

        waits_for(list(masks))
        for change in (lambda mask: 255 - mask, lambda mask: mask):
            for i in range(len(masks)):
                self.canvas.board.press(str(len(masks) - i))
                self.canvas.board.press("Shift+I")
            waits_for([change(mask) for mask in masks])


@pytest.fixture(scope="module")
def opened(lab: Lab, chromium: Browser) -> Iterator[tuple[Notebook, Kernel]]:
    """One notebook and kernel for all tests here: to start them takes longer than most of these."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000})
    notebook = Notebook(page, lab.write("tools.ipynb", [MAKE.format(""), *["print('\\n' * 40)"] * 3]))
    shell = Kernel(lab.connection_file("tools.ipynb"))
    yield notebook, shell
    shell.close()
    page.close()
    lab.stop_kernels()


@pytest.fixture
def desk(opened: tuple[Notebook, Kernel]) -> Iterator[Desk]:
    """A canvas of the test's own, which knows of none before it."""
    notebook, shell = opened
    notebook.run(0)
    desk = Desk(notebook, shell)
    shell.run(REGIONS)
    expect(desk.canvas.part("region-row")).to_have_count(2)
    desk.canvas.board.press("2")  # the house
    yield desk
    shell.run("canvas.close()")
    expect(desk.canvas.board).to_have_count(0)
    notebook.page.evaluate(FORGET)


def test_strokes_land_where_the_zoomed_canvas_shows_them(desk: Desk) -> None:
    desk.canvas.brush_size(40)
    size = int(re.findall(r"\d+", desk.canvas.part("size").get_attribute("aria-valuetext") or "")[0])
    top = desk.canvas.board.bounding_box()
    assert top is not None
    desk.mouse.move(*desk.at(128, 128))
    desk.mouse.wheel(0, 60)  # alone it scrolls the notebook
    desk.page.wait_for_function(
        "([board, y]) => board.getBoundingClientRect().y < y", arg=[desk.canvas.board.element_handle(), top["y"]]
    )
    desk.mouse.wheel(0, -60)
    assert desk.percent() == round(100 * desk.view()[2])

    before = desk.scene(desk.at(100, 90))
    desk.wheel(100, 90, -100, 7)
    assert desk.percent() > 500
    assert np.allclose(desk.scene(desk.at(100, 90)), before, atol=16), "it zooms about the pointer"
    ring = desk.canvas.root.locator(".sd-ring").bounding_box()
    assert ring is not None and ring["width"] == pytest.approx(size * desk.view()[2], rel=0.02)
    mask = draw_stroke(block(60, 80, 80, 40), desk.drag((120, 75), (132.3, 72.1), (96.2, 79.7)), size)

    middle = desk.at(100, 90)
    desk.keyboard.down("Space")
    desk.drag((100, 90), (80, 84))
    desk.keyboard.up("Space")
    desk.drag((100, 90), (104, 110), button="middle")
    assert desk.at(100, 90) != middle
    mask = draw_stroke(mask, desk.drag((144.4, 100.3), (150.7, 105.2)), size)
    desk.canvas.board.press("-")
    desk.canvas.board.press("r")
    (ax, ay), (bx, by) = desk.drag((142.2, 62.4), (148.9, 71.1))
    ys, xs = (np.arange(SIDE) * 16 + 8)[:, None], (np.arange(SIDE) * 16 + 8)[None]
    mask = np.where((ax <= xs) & (xs < bx) & (ay <= ys) & (ys < by), np.uint8(255), mask)
    desk.canvas.part("fit").click()
    assert desk.percent() == round(100 * desk.view()[2]) and not desk.canvas.part("fit").is_enabled()
    desk.holds(mask, block(160, 40, 30, 120))


def test_two_fingers_zoom_and_paint_nothing(desk: Desk) -> None:
    (ax, ay), (bx, by) = desk.at(100, 128), desk.at(150, 128)
    touch = desk.page.context.new_cdp_session(desk.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    before, undoable = desk.view()[2], desk.canvas.part("undo").get_attribute("title")
    send("touchStart", (ax, ay))
    send("touchStart", (ax, ay), (bx, by))
    for step in (20, 40, 60):
        send("touchMove", (ax - step, ay + step / 4), (bx + step, by + step / 4))
    send("touchEnd")
    assert desk.view()[2] / before == pytest.approx((bx - ax + 120) / (bx - ax), rel=0.02)
    assert np.allclose(desk.at(125, 128), ((ax + bx) / 2, ay + 15), atol=2)
    assert desk.canvas.part("undo").get_attribute("title") == undoable, "no edit was made"
    desk.holds(block(60, 80, 80, 40), block(160, 40, 30, 120))


def test_a_region_is_moved_scaled_and_rotated(desk: Desk) -> None:
    house, tree = block(60, 80, 80, 40), block(160, 40, 30, 120)
    desk.canvas.board.press("v")
    desk.drag((100, 100), (104, 96), (113, 90))
    knob = desk.canvas.part("transform-box").locator("circle").bounding_box()
    assert knob is not None
    x, y = (at / 16 for at in desk.scene((round(knob["x"] + knob["width"] / 2), round(knob["y"] + knob["height"] / 2))))
    desk.keyboard.down("Shift")
    desk.drag((x, y), (140, 75), (113 + 90 - y, 90))  # from above the middle to its right
    desk.keyboard.up("Shift")
    desk.canvas.board.press("Shift+ArrowLeft")
    left, top = ((a - b) / 16 for a, b in zip(desk.scene(desk.at(113, 90)), desk.scene(desk.at(100, 100))))
    expected = transformed(house, (round(left) - 10, round(top)), rotate=90)
    desk.canvas.board.press("Enter")
    desk.holds(expected, tree)
    for _ in range(2 * 2):  # the inversions
        desk.canvas.part("undo").click()
    desk.canvas.part("undo").click()
    desk.holds(house, tree)

    desk.canvas.board.press("2")
    desk.drag((100, 100), (150, 150))
    desk.canvas.board.press("Escape")
    desk.holds(house, tree)
    desk.canvas.board.press("2")
    desk.drag((140, 120), (160, 140))
    desk.canvas.part("apply").click()
    desk.python("canvas.transform('tree', move=(3, -4), scale=(-1.5, 0.5), rotate=30)")
    found = painted_mask(desk.shell, 0)
    ys, xs = np.nonzero(found)
    assert (xs.min(), ys.min()) == (60, 80) and abs(int(xs.max()) - 159) <= 1 and abs(int(ys.max()) - 139) <= 1
    desk.holds(found, transformed(tree, (3, -4), (-1.5, 0.5), 30))


def test_the_eyedropper_and_the_magic_select(desk: Desk) -> None:
    canvas = desk.canvas
    canvas.part("background-prompt").fill("sky")
    canvas.say(1, "sun")
    canvas.wait_settled()
    chosen = canvas.root.locator("[data-active] .sd-prompt")
    desk.keyboard.down("Alt")
    desk.mouse.click(*desk.at(170, 60))
    desk.keyboard.up("Alt")
    expect(chosen).to_have_value("")
    canvas.board.press("i")
    desk.mouse.click(*desk.at(100, 100))
    expect(chosen).to_have_value("sun")

    picture = canvas.picture()
    canvas.board.press("w")
    canvas.part("tolerance").fill("40")
    client = desk.at(100.3, 100.6)
    point = desk.scene(client)
    desk.mouse.click(*client)
    wanted = add_similar(block(60, 80, 80, 40), picture, point, 40)
    canvas.wait_settled()
    assert np.array_equal(painted_mask(desk.shell, 0), wanted)
    canvas.part("undo").click()
    canvas.wait_settled()
    pixels = canvas.picture()
    desk.python(f"canvas.magic_select('tree', {(point[0] / 16, point[1] / 16)}, tolerance=40)")
    assert np.array_equal(painted_mask(desk.shell, 1), add_similar(block(160, 40, 30, 120), pixels, point, 40))


def test_any_tools_in_any_order_leave_the_same_masks(desk: Desk) -> None:
    """Zoomed, and with transforms that nobody applied, Python comes to hold what the canvas holds."""
    chance = random.Random(1)

    def place() -> tuple[float, float]:
        return chance.uniform(10, 246), chance.uniform(10, 246)

    def seen(x: float, y: float) -> tuple[float, float]:
        """At the same share of the board, however it is zoomed."""
        box, (left, top, across, down) = desk.canvas.board.bounding_box(), desk.view()
        assert box is not None
        return (box["x"] + x / SIDE * box["width"] - left) / across, (box["y"] + y / SIDE * box["height"] - top) / down

    def tool(key: str) -> Callable[[], object]:
        def use() -> None:
            desk.canvas.board.press(key)
            desk.drag(*(seen(*place()) for _ in range(4)))

        return use

    def press(*keys: str) -> Callable[[], object]:
        return lambda: [desk.canvas.board.press(key) for key in keys]

    actions = [
        *(tool(key) for key in "beroLgvvv"),
        *(press(key) for key in ("1", "2", "Control+z", "Shift+Control+Z", "f", "0", "Enter", "Escape")),
        press("v", "Shift+ArrowRight", "Alt+ArrowLeft", "]"),
        press("b", "Shift+BracketLeft"),
        lambda: desk.wheel(*seen(*place()), chance.choice([-100, 100]), chance.randint(1, 4)),
    ]
    for _ in range(25):
        chance.choice(actions)()
    desk.canvas.board.press("b")  # ends what waits
    desk.page.wait_for_timeout(500)
    desk.holds(painted_mask(desk.shell, 0), painted_mask(desk.shell, 1))
