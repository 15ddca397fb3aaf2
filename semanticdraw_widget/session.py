"""One canvas's session: newest scene in, frames out.

Each session owns one thread, its worker (worker.py), and only that thread touches the engine. Everybody else (message
handlers, user code) changes the agenda (agenda.py) and wakes it, and hears what comes of it (reporter.py).

A scene is worked on only when somebody wants its picture: a visible canvas, or a caller of `generate`.
"""

from __future__ import annotations

import atexit
from concurrent.futures import Future
from threading import Thread, current_thread
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .agenda import Agenda, LeaseEngine
from .frames import encode_png
from .jobs import MODELS_OWN, Listener, Picture, Settings, Stats
from .protocol import StatusMessage
from .reporter import Reporter
from .worker import Worker

if TYPE_CHECKING:
    from .scene import Scene


class Session:
    """A worker thread between a stream of scenes and a listener.

    Args:
        lease_engine: called in the worker as `lease_engine(progress)`; returns a Lease or raises.
        listener: hears of frames, states and errors. What it raises is logged and changes nothing.
        patience: seconds after which a frame that no canvas confirms is forgiven.
        idle_release: seconds after which a session that nobody sees or waits for gives its engine back;
            it takes it again when it is needed.
    """

    def __init__(
        self,
        lease_engine: LeaseEngine,
        listener: Listener,
        *,
        patience: float = 2.0,
        idle_release: float = 900.0,
    ) -> None:
        self._agenda = Agenda(lease_engine, patience, idle_release)
        self._report = Reporter(listener)
        self._worker = Worker(self._agenda, self._report)
        self._thread = Thread(target=self._worker.work, name="semanticdraw-session", daemon=True)

    def start(self) -> None:
        """Begin to work: load the engine, then whatever has been submitted."""
        # A daemon thread inside torch while the interpreter goes down would crash it.
        atexit.register(self.close)
        self._thread.start()

    @property
    def picture(self) -> Picture | None:
        """The last settled picture."""
        return self._agenda.picture

    @property
    def status(self) -> StatusMessage:
        """The last status told."""
        return self._report.status

    def submit(self, scene: Scene, settings: Settings = MODELS_OWN) -> int:
        """Make `scene` the newest one; returns its revision.

        An unchanged scene (the same picture, see `Settings.key`) keeps its revision and costs nothing.
        """
        return self._agenda.submit(scene, settings)

    def generate(self, scene: Scene, settings: Settings = MODELS_OWN, timeout: float | None = None) -> Picture:
        """Wait for the settled picture of `scene`, or of a newer one if the scene changes meanwhile.

        Needs no front end. A model that failed to load, or a scene that failed to run, is tried again.

        Raises:
            TimeoutError: nothing settled within `timeout` seconds.
            SessionClosed: the session is closed, or closes meanwhile.
            RuntimeError: called from a callback in the worker, which would wait for itself.
            Exception: whatever the engine raised.
        """
        if current_thread() is self._thread:
            raise RuntimeError("generate() in a callback of its own session would wait for itself for ever")
        return self._agenda.wait_for_picture(scene, settings, timeout)

    def show(self, scene: Scene, settings: Settings, rgb: NDArray[np.uint8] | None) -> None:
        """A picture that `scene`, the newest one, has from elsewhere, such as a file: the last settled one until the
        scene is painted, even while paused. Nobody who waits gets it.

        Args:
            rgb: uint8 (height, width, 3), read-only; None if there is none, and what is there shows another scene.
        """
        picture = rgb if rgb is None else Picture((), scene, settings, 0, rgb, encode_png(rgb), 0, Stats())
        self._agenda.show(picture)
        self._worker.deliver()

    def attach(self) -> None:
        """A view has come: replay the status and the last picture to it, and work for it from now on."""
        self._agenda.attach()
        self._report.say_again()
        self._worker.deliver()

    def set_visible(self, visible: bool) -> None:
        """Whether anybody can see the canvas."""
        self._agenda.set_visible(visible)

    @property
    def watched(self) -> bool:
        """Whether anybody can see the canvas."""
        return self._agenda.watched

    def confirm(self, seq: int) -> None:
        """The canvas has painted frame `seq`."""
        self._agenda.confirm(seq)

    def regenerate(self) -> None:
        """Run the newest scene again, even though nothing changed."""
        self._agenda.regenerate()

    def set_paused(self, paused: bool) -> None:
        """While paused, edits wait: only `generate`, `regenerate` and `paint_aside` paint."""
        self._agenda.set_paused(paused)

    def paint_aside(self, scene: Scene, settings: Settings = MODELS_OWN) -> Future[NDArray[np.uint8]]:
        """Make a picture that no canvas shows, as if no other had been there before but for what locked regions hold;
        edits go first.

        Returns:
            A future of the pixels, uint8 (height, width, 3), read-only; it can be cancelled.

        Raises:
            SessionClosed: the session is closed.
        """
        return self._agenda.paint_aside(scene, settings).future

    def reload(self, lease_engine: LeaseEngine | None = None) -> None:
        """Load the engine again, or another one, and run the newest scene on it."""
        self._agenda.reload(lease_engine)

    def close(self, timeout: float = 5.0) -> None:
        """Stop the worker after the step it is in, and give the engine back. A second call does nothing.

        Args:
            timeout: seconds to wait for the worker, which stops by itself all the same.
        """
        self._agenda.close()
        atexit.unregister(self.close)
        if self._thread.is_alive() and current_thread() is not self._thread:
            self._thread.join(timeout)
