"""Locked regions: their pixels stay, whatever is painted around them, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.frame import Frame
from semanticdraw_widget.engine.held import held, shown
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

SIDE = 256
Y, X = np.mgrid[0:SIDE, 0:SIDE]
BOX = (abs(X - 64) < 32) & (abs(Y - 64) < 32)  # whole cells of 8 pixels
LOW = Y >= 160
WELL_INSIDE = (abs(X - 64) < 31) & (abs(Y - 64) < 31)
FAR = np.hypot(X - 64, Y - 64) > 90


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


def scene(**sun: object) -> Scene:
    regions = [Region("sea", LOW, id="sea"), Region("sun", BOX, id="sun", feather=0)]
    return Scene((SIDE, SIDE), "sky", [regions[0], regions[1].replace(**sun)], seed=4)


def last(frames: Iterator[Frame]) -> Frame:
    *_, frame = frames
    assert frame.settled
    return frame


@pytest.mark.parametrize("mode", ["auto", "increment", "masked", "exact", "crops"])
def test_a_locked_region_stays_and_all_else_is_painted_anew(engine: Engine, mode: str) -> None:
    before = last(engine.denoise(scene(), mode=mode))
    other = scene(locked=True).replace(seed=99)
    after = last(engine.denoise(other, mode=mode, after=before.trajectory, anew=True))
    same = (before.rgb() == after.rgb()).all(-1)
    assert same[WELL_INSIDE].all()
    assert same[FAR].mean() < 0.5  # this small model paints much of it white or black
    free = last(engine.denoise(scene().replace(seed=99), mode=mode, after=before.trajectory, anew=True))
    assert not (before.rgb() == free.rgb()).all(-1)[WELL_INSIDE].all()


@pytest.mark.parametrize("mode", ["auto", "exact"])
def test_its_prompt_waits_for_the_lock_to_go(engine: Engine, mode: str) -> None:
    before = last(engine.denoise(scene(), mode=mode))
    locked = last(engine.denoise(scene(locked=True, prompt="moon"), mode=mode, after=before.trajectory))
    assert (locked.rgb() == before.rgb())[WELL_INSIDE].all()
    unlocked = last(engine.denoise(scene(prompt="moon"), mode=mode, after=locked.trajectory, anew=True))
    assert (unlocked.rgb() != before.rgb()).any(-1)[WELL_INSIDE].any()


def test_where_a_lock_holds_all_that_changes_no_network_runs(engine: Engine) -> None:
    whole = Scene((SIDE, SIDE), "", [Region("sea", np.ones((SIDE, SIDE), bool), id="sea")], seed=4)
    before = last(engine.denoise(whole, mode="auto"))
    changed = whole.replace(regions=(whole.regions[0].replace(prompt="sand", locked=True),))
    frames = list(engine.denoise(changed, mode="auto", after=before.trajectory))
    assert [frame.samples for frame in frames] == [0.0]
    assert np.array_equal(frames[0].rgb(), before.rgb())
    tower = Region("tower", BOX, id="tower")
    over = last(
        engine.denoise(changed.replace(regions=(*changed.regions, tower)), mode="auto", after=frames[0].trajectory)
    )
    assert (over.rgb() != before.rgb()).any(-1)[WELL_INSIDE].any()
    assert np.array_equal(over.rgb()[FAR], before.rgb()[FAR])


def test_what_a_scene_shows_is_its_topmost_visible_region() -> None:
    wide = Scene((SIDE, SIDE), "", [Region("a", LOW), Region("b", Y >= 200), Region("c", X < 9, visible=False)])
    assert {int(shown(wide)[y, 5]) for y in (0, 159)} == {-1}
    assert [int(shown(wide)[y, 5]) for y in (160, 199, 200, 255)] == [0, 0, 1, 1]


def test_only_what_it_shows_in_both_is_held() -> None:
    """Not what Python adds to its mask, nor what another region now covers, nor an invisible one."""
    wider = scene(locked=True, mask=BOX | (abs(X - 160) < 32) & (abs(Y - 64) < 32))
    cells = held(scene(), wider, 8)
    assert cells is not None
    assert np.array_equal(np.argwhere(cells.numpy()), [(y, x) for y in range(4, 12) for x in range(4, 12)])
    cover = Region("cloud", X < 64, id="cloud")
    covered = held(scene(), scene(locked=True).replace(regions=(*scene(locked=True).regions, cover)), 8)
    assert covered is not None
    assert int(covered.sum()) == 8 * 4
    assert held(scene(), scene(locked=True, visible=False), 8) is None
    assert held(scene(), scene(), 8) is None
    assert held(scene().replace(regions=()), scene(locked=True), 8) is None
