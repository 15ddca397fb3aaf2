"""What a session has to do: the newest scene, who waits for its picture, and which frame may leave.

Everything that several threads share is in an Agenda, under its one lock. Message handlers and user code
change it; the worker asks `next_task` and reports back. No engine, no encoder and no callback runs in here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from threading import Condition, Event
from typing import TYPE_CHECKING

from .aside import Aside, Asides
from .engine_cache import Lease, Progress
from .flow import FrameFlow
from .jobs import Job, Picture, Settings, Stats

if TYPE_CHECKING:
    from .scene import Scene

LeaseEngine = Callable[[Progress], Lease]


class SessionClosed(RuntimeError):
    """The session is closed, so there is no picture to wait for."""


class Task(Enum):
    """What the worker should do next."""

    LOAD = "lease the engine"
    DELIVER = "send the settled picture that waits for a slot"
    RENDER = "make the picture of the newest scene"
    ASIDE = "make a picture that no canvas shows"
    REST = "nothing; say so"
    RELEASE = "nobody has wanted anything for long; give the engine back"
    END = "the session is closed"


class _Waiter:
    """A caller of `generate`: wants the picture of `revision` or of a newer one."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.done = Event()
        self.picture: Picture | None = None
        self.error: Exception | None = None


class Agenda:
    """The shared state of one session. Every method may be called from any thread.

    Args:
        lease_engine: how the worker gets an engine.
        patience: seconds after which an unconfirmed frame is forgiven.
        idle_release: seconds after which an unwatched session should give its engine back.
    """

    def __init__(self, lease_engine: LeaseEngine, patience: float, idle_release: float) -> None:
        self._lock = Condition()
        self._idle_release = idle_release
        self._flow = FrameFlow(patience=patience)
        self._lease_engine = lease_engine
        self._generation = 0
        self._load_wanted = True
        self._load_error: Exception | None = None
        self._latest: Job | None = None
        self._drawn: Job | None = None  # the last one submitted; the latest one's picture will do for it
        self._failed: Job | None = None
        self._settled: Picture | None = None
        self._outbox: Picture | None = None
        self._waiters: list[_Waiter] = []
        self._attached = False
        self._visible = True
        self._used_at = time.monotonic()
        self._possible_at = 0.0  # since when there are an engine and a watcher
        self._dropped = 0
        self._closed = False
        self._paused = False
        self._once: Job | None = None  # painted even so
        self._asides = Asides()

    # ------------------------------------------------------------ what people and canvases ask

    @property
    def picture(self) -> Picture | None:
        """The last settled picture."""
        return self._settled

    @property
    def latest(self) -> Job | None:
        """The newest scene."""
        return self._latest

    def submit(self, scene: Scene, settings: Settings) -> int:
        """Make `scene` the newest one; returns its revision, which an unchanged scene keeps."""
        with self._lock:
            revision = self._next_revision()
            job = Job(scene, settings, self._generation, revision, time.monotonic())
            self._drawn = job
            if self._latest is not None and self._latest.key == job.key:
                return self._latest.revision
            self._renew(job)
            if self._settled is not None and self._settled.key == job.key:  # back to what was: show it again
                self._settled = self._outbox = self._settled.shown_for(job)
                self._hand_over(self._settled)
            return job.revision

    def wait_for_picture(self, scene: Scene, settings: Settings, timeout: float | None) -> Picture:
        """Submit and wait; see Session.generate."""
        with self._lock:
            if self._closed:
                raise SessionClosed("this canvas is closed; make a new one")
            waiter = _Waiter(self.submit(scene, settings))
            if self._settled is not None and self._latest is not None and self._settled.key == self._latest.key:
                return self._settled
            self._waiters.append(waiter)
            self._failed = None
            if self._load_error is not None:
                self._load_error, self._load_wanted = None, True
            self._touch()
        try:
            if not waiter.done.wait(timeout):
                raise TimeoutError(f"the picture has not settled within {timeout} s; give it more time")
        finally:
            with self._lock, suppress(ValueError):
                self._waiters.remove(waiter)
        if waiter.picture is None:
            raise waiter.error or SessionClosed("the canvas was closed while its picture was awaited")
        return waiter.picture

    def attach(self) -> None:
        """A view has come. What an earlier one owed is void, and the last picture is to be shown again."""
        with self._lock:
            if not self._watched():
                self._possible_at = time.monotonic()
            self._attached = self._visible = True
            self._flow.reset()
            self._outbox = self._outbox or self._settled
            self._touch()

    def set_visible(self, visible: bool) -> None:
        """Whether anybody can see the canvas."""
        with self._lock:
            if visible and not self._visible:
                self._possible_at = time.monotonic()
            self._visible = visible
            self._touch()

    @property
    def watched(self) -> bool:
        """Whether anybody can see the canvas now."""
        with self._lock:
            return self._watched()

    def confirm(self, seq: int) -> None:
        """The canvas has painted frame `seq`."""
        with self._lock:
            self._flow.confirm(seq, time.monotonic())
            self._touch()

    def regenerate(self) -> None:
        """Run the newest scene again, even though nothing changed, or the session is paused."""
        with self._lock:
            if self._settled is not None:
                self._settled = replace(self._settled, key=())
            self._rerun()
            self._once = self._latest

    def set_paused(self, paused: bool) -> None:
        """Whether edits wait. A run that nobody waits for stops after its step."""
        with self._lock:
            self._paused = paused
            self._touch()

    def paint_aside(self, scene: Scene, settings: Settings) -> Aside:
        """Make a picture that no canvas shows, when the newest scene is done."""
        with self._lock:
            if self._closed:
                raise SessionClosed("this canvas is closed; make a new one")
            if self._load_error is not None:
                self._load_error, self._load_wanted = None, True
            job = Job(scene, settings, self._generation, 0, time.monotonic(), anew=True)
            self._touch()
            return self._asides.add(job)

    def show(self, picture: Picture | None) -> None:
        """`picture` comes with the newest scene, and is to be seen until that is painted; None if nothing does."""
        with self._lock:
            latest = self._latest
            if latest is not None and self._settled is not None and self._settled.key == latest.key:
                return  # it is painted already
            revision = latest.revision if latest is not None else 0
            self._settled = self._outbox = picture and replace(picture, key=(), revision=revision)
            self._touch()

    def reload(self, lease_engine: LeaseEngine | None) -> None:
        """Lease an engine anew, then run the newest scene on it."""
        with self._lock:
            self._lease_engine = lease_engine or self._lease_engine
            self._generation += 1
            self._load_error, self._load_wanted = None, True
            self._rerun()

    def close(self) -> None:
        """No more tasks; whoever waits stops waiting."""
        with self._lock:
            self._closed = True
            for waiter in self._waiters:
                waiter.done.set()
            unmade = self._asides.take_all()
            self._touch()
        for aside in unmade:
            aside.fail(SessionClosed("the canvas was closed while its pictures were awaited"))

    # ------------------------------------------------------------ what the worker asks and reports

    def next_task(self, has_engine: bool, busy: bool) -> Task:
        """Wait until there is something to do.

        Args:
            has_engine: whether the worker holds one.
            busy: whether the canvas was last told that the worker is busy.
        """
        with self._lock:
            while True:
                now = time.monotonic()
                deadlines = []
                if self._closed:
                    return Task.END
                if self._load_wanted:
                    return Task.LOAD
                if self._outbox is not None and self._watched():
                    if self._flow.free(now):
                        return Task.DELIVER
                    deadlines.append(self._flow.wait(now))
                if self._load_error is None and self.wants(self._latest):
                    return Task.RENDER if has_engine else Task.LOAD
                if self._asides.first is not None and self._load_error is None:
                    return Task.ASIDE if has_engine else Task.LOAD
                if busy:
                    return Task.REST
                if has_engine and not self._watched():
                    deadlines.append(self._used_at + self._idle_release - now)
                    if deadlines[-1] <= 0:
                        return Task.RELEASE
                self._lock.wait(min(deadlines, default=None))

    def wants(self, job: Job | None) -> bool:
        """Whether `job` is the newest scene, has no picture yet, and somebody waits for one."""
        with self._lock:
            return (
                job is not None
                and job is self._latest
                and job is not self._failed
                and not self._closed
                and (
                    any(not waiter.done.is_set() for waiter in self._waiters)
                    or (self._watched() and (not self._paused or job is self._once))
                )
                and (self._settled is None or self._settled.key != job.key)
            )

    @property
    def at_rest(self) -> bool:
        """Whether nothing waits for the worker."""
        with self._lock:
            waits = self._closed or self._load_wanted or self._asides.first is not None
            return not (waits or (self._outbox is not None and self._watched()) or self.wants(self._latest))

    @property
    def next_aside(self) -> Aside | None:
        """The picture to make aside; None if somebody has taken it back."""
        with self._lock:
            return self._asides.first

    def interrupts(self, aside: Aside) -> bool:
        """Whether something else comes before `aside`, which is then to be begun again, or is not wanted any more."""
        with self._lock:
            return self._closed or self._load_wanted or aside.future.cancelled() or self.wants(self._latest)

    def finish_aside(self, aside: Aside) -> None:
        """It is done with, well or not."""
        with self._lock:
            self._asides.done(aside)

    def start_loading(self) -> LeaseEngine:
        """The worker begins to load; returns how."""
        with self._lock:
            self._load_wanted = False
            return self._lease_engine

    def loaded(self) -> None:
        """The worker has an engine."""
        with self._lock:
            self._possible_at = time.monotonic()

    def milliseconds_since(self, job: Job) -> float:
        """Since the edit, or since it could be worked on, whichever is later."""
        return 1e3 * (time.monotonic() - max(job.asked_at, self._possible_at))

    def start_rendering(self) -> Job | None:
        """The worker begins a run of the newest scene; a picture still waiting for a slot is stale."""
        with self._lock:
            if self._outbox is not None:
                self._outbox, self._dropped = None, self._dropped + 1
            return self._latest

    def may_preview(self) -> bool:
        """Whether a preview would be seen and has a free slot; counts it as dropped where only that lacks."""
        with self._lock:
            if not self._watched():
                return False
            free = self._flow.free(time.monotonic())
            self._dropped += not free
            return free

    def settle(self, picture: Picture) -> None:
        """A picture is finished: keep it for the canvas, and give it to whoever waits."""
        with self._lock:
            self._settled = self._outbox = picture
            self._hand_over(picture)

    def take_settled(self) -> Picture | None:
        """The settled picture that waits to be sent, if it may be sent now."""
        with self._lock:
            if self._outbox is None or not self._watched() or not self._flow.free(time.monotonic()):
                return None
            picture, self._outbox = self._outbox, None
            return picture

    def take_slot(self, stats: Stats) -> tuple[int, Stats]:
        """A frame leaves: its seq, and `stats` with the state of the flow."""
        now = time.monotonic()
        with self._lock:
            seq = self._flow.send(now)
            fps, in_flight = self._flow.fps(now), self._flow.in_flight
            return seq, replace(stats, fps=fps, in_flight=in_flight, dropped=self._dropped)

    def fail(self, error: Exception, job: Job | None) -> None:
        """Loading (`job` None) or running `job` failed; not tried again until somebody asks."""
        with self._lock:
            if job is None:
                self._load_error = error
            self._failed = job
            for waiter in self._waiters:
                # Whoever asked for a newer scene meanwhile waits on: that one may well succeed.
                if job is None or waiter.revision <= job.revision:
                    waiter.error = error
                    waiter.done.set()
            unmade = self._asides.take_all() if job is None else []
        for aside in unmade:
            aside.fail(error)

    # ------------------------------------------------------------ under the lock

    def _touch(self) -> None:
        self._used_at = time.monotonic()
        self._lock.notify_all()

    def _next_revision(self) -> int:
        return self._latest.revision + 1 if self._latest is not None else 1

    def _renew(self, job: Job) -> None:
        self._latest, self._failed = job, None
        self._touch()

    def _rerun(self) -> None:
        if self._drawn is not None:
            revision, now = self._next_revision(), time.monotonic()
            again = replace(self._drawn, generation=self._generation, revision=revision, asked_at=now, anew=True)
            self._renew(again)
        self._touch()

    def _hand_over(self, picture: Picture) -> None:
        for waiter in self._waiters:
            if waiter.revision <= picture.revision:
                waiter.picture = picture
                waiter.done.set()

    def _watched(self) -> bool:
        return self._attached and self._visible
