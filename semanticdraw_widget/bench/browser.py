"""A canvas in a real JupyterLab in Chromium, drawn on with real pointer events while the browser keeps its timeline."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..masks import Mask, unpack
from . import pen, timeline
from .lab import Lab

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
LOADING = 90_000
"""Milliseconds that JupyterLab, a kernel or a model may take to come up on a busy machine."""
WARM_UP_MS = 3000
"""The first strokes come when the page has settled, and the browser has compiled what it runs often."""

IMPORTS = "import numpy, torch, diffusers\nfrom semanticdraw_widget import SemanticDraw"
PLAIN = "SemanticDraw({model!r}, device={device!r})"
CANVAS = """import numpy as np
words = ["house", "tree", "sun", "boat", "penguin", "balloon", "car", "dog", "cat", "moon"]
y, x = np.mgrid[0:{size}, 0:{size}] / {size}
columns = int(np.ceil({regions} ** 0.5))
canvas = SemanticDraw({model!r}, device={device!r}, size=({size}, {size}), background="sky")
for i in range({regions}):
    across, down = (i % columns + 0.5) / columns, (i // columns + 0.5) / columns
    mask = ((x - across) * 1.6 * columns) ** 2 + ((y - down) * 1.6 * columns) ** 2 < 1
    canvas.add_region(words[i % len(words)], mask=mask)
canvas.paused = {paused}
canvas"""
ASK = """import base64, json
from semanticdraw_widget.masks import pack
print(json.dumps({"masks": [base64.b64encode(pack(canvas.mask(i))).decode() for i in range(len(canvas.regions))],
                  "colors": [region["color"] for region in canvas.regions]}))"""

# Keeps what the canvas puts on screen as its tint, and when a canvas is first painted after a cell was run.
WATCH = """
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    window.sdTint = image;
    return put.call(this, image, ...rest);
};
let ran = 0;
addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.shiftKey) return;
    ran = event.timeStamp;
    window.sdPainted = null;
}, true);
const seen = new WeakSet();
window.sdWatch = new MutationObserver(() => {
    for (const canvas of document.querySelectorAll("[data-testid=sd-canvas]")) {
        if (seen.has(canvas) || !canvas.clientWidth) continue;
        seen.add(canvas);
        // After the frame that shows it.
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { window.sdPainted ??= performance.now() - ran; };
            port2.postMessage(null);
        });
    }
});
window.sdWatch.observe(document, { subtree: true, childList: true, attributes: true });
"""
COUNT = """(board) => {
    window.sdPoints = 0;
    for (const type of ["pointerdown", "pointermove"]) {
        board.addEventListener(type, (event) => {
            if (event.buttons) window.sdPoints += event.getCoalescedEvents().length || 1;
        });
    }
    const { left, top, width, height } = board.getBoundingClientRect();
    return [left, top, width, height];
}"""
TINT = """() => {
    const { width, height, data } = window.sdTint;
    let text = "";
    for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
    return [width, height, btoa(text)];
}"""


@dataclass
class Seen:
    """What ``draw`` found."""

    board: pen.Board
    path: list[pen.Stroke]
    before: list[Mask]
    """The masks in Python, the lowest region's first."""
    after: list[Mask]
    colors: list[str]
    """Of the regions, in the same order."""
    screen: np.ndarray
    """The tint over the picture, uint8 (height, width, 4): the color of each pixel's uppermost region."""
    points: int
    """That reached the page with the pen down."""
    sent_a_second: float
    frames: list[timeline.Frame]
    paints: list[float]
    """Milliseconds from running a cell to the first paint of its canvas: the first on the page, then another."""


async def draw(lab: Lab, executable: str, args: argparse.Namespace) -> Seen:
    """Draw a trace on a canvas as ``args`` says; see ``bench canvas``."""
    from playwright.async_api import async_playwright

    scene = CANVAS.format(
        model=args.model, device=args.device, size=args.size, regions=args.regions, paused=args.paused
    )
    plain = PLAIN.format(model=args.model, device=args.device)
    address = lab.write("canvas.ipynb", [IMPORTS, plain, plain, scene, ASK, ASK])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1400, "height": 1000})
        await page.add_init_script(WATCH)
        # Asked where the server is slow to list its kernels: take the one that is offered.
        question = page.locator(".jp-Dialog", has_text="Select Kernel")
        await page.add_locator_handler(question, lambda dialog: dialog.locator(".jp-mod-accept").click())
        await page.goto(address)
        await page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=LOADING, state="attached"
        )
        await run_cell(page, 0)
        paints = [await first_paint(page, 1), await first_paint(page, 2), await first_paint(page, 3)][:2]
        before, colors = await masks(page, 4)
        board = page.locator(".jp-CodeCell").nth(3).get_by_test_id("sd-canvas")
        await board.scroll_into_view_if_needed()
        await page.wait_for_timeout(WARM_UP_MS)
        await page.evaluate("window.sdWatch.disconnect()")  # or what it does would count as the canvas's
        left, top, across, down = await board.evaluate(COUNT)
        place = pen.Board(left, top, across, down, (args.size, args.size))
        path = pen.strokes(place, args.events)
        await board.focus()
        for _ in range(args.hardness, 100, 25):
            await page.keyboard.press("Shift+BracketLeft")
        frames, rate = await trace(browser, page, path, args)
        await page.wait_for_timeout(WARM_UP_MS)
        points = await page.evaluate("window.sdPoints")
        width, height, pixels = await page.evaluate(TINT)
        screen = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)
        after, _ = await masks(page, 5)
        await browser.close()
    return Seen(place, path, before, after, colors, screen, points, rate, frames, paints)


async def trace(
    browser: Browser, page: Page, path: list[pen.Stroke], args: argparse.Namespace
) -> tuple[list[timeline.Frame], float]:
    """Draw the strokes, each in the region of its key; the frames meanwhile, and how many events came a second."""
    session = await page.context.new_cdp_session(page)
    await browser.start_tracing(page=page, categories=timeline.CATEGORIES)
    spent = 0.0
    for i, stroke in enumerate(path):
        # To whatever has the focus, which is the canvas: to look it up would be script on the page, and count.
        await page.keyboard.press(str(pen.key(i, args.regions) + 1))
        spent += await press(session, stroke, args.rate)
    recorded = json.loads(await browser.stop_tracing())["traceEvents"]
    return timeline.frames(recorded), sum(map(len, path)) / spent


async def press(session: CDPSession, stroke: pen.Stroke, rate: float) -> float:
    """Send a stroke's events at their times, without waiting for the page as a person does not; seconds that took."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    sent: list[asyncio.Future[Any]] = []
    for i, (x, y) in enumerate(stroke):
        kind = "mousePressed" if i == 0 else "mouseReleased" if i == len(stroke) - 1 else "mouseMoved"
        if kind == "mouseReleased":
            x, y = stroke[i - 1]
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": int(kind != "mouseReleased")}
        event["clickCount"] = int(kind != "mouseMoved")
        sent.append(asyncio.ensure_future(session.send("Input.dispatchMouseEvent", event)))
        await asyncio.sleep(max(0.0, start + (i + 1) / rate - loop.time()))
    spent = loop.time() - start
    await asyncio.gather(*sent)
    return spent


# ---------------------------------------------------------------- the notebook


async def run_cell(page: Page, cell: int) -> None:
    """Run a cell with the keyboard, and wait for its end. Raises RuntimeError if it fails."""
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt").nth(cell)
    for _ in range(5):
        await page.locator(".jp-CodeCell .jp-InputArea-editor").nth(cell).click()
        await page.keyboard.press("Shift+Enter")
        await page.wait_for_timeout(1500)
        if (await prompt.inner_text()).strip() != "[ ]:":
            break  # JupyterLab passes the keys over while it is still connecting to the kernel
    await page.wait_for_function(
        "(cell) => /[0-9]/.test(document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')[cell].textContent)",
        arg=cell,
        timeout=LOADING,
    )
    outputs = page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")
    if await outputs.locator(".jp-mod-error, [data-mime-type='application/vnd.jupyter.error']").count():
        raise RuntimeError(await outputs.first.inner_text())


async def first_paint(page: Page, cell: int) -> float:
    """Run a cell that shows a canvas; milliseconds from the keys that run it to the canvas on screen."""
    await run_cell(page, cell)
    await page.wait_for_function("window.sdPainted !== null", timeout=LOADING)
    return float(await page.evaluate("window.sdPainted"))


async def masks(page: Page, cell: int) -> tuple[list[Mask], list[str]]:
    """Ask the kernel for the masks and colors of the regions, the lowest first."""
    await run_cell(page, cell)
    told = await page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea-output").first.text_content()
    found = json.loads(told or "")
    return [unpack(base64.b64decode(packed)) for packed in found["masks"]], found["colors"]
