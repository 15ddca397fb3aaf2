"""One full-canvas region is plain sampling, so diffusers' own pipelines must give the same latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, LCMScheduler, StableDiffusionPipeline

from semanticdraw_widget.engine import Method, load_engine, noise
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

SIZE = (64, 96)
FULL = np.ones((96, 64), bool)


def our_latents(folder: Path, scene: Scene, sampler: str, steps: int, guidance: float) -> torch.Tensor:
    engine = load_engine(folder, device="cpu", lora=None, decoder=None)
    method = Method(centring_steps=0, sampler=sampler)
    *_, frame = engine.denoise(scene, steps=steps, guidance=guidance, method=method)
    return frame.x0


def their_latents(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: Scene,
    sampler: str,
    steps: int,
    guidance: float,
    negative: str = "",
    timesteps: list[int] | None = None,
) -> torch.Tensor:
    """diffusers' pipeline with its random numbers replaced by the scene's noise, step by step."""
    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)
    if sampler == "ddim":
        pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config, timestep_spacing="trailing")
    fields = iter(range(steps))

    def ours(shape: tuple[int, ...], **_: object) -> torch.Tensor:
        return torch.from_numpy(noise.field(scene.seed, next(fields), *shape[1:]))[None]

    import diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion as pipeline_module
    import diffusers.schedulers.scheduling_lcm as lcm_module

    monkeypatch.setattr(pipeline_module, "randn_tensor", ours)
    monkeypatch.setattr(lcm_module, "randn_tensor", ours)
    latents = pipeline(
        scene.regions[0].prompt,
        negative_prompt=negative or None,
        width=scene.width,
        height=scene.height,
        num_inference_steps=steps,
        timesteps=timesteps,
        guidance_scale=guidance,
        output_type="latent",
    ).images
    return latents[0]


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("guidance_embedding", [False, True])
@pytest.mark.parametrize("guidance", [1.0, 3.5])
def test_lcm_is_diffusers_lcm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prediction: str, guidance_embedding: bool, guidance: float
) -> None:
    folder = tiny_folder(tmp_path, prediction=prediction, guidance_embedding=guidance_embedding)
    scene = Scene(SIZE, "sky", [Region("a red house", FULL, feather=0)], seed=7)
    ours = our_latents(folder, scene, "lcm", 4, guidance)
    theirs = their_latents(folder, monkeypatch, scene, "lcm", 4, guidance)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_five_steps_take_the_authors_timesteps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_folder(tmp_path)
    engine = load_engine(folder, device="cpu", lora=None)
    sampler = engine.sampler("lcm", 5)
    assert sampler.timesteps == [999, 919, 759, 499, 259]
    np.testing.assert_allclose(sampler.levels, [0.9977, 0.9942, 0.9735, 0.8499, 0.5840], atol=1e-4)
    scene = Scene(SIZE, "", [Region("sea", FULL, feather=0)], seed=3)
    ours = our_latents(folder, scene, "lcm", 5, 1.0)
    theirs = their_latents(folder, monkeypatch, scene, "lcm", 5, 1.0, timesteps=[999, 919, 759, 499, 259])
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_negative_prompts_count_with_guidance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny_folder(tmp_path)
    scene = Scene(SIZE, "sky", [Region("house", FULL, feather=0, negative_prompt="snow")], seed=1)
    ours = our_latents(folder, scene, "lcm", 4, 6.0)
    theirs = their_latents(folder, monkeypatch, scene, "lcm", 4, 6.0, negative="snow")
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    plain = scene.replace(regions=(scene.regions[0].replace(negative_prompt=""),))
    assert not torch.allclose(ours, our_latents(folder, plain, "lcm", 4, 6.0), atol=1e-3)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_ddim_is_diffusers_ddim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prediction: str) -> None:
    folder = tiny_folder(tmp_path, prediction=prediction, distilled=False)
    scene = Scene(SIZE, "", [Region("boat", FULL, feather=0)], seed=2)
    ours = our_latents(folder, scene, "ddim", 10, 3.0)
    theirs = their_latents(folder, monkeypatch, scene, "ddim", 10, 3.0)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("tiny_decoder", [True, False])
def test_pixels_are_the_pipelines_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_decoder: bool) -> None:
    folder = tiny_folder(tmp_path, tiny_decoder=tiny_decoder)
    engine = load_engine(folder, device="cpu", lora=None, decoder=None)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None)
    latent = torch.from_numpy(noise.field(0, 0, 4, 8, 8))
    with torch.no_grad():
        decoded = pipeline.vae.decode(latent[None] / pipeline.vae.config.scaling_factor).sample
    theirs = pipeline.image_processor.postprocess(decoded, output_type="pil")[0]
    scene = Scene((64, 64))
    ours = engine.decoder(engine.plan(scene, 1, 1.0))(latent)
    assert np.abs(ours.astype(int) - np.asarray(theirs).astype(int)).max() <= 1


def test_lcm_levels_are_those_of_the_scheduler(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    engine = load_engine(folder, device="cpu", lora=None)
    scheduler = LCMScheduler.from_pretrained(folder, subfolder="scheduler")
    for steps in (1, 2, 3, 4, 8):
        scheduler.set_timesteps(steps)
        assert engine.sampler("lcm", steps).timesteps == [int(t) for t in scheduler.timesteps]
