"""Canvases larger than the model: overlapping tiles under ramps, and no tile without a prompt of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline
from hypothesis import given
from hypothesis import strategies as st

from semanticdraw_widget.engine import EXACT, Engine, load_engine, noise
from semanticdraw_widget.engine.algorithm import Slot
from semanticdraw_widget.engine.increment import patch
from semanticdraw_widget.engine.method import CROPS, MASKED, Method
from semanticdraw_widget.engine.rationed import MOST
from semanticdraw_widget.engine.tiles import decoded_in_tiles, encoded_in_tiles, side, spans, tiles
from semanticdraw_widget.scene import Background, Region, Scene
from unit.tiny_models import tiny_folder

TILE = 128  # pixels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return load_engine(folder, device="cpu", lora=None)


def band(width: int, height: int, left: int, right: int) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    mask[:, left:right] = True
    return mask


def latent(engine: Engine, scene: Scene, method: Method, **more: object) -> torch.Tensor:
    *_, frame = engine.denoise(scene, method=method, **more)  # type: ignore[arg-type]
    return frame.x0


@given(st.integers(1, 700), st.integers(1, 12))
def test_tiles_cover_a_side_and_overlap(length: int, eighths: int) -> None:
    tile = 8 * eighths
    parts = spans(length, tile)
    assert parts[0][0] == 0 and parts[-1][1] == length
    assert all(end - start == min(tile, length) for start, end in parts)
    assert all(before[1] - after[0] >= tile // 4 for before, after in pairwise(parts))


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 4), st.integers(1, 3))
def test_the_ramps_share_every_cell(h: int, w: int, eighths: int, fine: int) -> None:
    parts = tiles(h, w, 8 * eighths, fine)
    total = torch.stack([share for _, share in parts]).sum(0)
    torch.testing.assert_close(total, torch.ones(h * fine, w * fine))
    for window, share in parts:
        outside = share.clone()
        outside[window.top * fine :, window.left * fine :][: window.height * fine, : window.width * fine] = 0
        assert not outside.any()
        assert share.min() >= 0


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((512, 512), None, None),
        ((1024, 512), None, None),  # twice its side is still whole
        ((1032, 512), None, 64),
        ((512, 4608), None, 64),
        ((1024, 512), 256, 32),
        ((1024, 512), 250, 32),  # in whole buckets
        ((4608, 512), 0, None),
        ((256, 256), 512, None),
    ],
)
def test_when_a_canvas_is_tiled(size: tuple[int, int], wanted: int | None, expected: int | None) -> None:
    assert side(size, (512, 512), 8, 8, wanted) == expected


def test_tiles_are_diffusers_networks_answers_under_ramps(folder: Path, engine: Engine) -> None:
    """diffusers' own UNet, text encoder and LCM scheduler, a tile at a time, blended by numpy."""
    width, height, steps = 320, 128, 3
    scene = Scene((width, height), "", [Region("a red house", band(width, height, 0, width), feather=0)], seed=5)
    ours = latent(engine, scene, replace(EXACT, centring_steps=0, tile=TILE), steps=steps, guidance=1.0)

    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)
    text, _ = pipeline.encode_prompt("a red house", "cpu", 1, False)
    scheduler = LCMScheduler.from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(steps)
    h, w, cells = height // 8, width // 8, TILE // 8
    # 40 cells in tiles of 16 that share at least 4: 0..16, 12..28, 24..40.
    ramp = np.ones((3, w), np.float32)
    ramp[0, 12:], ramp[2, :28] = 0, 0
    ramp[1, :12], ramp[1, 28:] = 0, 0
    up = np.array([0.125, 0.375, 0.625, 0.875], np.float32)
    ramp[0, 12:16], ramp[1, 12:16] = up[::-1], up
    ramp[1, 24:28], ramp[2, 24:28] = up[::-1], up
    x = torch.from_numpy(noise.field(5, 0, 4, h, w))
    for i, t in enumerate(scheduler.timesteps):
        mean = np.zeros((4, h, w), np.float32)
        for start, share in zip((0, 12, 24), ramp):
            part = x[None, :, :, start : start + cells]
            with torch.no_grad():
                answer = pipeline.unet(part, t, encoder_hidden_states=text).sample
            # Without noise left to add, a step is the predicted picture.
            scheduler._step_index = i
            whole = scheduler.step(answer, t, part, return_dict=False)[1]
            mean[:, :, start : start + cells] += share[start : start + cells] * whole[0].numpy()
        x0 = torch.from_numpy(mean)
        if i + 1 < steps:
            x = scheduler.add_noise(
                x0, torch.from_numpy(noise.field(5, i + 1, 4, h, w)), scheduler.timesteps[i + 1 : i + 2]
            )
    torch.testing.assert_close(ours, x0, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", [EXACT, CROPS, MASKED], ids=["exact", "crops", "masked"])
def test_a_canvas_within_one_tile_is_as_it_was(engine: Engine, method: Method) -> None:
    scene = Scene((128, 96), "sky", [Region("house", band(128, 96, 20, 70)), Region("sun", band(128, 96, 80, 128))])
    whole = latent(engine, scene, replace(method, tile=0))
    assert torch.equal(latent(engine, scene, replace(method, tile=TILE)), whole)


def test_no_prompt_is_paid_for_in_tiles_that_it_has_no_part_in(engine: Engine) -> None:
    width = 5 * TILE
    regions = [Region("house", band(width, TILE, 0, 72)), Region("tree", band(width, TILE, width - 72, width))]
    scene = Scene((width, TILE), "sky", regions)
    plan = engine.plan(scene, 4, 1.0, replace(MASKED, tile=TILE))
    (row,) = plan.rows[2]
    assert row.maps is not None and row.prompts == (0, 1, 2)
    parts = plan.steps[2]
    assert len(parts) == 7
    assert [part.prompts for part in parts] == [(0, 2), *[(2,)] * 5, (1, 2)]
    for part in parts:
        assert part.maps is not None and part.window is not None
        assert part.window.width == TILE // 8
        torch.testing.assert_close(part.maps.sum(0), torch.ones(TILE // 8, width // 8))
    exact = engine.plan(scene, 4, 1.0, replace(EXACT, tile=TILE))
    assert [len(rows) for rows in exact.steps] == [2 + 7] * 4, "a row a region, which its one tile holds, and the sky"


@pytest.mark.parametrize("mode", ["masked", "exact"])
def test_a_region_is_not_stretched_over_tiles(engine: Engine, mode: str) -> None:
    """One that a tile holds is centred in one; one that none holds is not centred, and cut."""
    width = 4 * TILE
    regions = [Region("grass", band(width, TILE, 0, width)), Region("sun", band(width, TILE, 300, 360))]
    method = replace(MASKED if mode == "masked" else EXACT, tile=TILE)
    rows = engine.plan(Scene((width, TILE), "", regions), 4, 1.0, method).rows[0]
    assert [row.shift is None for row in rows] == [True, False]
    window = rows[1].window
    assert window is not None and max(window.height, window.width) <= TILE // 8
    assert torch.isfinite(latent(engine, Scene((width, TILE), "", regions), method)).all()


def test_an_edit_in_tiles_leaves_the_rest_alone(engine: Engine) -> None:
    width = 4 * TILE
    first = Scene((width, TILE), "sky", [Region("sun", band(width, TILE, 200, 240), id="sun")])
    second = first.replace(regions=(first.regions[0].replace(prompt="moon"),))
    method = replace(MASKED, tile=TILE)
    *_, before = engine.denoise(first, method=method)
    plan = engine.plan(second, 4, engine.default_guidance, method)
    part = patch(before.trajectory, plan, engine.default_guidance, method, 8)
    assert part is not None
    slot = Slot(plan, part)
    algorithm = engine.algorithm(4, engine.default_guidance, method)
    with torch.inference_mode():
        for _ in range(4):
            algorithm.advance([slot])
    assert all(row.window is not None and row.window.width <= TILE // 8 for row in slot.steps[-1])
    assert torch.equal(slot.x[:, ~part.made], before.x0[:, ~part.made])
    assert not torch.equal(slot.x, before.x0)
    rgb = engine.decoder(plan, part)(slot.x)
    changed = (rgb != before.rgb()).any(-1)
    assert changed.any() and not changed[:, :150].any() and not changed[:, 290:].any()


def test_pictures_pass_in_tiles(engine: Engine) -> None:
    """Tiles of a smooth picture meet without an edge, and what is far from their borders is as in one piece."""
    y, x = np.mgrid[0:128, 0:512]
    rgb = np.stack([x / 2, y * 2, 255 - x / 2], -1).astype(np.uint8)
    code = encoded_in_tiles(engine._family.encode_image, rgb, 16, 8)
    whole = engine._family.encode_image(rgb)
    assert code.shape == whole.shape
    torch.testing.assert_close(code[:, 5:11, 5:8], whole[:, 5:11, 5:8], rtol=0.02, atol=0.02)
    shapes: list[tuple[int, ...]] = []

    def decode(z: torch.Tensor) -> np.ndarray:
        shapes.append(tuple(z.shape))
        return np.full((z.shape[1] * 8, z.shape[2] * 8, 3), 77, np.uint8)

    assert (decoded_in_tiles(decode, torch.zeros(4, 16, 64), 16, 8) == 77).all()
    assert set(shapes) == {(4, 16, 16)}


def test_a_panorama_never_asks_the_network_for_more_than_a_tile(engine: Engine) -> None:
    seen: list[tuple[int, ...]] = []
    hook = engine._family.unet.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape)))
    picture = np.full((64, 64 * 12, 3), 200, np.uint8)
    scene = Scene((64 * 12, 64), Background("sky", picture), [Region("boat", band(64 * 12, 64, 300, 350))])
    try:
        *_, frame = engine.denoise(scene, method=replace(MASKED, tile=64))
        rgb = frame.rgb()
    finally:
        hook.remove()
    assert rgb.shape == (64, 64 * 12, 3)
    assert {shape[-2:] for shape in seen} == {(8, 8)}
    assert max(shape[0] for shape in seen) <= MOST * 32 * 32 / 8**2
    assert np.abs(rgb[:, :200].astype(int) - 200).max() <= 1, "the user's own pixels stay"


def test_rows_beyond_what_fills_a_device_take_their_turn(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene((5 * TILE, TILE), "sky", [Region("house", band(5 * TILE, TILE, 0, 72))])
    method = replace(EXACT, tile=TILE)
    whole = latent(engine, scene, method)
    calls: list[int] = []
    hook = engine._family.unet.register_forward_pre_hook(lambda _, args: calls.append(len(args[0])))
    monkeypatch.setattr(engine._network, "cells", 3 * (TILE // 8) ** 2)
    parted = latent(engine, scene, method)
    hook.remove()
    assert calls == [3, 3, 2] * 4
    torch.testing.assert_close(parted, whole, rtol=1e-4, atol=1e-4)
