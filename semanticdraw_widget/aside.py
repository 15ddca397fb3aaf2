"""Pictures that are made beside the canvas's own: variants to choose from. Their scene is never the newest one."""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .prompt_texts import Texts

if TYPE_CHECKING:
    from .scene import Scene


@dataclass(frozen=True, eq=False)
class Aside:
    """A scene to make a picture of, as jobs.Job; `future` gets the pixels, uint8 (height, width, 3), or an error."""

    scene: Scene
    steps: int | None
    guidance: float | None
    mode: str
    cfg: str
    texts: Texts
    future: Future[NDArray[np.uint8]] = field(default_factory=Future)

    def finish(self, rgb: NDArray[np.uint8]) -> None:
        """The picture is there."""
        with suppress(InvalidStateError):  # taken back just now
            self.future.set_result(rgb)

    def fail(self, error: Exception) -> None:
        """There will be none."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)
