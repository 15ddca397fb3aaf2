"""After any sequence of tools the masks in Python are those on screen, byte for byte."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from browser.drivers import Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.bench.browser import ASK, TINT, WATCH
from semanticdraw_widget.bench.pen import tint
from semanticdraw_widget.masks import Mask, unpack

pytestmark = pytest.mark.browser

SEEDS, STEPS, LOOKS = (1, 2), 20, 10
"""Sequences, actions in each, and after how many actions the masks are compared."""
DRAWN = {"b": 6, "e": 4, "r": 2, "o": 2, "l": 2, "v": 2}
"""Tools that are dragged, each with how often it is taken."""
PRESSED = ["g", "w"]
KEYS = [
    "Control+z",
    "Control+z",
    "Control+Shift+z",
    "f",
    "Shift+i",
    "c",
    "m",
    "Delete",
    "[",
    "]",
    "Shift+BracketLeft",
    "Shift+BracketLeft",
    "Shift+BracketRight",
    "+",
    "0",
    "1",
    "2",
    "3",
]
MOST_REGIONS = 8


class Hand:
    """Draws with real pointer and keyboard events as a random generator says."""

    def __init__(self, canvas: Canvas, seed: int) -> None:
        self.canvas, self.page, self.random = canvas, canvas.page, random.Random(seed)
        self.done: list[str] = []

    def place(self) -> tuple[float, float]:
        return self.random.uniform(0.03, 0.97), self.random.uniform(0.03, 0.97)

    def act(self) -> None:
        kind = self.random.choices(["drag", "press", "key", "new"], [10, 2, 5, 1])[0]
        if kind == "new" and self.canvas.part("region-row").count() < MOST_REGIONS:
            self.key("n")
            self.page.keyboard.press("Escape")  # from its prompt back to the canvas
        elif kind == "drag":
            self.drag(self.random.choices(list(DRAWN), list(DRAWN.values()))[0])
        elif kind == "press":
            self.key(self.random.choice(PRESSED))
            self.page.mouse.click(*self.canvas.place(*self.place()))
        else:
            self.key(self.random.choice(KEYS))

    def key(self, key: str) -> None:
        self.done.append(key)
        self.canvas.board.press(key)

    def drag(self, tool: str) -> None:
        self.key(tool)
        held = self.random.choice([None, None, "Shift", "Alt"]) if tool in "rol" else None
        if held:
            self.page.keyboard.down(held)
        points = [self.place() for _ in range(self.random.randint(2, 5))]
        self.canvas.stroke(points, steps=self.random.randint(1, 8))
        if held:
            self.page.keyboard.up(held)
        if tool == "v":
            self.canvas.board.press("Enter")
        self.done.append(f"{held or ''} {points}")


def on_screen(page: Page) -> np.ndarray:
    """The tint over the picture, after the next frames: uint8 (height, width, 4)."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    width, height, data = page.evaluate(TINT)
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)


def in_python(shell: Kernel) -> tuple[list[Mask], list[str]]:
    found = json.loads(shell.run(ASK))
    return [unpack(base64.b64decode(packed)) for packed in found["masks"]], found["colors"]


def agree(page: Page, shell: Kernel, alone: int | None = None) -> bool:
    """Whether they come to be the same; a stroke is on its way to the kernel for a moment."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        masks, colors = in_python(shell)
        shown = range(len(masks)) if alone is None else [alone]
        wanted = np.zeros((256, 256, 4), np.uint8)
        if masks:
            wanted = tint([masks[i] for i in shown], [colors[i] for i in shown])
        if np.array_equal(on_screen(page), wanted):
            return True
        page.wait_for_timeout(100)
    return False


def test_masks_in_python_are_those_on_screen(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
    page: Page,
) -> None:
    page.add_init_script(WATCH)
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    canvas.wait_settled()  # magic select looks at the picture
    canvas.stroke([(0.1, 0.2), (0.8, 0.4)])
    page.keyboard.press("Escape")
    for seed in SEEDS:
        hand = Hand(canvas, seed)
        for step in range(1, STEPS + 1):
            hand.act()
            if step % LOOKS == 0:
                assert agree(page, shell), f"seed {seed}: {hand.done}"
    masks, _ = in_python(shell)
    assert len(masks) > 1 and sum(mask.any() for mask in masks) > 0
    # One by one, since a region may cover another.
    for region in range(len(masks)):
        if region < 9:
            canvas.board.press(str(len(masks) - region))
            canvas.board.press("a")
            assert agree(page, shell, alone=region), f"region {region}"
            canvas.board.press("a")
