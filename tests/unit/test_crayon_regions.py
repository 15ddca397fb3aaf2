"""Training on the engine's own steps: what the network sees there is what the engine would show it."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from semanticdraw_widget.crayon import networks
from semanticdraw_widget.crayon.data import CELL, Latents, with_cells
from semanticdraw_widget.crayon.distil import USED
from semanticdraw_widget.crayon.painter import paint
from semanticdraw_widget.crayon.regions import Walk, begin, blobs, centred_loss, patches, walk_loss
from semanticdraw_widget.crayon.train import Denoiser
from semanticdraw_widget.engine.fusion import Fusion
from semanticdraw_widget.engine.samplers import LCM

SIDE = 64


@pytest.fixture(scope="module")
def data() -> Latents:
    rng = np.random.default_rng(0)
    pictures = [paint(rng, SIDE, crowded=True) for _ in range(12)]
    latents = torch.randn(len(pictures), networks.LATENT_CHANNELS, SIDE // CELL, SIDE // CELL).half()
    labels = np.stack([p.labels[2::4, 2::4] for p in pictures])
    return Latents(latents, labels, [tuple(with_cells(t) for t in p.things) for p in pictures])


@pytest.fixture(scope="module")
def args(tmp_path_factory: pytest.TempPathFactory) -> argparse.Namespace:
    return argparse.Namespace(work=str(tmp_path_factory.mktemp("work")), device="cpu", fp32=True)


@pytest.fixture(scope="module")
def model(args: argparse.Namespace) -> Denoiser:
    torch.manual_seed(0)
    return Denoiser(args)


def walks(data: Latents, fused: bool, count: int = 4) -> list[Walk]:
    rng = np.random.default_rng(7)
    return [begin(data, rng, "cpu", fused) for _ in range(count)]


@pytest.mark.parametrize("fused", [True, False])
def test_a_walk_begins_with_blobs_in_its_regions_and_the_picture_around_them(data: Latents, fused: bool) -> None:
    for walk in walks(data, fused, 20):
        torch.testing.assert_close(walk.maps.sum(0), torch.ones_like(walk.weight))
        assert len(walk.captions) == len(walk.maps)
        assert walk.captions[-1] == ""
        outside = walk.weight == 0
        assert torch.equal(walk.made[:, outside], walk.goal[:, outside])
        inside = walk.weight == 1
        if inside.sum() > 4:
            assert walk.made[:, inside].std() < walk.goal[:, inside].std(), "a blob has no detail of its own"


def test_a_blob_is_its_regions_mean() -> None:
    goal = torch.arange(32.0).reshape(2, 4, 4)
    region = torch.zeros(4, 4)
    region[:2, :2] = 1
    made = blobs(goal, [region], 0.0)
    for channel in range(2):
        assert made[channel, :2, :2].unique().tolist() == [float(goal[channel, :2, :2].mean())]
    assert torch.equal(made[:, 2:], goal[:, 2:])


@pytest.mark.parametrize("fused", [True, False])
def test_a_step_changes_the_regions_alone_and_its_loss_reaches_the_network(
    data: Latents, model: Denoiser, args: argparse.Namespace, fused: bool
) -> None:
    group = walks(data, fused)
    before = [w.made.clone() for w in group]
    fusion = Fusion(model.unet) if fused else None
    loss = walk_loss(model, fusion, group, args)
    loss.backward()
    assert loss > 0
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in model.unet.parameters())
    model.unet.zero_grad()
    for walk, old in zip(group, before):
        assert walk.step == 2
        assert not walk.made.requires_grad
        outside = walk.weight == 0
        assert torch.equal(walk.made[:, outside], walk.goal[:, outside])
        assert not torch.equal(walk.made, old)


def test_the_first_step_is_the_one_that_the_engine_takes(
    data: Latents, model: Denoiser, args: argparse.Namespace
) -> None:
    loss = centred_loss(model, walks(data, False), torch.ones(networks.LATENT_CHANNELS, 8, 8), args)
    assert torch.isfinite(loss)
    sampler = LCM(networks.make_scheduler().config, 4)
    assert tuple(sampler.timesteps) == USED
    a, s = model.coefficients(torch.tensor(USED))
    torch.testing.assert_close(a.flatten(), torch.tensor(sampler.a))
    torch.testing.assert_close(s.flatten(), torch.tensor(sampler.s))


def test_a_crowded_picture_is_full_of_objects() -> None:
    rng = np.random.default_rng(1)
    plain, crowded = ([paint(rng, 96, crowded=c) for _ in range(40)] for c in (False, True))

    def covered(pictures) -> float:  # type: ignore[no-untyped-def]
        return float(np.mean([any_region(p).mean() for p in pictures]))

    assert covered(crowded) > 2 * covered(plain)


def any_region(picture) -> np.ndarray:  # type: ignore[no-untyped-def]
    regions = [t.region for t in picture.things if t.region is not None]
    return np.any(regions, axis=0) if regions else np.zeros(picture.labels.shape, bool)


def test_the_work_folder_gets_nothing_but_the_tokenizer(args: argparse.Namespace, model: Denoiser) -> None:
    assert [p.name for p in Path(args.work).iterdir()] == ["tokenizer"]


def test_a_patch_s_error_is_that_of_the_cells_that_count() -> None:
    error, weight = torch.ones(1, 2, 8, 8), torch.ones(1, 1, 8, 8)
    error[..., :4, :2], weight[..., :4, :2] = 50.0, 0.0  # half a patch does not count, whatever it holds
    torch.testing.assert_close(patches(error, weight), torch.ones(1, 2, 2, 2))
    noisy = torch.randn(1, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    flat = noisy - noisy.unflatten(2, (2, 4)).unflatten(4, (2, 4)).mean((3, 5)).repeat_interleave(
        4, 2
    ).repeat_interleave(4, 3)
    assert patches(flat, torch.ones(1, 1, 8, 8)).abs().max() < 1e-6  # texture is free
