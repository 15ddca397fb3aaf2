"""A stage's loss as a picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, EDGE = 720, 320, 48


def curve(name: str, losses: Sequence[tuple[int, float]]) -> Image.Image:
    """The losses (step, value), on a logarithmic scale, pale, with their running mean over it."""
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(page)
    pen.text((EDGE, 12), f"{name}: loss by step", "black")
    steps = np.array([s for s, _ in losses], float)
    values = np.log10(np.maximum([v for _, v in losses], 1e-8)) if losses else np.zeros(0)
    good = np.isfinite(values)
    steps, values = steps[good], values[good]
    if len(values) < 2:
        return page
    low, high = float(values.min()), float(max(values.max(), values.min() + 0.05))

    def spots(heights: np.ndarray) -> list[tuple[float, float]]:
        x = EDGE + (steps - steps[0]) / (steps[-1] - steps[0]) * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - (heights - low) / (high - low) * (HEIGHT - 2 * EDGE)
        return [(float(a), float(b)) for a, b in zip(x, y)]

    pen.line([(EDGE, EDGE), (EDGE, HEIGHT - EDGE), (WIDTH - EDGE, HEIGHT - EDGE)], "gray")
    for share in (0.0, 0.5, 1.0):
        y = HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)
        pen.text((4, y - 6), f"{10 ** (low + share * (high - low)):.3g}", "gray")
    for share in (0.0, 0.5, 1.0):
        step = steps[0] + share * (steps[-1] - steps[0])
        pen.text((EDGE + share * (WIDTH - 2 * EDGE) - 12, HEIGHT - EDGE + 8), f"{step:.0f}", "gray")
    pen.line(spots(values), (178, 200, 226), 1)
    reach = max(1, len(values) // 25)
    padded = np.pad(values, reach, mode="edge")
    pen.line(spots(np.convolve(padded, np.ones(2 * reach + 1) / (2 * reach + 1), "valid")), (24, 92, 168), 2)
    return page
