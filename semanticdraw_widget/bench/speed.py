"""``bench speed``: how long an edit takes to show, beside the published system's schedule in the same run."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch

from ..engine import Engine
from ..engine_cache import EngineCache
from ..frames import encode_png
from ..jobs import Picture
from ..masks import draw_stroke
from ..protocol import FrameMessage
from ..scene import Region, Scene
from ..session import Session
from .machine import PeakMemory, machine
from .published import Published

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


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Milliseconds: the median and the 95th percentile."""
    return {
        "p50": round(float(np.percentile(values, 50)), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
    }


class Stopwatch:
    """A session's listener that notes when the first preview and the settled frame of an edit arrive."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.preview = self.settled = 0.0
        self.samples = 0
        self.revision = -1
        self.done = threading.Event()

    def begin(self, submit: Callable[[], int]) -> tuple[float, float]:
        """Submit an edit and wait for it; milliseconds to its first preview and to its settled frame."""
        self.done.clear()
        self.preview = 0.0
        start = time.perf_counter()
        self.revision = submit()
        if not self.done.wait(timeout=600):
            raise TimeoutError("an edit did not settle within 600 s")
        return 1e3 * (self.preview - start), 1e3 * (self.settled - start)

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        now = time.perf_counter()
        assert self.session is not None
        self.session.confirm(message.seq)
        self.preview = self.preview or now
        if message.kind == "settled" and message.revision == self.revision:
            self.settled, self.samples = now, message.stats["samples"]
            self.done.set()

    def on_settled(self, picture: Picture) -> None: ...
    def on_status(self, status: Any) -> None: ...
    def on_notices(self, notices: Any) -> None: ...
    def on_engine(self, engine: Engine) -> None: ...

    def on_error(self, error: Any) -> None:
        if error is not None:
            self.done.set()
            raise RuntimeError(error.message)


def measure_exact(engine: Engine, scenes: list[Scene], steps: int, guidance: float) -> dict[str, Any]:
    """Our own path from edit to PNG: a real session with its worker thread, newest scene first."""
    watch, cache = Stopwatch(), EngineCache()
    with PeakMemory(engine.device) as memory:
        session = watch.session = Session(lambda progress: cache.lease("bench", lambda: engine), watch)
        try:
            session.start()
            session.attach()
            watch.begin(lambda: session.submit(scenes[0], steps, guidance))
            times = [watch.begin(lambda s=s: session.submit(s, steps, guidance)) for s in scenes[1:]]  # type: ignore[misc]
        finally:
            session.close()
        start, count = time.perf_counter(), 0
        for frame in engine.stream(scenes, steps=steps, guidance=guidance):
            encode_png(frame.rgb())
            count += 1
        fps = count / (time.perf_counter() - start)
    return row("exact", times, fps, watch.samples, memory.peak)


def measure_published(engine: Engine, scenes: list[Scene], steps: int, guidance: float) -> dict[str, Any]:
    """The published schedule from edit to PNG. Its first frame after an edit is its settled one."""
    pipe, times = Published(engine, steps, guidance), []
    with PeakMemory(engine.device) as memory:
        encode_png(pipe.edit(scenes[0]))
        for scene in scenes[1:]:
            before, start = pipe.samples, time.perf_counter()
            encode_png(pipe.edit(scene))
            took = 1e3 * (time.perf_counter() - start)
            times.append((took, took))
            samples = pipe.samples - before
        start, count = time.perf_counter(), max(3, len(scenes) // 3)
        for _ in range(count):
            encode_png(pipe.frame())
        fps = count / (time.perf_counter() - start)
    return row("published", times, fps, samples, memory.peak)


def row(mode: str, times: list[tuple[float, float]], fps: float, samples: int, memory: float) -> dict[str, Any]:
    return {
        "mode": mode,
        "first_preview_ms": percentiles([t[0] for t in times]),
        "settled_ms": percentiles([t[1] for t in times]),
        "fps": round(fps, 2),
        "network_samples_per_edit": samples,
        "peak_memory_mb": round(memory),
    }


def run(engine: Engine, args: argparse.Namespace) -> dict[str, Any]:
    """Time ``args.edits`` edits for every count of ``args.regions``, ours first, then the published schedule."""
    steps = args.steps or engine.default_steps
    guidance = engine.default_guidance
    torch.manual_seed(args.seed)
    engine.warm_up()
    rows = []
    for count in args.regions:
        scene = scene_with(count, engine.default_size, args.seed)
        scenes = [scene, *edits(scene, args.edits, args.seed)]
        few = scenes[: max(4, args.edits // 3) + 1]  # an edit of the published kind takes several times as long
        for measured in (
            measure_exact(engine, scenes, steps, guidance),
            measure_published(engine, few, steps, guidance),
        ):
            rows.append({"mode": measured.pop("mode"), "regions": count, **measured})
    return {
        "machine": machine(engine.device),
        "model": engine.name,
        "canvas": list(engine.default_size),
        "steps": steps,
        "rows": rows,
    }


def table(result: dict[str, Any]) -> str:
    """The rows as text, and the ratios that matter."""
    lines = [
        f"{result['model']} {result['canvas'][0]}x{result['canvas'][1]}, {result['steps']} steps, "
        f"{result['machine']['processor']}, {result['machine']['threads']} threads, {result['machine']['device']}",
        f"{'mode':<10} {'regions':>7} {'preview p50/p95 ms':>20} {'settled p50/p95 ms':>20} "
        f"{'fps':>6} {'samples':>8} {'MB':>6}",
    ]
    for r in result["rows"]:
        preview, settled = (f"{r[k]['p50']:.0f} / {r[k]['p95']:.0f}" for k in ("first_preview_ms", "settled_ms"))
        lines.append(
            f"{r['mode']:<10} {r['regions']:>7} {preview:>20} {settled:>20} {r['fps']:>6.2f} "
            f"{r['network_samples_per_edit']:>8} {r['peak_memory_mb']:>6}"
        )
    for count in dict.fromkeys(r["regions"] for r in result["rows"]):
        ours, theirs = (
            next(r for r in result["rows"] if r["regions"] == count and r["mode"] == mode)
            for mode in ("exact", "published")
        )
        preview, settled = (theirs[k]["p50"] / ours[k]["p50"] for k in ("first_preview_ms", "settled_ms"))
        lines.append(
            f"{count} regions: first preview {preview:.1f} times and settled frame {settled:.1f} times as quick "
            f"as published, {ours['fps'] / theirs['fps']:.2f} times its frames per second"
        )
    return "\n".join(lines)
