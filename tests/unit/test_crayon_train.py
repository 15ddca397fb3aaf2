"""The training script runs from nothing to a pipeline folder, and goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from semanticdraw_widget.crayon import networks
from semanticdraw_widget.crayon.data import OUTSIDE, Latents
from semanticdraw_widget.crayon.painter import Thing
from semanticdraw_widget.crayon.train import Clock, main
from semanticdraw_widget.crayon.vocabulary import LABELS

SHORT = ["--minutes", "0.02", "--size", "64", "--pictures", "8", "--batch", "2", "--workers", "0", "--fp32"]


def steps(work: Path, stage: str) -> int:
    return int(torch.load(work / f"{stage}.pt", weights_only=False)["step"])


@pytest.mark.timeout(180)
def test_from_nothing_to_a_pipeline_folder(tmp_path: Path) -> None:
    work, model = tmp_path / "work", tmp_path / "model"

    def run(*arguments: str) -> None:
        main([*arguments, "--work", str(work), "--to", str(model)])

    run("codec", *SHORT)
    before = steps(work, "codec")
    assert before > 0
    run("codec", *SHORT)
    assert steps(work, "codec") > before, "a second call goes on from the checkpoint"
    run("base", *SHORT)
    run("distil", *SHORT, "--start", "base-64")
    run("regions", *SHORT, "--start", "distil")
    run("export", "--start", "regions")
    run("segmenter", *SHORT)

    assert (model / "semanticdraw.json").exists()
    assert (model / "segmenter.safetensors").exists()
    pipeline = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float32)
    picture = pipeline(
        "a red house", height=64, width=64, num_inference_steps=4, guidance_scale=4.0, output_type="np"
    ).images[0]
    assert picture.shape == (64, 64, 3)
    assert np.isfinite(picture).all()

    # An exported folder can be trained on from.
    again = tmp_path / "again"
    main(["unpack", "--work", str(again), "--to", str(model)])
    main(["base", *SHORT, "--start", "shipped", "--work", str(again), "--to", str(model)])
    main(["export", "--start", "base-64", "--work", str(again), "--to", str(model)])
    training = json.loads((model / "semanticdraw.json").read_text())["training"]
    assert training["source"] == "base-64"
    assert training["continued_from"]["source"] == "regions"

    # The mean of two states of a run.
    run("export", "--start", "regions", "--mean", "distil", "--share", "0.25")
    parts = [torch.load(work / f"{name}.pt", weights_only=False)["kept"]["unet"] for name in ("regions", "distil")]
    exported = load_file(model / "unet" / "diffusion_pytorch_model.safetensors")
    for name, weight in exported.items():
        expected = 0.75 * parts[0][name] + 0.25 * parts[1][name]
        torch.testing.assert_close(weight.float(), expected.float(), rtol=1e-2, atol=1e-3)
    assert json.loads((model / "semanticdraw.json").read_text())["training"]["mean_with"] == {"distil": 0.25}
    with pytest.raises(ValueError, match=r"share is 1\.5"):
        run("export", "--start", "regions", "--mean", "distil", "--share", "1.5")


def test_the_loss_looks_at_what_the_caption_names() -> None:
    """The weighted half of a batch counts the named concept's cells fifty times as much as the others."""
    labels = np.zeros((1, 16, 16), np.uint8)
    labels[0, :, :8] = LABELS["sea"]
    data = Latents(torch.zeros(1, networks.LATENT_CHANNELS, 8, 8), labels, [(Thing("sea"),)])
    _, captions, weights = data.batch(np.random.default_rng(0), 4, even=0.0)
    assert weights.shape == (4, 1, 8, 8)
    assert len(captions) == 4
    torch.testing.assert_close(weights[..., :4] / weights[..., 4:], torch.full((4, 1, 8, 4), 1 / OUTSIDE))
    torch.testing.assert_close(weights.mean((1, 2, 3)), torch.ones(4))
    _, _, flat = data.batch(np.random.default_rng(0), 4, even=1.0)
    torch.testing.assert_close(flat, torch.ones(4, 1, 8, 8))


def test_a_stage_is_not_charged_for_the_time_that_its_process_was_stopped() -> None:
    clock = Clock(30, used=5)
    clock.seen -= 3600
    clock.tick()
    assert clock.used == pytest.approx(5 + Clock.LONGEST_STEP / 60, abs=0.05)
    clock.tick()
    assert clock.used < 5.1 + Clock.LONGEST_STEP / 60 and not clock.over
