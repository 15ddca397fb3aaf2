"""The painter's own picture of a layout: what a network that had learnt all of it would draw, so the row of
``bench fidelity`` that no other is expected to pass. What it lacks to 1 is the segmenter's share of the errors, and
what an object leaves of its region."""

from __future__ import annotations

import numpy as np

from ..crayon.fitting import fit
from ..crayon.objects import KINDS, draw_object
from ..crayon.painter import Page
from .layouts import Layout


def painted_layout(layout: Layout) -> np.ndarray:
    """uint8 (height, width, 3), of a square canvas; always the same one."""
    scene = layout.scene
    rng = np.random.default_rng(scene.seed)
    page = Page.blank(scene.width)
    page.cover(rng, scene.background.prompt, np.ones((scene.height, scene.width), bool))
    for region, concept, asked in zip(scene.regions, layout.concepts, layout.colors):
        where = region.mask > 127
        if concept not in KINDS:
            page.cover(rng, concept, where)
            continue
        rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
        box = where[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        color = asked or KINDS[concept].color

        def draw(width: int, height: int, concept: str = concept, color: str | None = color) -> np.ndarray:
            return draw_object(rng, concept, width, height, color)

        page.stamp(concept, color, fit(draw, box), box, int(rows[0]), int(columns[0]))
    return np.clip(page.rgb, 0, 255).astype(np.uint8)
