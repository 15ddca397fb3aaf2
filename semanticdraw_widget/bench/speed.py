"""``bench speed``: how long an edit takes to show, beside the published system's schedule in the same run."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..engine import Engine
from ..engine.accelerate import OFTEN
from ..scene import Scene
from .chart import Lines
from .contenders import Ours, PublishedSchedule
from .idle import idle
from .machine import PeakMemory, machine
from .operations import matmul_ceiling
from .scenes import edits, scene_with
from .waits import waits_per_frame

TURN = 3  # edits of ours before the other contender's turn
COUNTED = 3  # scenes whose arithmetic is counted: the first, a stroke on it, and a changed prompt


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Milliseconds: the median and the 95th percentile."""
    return {
        "p50": round(float(np.percentile(values, 50)), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
    }


def compare(
    engine: Engine, scenes: list[Scene], steps: int, guidance: float, modes: Sequence[str]
) -> list[dict[str, Any]]:
    """A row for each contender. They take turns, because a machine's speed drifts within a run by more than what is
    to be told apart."""
    contenders: list[Ours | PublishedSchedule] = [Ours(mode, engine, steps, guidance) for mode in modes]
    contenders.append(PublishedSchedule(engine, steps, guidance))
    times: dict[str, list[tuple[float, float]]] = {c.mode: [] for c in contenders}
    peak = dict.fromkeys(times, 0.0)
    frames, seconds = dict.fromkeys(times, 0), dict.fromkeys(times, 0.0)

    def stream(contender: Ours | PublishedSchedule, turn: Sequence[Scene]) -> None:
        start = time.perf_counter()
        frames[contender.mode] += contender.frames(turn)
        seconds[contender.mode] += time.perf_counter() - start

    try:
        for contender in contenders:
            contender.begin(scenes[0])
            if engine.device.type == "cuda":  # whose libraries set themselves up at the first call of each shape
                contender.edits(scenes[1 : 1 + TURN])
                contender.frames(scenes[1 : 1 + TURN])
                contender.edits(scenes[:1])
        for first in range(1, len(scenes), TURN):
            for contender in contenders:
                turn = scenes[first : first + TURN]
                with PeakMemory(engine.device) as memory:
                    times[contender.mode] += contender.edits(turn)
                    if first == 1:  # throughput drifts little, and takes as long to measure as the edits
                        stream(contender, turn)
                peak[contender.mode] = max(peak[contender.mode], memory.peak)
    finally:
        for contender in contenders:
            contender.close()
    return [
        row(
            c.mode,
            times[c.mode],
            frames[c.mode] / seconds[c.mode],
            c.samples,
            peak[c.mode],
            c.operations(scenes[:COUNTED]),
        )
        for c in contenders
    ]


def row(
    mode: str, times: list[tuple[float, float]], fps: float, samples: float, memory: float, operations: float
) -> dict[str, Any]:
    return {
        "mode": mode,
        "first_preview_ms": percentiles([t[0] for t in times]),
        "settled_ms": percentiles([t[1] for t in times]),
        "fps": round(fps, 2),
        "network_samples_per_edit": round(samples, 2),
        "peak_memory_mb": round(memory),
        "gflop_per_edit": round(operations / 1e9, 3),
    }


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """Time ``args.edits`` edits for every count of ``args.regions``, ours first, then the published schedule."""
    steps = args.steps or engine.default_steps
    guidance = engine.default_guidance
    size = engine.default_size if args.size is None else (args.size, args.size)
    torch.manual_seed(args.seed)
    engine.warm_up(size)
    wait_for_quick(engine, [scene_with(count, size, args.seed) for count in args.regions], steps, args.modes)
    ceiling = matmul_ceiling(engine.device, engine.dtype) / 1e9
    rows = []
    for count in args.regions:
        scene = scene_with(count, size, args.seed)
        for measured in compare(engine, [scene, *edits(scene, args.edits, args.seed)], steps, guidance, args.modes):
            reached = 1e3 * measured["gflop_per_edit"] / measured["settled_ms"]["p50"]
            rows.append(
                {
                    "mode": measured.pop("mode"),
                    "regions": count,
                    **measured,
                    "ceiling_share": round(reached / ceiling, 4),
                }
            )
    return {
        "machine": machine(engine.device),
        "model": engine.name,
        "canvas": list(size),
        "steps": steps,
        "matmul_gflops": round(ceiling, 1),
        "compile": args.compile,
        "waits_per_frame": waits_per_frame(engine, scene_with(max(args.regions), size, args.seed), steps),
        "idle": idle(engine, scene_with(max(args.regions), size, args.seed), steps, guidance),
        "rows": rows,
    }


def wait_for_quick(engine: Engine, scenes: Sequence[Scene], steps: int, modes: Sequence[str]) -> None:
    """Where the engine compiles or records its networks, paint until all that comes up often is ready; on a CPU, until
    the operations of its calls are recorded."""
    for _ in range(OFTEN + 2 if engine.compiles else 2):
        for scene in scenes:
            for mode in modes:
                list(engine.stream([scene] * (steps + 1), steps=steps, mode=mode))
                engine.generate(scene, steps=steps, mode=mode)
        engine.wait_for_compiling()


def table(result: dict[str, Any]) -> str:
    """The rows as text, and the ratios that matter."""
    lines = [
        f"{result['model']} {result['canvas'][0]}x{result['canvas'][1]}, {result['steps']} steps, "
        f"{result['machine']['processor']}, {result['machine']['threads']} threads, {result['machine']['device']}",
        f"{'mode':<10} {'regions':>7} {'preview p50/p95 ms':>20} {'settled p50/p95 ms':>20} "
        f"{'fps':>6} {'samples':>8} {'MB':>6} {'GFLOP':>8} {'of ceiling':>10}",
    ]
    for r in result["rows"]:
        preview, settled = (f"{r[k]['p50']:.0f} / {r[k]['p95']:.0f}" for k in ("first_preview_ms", "settled_ms"))
        lines.append(
            f"{r['mode']:<10} {r['regions']:>7} {preview:>20} {settled:>20} {r['fps']:>6.2f} "
            f"{r['network_samples_per_edit']:>8g} {r['peak_memory_mb']:>6} {r['gflop_per_edit']:>8.1f} "
            f"{100 * r['ceiling_share']:>8.1f} %"
        )
    published = {r["regions"]: r for r in result["rows"] if r["mode"] == "published"}
    for ours in result["rows"]:
        theirs = published[ours["regions"]]
        if ours is theirs:
            continue
        preview, settled = (theirs[k]["p50"] / ours[k]["p50"] for k in ("first_preview_ms", "settled_ms"))
        lines.append(
            f"{ours['mode']}, {ours['regions']} regions: first preview {preview:.1f} times and settled frame "
            f"{settled:.1f} times as quick as published, {ours['fps'] / theirs['fps']:.2f} times its frames per second"
        )
    idle = result["idle"]
    lines.append(
        f"the ceiling, a large matrix product: {result['matmul_gflops']:.0f} GFLOP/s; an unchanged scene for "
        f"{idle['seconds']:.0f} s: {idle['cpu_seconds']} s of CPU, {idle['engine_calls']} engine calls"
    )
    if result["waits_per_frame"] is not None:
        lines.append(f"a steady frame waits for the device {result['waits_per_frame']:g} times")
    return "\n".join(lines)


def panels(result: dict[str, Any]) -> list[Lines]:
    """Both latencies and the frames a second by number of regions, a line a mode, for ``chart.sheet``."""

    def lines(read: Any) -> dict[str, list[tuple[float, float]]]:
        found: dict[str, list[tuple[float, float]]] = {}
        for r in result["rows"]:
            found.setdefault(r["mode"], []).append((r["regions"], read(r)))
        return found

    return [
        Lines("Edit to first preview", "regions", "ms", lines(lambda r: r["first_preview_ms"]["p50"]), log_y=True),
        Lines("Edit to settled frame", "regions", "ms", lines(lambda r: r["settled_ms"]["p50"]), log_y=True),
        Lines("Throughput", "regions", "fps", lines(lambda r: r["fps"])),
        Lines("Arithmetic of an edit", "regions", "GFLOP", lines(lambda r: r["gflop_per_edit"]), log_y=True),
    ]
