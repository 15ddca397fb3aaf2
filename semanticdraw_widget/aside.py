"""Pictures that are made beside the canvas's own: variants to choose from. Their scene is never the newest one."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .jobs import Job


@dataclass(frozen=True, eq=False)
class Aside:
    """A job whose picture goes to `future`: its pixels, uint8 (height, width, 3), or an error."""

    job: Job
    future: Future[NDArray[np.uint8]] = field(default_factory=Future)

    def finish(self, rgb: NDArray[np.uint8]) -> None:
        """The picture is there."""
        with suppress(InvalidStateError):  # taken back just now
            self.future.set_result(rgb)

    def fail(self, error: Exception) -> None:
        """There will be none."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)


class Asides:
    """Those that are still to be made, in order. Whoever shares them between threads holds a lock."""

    def __init__(self) -> None:
        self._waiting: deque[Aside] = deque()

    def add(self, job: Job) -> Aside:
        """One more, after the others."""
        aside = Aside(job)
        self._waiting.append(aside)
        return aside

    @property
    def first(self) -> Aside | None:
        """The next one, which stays until it is `done`; None if there is none that somebody still wants."""
        while self._waiting and self._waiting[0].future.cancelled():
            self._waiting.popleft()
        return self._waiting[0] if self._waiting else None

    def done(self, aside: Aside) -> None:
        """It is made, or failed."""
        with suppress(ValueError):
            self._waiting.remove(aside)

    def fail(self, error: Exception) -> None:
        """None of them will be made."""
        while self._waiting:
            self._waiting.popleft().fail(error)
