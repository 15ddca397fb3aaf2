"""What an open canvas costs while nobody edits: the promise is nothing."""

from __future__ import annotations

import time
from typing import Any, cast

from ..engine import Engine
from ..scene import Scene
from .contenders import Ours


class Counted:
    """``engine``, its calls counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.calls = engine, 0

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._engine, name)
        if callable(value):
            self.calls += 1
        return value


def idle(engine: Engine, scene: Scene, steps: int, guidance: float, seconds: float = 2.0) -> dict[str, Any]:
    """Open a session on ``scene``, let it settle, submit the same scene again and wait for ``seconds``: the process's
    CPU seconds meanwhile, of all threads, and the calls into the engine."""
    counted = Counted(engine)
    session = Ours("auto", cast(Engine, counted), steps, guidance)
    try:
        session.edit(scene)
        time.sleep(0.2)  # torch's threads spin on for a moment after their last work
        calls, cpu, start = counted.calls, time.process_time(), time.perf_counter()
        session.submit(scene)
        time.sleep(seconds)
        return {
            "seconds": round(time.perf_counter() - start, 2),
            "cpu_seconds": round(time.process_time() - cpu, 3),
            "engine_calls": counted.calls - calls,
        }
    finally:
        session.close()
