"""Scenes to time, and edits of them, in words that crayon knows."""

from __future__ import annotations

from itertools import cycle, islice

import numpy as np

from ..masks import draw_stroke
from ..scene import Region, Scene

PROMPTS = ("sea", "house", "tree", "sun", "boat", "cat", "flower", "mountain", "ball", "car")


def scene_with(count: int, size: tuple[int, int], seed: int) -> Scene:
    """``count`` round regions in rows of three over a sky; each is about a third of the canvas wide."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    columns = min(count, 3)
    rows = -(-count // columns)
    regions = []
    for index, prompt in enumerate(islice(cycle(PROMPTS), count)):
        cy, cx = (index // columns + 0.5) * height / rows, (index % columns + 0.5) * width / columns
        mask = ((y - cy) / (0.46 * height / rows)) ** 2 + ((x - cx) / (0.46 * width / columns)) ** 2 < 1
        regions.append(Region(prompt, mask, id=f"region-{index}"))
    return Scene(size, "sky", tuple(regions), seed=seed)


def edits(scene: Scene, count: int, seed: int) -> list[Scene]:
    """``count`` successive edits of ``scene``: a stroke added to a region, a prompt changed, and so on in turn."""
    rng = np.random.default_rng(seed)
    result = []
    for index in range(count):
        regions = list(scene.regions)
        chosen = int(rng.integers(len(regions)))
        region = regions[chosen]
        if index % 2:
            others = [p for p in PROMPTS if p != region.prompt]
            regions[chosen] = region.replace(prompt=str(rng.choice(others)))
        else:
            start = rng.integers(0, 16 * np.array(scene.size))
            points = [tuple(int(v) for v in start), tuple(int(v) for v in start + rng.integers(-400, 400, 2))]
            mask = draw_stroke(region.mask, points, max(4, scene.width // 12))
            if np.array_equal(mask, region.mask):  # the stroke lay inside: erase along it instead
                mask = draw_stroke(region.mask, points, max(4, scene.width // 12), 0)
            regions[chosen] = region.replace(mask=mask)
        scene = scene.replace(regions=tuple(regions))
        result.append(scene)
    return result


def prompted(scene: Scene, number: int) -> Scene:
    """``scene`` with edit ``number`` of its topmost region's prompt; the first ten differ."""
    *below, top = scene.regions
    return scene.replace(regions=(*below, top.replace(prompt=PROMPTS[number % len(PROMPTS)])))


def with_box(scene: Scene, share: float) -> Scene:
    """``scene`` under a rectangle in its middle that has ``share`` of its area and its proportions, to the nearest
    latent cell of 8 pixels, with hard edges: a change of its prompt changes these cells and no other."""
    spans = []
    for length in (scene.height, scene.width):
        cells = length // 8
        span = max(round(cells * share**0.5), 1)
        first = (cells - span) // 2
        spans.append(slice(8 * first, 8 * (first + span)))
    mask = np.zeros((scene.height, scene.width), bool)
    mask[spans[0], spans[1]] = True
    return scene.replace(regions=(*scene.regions, Region(PROMPTS[0], mask, id="box", feather=0)))
