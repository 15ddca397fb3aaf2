"""``bench fidelity``: does each region show what was asked, and nothing else? The paper's ablation on our model.

Whole-picture scores such as FID hardly tell these methods apart; pixels do. Scenes are random with known masks
(``layouts``), pictures are read by the segmenter, and the figures are those of ``measures``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from ..crayon.segmenter import Segmenter
from ..crayon.vocabulary import OBJECTS
from ..engine import EXACT, Engine, Method
from ..engine.method import CROPS, MASKED
from ..scene import Scene
from .chart import Bars
from .layouts import Layout, layouts
from .measures import outside_change, score

MANY_STEPS = 50
BARE = Method(pre_averaging=False, centring_steps=0, cover_order=False, quantise="none")


@dataclass(frozen=True)
class Contender:
    """A row of the table: the method, and its steps (None: the model's own).

    increment: the scene is an edit of another one, whose picture is changed into this one's.
    """

    name: str
    method: Method
    steps: int | None = None
    increment: bool = False


# The paper's ablation: each row adds one part to the row above. The cover order comes with the quantised masks, as the
# first step of what section 3.4 makes of them. Then the quicker modes, each to be held against ``exact``.
CONTENDERS = (
    Contender(f"multidiffusion-{MANY_STEPS}", replace(BARE, sampler="ddim"), MANY_STEPS),
    Contender("multidiffusion-lcm", BARE),
    Contender("+pre-averaging", replace(BARE, pre_averaging=True)),
    Contender("+centring", replace(BARE, pre_averaging=True, centring_steps=EXACT.centring_steps)),
    Contender("exact", EXACT),
    Contender("crops", CROPS),
    Contender("masked", MASKED),
    Contender("increment", MASKED, increment=True),
)


def edited(layout: Layout) -> tuple[Scene, np.ndarray]:
    """The layout with its topmost region's prompt changed, and that region's mask as bool (height, width)."""
    last = layout.scene.regions[-1]
    other = next(name for name in OBJECTS if name not in layout.concepts)
    regions = (*layout.scene.regions[:-1], last.replace(prompt=other))
    return layout.scene.replace(regions=regions), last.mask > 0


def picture(engine: Engine, scene: Scene, contender: Contender) -> np.ndarray:
    *_, frame = engine.denoise(scene, steps=contender.steps, method=contender.method)
    return frame.rgb()


def scored(
    engine: Engine, contender: Contender, scenes: list[Layout], segmenter: Segmenter
) -> Iterator[tuple[np.ndarray, dict[str, float]]]:
    """Each scene's picture and its figures. The change outside an edit is measured on every fifth scene,
    and on each one that is an edit anyway."""
    for index, layout in enumerate(scenes):
        scene, mask = edited(layout)
        before = None
        if contender.increment:
            *_, first = engine.denoise(scene, mode="increment")
            *_, frame = engine.denoise(layout.scene, mode="increment", after=first.trajectory)
            before, rgb = first.rgb(), frame.rgb()
        else:
            rgb = picture(engine, layout.scene, contender)
            if index % 5 == 0:
                before = picture(engine, scene, contender)
        figures = asdict(score(layout, rgb, segmenter.label_map(rgb)))
        if before is not None:
            figures["outside_change"] = outside_change(before, rgb, mask)
        yield rgb, figures


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """Score every contender on ``args.layouts`` scenes; the many-step one, a hundred times dearer, on fewer."""
    segmenter = Segmenter.load()
    scenes = layouts(args.layouts, args.seed, engine.default_size[0])
    rows, sheet = [], []
    for number, contender in enumerate(CONTENDERS):
        print(f"\r{number}/{len(CONTENDERS)} {contender.name:<20}", end="", file=sys.stderr, flush=True)
        chosen = scenes if contender.steps is None else scenes[: args.many_step_layouts]
        pictures, figures = zip(*scored(engine, contender, chosen, segmenter))
        names = ("region_iou", "leakage", "seam", "outside_change")
        means = {n: round(float(np.mean([f[n] for f in figures if n in f])), 4) for n in names}
        kinds = {
            kind: round(float(np.mean([f["region_iou"] for f, asked in zip(figures, chosen) if asked.kind == kind])), 4)
            for kind in dict.fromkeys(layout.kind for layout in chosen)
        }
        rows.append({"method": contender.name, **means, "layouts": len(chosen), "region_iou_by_kind": kinds})
        sheet.append(np.hstack(pictures[: min(8, args.many_step_layouts)]))
    print(end="\r", file=sys.stderr, flush=True)
    if args.picture:
        Image.fromarray(np.vstack([masks_row(scenes[: min(8, args.many_step_layouts)]), *sheet])).save(args.picture)
    return {"model": engine.name, "layouts": len(scenes), "rows": rows}


def masks_row(scenes: list[Layout]) -> np.ndarray:
    """The scenes' masks in flat colors, side by side, so that a sheet shows what was asked."""
    colors = np.array([(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66)], np.uint8)
    tiles = []
    for layout in scenes:
        tile = np.full((layout.scene.height, layout.scene.width, 3), 40, np.uint8)
        for index in range(len(layout.concepts)):
            tile[layout.visible(index)] = colors[index % len(colors)]
        tiles.append(tile)
    return np.hstack(tiles)


def table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['model']}, {result['layouts']} layouts",
        f"{'method':<20} {'region IoU':>10} {'leakage':>8} {'seam':>6} {'outside':>8} {'layouts':>8}  IoU by kind",
    ]
    for r in result["rows"]:
        kinds = ", ".join(f"{kind} {value:.2f}" for kind, value in r["region_iou_by_kind"].items())
        lines.append(
            f"{r['method']:<20} {r['region_iou']:>10.3f} {r['leakage']:>8.3f} {r['seam']:>6.2f} "
            f"{r['outside_change']:>8.3f} {r['layouts']:>8}  {kinds}"
        )
    return "\n".join(lines)


def panels(result: dict[str, Any]) -> list[Bars]:
    """A panel a figure, a bar a method, for ``chart.sheet``."""
    return [
        Bars(title, {row["method"]: row[figure] for row in result["rows"]})
        for figure, title in (
            ("region_iou", "Region IoU: 1 is perfect"),
            ("leakage", "Leakage: 0 is perfect"),
            ("seam", "Seam: 1 is none"),
            ("outside_change", "Change outside an edit, of 255: 0 is perfect"),
        )
    ]
