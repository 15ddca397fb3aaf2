"""How the browser tests use a page: a notebook's cells, and the canvas in its output."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from jupyter_client.blocking.client import BlockingKernelClient
from PIL import Image
from playwright.sync_api import Locator, Page, expect

Rgb = np.ndarray[Any, np.dtype[np.uint8]]

LOADING = 90_000
"""Milliseconds that JupyterLab, a kernel or a model may take to come up on a busy machine."""


class Notebook:
    """A notebook open in JupyterLab. Cells are its code cells, counted from 0."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        # Asked where the server is slow to list its kernels: take the one that is offered.
        question = page.locator(".jp-Dialog", has_text="Select Kernel")
        page.add_locator_handler(question, lambda dialog: dialog.locator(".jp-mod-accept").click())
        page.goto(url)
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        """Until the notebook is there and its kernel is idle."""
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=LOADING)
        self.page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=LOADING, state="attached"
        )

    def run(self, cell: int) -> None:
        """Run a cell with the keyboard, and do not wait for its end."""
        for _ in range(5):
            self.page.locator(".jp-CodeCell .jp-InputArea-editor").nth(cell).click()
            self.page.keyboard.press("Shift+Enter")
            try:
                expect(self.prompt(cell)).to_have_text(re.compile(r"\[(\*|\d+)\]:"), timeout=3000)
                return
            except AssertionError:
                continue  # JupyterLab passes the keys over while it is still connecting to the kernel
        raise AssertionError(f"cell {cell} does not run")

    def prompt(self, cell: int) -> Locator:
        """The "[1]:" before a cell; "[*]:" while it runs."""
        return self.page.locator(".jp-CodeCell .jp-InputPrompt").nth(cell)

    def output(self, cell: int) -> Locator:
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")

    def save(self) -> None:
        with self.page.expect_response(lambda r: "/api/contents/" in r.url and r.request.method == "PUT"):
            self.page.locator("[data-jp-item-name=save]").first.click()

    def reload(self) -> None:
        self.page.reload()
        self.wait_for_kernel()


class Canvas:
    """The widget in a cell's output, used as a person uses it: pointer, keyboard, eyes."""

    def __init__(self, notebook: Notebook, cell: int = 0) -> None:
        self.page = notebook.page
        self.root = notebook.page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea")
        self.board = self.part("canvas")
        self.status = self.part("status")
        self.under = self.root.locator("canvas.sd-picture").first  # the second one is the picture beside the canvas
        expect(self.board).to_be_visible(timeout=LOADING)

    def part(self, name: str) -> Locator:
        return self.root.get_by_test_id(f"sd-{name}")

    # ------------------------------------------------------------ painting

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A place given in 0..1 of the board's width and height, in CSS pixels of the page."""
        self.board.scroll_into_view_if_needed()
        box = self.board.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def stroke(self, points: Iterable[tuple[float, float]], steps: int = 6) -> None:
        """Drag the pen through points given in 0..1 of the board's width and height."""
        mouse = self.page.mouse
        down = False
        for x, y in points:
            mouse.move(*self.place(x, y), steps=steps if down else 1)
            if not down:
                mouse.down()
                down = True
        mouse.up()

    def fill(self, left: float, top: float, right: float, bottom: float, rows: int = 8) -> None:
        """Paint a rectangle to and fro."""
        ys = np.linspace(top, bottom, rows)
        self.stroke([(x, y) for i, y in enumerate(ys) for x in ((left, right) if i % 2 == 0 else (right, left))])

    def brush_size(self, share: int) -> None:
        """0 is the smallest brush, 100 the largest."""
        self.part("size").fill(str(share))

    def say(self, row: int, prompt: str) -> None:
        """Type a prompt into a row of the panel; row 0 is the topmost region."""
        field = self.part("prompt").nth(row)
        field.fill(prompt)
        field.press("Enter")

    # ------------------------------------------------------------ looking

    def revision(self) -> int:
        return int(self.status.get_attribute("data-revision") or 0)

    def wait_settled(self, after: int = -2, timeout: float = LOADING) -> int:
        """Until a settled frame of a revision above `after` has been on screen for a while; its revision.

        For a while, because typing reaches the kernel only when the hand rests.
        """
        self.page.wait_for_function(
            """([status, after]) => {
                const { kind, state, revision } = status.dataset;
                const now = performance.now();
                const seen = [kind, state, revision].join();
                if (status.seen !== seen) { status.seen = seen; status.since = now; }
                const settled = kind === "settled" && state === "idle" && Number(revision) > after;
                return settled && now - status.since > 700;
            }""",
            arg=[self.status.element_handle(), after],
            timeout=timeout,
        )
        return self.revision()

    def picture(self) -> Rgb:
        """The pixels of the picture under the masks: uint8 (height, width, 3)."""
        return self._pixels()[..., :3]

    def alpha(self) -> Rgb:
        """Where there is a picture: uint8 (height, width), 0 where nothing is."""
        return self._pixels()[..., 3]

    def tinted(self, x: float, y: float) -> bool:
        """Whether a region is shown at a place, given in 0..1 of the board's sides. It is kept in sight for that."""
        if self.part("masks").get_attribute("aria-pressed") != "true":
            self.part("masks").click()
        look = """(overlay, [x, y]) => overlay.getContext("2d")
            .getImageData(x * overlay.width, y * overlay.height, 1, 1).data[3] > 0"""
        return bool(self.root.locator("canvas.sd-overlay").evaluate(look, [x, y]))

    def _pixels(self) -> Rgb:
        found = self.under.evaluate(
            """(canvas) => {
                const { width, height } = canvas;
                const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
                return { width, height, data: btoa(Array.from(data, (v) => String.fromCharCode(v)).join("")) };
            }"""
        )
        rgba = np.frombuffer(base64.b64decode(found["data"]), np.uint8)
        return rgba.reshape(found["height"], found["width"], 4)

    def screenshot(self) -> Rgb:
        """The board as it looks, masks and all: uint8 (height, width, 3), in screen pixels."""
        return np.asarray(Image.open(io.BytesIO(self.board.screenshot())).convert("RGB"))


class Kernel:
    """The notebook's kernel, asked directly, past the browser."""

    def __init__(self, connection_file: str) -> None:
        self.client = BlockingKernelClient(connection_file=connection_file)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, timeout: float = 60.0) -> str:
        """Run code; returns what it printed."""
        printed: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(code, timeout=timeout, output_hook=hook, allow_stdin=False)
        if reply["content"]["status"] != "ok":
            raise AssertionError("\n".join(reply["content"]["traceback"]))
        return "".join(printed)

    def close(self) -> None:
        self.client.stop_channels()
