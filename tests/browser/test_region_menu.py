"""The menu of a region in JupyterLab: whatever it does, Python and the canvas hold the same masks, to the byte."""

from __future__ import annotations

import base64
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from browser.asking import regions, until
from browser.drivers import Canvas, Kernel, Notebook
from browser.test_canvas import MAKE, kernel, open_notebook  # noqa: F401, fixtures
from semanticdraw_widget.masks import Mask, pack

pytestmark = pytest.mark.browser


def soft(seed: int) -> Mask:
    return np.random.default_rng(seed).integers(0, 256, (256, 256), np.uint8)


def test_python_and_canvas_hold_the_same_masks(
    open_notebook: Callable[..., Notebook],  # noqa: F811
    kernel: Callable[[], Kernel],  # noqa: F811
) -> None:
    """Regions without prompts, so that no model has to paint. What the canvas holds is told by an inversion there."""
    notebook = open_notebook(MAKE.format(""))
    notebook.run(0)
    canvas, shell = Canvas(notebook), kernel()
    rows = canvas.part("region-row")

    def python(code: str) -> None:
        shell.run(f"import base64\nfrom semanticdraw_widget.masks import unpack\n{code}")

    def packed(mask: Mask) -> str:
        return f"base64.b64decode('{base64.b64encode(pack(mask)).decode()}')"

    def holds(*masks: Mask, solo: str = "") -> list[str]:
        """Until the kernel has those masks, the lowest first; the regions' ids."""
        return until(lambda: regions(shell), lambda found: found.have(*masks) and found.solo == solo).ids

    a, b = soft(1), soft(2)
    python("canvas.regions = [{'prompt': '', 'id': 'a'}, {'prompt': '', 'id': 'b'}]")
    python(f"canvas.masks = {{'a': {packed(a)}, 'b': {packed(b)}}}")
    expect(rows).to_have_count(2)

    canvas.board.press("1")  # the uppermost
    canvas.board.press("Shift+I")
    assert holds(a, 255 - b) == ["a", "b"]
    canvas.board.press("2")
    canvas.board.press("c")
    ids = holds(a, a, 255 - b)
    assert (ids[0], ids[2]) == ("a", "b") and ids[1] not in ids[::2]

    rows.first.hover()
    canvas.part("more").first.click()
    canvas.part("menu-merge").click()
    assert holds(a, np.maximum(a, 255 - b)) == ids[:2]
    canvas.part("undo").click()
    assert holds(a, a, 255 - b) == ids

    python("canvas.merge_down(1); canvas.duplicate_region('a')")
    expect(rows).to_have_count(3)
    canvas.board.press("2")
    canvas.board.press("Shift+I")  # the copy, between the two
    assert holds(a, 255 - a, 255 - b)[::2] == ["a", "b"]

    python("canvas.fill_rest('b')")
    left = np.maximum(255 - b, 255 - np.maximum(a, 255 - a))
    holds(a, 255 - a, left)
    canvas.board.press("1")
    canvas.board.press("Shift+I")
    holds(a, 255 - a, 255 - left)
    canvas.board.press("a")
    holds(a, 255 - a, 255 - left, solo="b")
    python("canvas.solo_region(None)")
    expect(rows.first.get_by_test_id("sd-alone")).to_be_hidden()
    canvas.board.press("Delete")
    canvas.board.press("f")
    holds(a, 255 - a, 255 - np.maximum(a, 255 - a))
    expect(canvas.part("said")).to_have_text("The region without a prompt has all that was left.")
