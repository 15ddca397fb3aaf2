"""The slots of the stream batch, filled by hand: scenes enter and leave in order, edits go on from what is there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.frame import Frame
from semanticdraw_widget.engine.increment import Trajectory, changed
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

SIDE, STEPS = 256, 3
Y, X = np.mgrid[0:SIDE, 0:SIDE]
LOW = Y > 150
SETTINGS = {"steps": STEPS, "guidance": 1.0}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


def stroke(at: int) -> Scene:
    """A scene whose sun has been drawn as far as ``at``, px."""
    sun = (abs(Y - 60) < 12) & (X > 30) & (X < at)
    return Scene((SIDE, SIDE), "sky", [Region("sea", LOW, id="sea"), Region("sun", sun, id="sun")], seed=4)


def settled(engine: Engine, scene: Scene, mode: str, after: Trajectory | None = None, steps: int = STEPS) -> Frame:
    *_, frame = engine.denoise(scene, mode=mode, after=after, hurry=False, steps=steps, guidance=1.0)
    return frame


def streamed(
    engine: Engine, scenes: list[Scene], mode: str, after: Trajectory | None = None, steps: int = STEPS
) -> list[Frame]:
    batch = engine.stream_batch(mode=mode, steps=steps, guidance=1.0)
    frames = []
    for scene in scenes:
        batch.enter(scene, after)
        frames.append(batch.tick())
    while batch:
        frames.append(batch.tick())
    return [frame for frame in frames if frame.settled]


@pytest.mark.parametrize("mode", ["exact", "crops", "masked"])
def test_scenes_leave_in_order_each_with_the_picture_of_one_shot(engine: Engine, mode: str) -> None:
    scenes = [stroke(at) for at in (60, 90, 120, 150, 180)]
    frames = streamed(engine, scenes, mode)
    assert len(frames) == 5
    for frame, scene in zip(frames, scenes):
        torch.testing.assert_close(frame.x0, settled(engine, scene, mode).x0, rtol=1e-3, atol=1e-3)
        assert frame.mode == mode


def test_the_oldest_slot_is_shown_on_its_way(engine: Engine) -> None:
    batch = engine.stream_batch(mode="masked", **SETTINGS)
    batch.enter(stroke(60))
    steps = []
    for at in (90, 120, 150):
        steps.append((batch.tick().step, len(batch)))
        batch.enter(stroke(at))
    assert steps == [(1, 1), (2, 2), (3, 2)]  # the third tick settles the first scene, which leaves


@settings(max_examples=10, deadline=None)
@given(ends=st.lists(st.integers(31, 220), min_size=1, max_size=6), mode=st.sampled_from(["increment", "auto"]))
def test_a_stream_of_edits_leaves_the_rest_as_it_was(engine: Engine, ends: list[int], mode: str) -> None:
    """Bit for bit, and what is edited comes out as it does without a stream."""
    before = settled(engine, stroke(31), mode)
    frames = streamed(engine, [stroke(at) for at in ends], mode, before.trajectory)
    assert len(frames) == len(ends)
    assert before.trajectory is not None
    for frame, at in zip(frames, ends):
        alone = settled(engine, stroke(at), mode, before.trajectory)
        torch.testing.assert_close(frame.x0, alone.x0, rtol=1e-3, atol=1e-3)
        assert frame.trajectory is not None
        np.testing.assert_array_equal(frame.rgb()[170:], before.rgb()[170:])
        if bool(changed(before.trajectory.plan, engine.plan(stroke(at), STEPS, 1.0, before.trajectory.method)).any()):
            assert frame.mode == "increment" and frame.samples > 0
        else:
            assert frame.samples == 0


def test_an_edit_goes_on_from_what_a_stream_has_settled(engine: Engine) -> None:
    before = settled(engine, stroke(60), "auto")
    *_, last = streamed(engine, [stroke(90), stroke(120)], "auto", before.trajectory)
    rgb = last.rgb()
    after = settled(engine, stroke(150), "auto", last.trajectory)
    np.testing.assert_array_equal(after.rgb()[170:], rgb[170:])
    np.testing.assert_array_equal(after.rgb()[:, :40], rgb[:, :40])
    assert after.samples < settled(engine, stroke(150), "masked").samples


def test_a_tick_is_a_call_for_each_size_of_window(engine: Engine, calls: list[tuple[int, ...]]) -> None:
    before = settled(engine, stroke(60), "auto", steps=4)
    calls.clear()
    streamed(engine, [stroke(at) for at in (62, 64, 66)], "auto", before.trajectory, steps=4)
    cells = SIDE // engine.cell
    structural = [shape for shape in calls if shape[0] == 1]
    assert all(height * width < cells * cells for _, height, width in calls)
    # Six ticks: in four of them one call for all steps on the way, in three one for the last, which sees more.
    assert max(rows for rows, *_ in calls) >= 2
    assert len(calls) <= 4 + len(structural)


def test_one_scene_enters_a_tick(engine: Engine) -> None:
    batch = engine.stream_batch(mode="masked", **SETTINGS)
    batch.enter(stroke(60))
    with pytest.raises(RuntimeError, match="a scene has entered since the last tick"):
        batch.enter(stroke(90))
    for _ in range(STEPS):
        batch.tick()
    assert not batch
    with pytest.raises(RuntimeError, match="no scene has entered"):
        batch.tick()


def test_a_stream_refuses_what_generate_refuses(engine: Engine) -> None:
    with pytest.raises(ValueError, match="the mode is 'quick'"):
        engine.stream_batch(mode="quick")
    with pytest.raises(ValueError, match="steps is 0"):
        engine.stream_batch(steps=0)


def test_the_cost_of_a_tick_is_measured_between_calls(engine: Engine, calls: list[tuple[int, ...]]) -> None:
    """Whoever has better to do can stop after any call; the measure is a ratio of times."""
    measures, made = [], 0
    for measure in engine.tick_costs((64, 64), 3):
        measures.append(measure)
        if measure is None:
            assert made < len(calls) <= made + 2  # the step of all slots, of two kinds at most
            made = len(calls)
    assert measures[-1] is not None and 0.1 < measures[-1] < 100
    assert max(rows for rows, *_ in calls) == 2  # the first step of one scene beside the later steps of the others
