"""A pen with pressure, fingers, and the hand that holds the pen, as the browser tells of them: Python has what one
sees, soft edges and all."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import CDPSession, expect

from browser.test_accessibility import BEYOND, COVERED
from browser.test_tools import Desk, block, desk, opened  # noqa: F401, fixtures
from semanticdraw_widget.masks import Mask, draw_stroke

pytestmark = pytest.mark.browser

Place = tuple[float, float]

HARDNESS = 50
FLOOR = 0.3
"""Of the brush's size, where the pen barely touches."""
HOUSE, TREE = block(60, 80, 80, 40), block(160, 40, 30, 120)


class Pens:
    """What touches the canvas, at places in scene px."""

    def __init__(self, desk: Desk) -> None:  # noqa: F811
        self.desk = desk
        self.session: CDPSession = desk.page.context.new_cdp_session(desk.page)
        self.fingers: dict[int, tuple[int, int]] = {}

    def pen(self, kind: str, place: Place, force: float = 0.0) -> tuple[int, int]:
        """Pressed, Moved or Released; where it is in 1/16 px."""
        x, y = self.desk.at(*place)
        down: dict[str, Any] = {"button": "left", "buttons": 1} if force else {"button": "none"}
        if kind == "Released":
            down = {"button": "left", "buttons": 0}
        event = {"type": f"mouse{kind}", "x": x, "y": y, "pointerType": "pen", "force": force, "clickCount": 1}
        self.session.send("Input.dispatchMouseEvent", {**event, **down})
        return self.desk.scene((x, y))

    def finger(self, kind: str, id: int, place: Place | None = None) -> tuple[int, int]:
        """Start, Move or End; where it is in 1/16 px."""
        if place is None:
            self.fingers.pop(id)
        else:
            self.fingers[id] = self.desk.at(*place)
        points = [{"x": x, "y": y, "id": id} for id, (x, y) in self.fingers.items()]
        self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
        return self.desk.scene(self.fingers[id]) if place else (0, 0)


def pressed(mask: Mask, path: list[tuple[tuple[int, int], float]], size: int) -> Mask:
    """The mask after a stroke of a pen at places in 1/16 px, each with its pressure."""
    for i, (point, force) in enumerate(path):
        points = np.array([path[max(i - 1, 0)][0], point])
        mask = draw_stroke(mask, points, int(size * (FLOOR + (1 - FLOOR) * force) + 0.5), hardness=HARDNESS)
    return mask


def test_a_soft_pen_and_fingers_leave_in_python_what_one_sees(desk: Desk) -> None:  # noqa: F811
    canvas, pens = desk.canvas, Pens(desk)
    canvas.brush_size(55)
    size = int(re.findall(r"\d+", canvas.part("size").get_attribute("aria-valuetext") or "")[0])
    canvas.board.press("Shift+BracketLeft")
    canvas.board.press("Shift+BracketLeft")
    expect(canvas.part("said")).to_have_text("Hardness 50 %")

    # A pen draws with its pressure, and its hand, that comes down with two fingers, does nothing.
    before = desk.view()
    path = [(pens.pen("Pressed", (30, 40), 0.5), 0.5)]
    pens.finger("Start", 0, (150, 200))
    path.append((pens.pen("Moved", (70, 52), 0.25), 0.25))
    pens.finger("Start", 1, (190, 220))
    pens.finger("Move", 1, (230, 240))
    path.append((pens.pen("Moved", (120, 70), 1.0), 1.0))
    pens.finger("Move", 0, (120, 160))
    path.append((pens.pen("Moved", (100, 150), 0.75), 0.75))
    pens.pen("Released", (100, 150))
    pens.finger("End", 1)
    pens.finger("End", 0)
    mask = pressed(HOUSE, path, size)
    assert len(np.unique(mask)) > 50
    assert desk.view() == before
    desk.holds(mask, TREE)

    # From now on a finger moves the view, unless somebody wants it to draw.
    canvas.board.press("2")
    undo = canvas.part("undo").get_attribute("title")
    pens.finger("Start", 0, (40, 200))
    pens.finger("Move", 0, (90, 220))
    pens.finger("End", 0)
    assert canvas.part("undo").get_attribute("title") == undo
    canvas.part("brush-tip").click()
    canvas.part("fingers").check()
    desk.keyboard.press("Escape")
    drawn = [pens.finger("Start", 0, (40, 200)), pens.finger("Move", 0, (90, 220)), pens.finger("Move", 0, (150, 180))]
    pens.finger("End", 0)
    mask = draw_stroke(mask, drawn, size, hardness=HARDNESS)
    desk.holds(mask, TREE)

    # What the hand begins before its pen comes down is taken back; the pen's eraser draws on.
    canvas.board.press("2")
    canvas.board.press("e")
    pens.finger("Start", 0, (200, 200))
    pens.finger("Move", 0, (160, 230))
    path = [(pens.pen("Pressed", (80, 90), 1.0), 1.0), (pens.pen("Moved", (130, 100), 1.0), 1.0)]
    pens.finger("Move", 0, (120, 230))
    pens.pen("Released", (130, 100))
    pens.finger("End", 0)
    mask = draw_stroke(mask, [point for point, _ in path], size, 0, HARDNESS)
    desk.holds(mask, TREE)


def test_the_canvas_and_python_draw_the_same_soft_stroke(desk: Desk) -> None:  # noqa: F811
    canvas = desk.canvas
    canvas.part("brush-tip").click()
    canvas.part("hardness").fill("30")
    desk.keyboard.press("Escape")
    size = int(re.findall(r"\d+", canvas.part("size").get_attribute("aria-valuetext") or "")[0])
    points = desk.drag((20, 30), (90, 60), (100, 140))
    desk.python(f"canvas.stroke('tree', {[(x / 16, y / 16) for x, y in points]}, size={size}, hardness=30)")
    desk.holds(draw_stroke(HOUSE, points, size, hardness=30), draw_stroke(TREE, points, size, hardness=30))


def test_the_toolbar_has_room_at_any_width(desk: Desk) -> None:  # noqa: F811
    canvas, root = desk.canvas, desk.canvas.root.locator(".sd-root")
    for width in (480, 559, 561, 659, 661, 700, 1180):
        root.evaluate(f"(root) => root.style.width = '{width}px'")
        for key in "bvwrh":
            canvas.board.press(key)
            desk.page.wait_for_timeout(50)
            assert root.evaluate(BEYOND) == [], (width, key)
            assert root.evaluate(COVERED) == [], (width, key)
        canvas.board.press("b")
        canvas.part("brush-tip").click()
        inline, card = canvas.part("size"), canvas.part("card-size")
        assert inline.is_visible() != card.is_visible(), width
        assert root.evaluate(BEYOND) == [], width
        desk.keyboard.press("Escape")
    root.evaluate("(root) => root.style.width = ''")
