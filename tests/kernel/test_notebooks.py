"""The notebooks run from top to bottom in a fresh kernel, and show pictures of what they ask for."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from semanticdraw_widget.crayon.segmenter import Segmenter

pytestmark = pytest.mark.kernel

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def pictures(cell: nbformat.NotebookNode) -> list[np.ndarray]:
    """The PNG outputs of a cell, uint8 (height, width, 3)."""
    data = [output.get("data", {}) for output in cell.outputs]
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(item["image/png"]))).convert("RGB"))
        for item in data
        if "image/png" in item
    ]


def test_the_quickstart_runs_and_paints_what_it_says() -> None:
    notebook = nbformat.read(NOTEBOOKS / "00_quickstart.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    cells = {cell.id: cell for cell in notebook.cells}
    (first,) = pictures(cells["scene"])
    (edited,) = pictures(cells["edit"])
    (kept,) = pictures(cells["snapshot"])
    assert np.array_equal(edited, kept)

    y, x = np.mgrid[:256, :256]
    segmenter = Segmenter.load()
    assert segmenter.share(first, 255 * (y > 190), "sea") > 0.5
    house = (abs(x - 0.35 * 256) < 45) & (abs(y - 0.5 * 256) < 45)
    # crayon's first houses are coarse, but nothing else in these scenes looks like one.
    shares = [segmenter.share(picture, 255 * house, "house") for picture in (first, edited)]
    assert shares[0] > 0.12
    assert shares[1] < 0.05
