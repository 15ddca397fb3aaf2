"""``bench stroke``: what a canvas sees of a pen that moves, under each way to follow it.

A pen draws a region over three others, so many scenes a second, through a real session. Frames count as they leave for
the canvas, encoded as PNG. A picture is as late as its scene is old then.
"""

from __future__ import annotations

import argparse
import math
import time
from statistics import median
from typing import Any

import numpy as np

from ..engine import Engine
from ..engine_cache import EngineCache
from ..jobs import Settings
from ..masks import draw_stroke
from ..protocol import FrameMessage
from ..scene import Region, Scene
from ..session import Session
from .contenders import Stopwatch
from .machine import machine
from .scenes import scene_with

REGIONS = 3
AFRESH = 240  # moves after which the pen begins with an empty region again, or it would draw where it was


class Shown(Stopwatch):
    """A session's listener that notes each frame: when it left, of which revision, and whether it was finished."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[tuple[float, int, bool]] = []

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        self.frames.append((time.perf_counter(), message.revision, message.step == message.steps))
        super().on_frame(message, png)


def path(scene: Scene, moves: int) -> list[Scene]:
    """``moves`` scenes, in each of which the pen has come a little further in a region on top of ``scene``'s."""
    width, height = scene.size
    mask, last = np.zeros((height, width), np.uint8), None
    result = []
    for i in range(moves):
        t = i / 60
        x, y = width * (0.5 + 0.4 * math.sin(1.3 * t)), height * (0.5 + 0.4 * math.sin(1.9 * t + 1))
        here = (round(16 * x), round(16 * y))
        if i % AFRESH == 0:
            mask, last = np.zeros_like(mask), None
        mask, last = draw_stroke(mask, [last or here, here], max(4, width // 16)), here
        result.append(scene.replace(regions=(*scene.regions, Region("cloud", mask, id="drawn"))))
    return result


def follow(engine: Engine, scenes: list[Scene], rate: float, settings: Settings) -> dict[str, Any]:
    """Draw ``scenes``, the first of them to begin with, ``rate`` a second."""
    watch, cache = Shown(), EngineCache()
    session = watch.session = Session(lambda _: cache.lease("bench", lambda: engine), watch)
    session.start()
    session.attach()
    try:
        watch.wait(session.submit(scenes[0], settings))
        watch.frames.clear()
        asked: dict[int, float] = {}
        revision = 0
        start = time.perf_counter()
        for i, scene in enumerate(scenes[1:]):
            time.sleep(max(0.0, start + i / rate - time.perf_counter()))
            now = time.perf_counter()
            revision = session.submit(scene, settings)
            asked.setdefault(revision, now)
        lifted = time.perf_counter()
        settled = watch.wait(revision) - lifted
    finally:
        session.close()
    seen = [(at - asked[of], finished) for at, of, finished in watch.frames if at <= lifted and of in asked]
    seconds = lifted - start
    late = [1e3 * age for age, _ in seen]
    return {
        "scheduling": settings.scheduling,
        "frames_per_second": round(len(seen) / seconds, 2),
        "finished_per_second": round(sum(finished for _, finished in seen) / seconds, 2),
        "late_ms": round(median(late), 1) if late else None,
        "settled_after_ms": round(1e3 * settled, 1),
    }


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    size = engine.default_size if args.size is None else (args.size, args.size)
    steps = args.steps or engine.default_steps
    scenes = path(scene_with(REGIONS, size, args.seed), max(2, round(args.seconds * args.rate)))
    ways = [Settings(steps, engine.default_guidance, args.mode, scheduling=scheduling) for scheduling in args.schedules]
    for way in ways:  # records what the network's calls do, in every size that the pen asks for
        follow(engine, scenes, args.rate, way)
        engine.wait_for_compiling()
    *_, cost = engine.tick_costs(size, steps)
    return {
        "machine": machine(engine.device),
        "model": engine.name,
        "canvas": list(size),
        "steps": steps,
        "mode": args.mode,
        "moves_per_second": args.rate,
        "tick_cost": round(cost or 0.0, 2),
        "rows": [follow(engine, scenes, args.rate, way) for way in ways],
    }


def table(result: dict[str, Any]) -> str:
    width, height = result["canvas"]
    lines = [
        f"{result['model']}, {width}x{height}, {result['steps']} steps, mode {result['mode']}, a pen of "
        f"{result['moves_per_second']:g} scenes a second; a full tick takes {result['tick_cost']} times a step",
        f"{'scheduling':12}{'frames/s':>10}{'finished/s':>12}{'late, ms':>10}{'settled after, ms':>19}",
    ]
    for row in result["rows"]:
        late = "-" if row["late_ms"] is None else f"{row['late_ms']:.0f}"
        lines.append(
            f"{row['scheduling']:12}{row['frames_per_second']:>10.1f}{row['finished_per_second']:>12.1f}{late:>10}"
            f"{row['settled_after_ms']:>19.0f}"
        )
    return "\n".join(lines)
