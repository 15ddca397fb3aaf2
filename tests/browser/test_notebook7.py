"""The canvas in Notebook 7, which has JupyterLab's parts but a page of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from browser.asking import painted_mask
from browser.drivers import Canvas, Kernel, Notebook
from browser.lab import Lab
from browser.test_canvas import MAKE

pytestmark = pytest.mark.browser


def test_one_draws_in_notebook_7(page: Page, tmp_path: Path) -> None:
    with Lab(tmp_path, app="notebook") as lab:
        notebook = Notebook(page, lab.write("seven.ipynb", [MAKE.format("background='sky'"), "'another cell'"]))
        assert page.evaluate("document.body.dataset.notebook") == "notebooks"
        notebook.run(0)
        canvas = Canvas(notebook)
        canvas.wait_settled()
        before = canvas.picture()
        canvas.brush_size(65)
        canvas.fill(0.1, 0.6, 0.9, 0.95)
        canvas.say(0, "sea")
        canvas.wait_settled(after=0)
        page.screenshot(path=tmp_path / "seven.png")
        shell = Kernel(lab.connection_file())
        assert shell.run("print([r['prompt'] for r in canvas.regions])") == "['sea']\n"
        assert painted_mask(shell, 0)[:, 40:-40].any() and not painted_mask(shell, 0)[:100].any()
        assert not np.array_equal(canvas.picture(), before)
        for key in "abxddm":  # the notebook's own, in command mode
            canvas.board.press(key)
        expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
        shell.close()
