"""The canvas in JupyterLab, used with pointer and keyboard; the picture judged by crayon's segmenter."""

from __future__ import annotations

import io
import json
import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from browser.asking import Regions, painted_mask, regions, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab
from semanticdraw_widget.crayon.segmenter import Segmenter
from semanticdraw_widget.shapes import fill_polygon, fill_rectangle

pytestmark = pytest.mark.browser

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "00_quickstart.ipynb"
MAKE = "from semanticdraw_widget import SemanticDraw\ncanvas = SemanticDraw({})\ncanvas"


@pytest.fixture
def open_notebook(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook of the given cells; its kernel ends with the test."""

    def open_notebook(*cells: str) -> Notebook:
        name = re.sub(r"\W+", "-", request.node.name)
        return Notebook(page, lab.write(f"{name}.ipynb", list(cells)))

    yield open_notebook
    lab.stop_kernels()


@pytest.fixture
def kernel(lab: Lab) -> Iterator[Callable[[], Kernel]]:
    """Call it once the notebook is open: the notebook's kernel, past the browser."""
    kernels: list[Kernel] = []

    def connect() -> Kernel:
        kernels.append(Kernel(lab.connection_file()))
        return kernels[-1]

    yield connect
    for kernel in kernels:
        kernel.close()


def test_a_sea_and_a_house_come_out_where_they_are_painted(
    lab: Lab, page: Page, kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    """The first minute, in the quickstart notebook."""
    notebook = Notebook(page, lab.copy(QUICKSTART))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.brush_size(65)
    canvas.fill(0.02, 0.72, 0.98, 0.98)
    canvas.say(0, "sea")
    canvas.part("add-region").click()
    canvas.fill(0.32, 0.28, 0.66, 0.6)
    canvas.say(0, "house")
    canvas.part("background-prompt").fill("sky")
    canvas.wait_settled()
    canvas.page.screenshot(path=tmp_path / "painted.png")

    shell = kernel()
    assert shell.run("print([r['prompt'] for r in canvas.regions], canvas.background)") == "['sea', 'house'] sky\n"
    picture = canvas.picture()
    # What the browser shows is, bit for bit, what the kernel has.
    assert shell.run("import numpy as np; print(np.asarray(canvas.image).sum())").strip() == str(picture.sum())
    segmenter = Segmenter.load()
    sea, house = painted_mask(shell, 0), painted_mask(shell, 1)
    assert segmenter.share(picture, np.where(house, 0, sea), "sea") > 0.5
    # crayon's first houses are coarse; none of their pixels were a house before.
    assert segmenter.share(picture, house, "house") > 0.15
    assert segmenter.share(picture, house, "sky") < 0.3
    lab.stop_kernels()


def test_the_canvas_takes_strokes_before_the_model_is_loaded(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook("from semanticdraw_widget import SemanticDraw", "canvas = SemanticDraw()\ncanvas")
    notebook.run(0)
    notebook.wait_for_kernel()
    notebook.run(1)
    canvas = Canvas(notebook, 1)
    canvas.stroke([(0.1, 0.5), (0.9, 0.5)])
    assert canvas.part("region-row").count() == 1
    canvas.say(0, "house")
    canvas.wait_settled()


@pytest.mark.parametrize("wait", ["import time; time.sleep({})", "import asyncio; await asyncio.sleep({})"])
def test_a_busy_kernel_holds_nothing_up(
    wait: str, open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel]
) -> None:
    """A stroke shows in the next animation frame; strokes and prompts reach the session while the cell runs."""
    notebook = open_notebook(MAKE.format("background='sky'"), wait.format(8))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    canvas.stroke([(0.1, 0.2), (0.9, 0.2)])
    notebook.run(1)
    x, y = canvas.place(0.5, 0.7)
    canvas.board.evaluate(WATCH_FRAMES, [x, y])
    canvas.stroke([(0.3, 0.7), (0.7, 0.7)])
    frames = canvas.page.evaluate("window.sdFrames")
    assert frames is not None and frames <= 1, f"the stroke showed after {frames} animation frames"
    shown = canvas.revision()
    canvas.say(0, "house")
    canvas.wait_settled(after=shown)
    expect(notebook.prompt(1)).to_have_text("[*]:")
    shell = kernel()
    mask = painted_mask(shell, 0)  # asked on the main shell, so after the cell
    for row in (0.2, 0.7):
        assert mask[int(row * mask.shape[0]), int(0.5 * mask.shape[1])] == 255
    assert shell.run("print(canvas.regions[0].prompt)") == "house\n"


# Counts animation frames from the pointer's first move over (x, y) to the first frame in which that place looks
# painted in one of the overlay's canvases.
WATCH_FRAMES = """(board, [x, y]) => {
    const canvases = () => [...board.parentElement.querySelectorAll("canvas")];
    const alpha = (canvas) => {
        const box = canvas.getBoundingClientRect();
        const at = [((x - box.left) / box.width) * canvas.width, ((y - box.top) / box.height) * canvas.height];
        return canvas.getContext("2d").getImageData(Math.floor(at[0]), Math.floor(at[1]), 1, 1).data.join();
    };
    const before = canvases().map(alpha).join("|");
    let begun = false;
    window.sdFrames = null;
    board.addEventListener("pointermove", (event) => {
        if (begun || event.clientX < x || event.buttons === 0) return;
        begun = true;
        let frames = 0;
        const look = () => {
            if (canvases().map(alpha).join("|") !== before) window.sdFrames = frames;
            else if (frames++ < 300) requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, { capture: true });
}"""


def test_two_views_of_one_canvas_agree(open_notebook: Callable[..., Notebook]) -> None:
    notebook = open_notebook(MAKE.format("background='sky'"), "canvas")
    notebook.run(0)
    notebook.run(1)
    first, second = Canvas(notebook, 0), Canvas(notebook, 1)
    first.wait_settled()
    first.stroke([(0.2, 0.5), (0.8, 0.5)])
    first.say(0, "boat")
    revision = first.wait_settled()
    expect(second.part("prompt")).to_have_value("boat")
    assert second.wait_settled() == revision
    assert np.array_equal(first.picture(), second.picture())
    second.stroke([(0.2, 0.8), (0.8, 0.8)])
    first.wait_settled(after=revision)


def test_undo_redo_clear_and_eraser(open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel]) -> None:
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.brush_size(60)
    canvas.stroke([(0.1, 0.3), (0.9, 0.3)])
    canvas.stroke([(0.1, 0.7), (0.9, 0.7)])
    shell = kernel()

    def rows() -> list[bool]:
        time.sleep(0.5)
        mask = painted_mask(shell, 0)
        return [bool(mask[int(y * mask.shape[0]), 128]) for y in (0.3, 0.7)]

    assert rows() == [True, True]
    canvas.part("undo").click()
    assert rows() == [True, False]
    canvas.part("redo").click()
    assert rows() == [True, True]
    canvas.part("eraser").click()
    canvas.stroke([(0.1, 0.3), (0.9, 0.3)])
    assert rows() == [False, True]
    canvas.part("clear").click()
    assert rows() == [False, False]
    canvas.part("undo").click()
    assert rows() == [False, True]


def test_shapes_are_in_python_byte_for_byte(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    """A rectangle, a square taken away and a lasso: Python fills the same from what the pointer did."""
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.page.evaluate(RECORD_POINTER, canvas.board.element_handle())
    keyboard = canvas.page.keyboard
    shell = kernel()

    def draw(points: list[tuple[float, float]]) -> list[tuple[int, int]]:
        """Drag through the points; where the pointer was, in 1/16 px of the mask."""
        canvas.page.evaluate("window.sdPoints.length = 0")
        canvas.stroke(points, steps=1)
        events = canvas.page.evaluate("window.sdPoints")
        assert len(events) >= len(points) and all(event["outline"] for event in events)
        return [tuple(math.floor(16 * (at * 256 / side)) for at, side in event["at"]) for event in events]

    def arrives(expected: np.ndarray) -> Regions:
        return until(lambda: regions(shell), lambda found: found.have(expected))

    canvas.part("rectangle").click()
    path = draw([(0.1, 0.13), (0.5, 0.3), (0.83, 0.71)])
    whole = fill_rectangle(np.zeros((256, 256), np.uint8), [path[0], path[-1]])
    assert np.count_nonzero(whole) > 20_000 and arrives(whole)

    keyboard.down("Shift")
    keyboard.down("Alt")
    (ax, ay), *_, (bx, by) = draw([(0.7, 0.25), (0.5, 0.6)])
    canvas.page.screenshot(path=tmp_path / "shapes.png")
    keyboard.up("Alt")
    keyboard.up("Shift")
    holed = fill_rectangle(whole, [(ax, ay), (ax - max(ax - bx, by - ay), ay + max(ax - bx, by - ay))], 0)
    assert arrives(holed)

    canvas.board.press("l")
    path = draw([(0.05, 0.9), (0.9, 0.9), (0.95, 0.4), (0.3, 0.95), (0.6, 0.45)])
    assert arrives(fill_polygon(holed, path))
    canvas.part("undo").click()
    assert arrives(holed)


# Where the pointer was while its button was down, as pairs of a place on the board and the board's side, and whether
# the outline of the shape was there when the event had been handled: before the next frame.
RECORD_POINTER = """(board) => {
    window.sdPoints = [];
    const note = (event) => {
        if (!event.buttons || event.target !== board) return;
        const { left, top, width, height } = board.getBoundingClientRect();
        const path = board.parentElement.querySelector(".sd-preview-line");
        const parts = event.getCoalescedEvents();
        for (const part of parts.length ? parts : [event]) {
            const at = [[part.clientX - left, width], [part.clientY - top, height]];
            window.sdPoints.push({ at, outline: path.getAttribute("d") !== "" });
        }
    };
    window.addEventListener("pointerdown", note);
    window.addEventListener("pointermove", note);
}"""


def test_python_and_canvas_follow_each_other(open_notebook: Callable[..., Notebook]) -> None:
    draw = "import numpy as np\nhouse = canvas.add_region('house', np.ones((256, 256), bool), color='#123456')"
    notebook = open_notebook(MAKE.format(""), draw, "house.prompt = 'tree'", "[r.prompt for r in canvas.regions]")
    notebook.run(0)
    canvas = Canvas(notebook)
    notebook.run(1)
    expect(canvas.part("region-row")).to_have_count(1)
    expect(canvas.part("prompt")).to_have_value("house")
    shown = canvas.wait_settled()
    notebook.run(2)
    expect(canvas.part("prompt")).to_have_value("tree")
    shown = canvas.wait_settled(after=shown)
    canvas.say(0, "sun blorp")
    canvas.wait_settled(after=shown)
    expect(canvas.part("region-row").get_by_role("note")).to_contain_text("blorp")
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("['sun blorp']")


def test_words_complete_as_one_types(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    """By keyboard and by pointer; the list floats over the canvas, and Enter keeps its meaning."""
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.wait_settled()
    canvas.stroke([(0.2, 0.5), (0.8, 0.5)])
    field, offers = canvas.part("prompt"), canvas.part("offers")
    expect(field).to_be_focused()
    places = "(root) => [...root.querySelectorAll('.sd-stage, .sd-panel, .sd-row')].map((e) => e.offsetTop)"
    root = canvas.root.locator(".sd-root")
    before = root.evaluate(places)
    field.press_sequentially("a mo")
    expect(offers.get_by_role("option")).to_have_text(["mountain", "moon"])
    assert root.evaluate(places) == before
    canvas.page.screenshot(path=tmp_path / "offers.png")
    outer, inner = root.bounding_box(), offers.bounding_box()
    assert outer is not None and inner is not None
    assert outer["x"] <= inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("sd-offers-"))
    field.press("ArrowDown")
    field.press("Tab")
    expect(field).to_have_value("a moon")
    expect(field).to_be_focused()
    expect(offers).to_be_hidden()

    field.press_sequentially(" and t")
    offers.get_by_role("option", name="tree", exact=True).click()
    expect(field).to_have_value("a moon and tree")
    field.press("Enter")
    expect(canvas.board).to_be_focused()
    canvas.part("background-prompt").fill("")
    canvas.part("background-prompt").press_sequentially("SN")
    canvas.part("background-prompt").press("Escape")  # the list
    expect(canvas.part("background-prompt")).to_be_focused()
    expect(offers).to_be_hidden()
    time.sleep(0.5)
    asked = "print(canvas.regions[0].prompt, canvas.background, sep='; ')"
    assert kernel().run(asked) == "a moon and tree; SN\n"


def test_a_word_of_the_palette_is_what_one_paints(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    """With the model's pictures of its words; nothing in the palette moves when one is picked."""
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas = Canvas(notebook)
    concept = canvas.part("concept")
    expect(concept.first).to_be_visible(timeout=60_000)
    shell = kernel()
    shell.run(PAINT_PALETTE)
    words = shell.run("print(*canvas.vocabulary['objects'], *canvas.vocabulary['backgrounds'], sep='|')").strip()
    expect(concept).to_have_text(words.split("|"))

    def one(word: str) -> Locator:
        return concept.filter(has=canvas.page.get_by_text(word, exact=True))

    tile = one("house").locator(".sd-tile")
    expect(tile).to_be_visible()
    pixels = np.asarray(Image.open(io.BytesIO(tile.screenshot())).convert("RGB"))
    order = json.loads(
        shell.run("import json; print(json.dumps([*canvas.vocabulary['backgrounds'], *canvas.vocabulary['objects']]))")
    )
    assert np.abs(pixels[24, 24].astype(int) - [4 * order.index("house"), 200, 40]).max() < 3

    one("sky").click()
    expect(canvas.part("background-prompt")).to_have_value("sky")
    one("house").scroll_into_view_if_needed()
    place = one("house").bounding_box()
    one("house").click()
    expect(canvas.board).to_be_focused()
    assert one("house").bounding_box() == place
    expect(one("house")).to_have_attribute("aria-current", "true")
    canvas.brush_size(65)
    canvas.fill(0.3, 0.3, 0.7, 0.7)
    canvas.wait_settled()
    canvas.page.screenshot(path=tmp_path / "palette.png")
    asked = "print([r.prompt for r in canvas.regions], canvas.background, bool(canvas.mask(0).any()))"
    assert shell.run(asked) == "['house'] sky True\n"

    canvas.part("palette-search").fill("oat")
    expect(concept.locator("visible=true")).to_have_text(["boat"])
    canvas.part("palette-search").press("Escape")
    canvas.part("palette-search").press("ArrowDown")
    expect(one("tree")).to_be_focused()
    canvas.page.keyboard.press("ArrowDown")  # by where they lie: the row below
    below = canvas.page.evaluate("document.activeElement.getBoundingClientRect().top")
    first = one("tree").bounding_box()
    assert first is not None and below > first["y"]
    canvas.page.keyboard.press("Home")
    canvas.page.keyboard.press("Enter")
    expect(canvas.part("prompt").first).to_have_value("tree")


# A picture of the words as a model folder may have one: the n-th tile is of the color (4 n, 200, 40).
PAINT_PALETTE = """
import io, numpy, PIL.Image
words = canvas.vocabulary["backgrounds"] + canvas.vocabulary["objects"]
sheet = numpy.zeros((-(-len(words) // 12) * 48, 12 * 48, 3), numpy.uint8)
for n in range(len(words)):
    sheet[n // 12 * 48 :, n % 12 * 48 :][:48, :48] = 4 * n, 200, 40
file = io.BytesIO()
PIL.Image.fromarray(sheet).save(file, "PNG")
canvas.set_trait("palette", file.getvalue())
"""


def test_a_surprise_is_one_step_of_undo(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.stroke([(0.2, 0.5), (0.8, 0.5)])
    canvas.say(0, "ball")
    shown = canvas.wait_settled()
    shell = kernel()
    asked = "print([r.prompt for r in canvas.regions], all(canvas.mask(i).any() for i in range(len(canvas.regions))))"
    canvas.part("surprise").click()
    shown = canvas.wait_settled(after=shown)
    canvas.page.screenshot(path=tmp_path / "surprise.png")
    rows = [field.input_value() for field in canvas.part("prompt").all()]
    assert 3 <= len(rows) <= 6
    assert shell.run(asked) == f"{rows[::-1]} True\n"
    masks = [painted_mask(shell, i) for i in range(len(rows))]

    canvas.part("undo").click()
    expect(canvas.part("prompt")).to_have_count(1)
    expect(canvas.part("prompt")).to_have_value("ball")
    shown = canvas.wait_settled(after=shown)
    assert shell.run(asked) == "['ball'] True\n"
    canvas.part("redo").click()
    shown = canvas.wait_settled(after=shown)
    assert shell.run(asked) == f"{rows[::-1]} True\n"
    assert all(np.array_equal(painted_mask(shell, i), mask) for i, mask in enumerate(masks))

    shell.run("canvas.surprise(seed=7)")  # from Python it is the same
    canvas.wait_settled(after=shown)
    canvas.part("undo").click()
    expect(canvas.part("prompt")).to_have_count(len(rows))
    assert [field.input_value() for field in canvas.part("prompt").all()] == rows


def test_a_negative_prompt_and_a_prompt_strength_reach_python(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    """Set by keyboard alone, from the prompt on; where the negative prompt has no effect the canvas says what to do."""
    notebook = open_notebook(MAKE.format("background='sky', mode='exact'"))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.brush_size(65)
    canvas.fill(0.2, 0.3, 0.8, 0.7)
    canvas.say(0, "house")
    shown = canvas.wait_settled()
    keyboard = canvas.page.keyboard
    canvas.page.keyboard.press("Enter")  # to the prompt
    expect(canvas.part("prompt")).to_be_focused()
    for name in ("visible", "more", "details"):
        keyboard.press("Tab")
        expect(canvas.part(name)).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.type("tree")
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(canvas.part("prompt-strength")).to_be_focused()
    for _ in range(3):
        keyboard.press("PageDown")
    shown = canvas.wait_settled(after=shown)
    shell = kernel()
    asked = "r = canvas.regions[0]; print(r.negative_prompt, round(r.prompt_strength, 2), canvas.cfg)"
    assert shell.run(asked) == "tree 0.7 auto\n"

    remark = canvas.part("region-row").get_by_role("note")
    expect(remark).to_contain_text("The negative prompt has no effect")
    canvas.part("open-settings").click()
    expect(canvas.part("cfg")).to_be_focused()
    canvas.page.screenshot(path=tmp_path / "settings.png")
    canvas.part("cfg").select_option("Full")
    expect(remark).to_be_hidden()
    canvas.wait_settled(after=shown)
    assert shell.run(asked) == "tree 0.7 full\n"
    shell.run("canvas.cfg = 'initialise'; canvas.regions[0].prompt_strength = 0.5")
    expect(canvas.part("cfg")).to_have_value("initialise")
    expect(canvas.part("prompt-strength")).to_have_value("50")


def test_a_reload_keeps_the_drawing(
    open_notebook: Callable[..., Notebook], kernel: Callable[[], Kernel], tmp_path: Path
) -> None:
    notebook = open_notebook(MAKE.format("background='sky'"))
    notebook.run(0)
    canvas = Canvas(notebook)
    canvas.brush_size(65)
    canvas.stroke([(0.2, 0.5), (0.8, 0.5)])
    canvas.say(0, "house")
    canvas.wait_settled()
    before, shell = canvas.picture(), kernel()
    mask = painted_mask(shell, 0)
    notebook.save()
    notebook.reload()
    canvas = Canvas(notebook)
    expect(canvas.part("region-row")).to_have_count(1)
    expect(canvas.part("prompt")).to_have_value("house")
    notebook.page.wait_for_timeout(500)
    canvas.page.screenshot(path=tmp_path / "reloaded.png")
    assert np.array_equal(canvas.picture(), before)
    assert np.array_equal(painted_mask(shell, 0), mask)
    revision = canvas.revision()
    canvas.stroke([(0.2, 0.8), (0.8, 0.8)])
    canvas.wait_settled(after=revision)
    assert np.count_nonzero(painted_mask(shell, 0)) > np.count_nonzero(mask)


def test_an_unknown_model_says_what_to_do_and_retries(open_notebook: Callable[..., Notebook], tmp_path: Path) -> None:
    notebook = open_notebook(
        MAKE.format("'later', background='sky'"),
        "import pathlib, semanticdraw_widget\n"
        "pathlib.Path('later').symlink_to(pathlib.Path(semanticdraw_widget.__file__).parent / 'crayon' / 'model')",
    )
    notebook.run(0)
    canvas = Canvas(notebook)
    banner = canvas.part("banner")
    expect(banner).to_be_visible(timeout=60_000)
    expect(banner).to_contain_text("later")
    canvas.stroke([(0.2, 0.5), (0.8, 0.5)])  # drawing goes on
    canvas.page.screenshot(path=tmp_path / "banner.png")
    notebook.run(1)
    banner.get_by_role("button", name="Try again").click()
    canvas.wait_settled()
    expect(banner).to_be_hidden()
