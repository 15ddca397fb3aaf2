"""The session without Jupyter and without a model: order, back-pressure, cancellation, errors, memory."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from semanticdraw_widget.agenda import SessionClosed
from semanticdraw_widget.engine_cache import EngineCache
from semanticdraw_widget.flow import FrameFlow
from semanticdraw_widget.jobs import Picture, Settings
from semanticdraw_widget.scene import Region, Scene
from semanticdraw_widget.session import Session
from unit.doubles import FakeEngine, Loader, Recorder, until

SIZE = (32, 32)


def scene(seed: int, prompt: str = "house") -> Scene:
    return Scene(SIZE, "sky", [Region(prompt, np.ones((32, 32), bool), id="r")], seed=seed)


class Desk:
    """A session with its engine, loader and listener."""

    def __init__(self, **options: float) -> None:
        self.engine = FakeEngine()
        self.loader = Loader(self.engine)
        self.heard = Recorder()
        self.session = Session(self.loader, self.heard, **options)
        self.session.start()

    def ready(self) -> Desk:
        until(lambda: self.session.status.state == "idle")
        return self

    def watched(self) -> Desk:
        """A canvas that confirms every frame as soon as it comes."""
        self.heard.confirm = self.session.confirm
        self.session.attach()
        return self

    def settled(self, revision: int) -> None:
        until(lambda: any(f.kind == "settled" and f.revision == revision for f in self.heard.frames))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk().ready()
    yield desk
    desk.engine.step_seconds = 0.0
    desk.session.close()


# ---------------------------------------------------------------- what is computed


def test_one_scene_gives_a_preview_and_a_settled_frame(desk: Desk) -> None:
    desk.watched()
    revision = desk.session.submit(scene(1))
    desk.settled(revision)
    assert desk.heard.kinds[0] == "preview" and desk.heard.kinds[-1] == "settled"
    first, last = desk.heard.frames[0], desk.heard.frames[-1]
    assert (first.step, first.steps, last.step) == (1, 4, 4)
    assert first.size == SIZE and first.mime == "image/png"
    assert 0 < last.stats["first_preview_ms"] <= last.stats["settled_ms"]
    assert last.stats["samples"] == 12 and last.stats["model"] == "fake"
    until(lambda: desk.session.status.state == "idle")
    assert desk.heard.states[-2:] == ["busy", "idle"]


def test_times_do_not_count_the_waiting_for_a_model_or_a_watcher() -> None:
    desk = Desk()
    desk.loader.seconds = 0.3
    desk.watched()
    desk.settled(desk.session.submit(scene(1)))
    assert desk.heard.frames[-1].stats["settled_ms"] < 200
    desk.session.set_visible(False)
    revision = desk.session.submit(scene(2))
    time.sleep(0.3)
    desk.session.set_visible(True)
    desk.settled(revision)
    assert desk.heard.frames[-1].stats["settled_ms"] < 200
    desk.session.close()


def test_an_unchanged_scene_costs_nothing(desk: Desk) -> None:
    desk.watched()
    revision = desk.session.submit(scene(1))
    desk.settled(revision)
    assert desk.session.submit(scene(1)) == revision
    renamed = scene(1).replace(regions=[scene(1).regions[0].replace(name="other", color="#ff0000")])
    assert desk.session.submit(renamed) == revision
    before = desk.session.picture
    assert desk.session.generate(scene(1)) is before
    assert desk.engine.runs == [1]


def test_steps_and_guidance_belong_to_the_picture(desk: Desk) -> None:
    first = desk.session.generate(scene(1), Settings(2, 1.0))
    assert desk.session.generate(scene(1), Settings(3, 1.0)).key != first.key
    assert desk.session.generate(scene(1), Settings(3, 2.0)).key != first.key
    assert desk.session.generate(scene(1), Settings(3, 2.0, cfg="self")).key != first.key
    desk.session.generate(scene(1), Settings(3, 2.0, cfg="self"))
    assert len(desk.engine.runs) == 4
    assert desk.engine.cfgs == ["auto", "auto", "auto", "self"]


def test_regenerate_runs_the_same_scene_again(desk: Desk) -> None:
    desk.watched()
    desk.settled(desk.session.submit(scene(1)))
    pixels = desk.heard.pngs[-1]
    desk.session.regenerate()
    desk.settled(2)
    assert desk.engine.runs == [1, 1]
    assert desk.heard.pngs[-1] == pixels


def test_a_picture_has_the_scene_as_it_was_drawn_last(desk: Desk) -> None:
    """Also where what changed is not seen: hidden regions, and which one is painted alone."""
    desk.watched()
    one = scene(1)
    hidden = one.replace(regions=[*one.regions, Region("tree", np.ones((32, 32), bool), id="t", visible=False)])
    both = one.replace(regions=[*one.regions, Region("tree", np.ones((32, 32), bool), id="t")])
    desk.settled(desk.session.submit(one))
    assert desk.session.submit(hidden) == desk.session.submit(both, Settings(solo="r")) == 1
    desk.session.regenerate()
    desk.settled(2)
    assert desk.session.picture is not None and desk.session.picture.scene == both
    assert [region.visible for region in desk.engine.scenes[-1].regions] == [True, False]
    desk.settled(desk.session.submit(scene(2)))
    desk.settled(desk.session.submit(hidden))  # known
    assert desk.session.picture.scene == hidden and desk.engine.runs == [1, 1, 2]
    assert desk.heard.pictures[-1].scene == hidden


def test_what_a_locked_region_shows_outlasts_all_ways_to_another_picture(desk: Desk) -> None:
    """An edit, a repaint and going back to a scene all begin with the picture that is there."""
    desk.watched()

    def locked(seed: int) -> Scene:
        return scene(seed).replace(regions=[scene(seed).regions[0].replace(locked=True)])

    desk.settled(desk.session.submit(scene(1)))
    desk.settled(desk.session.submit(locked(2)))
    desk.session.regenerate()
    desk.settled(3)
    desk.settled(desk.session.submit(locked(1)))
    assert desk.engine.runs == [1, 2, 2, 1], "a scene known without the lock is not shown as it was"
    told = [after and str(after) for after in desk.engine.after]
    assert told == [None, "trajectory of 1", "trajectory of 2", "trajectory of 2"]


def test_a_newer_scene_stops_the_run_between_two_steps(desk: Desk) -> None:
    desk.watched()
    desk.engine.hold()
    desk.session.submit(scene(1))
    desk.engine.step()
    until(lambda: desk.engine.steps_done == [(1, 1)])
    for seed in (2, 3, 4):
        desk.session.submit(scene(seed))
    desk.engine.step(20)
    desk.settled(4)
    assert desk.engine.runs == [1, 4]  # 2 and 3 were never begun
    assert (1, 3) not in desk.engine.steps_done


def test_the_engine_hurries_only_while_edits_overtake_each_other(desk: Desk) -> None:
    desk.watched()
    for seed in (1, 2):  # each has all the time it needs
        desk.session.submit(scene(seed))
        desk.settled(seed)
    desk.engine.hold()
    desk.session.submit(scene(3))
    desk.engine.step()
    until(lambda: desk.engine.steps_done[-1] == (3, 1))
    desk.session.submit(scene(4))  # overtakes 3
    desk.engine.step(20)
    desk.settled(4)
    desk.session.submit(scene(5))
    desk.engine.step(20)
    desk.settled(5)
    assert dict(zip(desk.engine.runs, desk.engine.hurries)) == {1: False, 2: False, 3: False, 4: True, 5: False}


def test_previews_go_on_while_the_pen_moves(desk: Desk) -> None:
    """Edits come quicker than pictures; still the canvas sees one preview after another."""
    desk.watched()
    desk.engine.step_seconds = 0.01
    for seed in range(1, 30):
        desk.session.submit(scene(seed))
        time.sleep(0.01)
    assert desk.heard.kinds.count("preview") >= 8
    desk.settled(29)


def test_back_to_the_settled_scene_shows_it_again_without_the_engine(desk: Desk) -> None:
    desk.watched()
    desk.settled(desk.session.submit(scene(1)))
    desk.engine.hold()
    desk.session.submit(scene(2))
    until(lambda: desk.engine.runs == [1, 2])
    revision = desk.session.submit(scene(1))
    desk.engine.step(20)
    desk.settled(revision)
    assert desk.engine.runs == [1, 2]
    assert desk.heard.pngs[-1] == desk.session.picture.png


def test_nothing_is_computed_unless_somebody_wants_it(desk: Desk) -> None:
    desk.session.submit(scene(1))
    time.sleep(0.05)
    assert desk.engine.runs == []
    desk.watched()
    desk.settled(1)
    desk.session.set_visible(False)
    desk.session.submit(scene(2))
    time.sleep(0.05)
    assert desk.engine.runs == [1]
    desk.session.set_visible(True)
    desk.settled(2)


def test_intermediate_previews_only_where_decoding_is_cheap(desk: Desk) -> None:
    desk.watched()
    # Steps long enough that a busy machine's pauses do not make the decoding look dear.
    desk.engine.step_seconds, desk.engine.decode_seconds = 0.25, 0.0
    desk.settled(desk.session.submit(scene(1)))
    assert [f.step for f in desk.heard.frames] == [1, 2, 3, 4]
    desk.engine.decode_seconds = 0.25
    desk.settled(desk.session.submit(scene(2)))
    assert [f.step for f in desk.heard.frames if f.revision == 2] == [1, 4]


# ---------------------------------------------------------------- back-pressure


def test_two_frames_in_flight_at_most_and_the_settled_one_waits() -> None:
    desk = Desk(patience=60.0).ready()
    desk.engine.decode_seconds = 0.02  # too dear for previews between the first and the settled one
    desk.session.attach()
    desk.settled(desk.session.submit(scene(1)))
    assert len(desk.heard.frames) == 2  # preview and settled took both slots
    desk.session.submit(scene(2))
    until(lambda: desk.session.picture.revision == 2)
    time.sleep(0.05)
    assert len(desk.heard.frames) == 2
    desk.session.confirm(desk.heard.frames[0].seq)
    desk.settled(2)
    assert desk.heard.frames[-1].kind == "settled"
    assert desk.heard.frames[-1].stats["in_flight"] == 2
    assert desk.heard.frames[-1].stats["dropped"] >= 1
    assert desk.heard.frames[-1].stats["memory_mib"] == 12.3
    desk.session.close()


def test_a_newer_run_makes_a_waiting_picture_stale() -> None:
    desk = Desk(patience=60.0).ready()
    desk.engine.decode_seconds = 0.02  # too dear for previews between the first and the settled one
    desk.session.attach()
    for seed in (1, 2, 3):
        desk.session.submit(scene(seed))
        until(lambda seed=seed: desk.session.picture is not None and desk.session.picture.revision == seed)
    desk.session.confirm(1)
    desk.settled(3)
    assert [f.revision for f in desk.heard.frames if f.kind == "settled"] == [1, 3]
    desk.session.close()


def test_frames_that_nobody_confirms_are_forgiven() -> None:
    desk = Desk(patience=0.1).ready()
    desk.session.attach()
    for seed in (1, 2, 3):
        desk.settled(desk.session.submit(scene(seed)))
    desk.session.close()


def test_a_new_view_gets_status_and_picture_at_once(desk: Desk) -> None:
    desk.session.generate(scene(1))
    desk.heard.statuses.clear()
    desk.session.attach()
    assert desk.heard.statuses[0].state == "idle"
    assert desk.heard.frames[-1].kind == "settled"
    desk.session.attach()  # a second view, though the first confirmed nothing
    assert len(desk.heard.frames) == 2 and desk.engine.runs == [1]


def test_flow_counts_slots_confirmations_and_frames_a_second() -> None:
    flow = FrameFlow(slots=2, patience=2.0)
    assert [flow.send(0.0), flow.send(0.5)] == [1, 2]
    assert not flow.free(1.0) and flow.wait(1.0) == 1.0
    assert flow.confirm(1, 1.0) and not flow.confirm(1, 1.0) and not flow.confirm(99, 1.0)
    assert flow.free(1.0) and flow.in_flight == 1 and flow.wait(1.0) == 0.0
    assert flow.free(2.5) and flow.in_flight == 0  # forgiven after two seconds
    for tick in range(10):
        assert flow.confirm(flow.send(3 + tick / 10), 3 + tick / 10)
    assert flow.fps(4.0) == pytest.approx(10.0)
    assert flow.fps(30.0) == 0.0


# ---------------------------------------------------------------- generate


def test_generate_works_without_any_front_end(desk: Desk) -> None:
    picture = desk.session.generate(scene(5), timeout=10)
    assert picture.rgb.shape == (32, 32, 3) and not picture.rgb.flags.writeable
    assert picture is desk.session.picture
    assert desk.heard.frames == []  # nobody to see them, so no preview was decoded either
    assert desk.engine.decoded == [(5, 4)]


def test_generate_takes_the_newer_picture_if_the_scene_changes_meanwhile(desk: Desk) -> None:
    desk.engine.hold()
    got = []
    caller = threading.Thread(target=lambda: got.append(desk.session.generate(scene(1))))
    caller.start()
    until(lambda: desk.engine.runs == [1])
    desk.session.submit(scene(2))
    desk.engine.step(20)
    caller.join(10)
    assert got[0].key[0] == scene(2).key


def test_a_failure_of_an_older_scene_is_not_the_newer_ones(desk: Desk) -> None:
    desk.engine.hold()
    got: dict[int, object] = {}

    def ask(seed: int) -> None:
        try:
            got[seed] = desk.session.generate(scene(seed), timeout=10)
        except ValueError as error:
            got[seed] = error

    callers = [threading.Thread(target=ask, args=(seed,)) for seed in (1, 2)]
    callers[0].start()
    until(lambda: desk.engine.runs == [1])
    callers[1].start()
    until(lambda: desk.session._agenda.latest is not None and desk.session._agenda.latest.scene.seed == 2)
    desk.engine.failure = ValueError("too large")
    desk.engine.step()
    until(lambda: 1 in got)
    desk.engine.failure = None
    desk.engine.step(20)
    for caller in callers:
        caller.join(10)
    assert isinstance(got[1], ValueError)
    assert isinstance(got[2], Picture) and got[2].scene.seed == 2


def test_generate_is_answered_when_the_scene_goes_back_to_what_was_settled(desk: Desk) -> None:
    desk.session.generate(scene(1))
    desk.engine.hold()
    got = []
    caller = threading.Thread(target=lambda: got.append(desk.session.generate(scene(2))))
    caller.start()
    until(lambda: desk.engine.runs == [1, 2])
    desk.session.submit(scene(1))
    caller.join(10)
    desk.engine.step(20)
    assert got[0].key[0] == scene(1).key


def test_generate_times_out_and_the_session_lives_on(desk: Desk) -> None:
    desk.engine.hold()
    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        desk.session.generate(scene(1), timeout=0.05)
    desk.engine.step(40)
    assert desk.session.generate(scene(2), timeout=10).revision == 2


def test_generate_inside_a_callback_is_refused(desk: Desk) -> None:
    caught = []

    def on_settled(picture: object) -> None:
        with pytest.raises(RuntimeError) as error:
            desk.session.generate(scene(9))
        caught.append(error)

    desk.heard.on_settled = on_settled  # type: ignore[method-assign]
    desk.session.generate(scene(1))
    until(lambda: caught)


# ---------------------------------------------------------------- errors


class ModelNotFoundForTest(Exception):
    """Shaped as the engine's errors are."""

    code, message, hint = "model_not_found", "no model at /x", "check the path"


def test_a_failed_load_is_told_and_retried() -> None:
    engine, heard = FakeEngine(), Recorder()
    loader = Loader(engine)
    loader.failure = ModelNotFoundForTest()
    session = Session(loader, heard)
    session.start()
    session.attach()
    session.submit(scene(1))
    until(lambda: session.status.state == "error")
    error = heard.errors[-1]
    assert error is not None
    assert (error.code, error.message, error.hint) == ("model_not_found", "no model at /x", "check the path")
    assert error.action == "retry"
    with pytest.raises(ModelNotFoundForTest):
        session.generate(scene(1), timeout=10)
    session.submit(scene(2))
    time.sleep(0.05)
    assert loader.loads == 2  # an edit alone does not load again
    loader.failure = None
    session.reload()
    until(lambda: any(f.kind == "settled" for f in heard.frames))
    assert heard.errors[-1] is None
    session.close()


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MemoryError("3 GB"), "out_of_memory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), "out_of_memory"),
        (ValueError("shapes differ"), "engine_failed"),
        (ModelNotFoundForTest(), "model_not_found"),
    ],
)
@pytest.mark.parametrize("step", [1, 3])
def test_a_failed_run_is_told_and_the_session_lives_on(desk: Desk, failure: Exception, code: str, step: int) -> None:
    desk.watched()
    desk.settled(desk.session.submit(scene(1)))
    good = desk.session.picture
    desk.engine.failure, desk.engine.fail_at_step = failure, step
    desk.session.submit(scene(2))
    until(lambda: desk.session.status.state == "error")
    assert desk.heard.errors[-1].code == code and desk.heard.errors[-1].hint
    assert desk.session.picture is good
    time.sleep(0.03)
    assert desk.engine.runs == [1, 2]  # no endless retrying
    with pytest.raises(type(failure)):
        desk.session.generate(scene(2), timeout=10)
    desk.engine.failure = None
    desk.settled(desk.session.submit(scene(3)))
    until(lambda: desk.heard.errors[-1] is None and desk.session.status.state == "idle")


def test_a_listener_that_raises_changes_nothing(desk: Desk) -> None:
    desk.heard.broken = True
    desk.watched()
    assert desk.session.generate(scene(1), timeout=10).revision == 1
    assert desk.session.generate(scene(2), timeout=10).revision == 2


def test_notices_are_told_when_they_change(desk: Desk) -> None:
    desk.watched()
    desk.settled(desk.session.submit(scene(1, prompt="")))
    desk.settled(desk.session.submit(scene(2, prompt="")))
    desk.settled(desk.session.submit(scene(3)))
    assert [list(n) for n in desk.heard.notices] == [["r"], []]


def test_notices_follow_the_way_of_guidance(desk: Desk) -> None:
    desk.watched()
    region = Region("house", np.ones((32, 32), bool), id="r", negative_prompt="tree")
    same = Scene(SIZE, "sky", [region])
    for cfg in ("none", "full", "self"):
        desk.settled(desk.session.submit(same, Settings(cfg=cfg)))
    assert [n.get("r", [{}])[0].get("message") for n in desk.heard.notices] == ["cfg is none", None, "cfg is self"]


def test_loading_reports_progress(desk: Desk) -> None:
    loading = [(s.stage, s.progress) for s in desk.heard.statuses if s.state == "loading"]
    assert ("weights", 1.0) in loading and loading[-1][0] == "warming up"
    assert desk.engine.warmed == [(32, 32)]


# ---------------------------------------------------------------- the engine's life


def test_close_stops_the_thread_and_frees_the_engine() -> None:
    desk = Desk().ready()
    engine = weakref.ref(desk.engine)
    thread = desk.session._thread
    desk.session.close()
    assert not thread.is_alive()
    assert len(desk.loader.cache) == 0
    assert desk.session.status.state == "closed"
    desk.session.close()  # a second time does nothing
    with pytest.raises(SessionClosed):
        desk.session.generate(scene(1))
    desk.loader.engine = desk.engine = None  # type: ignore[assignment]
    desk.heard.engines.clear()
    gc.collect()
    assert engine() is None


def test_close_wakes_who_waits() -> None:
    desk = Desk().ready()
    desk.engine.hold()
    caught: list[Exception] = []

    def call() -> None:
        try:
            desk.session.generate(scene(1))
        except Exception as error:
            caught.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    until(lambda: desk.engine.runs)
    desk.engine.step(20)
    desk.engine.step_seconds = 0.2
    desk.session.close()
    caller.join(10)
    assert isinstance(caught[0], SessionClosed)


def test_an_unwatched_session_gives_its_engine_back_and_takes_it_again() -> None:
    desk = Desk(idle_release=0.05)
    until(lambda: desk.loader.loads == 1 and len(desk.loader.cache) == 0)
    assert desk.session.generate(scene(1), timeout=10).revision == 1
    assert desk.loader.loads == 2
    desk.session.close()


def test_another_engine_makes_another_picture(desk: Desk) -> None:
    desk.watched()
    desk.settled(desk.session.submit(scene(1)))
    other = Loader(FakeEngine())
    desk.session.reload(other)
    desk.settled(2)
    assert other.engine.runs == [1] and desk.engine.runs == [1]
    assert len(desk.loader.cache) == 0


def test_the_cache_shares_counts_and_frees() -> None:
    cache, loads = EngineCache(), []

    def load() -> object:
        loads.append(1)
        time.sleep(0.02)
        return object()

    leases: list = []
    threads = [threading.Thread(target=lambda: leases.append(cache.lease("a", load))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1 and len({id(lease.engine) for lease in leases}) == 1
    other = cache.lease("b", load)
    assert len(cache) == 2 and other.engine is not leases[0].engine
    for lease in leases:
        lease.release()
        lease.release()
    assert len(cache) == 1
    other.release()
    assert len(cache) == 0


def test_a_failed_load_leaves_nothing_in_the_cache() -> None:
    cache = EngineCache()

    def load() -> object:
        raise OSError("no weights")

    for _ in range(2):
        with pytest.raises(OSError, match="no weights"):
            cache.lease("a", load)
    assert len(cache) == 0
