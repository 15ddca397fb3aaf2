"""A session's two neighbors for tests: an engine that steps when told to, and a listener that records."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from semanticdraw_widget.engine_cache import EngineCache, Lease
from semanticdraw_widget.jobs import Picture
from semanticdraw_widget.protocol import ErrorMessage, FrameMessage, StatusMessage
from semanticdraw_widget.scene import Scene

STEPS = 4


def until(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until `condition()` is true; fail after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"still not true after {timeout} s")
        time.sleep(0.002)


class FakeTrajectory(str):
    """One that says whose it is."""

    nbytes = 0


@dataclass
class FakeFrame:
    """One step's result: a flat gray that depends on the scene's seed and the step."""

    scene: Scene
    step: int
    steps: int
    engine: FakeEngine

    @property
    def settled(self) -> bool:
        return self.step == self.steps

    @property
    def samples(self) -> int:
        return 3 * self.step

    mode = "exact"

    @property
    def trajectory(self) -> FakeTrajectory | None:
        return FakeTrajectory(f"trajectory of {self.scene.seed}") if self.settled else None

    def rgb(self) -> np.ndarray:
        self.engine.decoded.append((self.scene.seed, self.step))
        time.sleep(self.engine.decode_seconds)
        width, height = self.scene.size
        return np.full((height, width, 3), (self.scene.seed * 10 + self.step) % 256, np.uint8)


class FakeEngine:
    """Denoises nothing, but keeps count. With `hold()` every further step waits for `step()`."""

    name = "fake"
    device = torch.device("cpu")
    dtype = "float32"
    default_size = (32, 32)
    default_steps = STEPS
    default_guidance = 1.0
    takes_guidance = False
    vocabulary: dict[str, list[str]] = {"backgrounds": ["sky"], "objects": ["house"]}
    palette = b""
    memory_mib = 12.34

    def __init__(self) -> None:
        self.runs: list[int] = []
        """Seeds of the scenes that were started."""
        self.scenes: list[Scene] = []
        """The scenes themselves."""
        self.after: list[Any] = []
        """What each run was to start from."""
        self.cfgs: list[str] = []
        self.hurries: list[bool] = []
        """How guidance worked in each run."""
        self.steps_done: list[tuple[int, int]] = []
        self.decoded: list[tuple[int, int]] = []
        self.warmed: list[tuple[int, int]] = []
        self.step_seconds = 0.0
        self.decode_seconds = 0.0
        self.failure: Exception | None = None
        self.fail_at_step = 1
        self._allowed: threading.Semaphore | None = None

    def hold(self) -> None:
        self._allowed = threading.Semaphore(0)

    def step(self, count: int = 1) -> None:
        assert self._allowed is not None
        self._allowed.release(count)

    def sampler(self, name: str | None, steps: int) -> Any:
        return SimpleNamespace(levels=[1 - i / steps for i in range(steps)])

    def warm_up(self, size: tuple[int, int]) -> None:
        self.warmed.append(size)

    def notices(
        self, scene: Scene, guidance: float | None = None, *, cfg: str = "auto", **_: Any
    ) -> dict[str, list[dict[str, Any]]]:
        told = {r.id: [{"code": "empty_prompt", "message": "no prompt"}] for r in scene.regions if not r.prompt}
        if cfg in ("none", "self"):
            unused = [{"code": "negative_unused", "message": f"cfg is {cfg}"}]
            told |= {r.id: unused for r in scene.regions if r.negative_prompt}
        return told

    def unknown_words(self, prompt: str) -> list[str]:
        return []

    def denoise(
        self,
        scene: Scene,
        *,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "auto",
        cfg: str = "auto",
        after: Any = None,
        anew: bool = False,
        hurry: bool = True,
    ) -> Iterator[FakeFrame]:
        self.runs.append(scene.seed)
        self.scenes.append(scene)
        self.after.append(after)
        self.cfgs.append(cfg)
        self.hurries.append(hurry)
        for step in range(1, (steps or STEPS) + 1):
            if self._allowed is not None:
                assert self._allowed.acquire(timeout=10), "nobody let the engine step"
            time.sleep(self.step_seconds)
            if self.failure is not None and step == self.fail_at_step:
                raise self.failure
            self.steps_done.append((scene.seed, step))
            yield FakeFrame(scene, step, steps or STEPS, self)


class Recorder:
    """A listener that keeps everything, and confirms frames at once if `confirm` is set."""

    def __init__(self) -> None:
        self.frames: list[FrameMessage] = []
        self.pngs: list[bytes] = []
        self.pictures: list[Picture] = []
        self.statuses: list[StatusMessage] = []
        self.errors: list[ErrorMessage | None] = []
        self.notices: list[Any] = []
        self.engines: list[Any] = []
        self.confirm: Callable[[int], None] | None = None
        self.broken = False

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        self.frames.append(message)
        self.pngs.append(png)
        if self.broken:
            raise RuntimeError("the comm is closed")
        if self.confirm is not None:
            self.confirm(message.seq)

    def on_settled(self, picture: Picture) -> None:
        self.pictures.append(picture)

    def on_status(self, status: StatusMessage) -> None:
        self.statuses.append(status)

    def on_error(self, error: ErrorMessage | None) -> None:
        self.errors.append(error)

    def on_notices(self, notices: Any) -> None:
        self.notices.append(notices)

    def on_engine(self, engine: Any) -> None:
        self.engines.append(engine)

    @property
    def kinds(self) -> list[str]:
        return [frame.kind for frame in self.frames]

    @property
    def states(self) -> list[str]:
        """States in order, each counted once while it lasts."""
        states: list[str] = []
        for status in self.statuses:
            if not states or states[-1] != status.state:
                states.append(status.state)
        return states


class Loader:
    """Leases one FakeEngine from a cache of its own; fails while `failure` is set."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.cache = EngineCache()
        self.loads = 0
        self.seconds = 0.0
        self.failure: Exception | None = None

    def __call__(self, progress: Callable[[str, float], None]) -> Lease:
        def load() -> FakeEngine:
            self.loads += 1
            progress("weights", 0.5)
            time.sleep(self.seconds)
            if self.failure is not None:
                raise self.failure
            progress("weights", 1.0)
            return self.engine

        return self.cache.lease("fake", load)
