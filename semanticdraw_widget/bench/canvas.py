"""``bench canvas``: what the canvas costs the browser. First paint, the size of the bundle, and script time per frame
while a trace of pointer events is drawn in a real JupyterLab in Chromium; and whether a point of it was lost.

Needs playwright, JupyterLab and Chromium: ``pip install jupyterlab playwright`` and ``apt-get install chromium``.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ..frontend import static
from . import pen, timeline
from .browser import draw
from .lab import Lab

BRUSH = 28
"""Scene px: the canvas's own brush at first."""
LIMIT_MS = 16
"""What scripts may take of a frame at 60 frames a second."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Draw ``args.events`` pointer events at ``args.rate`` a second with ``args.regions`` regions on a canvas of
    ``args.size`` px a side. Raises RuntimeError where there is no Chromium."""
    browser = chromium()
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)) as lab:
        seen = asyncio.run(draw(lab, browser, args))
    masks = pen.drawn(seen.before, seen.board, seen.path, BRUSH, args.hardness)
    right = all(np.array_equal(mine, theirs) for mine, theirs in zip(masks, seen.after))
    script = [frame.script_ms for frame in seen.frames]
    cpu = [frame.cpu_ms for frame in seen.frames]
    return {
        "events": args.events,
        "sent_a_second": round(seen.sent_a_second, 1),
        "size": args.size,
        "regions": args.regions,
        "hardness": args.hardness,
        "paused": args.paused,
        "points_lost": sum(len(stroke) - 1 for stroke in seen.path) - seen.points,
        "masks_as_drawn": right,
        "screen_as_masks": bool(np.array_equal(seen.screen, pen.tint(seen.after, seen.colors))),
        "frames": len(script),
        "script_ms": spread(script),
        "script_cpu_ms": spread(cpu),
        "frames_over_limit": sum(ms > LIMIT_MS for ms in script),
        "frames_over_limit_cpu": sum(ms > LIMIT_MS for ms in cpu),
        "first_paint_ms": [round(ms) for ms in seen.paints],
        **bundle(),
    }


def spread(values: list[float]) -> dict[str, float]:
    return {
        "p50": round(timeline.percentile(values, 0.5), 2),
        "p95": round(timeline.percentile(values, 0.95), 2),
        "p99": round(timeline.percentile(values, 0.99), 2),
        "max": round(max(values, default=0.0), 2),
    }


def bundle() -> dict[str, int]:
    """Bytes of the front end, script, style and icons together: as they are, and gzipped."""
    parts = [Path(found).read_bytes() if isinstance(found, Path) else found.encode() for found in built()]
    return {
        "bundle_bytes": sum(len(part) for part in parts),
        "bundle_gzip_bytes": sum(len(gzip.compress(part, 9, mtime=0)) for part in parts),
    }


def built() -> list[Path | str]:
    """The front end as it was built. Raises RuntimeError where it was not."""
    parts = [static("widget.js", ""), static("widget.css", "")]
    if not all(parts):
        raise RuntimeError("the front end is not built: npm run build")
    return parts


def chromium() -> str:
    """The path of the Chromium or Chrome that is installed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("bench canvas drives Chromium, and there is none: apt-get install chromium")


def table(result: dict[str, Any]) -> str:
    kept = "no point lost" if result["points_lost"] == 0 else f"{result['points_lost']} POINTS LOST"
    masks = "as drawn" if result["masks_as_drawn"] else "NOT AS DRAWN"
    screen = "as the masks" if result["screen_as_masks"] else "NOT AS THE MASKS"
    beside = "the kernel rests" if result["paused"] else "the kernel paints beside the browser"
    brush = "" if result["hardness"] == 100 else f"a brush of {result['hardness']} % hardness, "
    lines = [
        f"{result['events']} pointer events at {result['sent_a_second']:.0f} a second, {result['size']} x "
        f"{result['size']} px, {result['regions']} regions, {brush}{beside}: "
        f"{kept}; masks in Python {masks}, the screen {screen}",
        "",
        f"| script in {result['frames']} frames | p50, ms | p95, ms | p99, ms | most, ms | over {LIMIT_MS} ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, key, over in (
        ("on the clock", "script_ms", "frames_over_limit"),
        ("of the processor", "script_cpu_ms", "frames_over_limit_cpu"),
    ):
        numbers = " | ".join(f"{result[key][part]:.1f}" for part in ("p50", "p95", "p99", "max"))
        lines.append(f"| {name} | {numbers} | {result[over]} |")
    paints = " and ".join(f"{ms} ms" for ms in result["first_paint_ms"])
    lines += [
        "",
        f"first paint {paints} after the cell runs, the first time and again; front end "
        f"{result['bundle_bytes'] / 1000:.0f} KB, gzipped {result['bundle_gzip_bytes'] / 1000:.0f} KB",
    ]
    return "\n".join(lines)
