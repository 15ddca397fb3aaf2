"""``bench scale``: how an edit's cost grows with what it changes, with regions, with the canvas and with steps.

Times are from a scene to its settled picture as a PNG, without previews. What is compared takes turns, round by round,
and a ratio is the median over the rounds of each one's own ratio: a machine's speed drifts between rounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..engine import Engine, Frame, OutOfMemory
from ..engine.increment import Trajectory
from ..frames import encode_png
from ..scene import Scene
from .chart import Lines
from .machine import machine
from .scenes import PROMPTS, prompted, scene_with, with_box

SIDES = (256, 384, 512, 768, 1024)
MOST_ON_A_CPU = 512
READY = 3  # runs of each mode after which a CPU has recorded what a network call does
REGIONS = 3  # where their number is not what varies
BARS = {"dirty_area": 1 / 3, "regions": 1.5}


@dataclass(frozen=True)
class Point:
    """What is timed: a scene in a mode. value: of what varies."""

    value: int
    mode: str
    scene: Scene
    steps: int


class Clock:
    """Times runs of one engine under one guidance. notes: what could not be measured, and why."""

    def __init__(self, engine: Engine, guidance: float, rounds: int) -> None:
        self.engine, self.guidance, self.rounds = engine, guidance, rounds
        self.notes: list[str] = []

    def settle(self, scene: Scene, steps: int, mode: str, after: Trajectory | None = None) -> tuple[float, Frame]:
        """Milliseconds to the settled PNG of ``scene``, and its frame."""
        start = time.perf_counter()
        *_, frame = self.engine.denoise(scene, steps=steps, guidance=self.guidance, mode=mode, after=after)
        encode_png(frame.rgb())
        return 1e3 * (time.perf_counter() - start), frame

    def grown(self, name: str, points: Iterable[Point]) -> list[dict[str, Any]]:
        """A row a point: its median, and its ratio to the first point of its mode. A point that memory has no room
        for is left out."""
        times: dict[Point, list[float]] = {point: [] for point in points}
        for number in range(self.rounds):
            tell(f"{name}, round {number + 1} of {self.rounds}")
            for point in list(times):
                try:
                    times[point].append(self.settle(prompted(point.scene, number), point.steps, point.mode)[0])
                except OutOfMemory as error:
                    self.notes.append(f"{name} {point.value}, {point.mode}: {error.message}")
                    del times[point]
        rows = []
        for point, taken in times.items():
            base = next(other for p, other in times.items() if p.mode == point.mode)
            rows.append(
                {
                    name: point.value,
                    "mode": point.mode,
                    "settled_ms": round(median(taken), 1),
                    "ratio": round(median(a / b for a, b in zip(taken, base)), 3),
                }
            )
        return rows

    def dirty(self, scene: Scene, parts: Sequence[int], steps: int) -> list[dict[str, Any]]:
        """A row for each of ``parts``: an edit in a box of one such part of the canvas, in mode "increment", against
        painting the whole scene in the same mode."""
        rows = []
        scenes = {part: with_box(scene, 1 / part) for part in parts}
        times: dict[int, list[tuple[float, float]]] = {part: [] for part in parts}
        samples: dict[int, tuple[float, float]] = {}
        for number in range(self.rounds):
            tell(f"dirty area, round {number + 1} of {self.rounds}")
            for part, boxed in scenes.items():
                whole, before = self.settle(prompted(boxed, 2 * number), steps, "increment")
                edit = prompted(boxed, 2 * number + 1)
                quick, frame = self.settle(edit, steps, "increment", before.trajectory)
                times[part].append((quick, whole))
                samples[part] = frame.samples, before.samples
        for part, taken in times.items():
            mask = scenes[part].regions[-1].mask
            rows.append(
                {
                    "share": round(float((mask > 0).mean()), 4),
                    "increment_ms": round(median(quick for quick, _ in taken), 1),
                    "full_ms": round(median(whole for _, whole in taken), 1),
                    "ratio": round(median(quick / whole for quick, whole in taken), 3),
                    "network_samples": round(samples[part][0], 2),
                    "full_network_samples": round(samples[part][1], 2),
                }
            )
        return rows


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """All four series, each as its argument asks: an empty one is left out."""
    size = engine.default_size if args.size is None else (args.size, args.size)
    steps, modes = args.steps or engine.default_steps, args.modes
    clock = Clock(engine, engine.default_guidance, args.rounds)
    scene = scene_with(REGIONS, size, args.seed)
    engine.plan(scene_with(len(PROMPTS), size, args.seed), steps, engine.default_guidance)  # embeds every prompt
    for _ in range(READY):
        clock.settle(scene, steps, "exact")
        clock.settle(scene, steps, "masked")
        engine.wait_for_compiling()
    sides = args.sides
    if sides is None:
        sides = [side for side in SIDES if engine.device.type != "cpu" or side <= MOST_ON_A_CPU]
    by_regions = [Point(n, mode, scene_with(n, size, args.seed), steps) for n in args.regions for mode in modes]
    by_side = [Point(n, mode, scene_with(REGIONS, (n, n), args.seed), steps) for n in sides for mode in modes]
    by_steps = [Point(n, mode, scene, n) for n in args.step_counts for mode in modes]
    result = {
        "machine": machine(engine.device),
        "model": engine.name,
        "canvas": list(size),
        "steps": steps,
        "rounds": args.rounds,
        "dirty_area": clock.dirty(scene, args.dirty_areas, steps),
        "regions": clock.grown("regions", by_regions),
        "side": clock.grown("side", by_side),
        "step_counts": clock.grown("steps", by_steps),
        "notes": clock.notes,
    }
    tell("")
    return {**result, "bars": bars(result)}


def bars(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The ratios that were promised, as far as they were measured."""
    found = [
        ("a dirty box of 1/16 of the canvas, of a full recompute", row["ratio"], BARS["dirty_area"])
        for row in result["dirty_area"]
        if abs(row["share"] - 1 / 16) < 0.005
    ]
    masked = {row["regions"]: row["ratio"] for row in result["regions"] if row["mode"] == "masked"}
    if 1 in masked and 9 in masked:
        found.append(("9 regions of 1 region, masked", masked[9] / masked[1], BARS["regions"]))
    return [
        {"what": what, "ratio": round(ratio, 3), "limit": round(limit, 3), "met": ratio <= limit}
        for what, ratio, limit in found
    ]


def tell(stage: str) -> None:
    print(f"\r{stage:<40}", end="" if stage else "\r", file=sys.stderr, flush=True)


def table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['model']} {result['canvas'][0]}x{result['canvas'][1]}, {result['steps']} steps, "
        f"{result['machine']['processor']}, {result['machine']['threads']} threads, {result['machine']['device']}"
    ]
    if result["dirty_area"]:
        lines.append(f"{'dirty box':<12} {'increment ms':>12} {'in full ms':>12} {'ratio':>7} {'samples':>14}")
    lines += [
        f"{part(row['share']):<12} {row['increment_ms']:>12.0f} {row['full_ms']:>12.0f} {row['ratio']:>7.2f} "
        f"{row['network_samples']:>6g} of {row['full_network_samples']:g}"
        for row in result["dirty_area"]
    ]
    for series, name in (("regions", "regions"), ("side", "side"), ("step_counts", "steps")):
        if result[series]:
            lines.append(f"{name:<12} {'mode':<10} {'settled ms':>12} {'ratio':>7}")
        lines += [
            f"{row[name]:<12} {row['mode']:<10} {row['settled_ms']:>12.0f} {row['ratio']:>7.2f}"
            for row in result[series]
        ]
    lines += [
        f"{bar['what']}: {bar['ratio']:.2f}, asked for {bar['limit']:.2f} at most: {'met' if bar['met'] else 'MISSED'}"
        for bar in result["bars"]
    ]
    return "\n".join([*lines, *result["notes"]])


def part(share: float) -> str:
    return f"1/{round(1 / share)}" if share < 0.75 else "1"


def panels(result: dict[str, Any]) -> list[Lines]:
    """A panel a series, for ``chart.sheet``."""
    found = []
    if result["dirty_area"]:
        points = [(row["share"], row["ratio"]) for row in result["dirty_area"]]
        names = {share: part(share) for share, _ in points}
        found.append(
            Lines(
                "An edit, of a full recompute (at 1/16: 1/3 at most)",
                "dirty box, share of the canvas",
                "ratio",
                {"increment": points},
                log_x=True,
                names=names,
                limit=BARS["dirty_area"],
            )
        )
    for series, name, title in (
        ("regions", "regions", "By number of regions"),
        ("side", "side", "By canvas side in pixels"),
        ("step_counts", "steps", "By denoising steps"),
    ):
        lines: dict[str, list[tuple[float, float]]] = {}
        for row in result[series]:
            lines.setdefault(row["mode"], []).append((row[name], row["settled_ms"]))
        if lines:
            found.append(Lines(title, name, "settled, ms", lines))
    return found
