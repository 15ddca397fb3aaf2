"""``bench speed``: how long an edit takes to show, beside the published system's schedule in the same run."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
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

TURN = 3  # edits of ours before the other contender's turn
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
        self.samples = 0.0
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


class Ours:
    """Our own path from edit to PNG: a real session with its worker thread, newest scene first."""

    def __init__(self, mode: str, engine: Engine, steps: int, guidance: float) -> None:
        self.mode, self.engine, self.steps, self.guidance = mode, engine, steps, guidance
        self.watch, cache = Stopwatch(), EngineCache()
        self.session = self.watch.session = Session(lambda _: cache.lease("bench", lambda: engine), self.watch)
        self.session.start()
        self.session.attach()

    def begin(self, scene: Scene) -> None:
        """Paint what is edited afterwards."""
        self.edit(scene)

    def edit(self, scene: Scene) -> tuple[float, float]:
        return self.watch.begin(partial(self.session.submit, scene, self.steps, self.guidance, self.mode))

    def edits(self, scenes: Sequence[Scene]) -> list[tuple[float, float]]:
        return [self.edit(scene) for scene in scenes]

    def close(self) -> None:
        self.session.close()

    @property
    def samples(self) -> float:
        return self.watch.samples

    def frames(self, scene: Scene) -> int:
        stream = self.engine.stream([scene] * self.steps, steps=self.steps, guidance=self.guidance, mode=self.mode)
        return sum(bool(encode_png(frame.rgb())) for frame in stream)


class PublishedSchedule:
    """The published schedule from edit to PNG. Its first frame after an edit is its settled one."""

    mode = "published"

    def __init__(self, engine: Engine, steps: int, guidance: float) -> None:
        self.pipe, self.samples = Published(engine.twin(), steps, guidance), 0.0

    def begin(self, scene: Scene) -> None: ...
    def close(self) -> None: ...

    def edits(self, scenes: Sequence[Scene]) -> list[tuple[float, float]]:
        """One edit of ``scenes``: it takes several times as long as one of ours."""
        return [self.edit(scene) for scene in scenes[:1]]

    def edit(self, scene: Scene) -> tuple[float, float]:
        self.pipe.engine.warm_up(scene.size)
        before, start = self.pipe.samples, time.perf_counter()
        encode_png(self.pipe.edit(scene))
        took = 1e3 * (time.perf_counter() - start)
        self.samples = self.pipe.samples - before
        return took, took

    def frames(self, scene: Scene) -> int:
        return sum(bool(encode_png(self.pipe.frame())) for _ in range(2))


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

    def stream(contender: Ours | PublishedSchedule, scene: Scene) -> None:
        start = time.perf_counter()
        frames[contender.mode] += contender.frames(scene)
        seconds[contender.mode] += time.perf_counter() - start

    try:
        for contender in contenders:
            contender.begin(scenes[0])
        for first in range(1, len(scenes), TURN):
            for contender in contenders:
                turn = scenes[first : first + TURN]
                with PeakMemory(engine.device) as memory:
                    times[contender.mode] += contender.edits(turn)
                    if first == 1:  # throughput drifts little, and takes as long to measure as the edits
                        stream(contender, turn[0])
                peak[contender.mode] = max(peak[contender.mode], memory.peak)
    finally:
        for contender in contenders:
            contender.close()
    return [row(c.mode, times[c.mode], frames[c.mode] / seconds[c.mode], c.samples, peak[c.mode]) for c in contenders]


def row(mode: str, times: list[tuple[float, float]], fps: float, samples: float, memory: float) -> dict[str, Any]:
    return {
        "mode": mode,
        "first_preview_ms": percentiles([t[0] for t in times]),
        "settled_ms": percentiles([t[1] for t in times]),
        "fps": round(fps, 2),
        "network_samples_per_edit": round(samples, 2),
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
        for measured in compare(engine, [scene, *edits(scene, args.edits, args.seed)], steps, guidance, args.modes):
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
            f"{r['network_samples_per_edit']:>8g} {r['peak_memory_mb']:>6}"
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
    return "\n".join(lines)
