"""Each fault of the published release that concerns an engine, and that ours does not have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from semanticdraw_widget.engine import Engine, Method, OutOfMemory, load_engine
from semanticdraw_widget.engine import plan as plan_module
from semanticdraw_widget.engine import rows as rows_module
from semanticdraw_widget.engine.algorithm import Slot
from semanticdraw_widget.engine.centring import centring_shift, move
from semanticdraw_widget.masks import draw_stroke
from semanticdraw_widget.scene import Background, Region, Scene
from unit.tiny_models import tiny_folder

W, H = 96, 64
Y, X = np.mgrid[0:H, 0:W]
LEFT, RIGHT, DISC = X < 44, X > 40, (X - 50) ** 2 + (Y - 30) ** 2 < 20**2


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_engine(tiny_folder(tmp_path_factory.mktemp("tiny")), device="cpu", lora=None)


@pytest.fixture
def calls(engine: Engine) -> Iterator[list[int]]:
    """The rows of every call of the network."""
    rows: list[int] = []
    hook = engine._family.unet.register_forward_pre_hook(lambda _, args: rows.append(len(args[0])))
    yield rows
    hook.remove()


def latents(engine: Engine, scene: Scene, **options: object) -> torch.Tensor:
    *_, frame = engine.denoise(scene, guidance=1.0, **options)  # type: ignore[arg-type]
    return frame.x0


# ---------------------------------------------------------------- the picture stays put


def test_same_scene_same_bits(engine: Engine) -> None:
    scene = Scene((W, H), "sky", [Region("sea", LEFT), Region("house", DISC)], seed=4)
    first = engine.generate(scene)
    engine.generate(scene.replace(seed=5))
    engine.forget()
    assert first.tobytes() == engine.generate(scene).tobytes()
    assert first.tobytes() != engine.generate(scene.replace(seed=5)).tobytes()


def test_a_stream_settles_on_the_one_shot_picture(engine: Engine) -> None:
    scene = Scene((W, H), "sky", [Region("sea", LEFT), Region("house", DISC)], seed=4)
    expected = latents(engine, scene)
    frames = list(engine.stream([scene] * 6, guidance=1.0))
    assert len(frames) == 6
    for frame in frames:
        torch.testing.assert_close(frame.x0, expected, rtol=1e-3, atol=1e-3)


# ---------------------------------------------------------------- what an edit costs


def test_an_edit_flushes_nothing(engine: Engine, calls: list[int]) -> None:
    """One network call and one frame a tick, before and after an edit, and each frame is of its own scene."""
    before = Scene((W, H), "sky", [Region("sea", LEFT)], seed=1)
    after = Scene((W, H), "sand", [Region("sea", LEFT), Region("house", DISC)], seed=1)
    frames = list(engine.stream([before] * 5 + [after] * 3, steps=4, guidance=1.0))
    assert len(frames) == 8
    assert len(calls) == 8 + 3, "a call a tick, and the three that fill the pipe"
    for frame, scene in zip(frames, [before] * 5 + [after] * 3):
        torch.testing.assert_close(frame.x0, latents(engine, scene, steps=4), rtol=1e-3, atol=1e-3)


def test_one_shot_costs_a_row_a_prompt_a_step(engine: Engine, calls: list[int]) -> None:
    scene = Scene((W, H), "sky", [Region("sea", LEFT), Region("house", DISC)], seed=1)
    *_, frame = engine.denoise(scene, steps=4, guidance=1.0)
    assert calls == [3, 3, 3, 3]
    assert frame.samples == 12


def test_nothing_runs_ahead_of_the_consumer(engine: Engine, calls: list[int]) -> None:
    run = engine.denoise(Scene((W, H), "sky", [Region("sea", LEFT)]), steps=4, guidance=1.0)
    next(run)
    assert len(calls) == 1
    run.close()
    assert len(calls) == 1


@pytest.mark.parametrize(
    "idle",
    [
        Region("house", np.zeros((H, W), bool)),
        Region("", DISC),
        Region("house", DISC, visible=False),
    ],
    ids=["empty", "no prompt", "invisible"],
)
def test_a_region_that_paints_nothing_costs_nothing(engine: Engine, calls: list[int], idle: Region) -> None:
    scene = Scene((W, H), "sky", [Region("sea", LEFT)], seed=1)
    expected = latents(engine, scene)
    rows = list(calls)
    calls.clear()
    got = latents(engine, scene.replace(regions=(*scene.regions, idle)))
    assert calls == rows
    if not idle.mask.any() or not idle.visible or not idle.prompt:
        torch.testing.assert_close(got, expected, rtol=0, atol=0)


def test_a_covered_background_costs_nothing(engine: Engine, calls: list[int]) -> None:
    latents(engine, Scene((W, H), "sky", [Region("sea", np.ones((H, W), bool), feather=0)]))
    assert set(calls) == {1}


def test_no_regions_is_a_plain_picture(engine: Engine, calls: list[int]) -> None:
    assert engine.generate(Scene((W, H), "sky")).size == (W, H)
    assert set(calls) == {1}


def test_planning_happens_once_a_scene(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Masks, boxes, shifts and embeddings are worked out when the scene changes, never per step or frame."""
    counts = {"maps": 0, "shifts": 0, "texts": 0}

    def counting(name: str, function):  # type: ignore[no-untyped-def]
        def wrapped(*args: object, **more: object) -> object:
            counts[name] += 1
            return function(*args, **more)

        return wrapped

    monkeypatch.setattr(plan_module, "weight_maps", counting("maps", plan_module.weight_maps))
    monkeypatch.setattr(rows_module, "centring_shift", counting("shifts", rows_module.centring_shift))
    monkeypatch.setattr(engine._family, "encode_text", counting("texts", engine._family.encode_text))
    engine.forget()
    scene = Scene((W, H), "sky", [Region("sea", LEFT), Region("house", DISC)], seed=11)
    list(engine.stream([scene] * 6, steps=4, guidance=1.0))
    engine.generate(scene, steps=4, guidance=1.0)
    assert counts == {"maps": 1, "shifts": 2, "texts": 3}
    # Another mask is another plan, but its prompts are known.
    moved = scene.replace(regions=(scene.regions[0].replace(mask=RIGHT), scene.regions[1]))
    engine.generate(moved, steps=4, guidance=1.0)
    assert counts == {"maps": 2, "shifts": 4, "texts": 3}


# ---------------------------------------------------------------- masks


def test_a_thin_stroke_counts_in_every_step(engine: Engine) -> None:
    """Five pixels wide at the default feather: the blur alone would leave nothing of it in the first step."""
    stroke = draw_stroke(np.zeros((512, 512), np.uint8), [(16 * 60, 16 * 100), (16 * 400, 16 * 420)], 5)
    plan = engine.plan(Scene((512, 512), "sky", [Region("sea", stroke)]), 4, 1.0)
    cells = stroke.reshape(64, 8, 64, 8).mean((1, 3))
    for rows in plan.steps:
        weight = next(row.weight for row in rows if row.index == 0).numpy()
        inside = cells > 0.4 * 255
        assert inside.sum() > 30
        assert (weight[inside] > 0).all()


def test_mask_values_are_shares_not_bytes(engine: Engine) -> None:
    """A mask of 255, of 1.0 and of True are the same; a half-transparent one is not."""
    as_bytes, as_floats = DISC.astype(np.uint8) * 255, DISC.astype(np.float32)
    pictures = [latents(engine, Scene((W, H), "sky", [Region("sea", m)])) for m in (as_bytes, as_floats, DISC)]
    for other in pictures[1:]:
        torch.testing.assert_close(other, pictures[0], rtol=0, atol=0)
    half = latents(engine, Scene((W, H), "sky", [Region("sea", as_bytes // 2)]))
    assert not torch.allclose(half, pictures[0], atol=1e-2)


def test_cover_order_holds_after_editing_one_region(engine: Engine) -> None:
    """The lower region gives way to the upper one, whichever of them was edited last."""
    low, high = Region("sea", LEFT, id="low"), Region("house", DISC, id="high")
    scene = Scene((W, H), "sky", [low.replace(prompt="sand"), high])
    engine.generate(scene)
    edited = scene.replace(regions=(low, high))
    fresh = load_fresh(engine).plan(Scene((W, H), "sky", [low, high]), 4, 1.0)
    for ours, theirs in zip(engine.plan(edited, 4, 1.0).steps, fresh.steps):
        for a, b in zip(ours, theirs):
            torch.testing.assert_close(a.weight, b.weight, rtol=0, atol=0)
    covered = np.asarray((LEFT & DISC).reshape(H // 8, 8, W // 8, 8).mean((1, 3)) == 1)
    weights = {row.index: row.weight.numpy() for row in engine.plan(edited, 4, 1.0).steps[0]}
    assert (weights[0][covered] == 0).all()
    assert (weights[1][covered] > 0).any()


def load_fresh(engine: Engine) -> Engine:
    engine.forget()
    return engine


# ---------------------------------------------------------------- centring


def test_moved_content_does_not_wrap() -> None:
    x = torch.arange(48.0).reshape(1, 6, 8)
    ground = torch.full((1, 6, 8), -1.0)
    moved = move(x, (2, -3), ground)
    np.testing.assert_array_equal(moved[0, :2], -1)
    np.testing.assert_array_equal(moved[0, :, 5:], -1)
    np.testing.assert_array_equal(moved[0, 2:, :5], x[0, :4, 3:])


@pytest.mark.parametrize("seed", range(20))
def test_a_region_fits_when_centred_and_comes_back_unharmed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.integers(3, 20, 2)
    y0, x0 = rng.integers(0, h), rng.integers(0, w)
    y1, x1 = rng.integers(y0 + 1, h + 1), rng.integers(x0 + 1, w + 1)
    weight = torch.zeros(int(h), int(w))
    weight[y0:y1, x0:x1] = 1
    shift = centring_shift(weight)
    moved = move(weight, shift, torch.zeros_like(weight))
    assert moved.sum() == weight.sum(), "nothing left the canvas"
    rows, columns = np.nonzero(moved.numpy())
    assert abs(rows.min() + rows.max() + 1 - h) <= 2
    assert abs(columns.min() + columns.max() + 1 - w) <= 2
    back = move(moved, (-shift[0], -shift[1]), torch.zeros_like(weight))
    torch.testing.assert_close(back, weight, rtol=0, atol=0)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_centring_ends_after_its_steps(engine: Engine, count: int) -> None:
    scene = Scene((W, H), "sky", [Region("sea", LEFT)])
    plan = engine.plan(scene, 5, 1.0, Method(centring_steps=count))
    centred = [any(row.shift is not None for row in rows) for rows in plan.steps]
    assert centred == [True] * count + [False] * (5 - count)


def test_leak_damping_weakens_what_stayed_plain(engine: Engine) -> None:
    plan = engine.plan(Scene((W, H), "sky", [Region("sea", LEFT)]), 4, 1.0)
    row = plan.steps[0][0]
    algorithm = engine.algorithm(4, 1.0, Method(leak_damping=True))
    assert float(algorithm.damped(row, plan.paper, plan).abs().max()) == 0
    far = algorithm.damped(row, plan.paper + 10, plan)
    torch.testing.assert_close(far, row.weight)


# ---------------------------------------------------------------- backgrounds and guidance


def test_a_background_picture_stays_where_nothing_is_painted(engine: Engine) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (H, W, 3), dtype=np.uint8)
    scene = Scene((W, H), Background("", picture), [Region("sea", DISC)])
    result = np.asarray(engine.generate(scene, guidance=1.0))
    far = (X - 50) ** 2 + (Y - 30) ** 2 > 30**2
    np.testing.assert_array_equal(result[far], picture[far])
    assert (result[DISC] != picture[DISC]).mean() > 0.5


def test_negative_prompts_that_cannot_work_are_named(tmp_path: Path, engine: Engine) -> None:
    region = Region("sea", LEFT, negative_prompt="house", id="r")
    embedded = load_engine(tiny_folder(tmp_path, guidance_embedding=True), device="cpu", lora=None)
    codes = [notice["code"] for notice in embedded.notices(Scene((W, H), "sky", [region]))["r"]]
    assert codes == ["negative_unused"]
    scene = Scene((W, H), "sky", [region])
    assert "guidance is off" in engine.notices(scene)["r"][0]["message"]
    assert engine.notices(scene, guidance=4.0) == {}


# ---------------------------------------------------------------- bad input and faults


@pytest.mark.parametrize(("option", "value"), [("steps", 0), ("steps", 101), ("guidance", -1.0), ("guidance", 31.0)])
def test_settings_out_of_range(engine: Engine, option: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"{option} is {value}, it must lie in"):
        next(engine.denoise(Scene((W, H), "sky"), **{option: value}))  # type: ignore[arg-type]


def test_out_of_memory_is_an_engine_error_and_the_engine_lives(engine: Engine) -> None:
    def burst(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    hook = engine._family.unet.register_forward_pre_hook(burst)
    with pytest.raises(OutOfMemory) as caught:
        engine.generate(Scene((W, H), "sky"))
    hook.remove()
    assert caught.value.code == "out_of_memory"
    assert "96x64" in caught.value.message
    assert engine.generate(Scene((W, H), "sky")).size == (W, H)


def test_slots_keep_their_own_scene(engine: Engine) -> None:
    """Two scenes in one call do not see each other."""
    one, two = (
        engine.plan(Scene((W, H), p, [Region("sea", LEFT)], seed=s), 4, 1.0) for p, s in (("sky", 1), ("sand", 2))
    )
    algorithm = engine.algorithm(4, 1.0)
    with torch.inference_mode():
        alone = algorithm.advance([Slot(one)])[0]
        together = algorithm.advance([Slot(two), Slot(one), Slot(replace(two, scene=one.scene))])[1]
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-3)
