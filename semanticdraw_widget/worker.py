"""A session's worker: the only thread that touches its engine.

It asks the agenda for the next task, does it, and goes on; everybody else changes the agenda. A run stops between two
steps when its scene is no longer the newest one, so a stale scene costs at most one step.
"""

from __future__ import annotations

import gc
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .agenda import Agenda, Task
from .engine_cache import Lease
from .finished import FinishedRuns
from .frames import encode_png
from .jobs import Job, Picture, Stats
from .reporter import Reporter
from .runs import run
from .schedule import Schedule

if TYPE_CHECKING:
    from .engine import Frame
    from .engine.increment import Trajectory

log = logging.getLogger(__name__)

PREVIEW_SHARE = 0.1
"""A preview between the first and the settled one is decoded if that takes at most this share of the time
since the last one shown: on a CPU one decoding costs as much as several rows of a network call."""


class Worker:
    """Loads the engine, makes pictures and gives the engine back, as the agenda says.

    Args:
        agenda: what there is to do.
        report: hears of all that is done.
    """

    def __init__(self, agenda: Agenda, report: Reporter) -> None:
        self._agenda, self._report = agenda, report
        self._lease: Lease | None = None
        self._decode_seconds = 0.0
        self._trajectory: Trajectory | None = None
        self._finished = FinishedRuns()
        self._schedule = Schedule()
        self._overtaken = False  # the last run's scene became stale before its picture was finished: a pen is moving

    def work(self) -> None:
        """Until the session is closed."""
        tasks: dict[Task, Callable[[], None]] = {
            Task.LOAD: self._load,
            Task.DELIVER: self.deliver,
            Task.RENDER: self._render,
            Task.ASIDE: self._paint_aside,
            Task.REST: self._rest,
            Task.RELEASE: self._release_engine,
        }
        try:
            while True:
                busy = self._report.status.state == "busy"
                task = self._agenda.next_task(has_engine=self._lease is not None, busy=busy)
                if task is Task.END:
                    return
                tasks[task]()
        finally:
            self._release_engine()
            self._report.say("closed")

    def deliver(self) -> None:
        """Send the settled picture that waits, if a slot is free. May be called from any thread."""
        picture = self._agenda.take_settled()
        if picture is not None:
            seq, stats = self._agenda.take_slot(picture.stats)
            self._report.settled(seq, picture, stats)

    # ------------------------------------------------------------ the engine

    def _load(self) -> None:
        lease_engine = self._agenda.start_loading()
        self._release_engine()
        self._report.say("loading", stage="starting")
        try:
            self._lease = lease_engine(self._report.progress)
            self._report.has(self._lease.engine)
            self._warm_up(self._lease)
        except Exception as error:
            self._release_engine()
            self._fail(error, None)
        else:
            self._agenda.loaded()
            self._report.recovered()
            self._rest()

    def _warm_up(self, lease: Lease) -> None:
        """Make the first edit as quick as the later ones, unless a first run is due, which does the same."""
        latest = self._agenda.latest
        if not self._agenda.wants(latest):
            self._report.progress("warming up", 1.0)
            with lease.running:
                lease.engine.warm_up(latest.scene.size if latest is not None else lease.engine.default_size)

    def _release_engine(self) -> None:
        lease, self._lease, self._trajectory, self._report.engine = self._lease, None, None, None
        self._finished.clear()
        self._schedule.forget()
        if lease is not None:
            lease.release()
            gc.collect()  # models are full of cycles; their memory should come back now, not some time later

    def _rest(self) -> None:
        self._report.say("idle")
        job, lease = self._agenda.latest, self._lease
        if job is None or lease is None:
            return
        measuring = self._schedule.measuring(job, lease.engine)
        while self._agenda.at_rest:
            with lease.running:
                if next(measuring, self) is self:
                    return

    def _fail(self, error: Exception, job: Job | None) -> None:
        """Tell the canvas and every waiting caller; the session lives on."""
        log.debug("the engine failed", exc_info=error)
        self._agenda.fail(error, job)
        self._report.failed(error)

    # ------------------------------------------------------------ pictures

    def _render(self) -> None:
        """Denoise the newest scene, a step at a time, for as long as it is the newest."""
        job = self._agenda.start_rendering()
        assert job is not None and self._lease is not None
        self._report.say("busy")
        try:
            self._report.notices(self._lease.engine, job)
            if self._show_again(job):
                return
            if self._overtaken and self._schedule.streams(job, self._lease.engine):
                self._stream(job, self._lease)
            else:
                self._denoise(job, self._lease)
        except Exception as error:
            self._fail(error, job)

    def _show_again(self, job: Job) -> bool:
        """Settle with the picture that this scene had before, if it is still known and nobody wants another one."""
        known = None if job.anew or job.holds else self._finished.get(job.key)
        if known is None:
            return False
        picture, self._trajectory = known
        self._publish(picture.shown_for(job))
        return True

    def _denoise(self, job: Job, lease: Lease) -> None:
        stats = self._stats("newest")
        started = shown_at = time.monotonic()
        showing = 0.0  # seconds of this run that went into previews
        after = self._trajectory if job.holds or not job.anew else None
        for frame in run(lease, job, after, hurry=self._overtaken):
            now = time.monotonic()
            step_ms = 1e3 * (now - started - showing) / frame.step
            stats = replace(stats, step_ms=step_ms, samples=round(frame.samples, 2), mode=frame.mode)
            if frame.settled:
                self._overtaken = False
                self._settle(job, frame, stats)
                return
            # The first preview goes out even if its scene is stale by now: it follows the moving pen.
            first = stats.first_preview_ms == 0.0
            if (first or self._decode_seconds <= PREVIEW_SHARE * (now - shown_at)) and self._agenda.may_preview():
                stats = self._preview(job, frame, stats)
                shown_at = time.monotonic()
                showing += shown_at - now
            if not self._agenda.wants(job):
                self._overtaken = True
                return

    def _stream(self, job: Job, lease: Lease) -> None:
        """Follow a moving pen: each newest scene enters the stream batch (paper section 3.5), and what is shown is the
        scene furthest on, until the pen rests and its last scene is finished."""
        how, entered = job.settings, deque[Job]()
        batch = lease.engine.stream_batch(steps=how.steps, guidance=how.guidance, mode=how.mode, cfg=how.cfg)
        newest = None
        while True:
            latest = self._agenda.start_rendering()
            assert latest is not None
            if latest is not newest:
                if not (latest.follows(job) and self._schedule.streams(latest, lease.engine)):
                    return
                self._report.notices(lease.engine, latest)
                with lease.running:
                    batch.enter(latest.painted, self._trajectory)
                entered.append(latest)
                newest = latest
            started = time.monotonic()
            with lease.running:
                frame = batch.tick()
            step_ms = 1e3 * (time.monotonic() - started)
            stats = replace(self._stats("stream"), step_ms=step_ms, samples=round(frame.samples, 2), mode=frame.mode)
            shown = entered[0]
            if frame.settled:
                entered.popleft()
                if shown is newest:
                    self._overtaken = False
                    self._settle(shown, frame, stats)
                    return
            if self._agenda.may_preview():
                self._preview(shown, frame, stats)
                if frame.settled:
                    self._trajectory = frame.trajectory
            if not self._agenda.wants(self._agenda.latest):
                return

    def _stats(self, scheduling: str) -> Stats:
        """Of a run that begins."""
        assert self._lease is not None
        engine = self._lease.engine
        return Stats(model=engine.name, device=str(engine.device), scheduling=scheduling)

    def _paint_aside(self) -> None:
        aside = self._agenda.next_aside
        if aside is None:
            return
        assert self._lease is not None
        self._report.say("busy")
        try:
            for frame in run(self._lease, aside.job, self._trajectory if aside.job.holds else None):
                if frame.settled:
                    stats = replace(self._stats("newest"), mode=frame.mode)
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
        self._report.preview(seq, job, frame, rgb, png, sent)
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
        assert self._lease is not None
        memory_mib = round(self._lease.engine.memory_mib, 1)
        stats = replace(stats, settled_ms=self._agenda.milliseconds_since(job), memory_mib=memory_mib)
        picture = Picture(job.key, job.scene, job.settings, job.revision, rgb, png, frame.steps, stats)
        if not job.holds:
            self._finished.add(picture, frame.trajectory)
        return picture

    def _publish(self, picture: Picture) -> None:
        self._agenda.settle(picture)
        self.deliver()
        self._report.finished(picture)
        self._report.recovered()

    def _decode(self, frame: Frame) -> NDArray[np.uint8]:
        started = time.monotonic()
        assert self._lease is not None
        with self._lease.running:
            rgb = frame.rgb()
        self._decode_seconds = time.monotonic() - started
        return rgb
