"""``bench fidelity``: does each region show what was asked, and nothing else? The paper's ablation on our model.

Scenes are random with known masks (``layouts``), pictures are read by the segmenter, and the figures are those of
``measures``. Beside them stands the Fréchet distance (``frechet``) of the segmenter's features to pictures that the
painter, crayon's only teacher, paints of such scenes: near 0 if they look alike as a whole. It hardly tells these
methods apart where pixels do, and few pictures make it too large: hold it only against that of as many pictures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..crayon.painter import paint
from ..crayon.segmenter import WEIGHTS, Segmenter
from ..crayon.vocabulary import OBJECTS
from ..engine import EXACT, Engine, Method
from ..engine.method import CROPS, MASKED
from ..scene import Scene
from .chart import Bars
from .frechet import frechet
from .layouts import Layout, layouts
from .measures import color_accuracy, outside_change, score
from .painting import painted_layout

MANY_STEPS = 50
PAINTED = 200  # pictures of the painter, at least, that the Fréchet distance is taken to
PAINTER_SEED = 20251
FIGURES = {
    "region_iou": "Region IoU: 1 is perfect",
    "leakage": "Leakage: 0 is perfect",
    "seam": "Seam: 1 is none",
    "outside_change": "Change outside an edit, of 255: 0 is perfect",
    "color_accuracy": "Regions in the color asked for: 1 is perfect",
    "frechet": "Fréchet distance to the painter: 0 is perfect",
}
UNREPAIRED = "multidiffusion-lcm"
BARE = Method(pre_averaging=False, centring_steps=0, cover_order=False, quantise="none")


@dataclass(frozen=True)
class Contender:
    """A row of the table: the method (None: the painter, in the model's place), and its steps (None: the model's own).

    increment: the scene is an edit of another one, whose picture is changed into this one's.
    """

    name: str
    method: Method | None
    steps: int | None = None
    increment: bool = False


# The paper's ablation: each row adds one part to the row above. The cover order comes with the quantised masks, as the
# first step of what section 3.4 makes of them. Then the quicker modes, each to be held against ``exact``. The painter
# comes first, for what there is to reach.
CONTENDERS = (
    Contender("painter", None),
    Contender(f"multidiffusion-{MANY_STEPS}", replace(BARE, sampler="ddim"), MANY_STEPS),
    Contender(UNREPAIRED, BARE),
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
        if contender.method is None:
            rgb = painted_layout(layout)
        elif contender.increment:
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


def painted(segmenter: Segmenter, count: int, size: int) -> np.ndarray:
    """The features of ``count`` pictures of the painter, ``size`` pixels a side and always the same ones: float32
    (count, features). Plain ones, for no layout asks for a style."""
    rng = np.random.default_rng(PAINTER_SEED)
    return np.stack([segmenter.features(paint(rng, size, styled=0).rgb) for _ in range(count)])


def mean_of(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def row_of(
    contender: Contender,
    chosen: list[Layout],
    pictures: Sequence[np.ndarray],
    figures: Sequence[dict[str, float]],
    segmenter: Segmenter,
    aim: np.ndarray,
) -> dict[str, Any]:
    """A contender's row: means over its pictures, ``chosen`` having asked for them. aim: see ``painted``.

    None stands where there is nothing to measure: colors that no layout asks for, the spread of a single picture, the
    painter's edits.
    """
    names = ("region_iou", "leakage", "seam", "outside_change")
    means = {n: mean_of([f[n] for f in figures if n in f]) for n in names}
    colors = color_accuracy((layout, segmenter.color_map(rgb)) for layout, rgb in zip(chosen, pictures))
    distance = frechet(np.stack([segmenter.features(rgb) for rgb in pictures]), aim) if len(pictures) > 1 else None
    kinds = {
        kind: round(float(np.mean([f["region_iou"] for f, asked in zip(figures, chosen) if asked.kind == kind])), 4)
        for kind in dict.fromkeys(layout.kind for layout in chosen)
    }
    return {
        "method": contender.name,
        **means,
        "color_accuracy": None if colors is None else round(colors, 4),
        "frechet": None if distance is None else float(f"{distance:.4g}"),
        "layouts": len(chosen),
        "region_iou_by_kind": kinds,
    }


def ahead(figures: Sequence[dict[str, float]], base: Sequence[dict[str, float]]) -> dict[str, float] | None:
    """By how much the region IoU is above that of ``base`` on the same layouts, and the standard error of that. Layouts
    differ by far more than methods do, so only the pairs tell."""
    if len(figures) != len(base) or len(base) < 2:
        return None
    by = np.array([a["region_iou"] - b["region_iou"] for a, b in zip(figures, base)])
    return {"by": round(float(by.mean()), 4), "error": round(float(by.std(ddof=1) / len(by) ** 0.5), 4)}


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """Score the contenders on ``args.layouts`` scenes; the many-step one, a dozen times dearer, on fewer."""
    segmenter = Segmenter.load()
    size = engine.default_size[0]
    scenes = layouts(args.layouts, args.seed, size)
    contenders = [one for one in CONTENDERS if args.only is None or one.name in args.only]
    tell("the painter's pictures")
    aim = painted(segmenter, max(len(scenes), PAINTED), size)
    rows, sheet = [], []
    found: dict[str, Sequence[dict[str, float]]] = {}
    for number, contender in enumerate(contenders):
        tell(f"{number}/{len(contenders)} {contender.name}")
        chosen = scenes if contender.steps is None else scenes[: args.many_step_layouts]
        pictures, figures = zip(*scored(engine, contender, chosen, segmenter))
        rows.append(row_of(contender, chosen, pictures, figures, segmenter, aim))
        found[contender.name] = figures
        sheet.append(np.hstack(pictures[: min(8, args.many_step_layouts)]))
    for row in rows:
        mine = row["method"]
        row["ahead_of_unrepaired"] = None if mine == UNREPAIRED else ahead(found[mine], found.get(UNREPAIRED, ()))
    tell("")
    if args.picture:
        Image.fromarray(np.vstack([masks_row(scenes[: min(8, args.many_step_layouts)]), *sheet])).save(args.picture)
    result: dict[str, Any] = {"model": engine.name, "layouts": len(scenes), "rows": rows}
    if args.segmenter and (accuracy := segmenter_accuracy(WEIGHTS.with_name("semanticdraw.json"))):
        result["segmenter_accuracy"] = accuracy
    return result


def tell(stage: str) -> None:
    print(f"\r{stage:<40}", end="" if stage else "\r", file=sys.stderr, flush=True)


def segmenter_accuracy(path: Path) -> dict[str, dict[str, float]]:
    """What ``path``, the model's semanticdraw.json, tells of the segmenter: the shares, 0 to 1, of the pixels of
    held-out pictures that it reads right, "painted" ones and as "rendered" by the codec; {} if it tells nothing."""
    about = json.loads(path.read_text()) if path.exists() else {}
    return dict(about.get("training", {}).get("segmenter_accuracy", {}))


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
    lines = [f"{result['model']}, {result['layouts']} layouts"]
    for how, shares in result.get("segmenter_accuracy", {}).items():
        lines.append(f"segmenter, held-out pixels read right, {how}: {percentages(shares)}")
    lines.append(
        f"{'method':<20} {'region IoU':>10} {'leakage':>8} {'seam':>6} {'outside':>8} {'color':>6} {'Fréchet':>8} "
        f"{'layouts':>8} {'ahead':>14}  IoU by kind"
    )
    for r in result["rows"]:
        kinds = ", ".join(f"{kind} {value:.2f}" for kind, value in r["region_iou_by_kind"].items())
        lines.append(
            f"{r['method']:<20} {r['region_iou']:>10.3f} {r['leakage']:>8.3f} {r['seam']:>6.2f} "
            f"{figure(r['outside_change'], '.3f'):>8} {figure(r['color_accuracy'], '.2f'):>6} "
            f"{figure(r['frechet'], '.3g'):>8} {r['layouts']:>8} {lead(r['ahead_of_unrepaired']):>14}  {kinds}"
        )
    lines.append(f"ahead: region IoU above that of {UNREPAIRED} on the same layouts, and the standard error of that")
    return "\n".join(lines)


def lead(ahead: Mapping[str, float] | None) -> str:
    return "-" if ahead is None else f"{ahead['by']:+.3f} ± {ahead['error']:.3f}"


def percentages(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{what} {100 * share:.1f} %" for what, share in shares.items())


def figure(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)


def panels(result: dict[str, Any]) -> list[Bars]:
    """A panel a figure, a bar a method that has it, for ``chart.sheet``."""
    return [
        Bars(title, {row["method"]: row[name] for row in result["rows"] if row[name] is not None})
        for name, title in FIGURES.items()
    ]
