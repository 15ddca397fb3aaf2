"""How a session follows a moving pen: it paints the newest scene alone, or streams scenes through a batch of slots."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .jobs import Job

if TYPE_CHECKING:
    from .engine import Engine

log = logging.getLogger(__name__)

NEARLY_FREE = 1.5
"""A tick of a stream that takes at most so many times a single step settles pictures more often than the newest scene
alone does: one a tick, where that takes as many steps as the model has."""

Key = tuple[tuple[int, int], int | None]


class Schedule:
    """Picks for one worker. On a CPU rows share nothing, and a stream would only be late; elsewhere it is measured, in
    a quiet moment after a pen has first moved faster than pictures were made."""

    def __init__(self) -> None:
        self._costs: dict[Key, float] = {}  # of the engine that is held
        self._asked: set[Key] = set()

    def forget(self) -> None:
        """Another engine is another measure."""
        self._costs.clear()
        self._asked.clear()

    def streams(self, job: Job, engine: Engine) -> bool:
        """Whether `job` is to enter a stream, now that a pen moves. What locked regions hold hangs on the last picture,
        and a picture made anew on nothing, so neither streams."""
        if job.anew or job.holds:
            return False
        if job.settings.scheduling != "auto":
            return job.settings.scheduling == "stream"
        if engine.device.type == "cpu":
            return False
        self._asked.add(_key(job))
        return self._costs.get(_key(job), float("inf")) <= NEARLY_FREE

    def measuring(self, job: Job, engine: Engine) -> Iterator[None]:
        """Measure what `streams` asked for in vain, pausing between network calls; nothing where that is known."""
        key = _key(job)
        if key not in self._asked or key in self._costs:
            return
        try:
            for cost in engine.tick_costs(*key):
                if cost is not None:
                    self._costs[key] = cost
                yield
        except Exception as error:  # no room for so many rows, say
            log.debug("a stream was not measured", exc_info=error)
            self._costs[key] = float("inf")


def _key(job: Job) -> Key:
    return job.scene.size, job.settings.steps
