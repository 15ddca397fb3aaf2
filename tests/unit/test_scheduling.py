"""How a session follows a moving pen: the newest scene alone, or a stream of scenes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.stream import StreamBatch
from semanticdraw_widget.engine_cache import EngineCache
from semanticdraw_widget.jobs import Job, Settings
from semanticdraw_widget.scene import Region, Scene
from semanticdraw_widget.schedule import NEARLY_FREE, Schedule, _key
from semanticdraw_widget.session import Session
from unit.doubles import Recorder, until
from unit.tiny_models import tiny_folder

SIDE = 128
Y, X = np.mgrid[0:SIDE, 0:SIDE]
STREAM = Settings(guidance=1.0, mode="auto", scheduling="stream")


def stroke(at: int, **changes: Any) -> Scene:
    sun = (abs(Y - 30) < 8) & (X > 8) & (X < at)
    return Scene((SIDE, SIDE), "sky", [Region("sun", sun, id="sun", **changes)], seed=4)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


@pytest.fixture
def heard() -> Recorder:
    return Recorder()


class Pen:
    """One that moves with every network call, so that no picture is finished before the next scene is there."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.edits: deque[tuple[Scene, Settings]] = deque()
        self.revisions: list[int] = []

    def move(self, *_: object) -> None:
        with suppress(IndexError):
            self.revisions.append(self.session.submit(*self.edits.popleft()))

    def draw(self, ends: range, settings: Settings, **changes: Any) -> int:
        """Returns the last scene's revision."""
        self.revisions.clear()
        self.edits.extend((stroke(at, **changes), settings) for at in ends)
        self.move()
        until(lambda: len(self.revisions) == len(ends), 60)
        return self.revisions[-1]


@pytest.fixture
def session(engine: Engine, heard: Recorder) -> Iterator[Session]:
    """A canvas that confirms every frame."""
    cache = EngineCache()
    session = Session(lambda progress: cache.lease("tiny", lambda: engine), heard)
    heard.confirm = session.confirm
    session.start()
    session.attach()
    until(lambda: session.status.state == "idle", 60)
    yield session
    session.close()


@pytest.fixture
def pen(session: Session, engine: Engine) -> Iterator[Pen]:
    pen = Pen(session)
    hook = engine._family.unet.register_forward_pre_hook(pen.move)
    yield pen
    hook.remove()


def settle(session: Session, heard: Recorder, revision: int) -> None:
    until(lambda: any(f.kind == "settled" and f.revision == revision for f in heard.frames), 30)


def streamed(heard: Recorder) -> list[Any]:
    return [frame for frame in heard.frames if frame.stats["scheduling"] == "stream"]


@pytest.mark.parametrize("mode", ["auto", "masked", "exact"])
def test_a_moving_pen_is_followed_by_finished_pictures(
    session: Session, pen: Pen, heard: Recorder, engine: Engine, mode: str
) -> None:
    settings = replace(STREAM, mode=mode)
    settle(session, heard, session.submit(stroke(12), settings))
    before = session.picture
    revision = pen.draw(range(14, 120, 2), settings)
    settle(session, heard, revision)
    frames = streamed(heard)
    assert [f.revision for f in frames] == sorted(f.revision for f in frames)
    finished = [f for f in frames if f.step == f.steps]
    assert len({f.revision for f in finished}) >= 5, "one after another, not the last one alone"
    assert all(f.kind == "preview" for f in finished[:-1])
    assert finished[-1].kind == "settled" and finished[-1].revision == revision
    assert before is not None and session.picture is not None
    if mode == "auto":
        np.testing.assert_array_equal(session.picture.rgb[90:], before.rgb[90:])
    else:
        expected = np.asarray(engine.generate(stroke(118), guidance=1.0, mode=mode)).astype(int)
        assert abs(session.picture.rgb - expected).max() <= 2  # rows of another batch may round otherwise


def test_the_newest_scene_alone_streams_nothing(session: Session, pen: Pen, heard: Recorder) -> None:
    revision = pen.draw(range(14, 80, 2), replace(STREAM, scheduling="newest"))
    settle(session, heard, revision)
    assert not streamed(heard)
    assert {f.stats["scheduling"] for f in heard.frames} == {"newest"}


def test_a_single_edit_needs_no_stream(session: Session, pen: Pen, heard: Recorder) -> None:
    for at in (20, 40):
        settle(session, heard, session.submit(stroke(at), STREAM))
    assert not streamed(heard)


def test_what_locked_regions_hold_is_not_streamed(session: Session, pen: Pen, heard: Recorder) -> None:
    revision = pen.draw(range(14, 80, 2), STREAM, locked=True)
    settle(session, heard, revision)
    assert not streamed(heard)


def test_settings_that_change_on_the_way_are_those_of_the_last_picture(
    session: Session, pen: Pen, heard: Recorder, engine: Engine
) -> None:
    pen.draw(range(14, 80, 2), replace(STREAM, mode="masked"))
    settings = replace(STREAM, mode="masked", steps=2)
    settle(session, heard, pen.draw(range(80, 120, 4), settings))
    expected = np.asarray(engine.generate(stroke(116), guidance=1.0, mode="masked", steps=2)).astype(int)
    assert session.picture is not None
    assert abs(session.picture.rgb - expected).max() <= 2


def test_a_pause_stops_a_stream_and_loses_nothing(session: Session, pen: Pen, heard: Recorder) -> None:
    pen.draw(range(14, 60, 2), STREAM)
    session.set_paused(True)
    revision = session.submit(stroke(70), STREAM)
    until(lambda: session.status.state == "idle")
    assert not any(f.revision == revision for f in heard.frames)
    session.set_paused(False)
    settle(session, heard, revision)


def test_a_failure_in_a_stream_is_told_and_the_session_lives_on(
    session: Session, pen: Pen, heard: Recorder, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the device is gone")

    monkeypatch.setattr(StreamBatch, "tick", fail)
    pen.edits.extend((stroke(at), STREAM) for at in range(14, 60, 2))
    pen.move()
    until(lambda: heard.errors and heard.errors[-1] is not None)
    pen.edits.clear()
    until(lambda: session.status.state in ("error", "idle"))
    monkeypatch.undo()
    settle(session, heard, session.submit(stroke(100), STREAM))
    assert heard.errors[-1] is None


# ---------------------------------------------------------------- what "auto" picks


class Measured:
    """An engine that says what a tick costs."""

    def __init__(self, device: str, cost: float | Exception) -> None:
        self.device, self.cost, self.calls = SimpleNamespace(type=device), cost, 0

    def tick_costs(self, size: tuple[int, int], steps: int | None) -> Iterator[float | None]:
        for _ in range(3):
            self.calls += 1
            yield None
        if isinstance(self.cost, Exception):
            raise self.cost
        yield self.cost


JOB = Job(stroke(20), Settings(), 0, 1, 0.0)


@pytest.mark.parametrize(
    ("cost", "streams"),
    [(1.0, True), (NEARLY_FREE, True), (NEARLY_FREE + 0.1, False), (4.0, False), (MemoryError("no room"), False)],
)
def test_auto_streams_where_a_full_batch_is_nearly_free(cost: float | Exception, streams: bool) -> None:
    schedule, engine = Schedule(), Measured("cuda", cost)
    assert not list(schedule.measuring(JOB, engine))  # no pen has moved yet
    assert not schedule.streams(JOB, engine)  # it is not known yet
    assert len(list(schedule.measuring(JOB, engine))) >= 3
    assert schedule.streams(JOB, engine) == streams
    assert not list(schedule.measuring(JOB, engine)), "once is enough"
    other = replace(JOB, settings=Settings(steps=8))
    assert not schedule.streams(other, engine)  # another measure
    schedule.forget()
    assert not schedule.streams(JOB, engine)


def test_a_cpu_is_not_measured() -> None:
    schedule, engine = Schedule(), Measured("cpu", 1.0)
    assert not schedule.streams(JOB, engine)
    assert not list(schedule.measuring(JOB, engine)) and engine.calls == 0
    assert schedule.streams(replace(JOB, settings=Settings(scheduling="stream")), engine)


def test_an_edit_interrupts_the_measure(session: Session, pen: Pen, heard: Recorder, engine: Engine) -> None:
    """In a session: a measure that would never end gives way, and goes on another time."""
    begun: list[int] = []

    def tick_costs(size: tuple[int, int], steps: int | None) -> Iterator[float | None]:
        begun.append(len(begun))
        while True:
            time.sleep(0.001)
            yield None

    schedule = session._worker._schedule
    schedule.streams = lambda job, _: bool(schedule._asked.add(_key(job)))  # type: ignore[method-assign]
    engine.tick_costs = tick_costs  # type: ignore[method-assign]
    try:
        revision = pen.draw(range(14, 60, 2), STREAM)
        settle(session, heard, revision)
        until(lambda: begun)
        settle(session, heard, session.submit(stroke(100), STREAM))
    finally:
        del engine.tick_costs  # type: ignore[method-assign]


# ---------------------------------------------------------------- the canvas's trait


def test_the_canvas_has_a_trait() -> None:
    with SemanticDraw(scheduling="stream") as canvas:
        assert canvas.scheduling == "stream"
        assert canvas._settings().scheduling == "stream"
        key = canvas._settings().key(canvas.scene)
        canvas.scheduling = "newest"
        assert canvas._settings().key(canvas.scene) == key, "the picture is the same"
        with pytest.raises(ValueError, match="scheduling is one of auto, newest, stream, not 'fast'"):
            canvas.scheduling = "fast"
