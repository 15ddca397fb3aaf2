"""Runs that are finished: a scene that was painted before is shown as it was, at once and bit for bit."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from .jobs import Picture

if TYPE_CHECKING:
    from .engine.increment import Trajectory

MAX_RUNS = 24
MAX_BYTES = 256 * 2**20
"""Of pictures and trajectories; the latter lie where the engine does."""


class FinishedRuns:
    """The last pictures of an engine by `Job.key`, each with the trajectory that the next edit goes on from.

    In the modes that recompute what an edit changes, a picture depends on the edits before it, so going back to a scene
    means this, not painting it again.
    """

    def __init__(self, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES) -> None:
        self._runs: OrderedDict[tuple[Any, ...], tuple[Picture, Trajectory | None]] = OrderedDict()
        self._max_runs, self._max_bytes = max_runs, max_bytes

    def add(self, picture: Picture, trajectory: Trajectory | None) -> None:
        """Keep a run; the oldest ones go where there are too many, or they are too large."""
        self._runs[picture.key] = picture, trajectory
        self._runs.move_to_end(picture.key)
        while len(self._runs) > self._max_runs or (len(self._runs) > 1 and self._bytes() > self._max_bytes):
            self._runs.popitem(last=False)

    def get(self, key: tuple[Any, ...]) -> tuple[Picture, Trajectory | None] | None:
        """The picture of just that scene with those settings, and its trajectory; None if it was not kept."""
        found = self._runs.get(key)
        if found is not None:
            self._runs.move_to_end(key)
        return found

    def clear(self) -> None:
        """Forget everything: another engine makes other pictures."""
        self._runs.clear()

    def _bytes(self) -> int:
        runs = self._runs.values()
        return sum(p.rgb.nbytes + len(p.png) + (0 if run is None else run.nbytes) for p, run in runs)
