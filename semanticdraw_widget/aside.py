"""Pictures that are made beside the canvas's own: variants to choose from. Their scene is never the newest one."""

from __future__ import annotations

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
