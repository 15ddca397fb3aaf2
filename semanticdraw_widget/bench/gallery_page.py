"""``bench scenes``: the scenes of ``gallery``, painted by the model, on one page."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..engine import Engine
from .gallery import sketches
from .page import page

COLUMNS = 6


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """Paint every scene in ``args.mode`` and write the page to ``args.to``."""
    tiles, rows = [], []
    for number, sketch in enumerate(chosen := sketches()):
        print(f"\r{number}/{len(chosen)} {sketch.title:<30}", end="", file=sys.stderr, flush=True)
        scene = sketch.scene()
        *_, frame = engine.denoise(scene, mode=args.mode)
        tiles.append((sketch.title, frame.rgb()))
        rows.append({"title": sketch.title, "background": scene.background.prompt, "regions": len(scene.regions)})
    print(f"\r{'':<40}", end="\r", file=sys.stderr, flush=True)
    args.to.parent.mkdir(parents=True, exist_ok=True)
    page(tiles, COLUMNS).save(args.to, optimize=True)
    return {"model": engine.name, "mode": args.mode, "page": str(args.to), "scenes": rows}


def table(result: dict[str, Any]) -> str:
    return f"{result['model']}, {result['mode']}: {len(result['scenes'])} scenes in {result['page']}"
