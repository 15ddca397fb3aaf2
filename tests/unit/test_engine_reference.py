"""The engine agrees with a slow plain reimplementation of the method on scenes that use every part of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from semanticdraw_widget.engine import Engine, Method, load_engine
from semanticdraw_widget.scene import Background, Region, Scene
from unit.engine_reference import Reference
from unit.tiny_models import tiny_folder

W, H = 96, 64
Y, X = np.mgrid[0:H, 0:W]
LEFT = (X < 50) & (Y > 12)
DISC = ((X - 60) ** 2 + (Y - 30) ** 2 < 22**2).astype(np.uint8) * 255
RAMP = np.clip((X - 20) / 50, 0, 1).astype(np.float32) * (Y < 40)
CORNER = (X > 80) & (Y > 48)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return load_engine(folder, device="cpu", lora=None)


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)


PICTURE = np.random.default_rng(0).integers(0, 255, (H, W, 3), dtype=np.uint8)
SCENES = {
    "overlapping": Scene((W, H), "sky", [Region("sea", LEFT), Region("house", DISC)], seed=1),
    "soft": Scene((W, H), "sand", [Region("sea", RAMP, feather=5), Region("tree", DISC, feather=3)], seed=2),
    "strength": Scene((W, H), "sky", [Region("sea", LEFT, strength=0.9), Region("cat", DISC, strength=0.98)], seed=3),
    "prompt strength": Scene((W, H), "sky", [Region("sea", LEFT, prompt_strength=0.6)], seed=4),
    "own seeds": Scene((W, H), "sky", [Region("sea", LEFT, seed=9), Region("house", DISC, seed=5)], seed=5),
    "corner": Scene((W, H), "sky", [Region("sun", CORNER), Region("sea", LEFT)], seed=6),
    "picture": Scene((W, H), Background("sky", PICTURE), [Region("sea", LEFT), Region("sun", DISC)], seed=7),
    "nothing": Scene((W, H), "lava", [], seed=8),
}


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize(("steps", "centring"), [(4, 1), (5, 1), (4, 0), (4, 2)])
def test_agrees(engine: Engine, pipeline: StableDiffusionPipeline, name: str, steps: int, centring: int) -> None:
    method = Method(centring_steps=centring, mixing_steps=centring)
    *_, frame = engine.denoise(SCENES[name], steps=steps, guidance=1.0, method=method)
    expected = Reference(pipeline, steps, centring).run(SCENES[name])
    torch.testing.assert_close(frame.x0, expected, rtol=2e-3, atol=2e-3)


def test_the_parts_matter(engine: Engine) -> None:
    """Each part of the method changes the picture, so the agreement above is not agreement about nothing."""
    scene = SCENES["soft"]

    def latents(**parts: object) -> torch.Tensor:
        *_, frame = engine.denoise(scene, steps=4, guidance=1.0, method=Method(**parts))  # type: ignore[arg-type]
        return frame.x0

    exact = latents()
    other = ({"centring_steps": 0}, {"centring_steps": 2}, {"centring_steps": 2, "mixing_steps": 2})
    for parts in ({"pre_averaging": False}, *other, {"quantise": "none"}, {"cover_order": False}):
        assert not torch.allclose(exact, latents(**parts), atol=1e-2), parts
