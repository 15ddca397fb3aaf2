"""Edits that cost what they change: what an edit leaves alone keeps its bits, and a crop holds its region."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.crops import Window, around, box, middle
from semanticdraw_widget.engine.frame import Frame
from semanticdraw_widget.engine.increment import Patch, changed, patch, restricted, surroundings
from semanticdraw_widget.engine.method import CROPS, EXACT, MASKED
from semanticdraw_widget.scene import Background, Region, Scene
from unit.tiny_models import tiny_folder

SIDE = 256
Y, X = np.mgrid[0:SIDE, 0:SIDE]
DISC = (X - 60) ** 2 + (Y - 60) ** 2 < 30**2
LOW = Y > 150


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


def scene(**changes: object) -> Scene:
    return Scene((SIDE, SIDE), "sky", [Region("sea", LOW, id="sea"), Region("sun", DISC, id="sun")], seed=4).replace(
        **changes
    )


def edit(what: str) -> Scene:
    sea, sun = scene().regions
    dot = (X - 100) ** 2 + (Y - 70) ** 2 < 14**2
    return {
        "prompt": scene(regions=(sea, sun.replace(prompt="moon"))),
        "stroke": scene(regions=(sea, sun.replace(mask=DISC | dot))),
        "erased": scene(regions=(sea, sun.replace(mask=DISC & (Y < 62)))),
        "removed": scene(regions=(sea,)),
        "added": scene(regions=(sea, sun, Region("tree", dot, id="tree"))),
        "seed": scene(regions=(sea, sun.replace(seed=9))),
        "strength": scene(regions=(sea, sun.replace(prompt_strength=0.4))),
    }[what]


def last(frames: Iterator[Frame]) -> Frame:
    *_, frame = frames
    assert frame.settled
    return frame


EDITS = ("prompt", "stroke", "erased", "removed", "added", "seed", "strength")


@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("mode", ["increment", "auto"])
def test_what_an_edit_leaves_alone_keeps_its_bits(engine: Engine, what: str, mode: str) -> None:
    before = last(engine.denoise(scene(), mode=mode))
    after = last(engine.denoise(edit(what), mode=mode, after=before.trajectory))
    assert (before.mode, after.mode) == ("masked", "increment")
    differs = (before.rgb() != after.rgb()).any(-1)
    assert differs.any()
    touched = np.zeros((SIDE, SIDE), bool)
    touched[14:110, 14:130] = True
    assert not (differs & ~touched).any()
    assert before.trajectory is not None and after.trajectory is not None
    cells = torch.from_numpy(touched.reshape(32, 8, 32, 8).any((1, 3)))
    for old, new in zip(before.trajectory.xs, after.trajectory.xs):
        assert torch.equal(old[:, ~cells], new[:, ~cells]), "the kept noise and latents go on unchanged"


def test_a_negative_prompt_is_an_edit_of_its_region(engine: Engine) -> None:
    sea, sun = scene().regions
    before = last(engine.denoise(scene(), mode="increment", guidance=3.0))
    edited = scene(regions=(sea, sun.replace(negative_prompt="cloud")))
    after = last(engine.denoise(edited, mode="increment", guidance=3.0, after=before.trajectory))
    assert after.mode == "increment"
    differs = (before.rgb() != after.rgb()).any(-1)
    assert differs[30:90, 30:90].any()
    assert not differs[110:].any()


@pytest.mark.parametrize("mode", ["increment", "auto"])
def test_an_edit_that_shows_nowhere_repaints_nothing(engine: Engine, mode: str) -> None:
    sea, sun = scene().regions
    before = last(engine.denoise(scene(), mode=mode))
    nicked = DISC.copy()
    nicked[60, 31] = False  # its outermost pixel
    for same in (scene(regions=(sun, sea)), scene(regions=(sea, sun.replace(mask=nicked))), scene(seed=4)):
        after = last(engine.denoise(same, mode=mode, after=before.trajectory))
        assert (after.mode, after.samples) == ("increment", 0)
        assert np.array_equal(after.rgb(), before.rgb())


def test_edits_too_small_to_show_add_up_to_one_that_does(engine: Engine) -> None:
    sea, sun = scene().regions
    frame = last(engine.denoise(scene(regions=(sea, sun.replace(feather=6.0))), mode="increment"))
    painted = []
    for feather in np.linspace(6.0, 7.0, 20)[1:]:
        before = frame.trajectory
        edited = scene(regions=(sea, sun.replace(feather=float(feather))))
        frame = last(engine.denoise(edited, mode="increment", after=before))
        painted.append(frame.samples > 0)
        assert before is not None and frame.trajectory is not None
        assert painted[-1] or frame.trajectory.plan is before.plan, "the next edit is told from what is painted"
    assert 0 < sum(painted) < len(painted)


def test_an_edit_may_follow_an_edit(engine: Engine) -> None:
    first = last(engine.denoise(scene(), mode="increment"))
    second = last(engine.denoise(edit("prompt"), mode="increment", after=first.trajectory))
    third = last(engine.denoise(edit("added"), mode="increment", after=second.trajectory))
    changed = (third.rgb() != first.rgb()).any(-1)
    assert changed[:110].any()
    assert not changed[130:].any()


def test_a_small_edit_costs_at_most_a_third(engine: Engine) -> None:
    sixteenth = np.zeros((SIDE, SIDE), bool)
    sixteenth[40:104, 40:104] = True
    whole = scene(regions=(Region("sea", LOW, id="sea"), Region("sun", sixteenth, id="sun")))
    before = last(engine.denoise(whole, mode="increment"))
    sea, sun = whole.regions
    after = last(
        engine.denoise(
            whole.replace(regions=(sea, sun.replace(prompt="moon"))), mode="increment", after=before.trajectory
        )
    )
    assert after.samples <= before.samples / 3
    assert before.samples < last(engine.denoise(whole, mode="exact")).samples / 2


@pytest.mark.parametrize("change", ["size", "steps", "guidance", "everything"])
def test_where_nothing_can_be_kept_the_whole_picture_is_made(engine: Engine, change: str) -> None:
    kept = last(engine.denoise(scene(), mode="increment", guidance=1.0)).trajectory
    asked, options = scene(), {"guidance": 1.0}
    if change == "size":
        asked = Scene((128, 128), "sky", [Region("sun", DISC[:128, :128])], seed=4)
    elif change == "steps":
        options["steps"] = 3
    elif change == "guidance":
        options["guidance"] = 2.0
    else:
        asked = scene(seed=77)
    frame = last(engine.denoise(asked, mode="increment", after=kept, **options))  # type: ignore[arg-type]
    assert frame.mode == "masked"
    alone = last(engine.denoise(asked, mode="masked", **options))  # type: ignore[arg-type]
    torch.testing.assert_close(frame.x0, alone.x0)


def test_the_fast_lane_shows_an_edit_after_one_call(engine: Engine, calls: list[tuple[int, ...]]) -> None:
    before = last(engine.denoise(scene(), mode="auto"))
    calls.clear()
    run = engine.denoise(edit("prompt"), mode="auto", after=before.trajectory)
    frame = next(run)
    assert (frame.mode, frame.settled) == ("fast lane", False)
    assert len(calls) == 1
    assert calls[0][0] == 1
    assert calls[0][1] * calls[0][2] <= 0.4 * 32 * 32, "it looks at the edit's surroundings alone"
    differs = (frame.rgb() != before.rgb()).any(-1)
    assert differs[30:90, 30:90].any()
    assert not differs[110:].any()
    following = list(run)
    assert [f.step for f in following] == [1, 2, 3, 4]
    plain = last(engine.denoise(edit("prompt"), mode="increment", after=before.trajectory))
    np.testing.assert_array_equal(following[-1].rgb(), plain.rgb())


def test_a_background_picture_survives_an_edit(engine: Engine) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    asked = scene(background=Background("", picture))
    before = last(engine.denoise(asked, mode="increment"))
    after = last(
        engine.denoise(asked.replace(regions=edit("prompt").regions), mode="increment", after=before.trajectory)
    )
    assert after.mode == "increment"
    np.testing.assert_array_equal(after.rgb()[100:140], picture[100:140])


# ---------------------------------------------------------------- crops


def test_crops_cost_less_and_paint_the_same_places(engine: Engine, calls: list[tuple[int, ...]]) -> None:
    whole = last(engine.denoise(scene(), method=EXACT))
    calls.clear()
    cropped = last(engine.denoise(scene(), method=CROPS))
    assert cropped.samples < 0.85 * whole.samples
    assert {size for _, *size_ in calls for size in size_} <= {16, 20, 24, 28, 32}
    assert cropped.x0.shape == whole.x0.shape


def test_where_no_region_is_smaller_than_the_canvas_crops_are_exact(engine: Engine) -> None:
    everywhere = Scene((SIDE, SIDE), "", [Region("sea", np.ones((SIDE, SIDE), bool))], seed=2)
    a, b = (last(engine.denoise(everywhere, method=m)) for m in (EXACT, CROPS))
    torch.testing.assert_close(a.x0, b.x0)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_window_holds_its_box_and_fits_the_canvas(data: st.DataObject) -> None:
    h, w = data.draw(st.integers(4, 100)), data.draw(st.integers(4, 100))
    height, width = data.draw(st.integers(1, h)), data.draw(st.integers(1, w))
    inner = Window(data.draw(st.integers(0, h - height)), data.draw(st.integers(0, w - width)), height, width)
    grain = data.draw(st.sampled_from([4, 8]))
    whole = Window(0, 0, h, w)
    window = around(inner, h, w, grain) or whole
    seen, end = (each or whole for each in surroundings(inner, h, w, grain))
    assert window.holds(inner)
    assert seen.holds(inner.grown(1, h, w))
    assert end.holds(inner.grown(3, h, w))
    assert seen.area <= end.area
    for one in (window, seen, end, middle(inner, 2, h, w, grain) or whole):
        assert min(one.top, one.left) >= 0
        assert one.top + one.height <= h
        assert one.left + one.width <= w
        assert one.height == h or one.height % grain == 0
        assert one.width == w or one.width % grain == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 40), st.integers(5, 40))
def test_cut_and_paste_are_inverse(seed: int, h: int, w: int) -> None:
    rng = np.random.default_rng(seed)
    where = torch.from_numpy(rng.random((h, w)) < 0.05)
    window = box(where)
    if window is None:
        assert not where.any()
        return
    x, y = torch.randn(2, 3, h, w)
    pasted = window.paste(window.cut(x), y)
    assert torch.equal(window.cut(pasted), window.cut(x))
    outside = torch.ones(h, w, dtype=torch.bool)
    window.cut(outside).fill_(False)
    assert torch.equal(pasted[:, outside], y[:, outside])
    assert int(where.sum()) == int(window.cut(where).sum())


def test_an_edit_asks_no_prompt_that_its_window_does_not_show(engine: Engine) -> None:
    """Regions far from an edit cost it nothing, however many they are."""
    first = scene()
    corner = np.zeros((SIDE, SIDE), bool)
    corner[:16, :16] = True
    spot = Region("sun", corner, id="spot")
    before = last(engine.denoise(first.replace(regions=(*first.regions, spot)), mode="increment")).trajectory
    edit = first.replace(regions=(*first.regions, spot.replace(prompt="moon")))
    plan = engine.plan(edit, 4, engine.default_guidance, MASKED)
    part = patch(before, plan, engine.default_guidance, MASKED, engine._family.cell)
    assert part is not None and part.seen is not None
    for rows, window in zip(restricted(plan, part)[1:], (part.seen, part.seen, part.last), strict=True):
        (row,) = rows
        assert row.maps is not None
        assert window is not None and row.window == window
        shown = {i for i, weight in enumerate(plan.weights[-1]) if bool((window.cut(weight) > 0).any())}
        assert set(row.prompts) == shown < set(range(len(edit.regions) + 1))
        torch.testing.assert_close(window.cut(row.maps).sum(0), torch.ones(window.height, window.width))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(2, 9), st.booleans())
def test_a_new_part_goes_over_into_what_is_around_it(seed: int, h: int, w: int, locked: bool) -> None:
    """Pixel by pixel: whole where no kept cell is near, ever less towards one, and cut off at a locked region."""
    rng = np.random.default_rng(seed)
    free = rng.random((h, w)) < 0.8
    cells = free & (rng.random((h, w)) < 0.8) if locked else free
    inner = box(torch.from_numpy(cells))
    if inner is None:
        return
    made, whole = torch.from_numpy(cells), np.pad(free, 1, mode="edge")
    share = Patch(None, made, made, torch.from_numpy(free), inner, None, None).fade(4)  # type: ignore[arg-type]
    assert share.shape == (4 * inner.height, 4 * inner.width)
    for y, x in np.ndindex(*share.shape):
        row, column = y // 4 + inner.top, x // 4 + inner.left
        down, right = (y % 4 + 0.5) / 4, (x % 4 + 0.5) / 4
        expected = 0.0
        for dy, part_y in ((0, 1 - down), (1, down)):
            for dx, part_x in ((0, 1 - right), (1, right)):
                meeting = whole[row + dy : row + dy + 2, column + dx : column + dx + 2]
                expected += part_y * part_x * bool(meeting.all())
        assert share[y, x] == pytest.approx(expected if cells[row, column] else 0.0, abs=1e-6)


def test_there_is_no_seam_around_an_edit() -> None:
    """The cells around an edit come out a shade different; at their outer rim hardly anything of that is left."""
    crayon = load_engine("crayon", device="cpu")
    sky = Scene((SIDE, SIDE), "sky", seed=4)
    before = last(crayon.denoise(sky, mode="increment"))
    after = last(
        crayon.denoise(sky.replace(regions=(Region("cloud", DISC),)), mode="increment", after=before.trajectory)
    )
    assert before.trajectory is not None and after.trajectory is not None
    around = patch(before.trajectory, after.trajectory.plan, crayon.default_guidance, after.trajectory.method, 8)
    assert around is not None
    edited = changed(before.trajectory.plan, after.trajectory.plan)
    beside = (around.cells & ~edited).numpy().repeat(8, 0).repeat(8, 1)
    pixels = around.cells.numpy().repeat(8, 0).repeat(8, 1)
    rim = np.zeros_like(pixels)
    for axis, step in ((0, -1), (0, 1), (1, -1), (1, 1)):
        rim |= pixels & ~np.roll(pixels, step, axis)
    differs = np.abs(after.rgb().astype(int) - before.rgb()).mean(-1)
    assert differs[beside].mean() > 1
    assert differs[rim].mean() < differs[beside].mean() / 4
