"""One canvas's worker: newest scene in, frames out.

Each session owns one thread, and only that thread touches the engine. Everybody else (message handlers,
user code) changes the agenda and wakes it. A run stops between two steps when its scene is no longer the
newest one, so a stale scene costs at most one step.

A scene is worked on only when somebody wants its picture: a visible canvas, or a caller of `generate`.
"""

from __future__ import annotations

import atexit
import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, replace
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .agenda import Agenda, LeaseEngine, Task
from .engine_cache import Lease
from .finished import FinishedRuns
from .frames import PNG_MIME, encode_png
from .jobs import Job, Listener, Notices, Picture, Stats, explain
from .prompt_texts import NO_TEXTS, Texts
from .protocol import FrameMessage, State, StatusMessage
from .runs import run
from .text_notices import remarks

if TYPE_CHECKING:
    from .engine import Engine, Frame
    from .engine.increment import Trajectory
    from .scene import Scene

log = logging.getLogger(__name__)

PREVIEW_SHARE = 0.1
"""A preview between the first and the settled one is decoded if that takes at most this share of the time
since the last one shown: on a CPU one decoding costs as much as several rows of a network call."""

PROGRESS_INTERVAL = 0.05
"""Seconds between two progress reports of one loading stage."""


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
        self._listener = listener
        self._agenda = Agenda(lease_engine, patience, idle_release)
        self._status = StatusMessage("loading", stage="starting")
        # The worker's own.
        self._lease: Lease | None = None
        self._decode_seconds = 0.0
        self._trajectory: Trajectory | None = None
        self._finished = FinishedRuns()
        self._notices: Notices = {}
        self._error_told = False
        self._progress_told_at = 0.0
        self._thread = Thread(target=self._work, name="semanticdraw-session", daemon=True)

    # ------------------------------------------------------------ from any thread

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
        return self._status

    def submit(
        self,
        scene: Scene,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "auto",
        cfg: str = "auto",
        texts: Texts = NO_TEXTS,
    ) -> int:
        """Make `scene` the newest one; returns its revision.

        An unchanged scene (the same key, steps, guidance, mode, cfg and texts) keeps its revision and costs nothing.
        """
        return self._agenda.submit(scene, steps, guidance, mode, cfg, texts)

    def generate(
        self,
        scene: Scene,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "auto",
        cfg: str = "auto",
        texts: Texts = NO_TEXTS,
        timeout: float | None = None,
    ) -> Picture:
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
        return self._agenda.wait_for_picture(scene, steps, guidance, mode, cfg, texts, timeout)

    def attach(self) -> None:
        """A view has come: replay the status and the last picture to it, and work for it from now on."""
        self._agenda.attach()
        self._tell(self._listener.on_status, self._status)
        self._deliver()

    def set_visible(self, visible: bool) -> None:
        """Whether anybody can see the canvas."""
        self._agenda.set_visible(visible)

    def confirm(self, seq: int) -> None:
        """The canvas has painted frame `seq`."""
        self._agenda.confirm(seq)

    def regenerate(self) -> None:
        """Run the newest scene again, even though nothing changed."""
        self._agenda.regenerate()

    def set_paused(self, paused: bool) -> None:
        """While paused, edits wait: only `generate`, `regenerate` and `paint_aside` paint."""
        self._agenda.set_paused(paused)

    def paint_aside(
        self,
        scene: Scene,
        steps: int | None = None,
        guidance: float | None = None,
        mode: str = "auto",
        cfg: str = "auto",
        texts: Texts = NO_TEXTS,
    ) -> Future[NDArray[np.uint8]]:
        """Make a picture that no canvas shows, as if no other had been there before but for what locked regions hold;
        edits go first.

        Returns:
            A future of the pixels, uint8 (height, width, 3), read-only; it can be cancelled.

        Raises:
            SessionClosed: the session is closed.
        """
        return self._agenda.paint_aside(scene, steps, guidance, mode, cfg, texts).future

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

    # ------------------------------------------------------------ the worker

    def _work(self) -> None:
        tasks: dict[Task, Callable[[], None]] = {
            Task.LOAD: self._load,
            Task.DELIVER: self._deliver,
            Task.RENDER: self._render,
            Task.ASIDE: self._paint_aside,
            Task.REST: self._rest,
            Task.RELEASE: self._release_engine,
        }
        try:
            while True:
                busy = self._status.state == "busy"
                task = self._agenda.next_task(has_engine=self._lease is not None, busy=busy)
                if task is Task.END:
                    return
                tasks[task]()
        finally:
            self._release_engine()
            self._say("closed")

    def _load(self) -> None:
        lease_engine = self._agenda.start_loading()
        self._release_engine()
        self._say("loading", stage="starting")
        try:
            self._lease = lease_engine(self._on_progress)
            self._tell(self._listener.on_engine, self._lease.engine)
            self._warm_up(self._lease)
        except Exception as error:
            self._release_engine()
            self._fail(error, None)
        else:
            self._agenda.loaded()
            self._recovered()
            self._rest()

    def _warm_up(self, lease: Lease) -> None:
        """Make the first edit as quick as the later ones, unless a first run is due, which does the same."""
        latest = self._agenda.latest
        if not self._agenda.wants(latest):
            self._on_progress("warming up", 1.0)
            with lease.running:
                lease.engine.warm_up(latest.scene.size if latest is not None else lease.engine.default_size)

    def _on_progress(self, stage: str, progress: float) -> None:
        now = time.monotonic()
        recent = now - self._progress_told_at < PROGRESS_INTERVAL
        if stage != self._status.stage or progress >= 1.0 or not recent:
            self._progress_told_at = now
            self._say("loading", stage=stage, progress=min(max(float(progress), 0.0), 1.0))

    def _rest(self) -> None:
        self._say("idle")

    def _release_engine(self) -> None:
        lease, self._lease, self._trajectory = self._lease, None, None
        self._finished.clear()
        if lease is not None:
            lease.release()
            gc.collect()  # models are full of cycles; their memory should come back now, not some time later

    def _render(self) -> None:
        """Denoise the newest scene, a step at a time, for as long as it is the newest."""
        job = self._agenda.start_rendering()
        assert job is not None and self._lease is not None
        self._say("busy")
        try:
            self._tell_notices(self._lease.engine, job)
            if not self._show_again(job):
                self._denoise(job, self._lease)
        except Exception as error:
            self._fail(error, job)

    def _show_again(self, job: Job) -> bool:
        """Settle with the picture that this scene had before, if it is still known and nobody wants another one."""
        known = None if job.anew or job.holds else self._finished.get(job.key)
        if known is None:
            return False
        picture, self._trajectory = known
        self._publish(replace(picture, revision=job.revision))
        return True

    def _denoise(self, job: Job, lease: Lease) -> None:
        engine = lease.engine
        stats = Stats(model=engine.name, device=str(engine.device))
        started = shown_at = time.monotonic()
        showing = 0.0  # seconds of this run that went into previews
        after = self._trajectory if job.holds or not job.anew else None
        for frame in run(lease, job, after):
            now = time.monotonic()
            step_ms = 1e3 * (now - started - showing) / frame.step
            stats = replace(stats, step_ms=step_ms, samples=round(frame.samples, 2), mode=frame.mode)
            if frame.settled:
                self._settle(job, frame, stats)
                return
            # The first preview goes out even if its scene is stale by now: it follows the moving pen.
            first = stats.first_preview_ms == 0.0
            if (first or self._decode_seconds <= PREVIEW_SHARE * (now - shown_at)) and self._agenda.may_preview():
                stats = self._preview(job, frame, stats)
                shown_at = time.monotonic()
                showing += shown_at - now
            if not self._agenda.wants(job):
                return

    def _paint_aside(self) -> None:
        aside = self._agenda.next_aside
        if aside is None:
            return
        assert self._lease is not None
        self._say("busy")
        engine = self._lease.engine
        try:
            for frame in run(self._lease, aside.job, self._trajectory if aside.job.holds else None):
                if frame.settled:
                    stats = Stats(model=engine.name, device=str(engine.device), mode=frame.mode)
                    aside.finish(self._finish(aside.job, frame, stats).rgb)
                elif self._agenda.interrupts(aside):
                    return
        except Exception as error:
            log.debug("the engine failed", exc_info=error)
            aside.fail(error)
        self._agenda.finish_aside(aside)

    def _preview(self, job: Job, frame: Frame, stats: Stats) -> Stats:
        rgb = self._decode(frame)
        png = encode_png(rgb)
        if stats.first_preview_ms == 0.0:
            stats = replace(stats, first_preview_ms=self._agenda.milliseconds_since(job))
        seq, sent = self._agenda.take_slot(stats)
        message = FrameMessage(
            seq, job.revision, "preview", frame.step, frame.steps, _size(rgb), PNG_MIME, asdict(sent)
        )
        self._tell(self._listener.on_frame, message, png)
        return stats

    def _settle(self, job: Job, frame: Frame, stats: Stats) -> None:
        picture = self._finish(job, frame, stats)
        self._trajectory = frame.trajectory  # of a sound picture, as decoding it has shown
        self._publish(picture)

    def _finish(self, job: Job, frame: Frame, stats: Stats) -> Picture:
        """A run's picture, which from now on is shown at once wherever its scene comes again, unless a locked region
        holds what an earlier scene has put there."""
        rgb = self._decode(frame)
        rgb.setflags(write=False)
        png = encode_png(rgb)
        stats = replace(stats, settled_ms=self._agenda.milliseconds_since(job))
        picture = Picture(job.key, job.scene, job.settings, job.revision, rgb, png, frame.steps, stats)
        if not job.holds:
            self._finished.add(picture, frame.trajectory)
        return picture

    def _publish(self, picture: Picture) -> None:
        self._agenda.settle(picture)
        self._deliver()
        self._tell(self._listener.on_settled, picture)
        self._recovered()

    def _decode(self, frame: Frame) -> NDArray[np.uint8]:
        started = time.monotonic()
        assert self._lease is not None
        with self._lease.running:
            rgb = frame.rgb()
        self._decode_seconds = time.monotonic() - started
        return rgb

    # ------------------------------------------------------------ telling

    def _deliver(self) -> None:
        """Send the settled picture that waits, if a slot is free."""
        picture = self._agenda.take_settled()
        if picture is not None:
            seq, sent = self._agenda.take_slot(picture.stats)
            steps, size = picture.steps, _size(picture.rgb)
            message = FrameMessage(seq, picture.revision, "settled", steps, steps, size, PNG_MIME, asdict(sent))
            self._tell(self._listener.on_frame, message, picture.png)

    def _say(self, state: State, *, stage: str = "", progress: float = 0.0, message: str = "") -> None:
        engine = self._lease.engine if self._lease is not None else None
        model, device = (engine.name, str(engine.device)) if engine is not None else ("", "")
        self._status = StatusMessage(state, stage, progress, model, device, message)
        self._tell(self._listener.on_status, self._status)

    def _tell_notices(self, engine: Engine, job: Job) -> None:
        def told(scene: Scene) -> Notices:
            return engine.notices(scene, job.guidance, steps=job.steps, mode=job.mode, cfg=job.cfg)

        notices = remarks(told, job.scene, job.texts)
        if notices != self._notices:
            self._notices = notices
            self._tell(self._listener.on_notices, notices)

    def _fail(self, error: Exception, job: Job | None) -> None:
        """Tell the canvas and every waiting caller; the session lives on."""
        log.debug("the engine failed", exc_info=error)
        explained = explain(error)
        self._agenda.fail(error, job)
        self._error_told = True
        self._tell(self._listener.on_error, explained)
        self._say("error", message=explained.message)

    def _recovered(self) -> None:
        if self._error_told:
            self._error_told = False
            self._tell(self._listener.on_error, None)

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        """A closed comm or a fault in user code must not end the worker."""
        try:
            callback(*args)
        except Exception:
            log.exception("%s failed", callback.__name__)


def _size(rgb: NDArray[np.uint8]) -> tuple[int, int]:
    return rgb.shape[1], rgb.shape[0]
