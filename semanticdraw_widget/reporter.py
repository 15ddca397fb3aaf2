"""What a session tells its listener: its state, frames, errors and remarks, each only where it is news."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .frames import PNG_MIME
from .jobs import Job, Listener, Notices, Picture, Stats, explain
from .protocol import FrameMessage, State, StatusMessage
from .text_notices import remarks

if TYPE_CHECKING:
    from .engine import Engine, Frame
    from .scene import Scene

log = logging.getLogger(__name__)

PROGRESS_INTERVAL = 0.05
"""Seconds between two progress reports of one loading stage."""


class Reporter:
    """Between a session and its listener.

    What the listener raises is logged and changes nothing: a closed comm or a fault in user code must not end the
    worker.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.status = StatusMessage("loading", stage="starting")
        """The last one told."""
        self.engine: Engine | None = None
        """Whose name and device a status has."""
        self._notices: Notices = {}
        self._error_told = False
        self._progress_told_at = 0.0

    # ------------------------------------------------------------ states

    def say(self, state: State, *, stage: str = "", progress: float = 0.0, message: str = "") -> None:
        """The session's state is another one."""
        model, device = (self.engine.name, str(self.engine.device)) if self.engine is not None else ("", "")
        self.status = StatusMessage(state, stage, progress, model, device, message)
        self.say_again()

    def say_again(self) -> None:
        """For a view that has just come."""
        self._tell(self._listener.on_status, self.status)

    def progress(self, stage: str, progress: float) -> None:
        """How far the loading is; passed over where the same stage was just told of."""
        now = time.monotonic()
        recent = now - self._progress_told_at < PROGRESS_INTERVAL
        if stage != self.status.stage or progress >= 1.0 or not recent:
            self._progress_told_at = now
            self.say("loading", stage=stage, progress=min(max(float(progress), 0.0), 1.0))

    def has(self, engine: Engine) -> None:
        """An engine is ready."""
        self.engine = engine
        self._tell(self._listener.on_engine, engine)

    # ------------------------------------------------------------ pictures

    def preview(self, seq: int, job: Job, frame: Frame, rgb: NDArray[np.uint8], png: bytes, stats: Stats) -> None:
        """A step's picture."""
        steps = frame.step, frame.steps
        message = FrameMessage(seq, job.revision, "preview", *steps, _size(rgb), PNG_MIME, asdict(stats))
        self._tell(self._listener.on_frame, message, png)

    def settled(self, seq: int, picture: Picture, stats: Stats) -> None:
        """A finished picture is to be seen."""
        steps, size = picture.steps, _size(picture.rgb)
        message = FrameMessage(seq, picture.revision, "settled", steps, steps, size, PNG_MIME, asdict(stats))
        self._tell(self._listener.on_frame, message, picture.png)

    def finished(self, picture: Picture) -> None:
        """A picture is finished, whether or not anybody can see it."""
        self._tell(self._listener.on_settled, picture)

    # ------------------------------------------------------------ remarks and errors

    def notices(self, engine: Engine, job: Job) -> None:
        """What the engine remarks on a job's scene."""
        how = job.settings

        def told(scene: Scene) -> Notices:
            return engine.notices(scene, how.guidance, steps=how.steps, mode=how.mode, cfg=how.cfg)

        notices = remarks(told, job.shown, how.texts)
        if notices != self._notices:
            self._notices = notices
            self._tell(self._listener.on_notices, notices)

    def failed(self, error: Exception) -> None:
        """Something failed; the session lives on."""
        explained = explain(error)
        self._error_told = True
        self._tell(self._listener.on_error, explained)
        self.say("error", message=explained.message)

    def recovered(self) -> None:
        """The last failure is over."""
        if self._error_told:
            self._error_told = False
            self._tell(self._listener.on_error, None)

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        try:
            callback(*args)
        except Exception:
            log.exception("%s failed", callback.__name__)


def _size(rgb: NDArray[np.uint8]) -> tuple[int, int]:
    return rgb.shape[1], rgb.shape[0]
