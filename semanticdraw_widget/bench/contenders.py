"""What ``bench speed`` compares: our own path from an edit to its PNG, and the published schedule's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

from ..engine import Engine
from ..engine.increment import Trajectory
from ..engine_cache import EngineCache
from ..frames import encode_png
from ..jobs import Picture, Settings
from ..protocol import FrameMessage
from ..scene import Scene
from ..session import Session
from .operations import operations
from .published import Published


class Stopwatch:
    """A session's listener that notes when the first preview and the settled frame of an edit arrive."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.preview = 0.0
        self.samples = 0.0
        self.settled_at: dict[int, float] = {}
        """By revision."""
        self.heard = threading.Condition()
        self.failure = ""

    def begin(self, submit: Callable[[], int]) -> tuple[float, float]:
        """Submit an edit and wait for it; milliseconds to its first preview and to its settled frame."""
        self.preview = 0.0
        start = time.perf_counter()
        settled = self.wait(submit())
        return 1e3 * (self.preview - start), 1e3 * (settled - start)

    def wait(self, revision: int) -> float:
        """Until the picture of ``revision`` has left; when that was."""
        with self.heard:
            if not self.heard.wait_for(lambda: self.failure or revision in self.settled_at, timeout=600):
                raise TimeoutError("an edit did not settle within 600 s")
            if self.failure:
                raise RuntimeError(self.failure)
            return self.settled_at[revision]

    def on_frame(self, message: FrameMessage, png: bytes) -> None:
        now = time.perf_counter()
        assert self.session is not None
        self.session.confirm(message.seq)
        self.preview = self.preview or now
        if message.kind == "settled":
            with self.heard:
                self.settled_at[message.revision], self.samples = now, message.stats["samples"]
                self.heard.notify_all()

    def on_settled(self, picture: Picture) -> None: ...
    def on_status(self, status: Any) -> None: ...
    def on_notices(self, notices: Any) -> None: ...
    def on_engine(self, engine: Engine) -> None: ...

    def on_error(self, error: Any) -> None:
        with self.heard:
            self.failure = "" if error is None else error.message
            self.heard.notify_all()


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
        return self.watch.begin(partial(self.submit, scene))

    def edits(self, scenes: Sequence[Scene]) -> list[tuple[float, float]]:
        return [self.edit(scene) for scene in scenes]

    def submit(self, scene: Scene) -> int:
        """Make ``scene`` the newest one and do not wait for it."""
        return self.session.submit(scene, Settings(self.steps, self.guidance, self.mode))

    def operations(self, scenes: Sequence[Scene]) -> float:
        """The operations of an edit from denoising to its settled picture, previews left out, over those that lead
        from one of ``scenes`` to the next: their mean. Prompts that were seen before are not embedded again."""
        twin = self.engine.twin()

        def settle(scene: Scene, after: Trajectory | None) -> Trajectory | None:
            *_, frame = twin.denoise(scene, steps=self.steps, guidance=self.guidance, mode=self.mode, after=after)
            frame.rgb()
            return frame.trajectory

        first, *others = scenes
        kept = settle(first, None)
        total = 0
        for scene in others:
            spent, kept = operations(twin.device, settle, scene, kept)
            total += spent
        return total / max(len(others), 1)

    def close(self) -> None:
        self.session.close()

    @property
    def samples(self) -> float:
        return self.watch.samples

    def frames(self, scenes: Sequence[Scene]) -> int:
        """Frames of a stream whose scene is edited at each of them, ``steps`` in all."""
        edited = islice(cycle(scenes), self.steps)
        stream = self.engine.stream(edited, steps=self.steps, guidance=self.guidance, mode=self.mode)
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

    def operations(self, scenes: Sequence[Scene]) -> float:
        """The operations of one edit; all cost the same."""
        return operations(self.pipe.engine.device, self.pipe.edit, scenes[1])[0]

    def frames(self, scenes: Sequence[Scene]) -> int:
        """Frames of one scene, as an edit would flush them."""
        return sum(bool(encode_png(self.pipe.frame())) for _ in range(2))
