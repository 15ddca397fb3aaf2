"""Each family against diffusers' own pipeline: one full-canvas region is plain sampling."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, DiffusionPipeline, FluxPipeline

from semanticdraw_widget.engine import Method, load_engine, noise
from semanticdraw_widget.engine.families import registry
from semanticdraw_widget.engine.families.family import Family
from semanticdraw_widget.engine.fusion import Regions
from semanticdraw_widget.engine.joint import JointRegionAttention
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_3_folder, tiny_3_pipeline, tiny_flux_folder, tiny_folder, tiny_xl_folder

ROOT = Path(__file__).parents[2]
SIZE = (64, 96)
FULL = np.ones((96, 64), bool)
FOLDERS = {"sd": tiny_folder, "sdxl": tiny_xl_folder, "sd3": tiny_3_folder, "flux": tiny_flux_folder}


def latents(folder: Path, scene: Scene, sampler: str, steps: int, guidance: float) -> torch.Tensor:
    engine = load_engine(folder, device="cpu", lora=None, decoder=None)
    method = Method(centring_steps=0, sampler=None if sampler == "auto" else sampler)
    *_, frame = engine.denoise(scene, steps=steps, guidance=guidance, method=method)
    return frame.x0


def pipelines_latents(
    folder: Path, monkeypatch: pytest.MonkeyPatch, scene: Scene, steps: int, guidance: float, scheduler: Any = None
) -> torch.Tensor:
    """diffusers' answer to the scene's only region, its random numbers replaced by the scene's noise, step by step."""
    pipeline = DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    if scheduler is not None:
        pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config, timestep_spacing="trailing")
    fields = iter(range(steps))

    def ours(shape: tuple[int, ...], **_: object) -> torch.Tensor:
        return torch.from_numpy(noise.field(scene.seed, next(fields), *shape[1:]))[None]

    for module in (type(pipeline).__module__, "diffusers.schedulers.scheduling_lcm"):
        monkeypatch.setattr(importlib.import_module(module), "randn_tensor", ours)
    (region,) = scene.regions
    return pipeline(
        region.prompt,
        negative_prompt=region.negative_prompt,
        width=scene.width,
        height=scene.height,
        num_inference_steps=steps,
        guidance_scale=guidance,
        output_type="latent",
    ).images[0]


def family_of(folder: Path) -> Family:
    return load_engine(folder, device="cpu", lora=None, decoder=None)._family


# -- Stable Diffusion XL


@pytest.mark.parametrize("guidance_embedding", [False, True])
@pytest.mark.parametrize("guidance", [1.0, 3.5])
def test_sdxl_with_lcm_is_diffusers_sdxl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guidance_embedding: bool, guidance: float
) -> None:
    folder = tiny_xl_folder(tmp_path, guidance_embedding=guidance_embedding)
    scene = Scene(SIZE, "sky", [Region("a red house", FULL, feather=0)], seed=7)
    ours = latents(folder, scene, "lcm", 4, guidance)
    theirs = pipelines_latents(folder, monkeypatch, scene, 4, guidance)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_sdxl_with_ddim_and_a_negative_prompt_is_diffusers_sdxl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_xl_folder(tmp_path, schedule="ddim")
    scene = Scene(SIZE, "", [Region("boat", FULL, feather=0, negative_prompt="sea")], seed=2)
    ours = latents(folder, scene, "ddim", 10, 3.0)
    theirs = pipelines_latents(folder, monkeypatch, scene, 10, 3.0, DDIMScheduler)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_sdxl_prompts_are_encoded_as_diffusers_encodes_them(tmp_path: Path) -> None:
    folder = tiny_xl_folder(tmp_path)
    prompts = ["a red house", "", "sea " * 40]
    with torch.inference_mode():
        tokens, pooled = family_of(folder).encode_text(prompts).parts
        pipeline = DiffusionPipeline.from_pretrained(folder)
        theirs = pipeline.encode_prompt(prompts, device="cpu", do_classifier_free_guidance=False)
    torch.testing.assert_close(tokens, theirs[0])
    torch.testing.assert_close(pooled, theirs[2])


def test_a_window_on_the_canvas_has_the_canvas_s_time_ids(tmp_path: Path) -> None:
    """SDXL paints a small picture otherwise than a part of a large one."""
    engine = load_engine(tiny_xl_folder(tmp_path), device="cpu", lora=None)
    seen: list[list[float]] = []
    engine._family.unet.register_forward_pre_hook(
        lambda _, __, more: seen.extend(more["added_cond_kwargs"]["time_ids"].tolist()), with_kwargs=True
    )
    spot = np.zeros((256, 192), bool)
    spot[8:40, 8:40] = True
    engine.generate(Scene((192, 256), "sky", [Region("house", spot)]), mode="masked")
    assert {tuple(ids) for ids in seen} == {(256.0, 192.0, 0.0, 0.0, 256.0, 192.0)}


def test_sdxl_s_pooled_embeddings_are_weighed_by_area(tmp_path: Path) -> None:
    family = family_of(tiny_xl_folder(tmp_path))
    seen: list[torch.Tensor] = []
    family.unet.register_forward_pre_hook(
        lambda _, __, more: seen.append(more["added_cond_kwargs"]["text_embeds"]), with_kwargs=True
    )
    maps = torch.zeros(1, 2, 8, 8)
    maps[:, 0, :2] = maps[:, 1, 2:] = 1
    with torch.inference_mode():
        text = family.encode_text(["house", "sea"])
        family.network(torch.randn(1, 4, 8, 8), torch.tensor([499]), text, regions=Regions(maps))
    torch.testing.assert_close(seen[0][0], 0.25 * text.parts[1][0] + 0.75 * text.parts[1][1])


# -- Stable Diffusion 3


def sd3_pipeline(folder: Path, t5: bool) -> Any:
    return DiffusionPipeline.from_pretrained(folder, **({} if t5 else {"text_encoder_3": None, "tokenizer_3": None}))


def pipelines_answers(folder: Path, t5: bool, prompt: str) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """(latent, timestep, answer) of every call of its network in a run of diffusers' pipeline."""
    pipeline = sd3_pipeline(folder, t5)
    pipeline.set_progress_bar_config(disable=True)
    calls = []

    def keep(_: Any, __: Any, given: dict[str, Any], answer: Any) -> None:
        calls.append((given["hidden_states"], given["timestep"], answer[0]))

    pipeline.transformer.register_forward_hook(keep, with_kwargs=True)
    pipeline(prompt, width=64, height=96, num_inference_steps=3, guidance_scale=1.0, output_type="latent")
    return calls


@pytest.mark.parametrize("t5", [False, True])
@pytest.mark.parametrize("newer", [False, True])
def test_sd3_s_network_is_diffusers_sd3(tmp_path: Path, t5: bool, newer: bool) -> None:
    folder = tiny_3_folder(tmp_path, t5=t5, newer=newer)
    family = family_of(folder)
    calls = pipelines_answers(folder, t5, "a red house")
    assert len(calls) == 3
    with torch.inference_mode():
        text = family.encode_text(["a red house"])
        for x, t, answer in calls:
            torch.testing.assert_close(family.network(x, t, text), answer, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("t5", [False, True])
def test_sd3_prompts_are_encoded_as_diffusers_encodes_them(tmp_path: Path, t5: bool) -> None:
    folder = tiny_3_folder(tmp_path, t5=t5)
    prompts = ["a red house", "", "sea " * 100]
    with torch.inference_mode():
        tokens, pooled = family_of(folder).encode_text(prompts).parts
        theirs = sd3_pipeline(folder, t5).encode_prompt(
            prompts, None, None, device="cpu", do_classifier_free_guidance=False
        )
    torch.testing.assert_close(tokens, theirs[0])
    torch.testing.assert_close(pooled, theirs[2])


@pytest.mark.parametrize("steps", [1, 4, 8])
@pytest.mark.parametrize(("guidance", "negative"), [(1.0, ""), (3.0, "sea")])
def test_sd3_s_latents_are_diffusers_sd3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int, guidance: float, negative: str
) -> None:
    folder = tiny_3_folder(tmp_path)
    scene = Scene(SIZE, "sky", [Region("a red house", FULL, feather=0, negative_prompt=negative)], seed=7)
    ours = latents(folder, scene, "flow", steps, guidance)
    theirs = pipelines_latents(folder, monkeypatch, scene, steps, guidance)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_sd3_without_t5_says_so_and_reads_with_clip(tmp_path: Path) -> None:
    folder = tiny_3_folder(tmp_path, t5=True)
    shutil.rmtree(folder / "text_encoder_3")
    shutil.rmtree(folder / "tokenizer_3")
    engine = load_engine(folder, device="cpu", lora=None, decoder=None)
    scene = Scene((64, 64), "house " * 30)
    notes = engine.notices(scene)["background"]
    assert "text_encoder_3 is not in the folder" in notes[0]["message"]
    assert notes[-1]["code"] == "long_prompt"
    whole = load_engine(tiny_3_folder(tmp_path / "whole"), device="cpu", lora=None, decoder=None)
    codes = [note["code"] for note in whole.notices(scene)["background"]]
    assert codes == ["model"], "T5 reads longer prompts; only whether the model was distilled has to be said"


def test_sd3_pixels_are_the_pipelines_pixels(tmp_path: Path) -> None:
    folder = tiny_3_folder(tmp_path, tiny_decoder=False, scaling_factor=1.5305, shift_factor=0.0609)
    family = family_of(folder)
    vae = AutoencoderKL.from_pretrained(folder / "vae")
    latent = torch.randn(16, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        theirs = vae.decode((latent / 1.5305 + 0.0609)[None]).sample[0].permute(1, 2, 0).numpy()
        ours = family.decode(latent)
        code = vae.encode(torch.from_numpy(ours).permute(2, 0, 1)[None] / 127.5 - 1).latent_dist.mode()[0]
        torch.testing.assert_close(family.encode_image(ours), (code - 0.0609) * 1.5305, atol=1e-5, rtol=1e-4)
    assert np.abs(ours - (theirs * 127.5 + 127.5).clip(0, 255)).max() <= 1


@pytest.mark.parametrize("newer", [False, True])
def test_a_prompt_does_not_reach_where_it_has_no_share(tmp_path: Path, newer: bool) -> None:
    """In the joint attention of a first layer; in later ones prompts meet through the picture."""
    attn = tiny_3_pipeline(tmp_path, newer=newer).transformer.transformer_blocks[0].attn
    processor = JointRegionAttention(attn.processor)
    generator = torch.Generator().manual_seed(1)
    pixels, text = (torch.randn(1, n, 16, generator=generator) for n in (16, 2 * 5))
    maps = torch.zeros(1, 2, 8, 8)
    maps[:, 0, :4] = maps[:, 1, 4:] = 1
    with torch.inference_mode():
        processor.regions = Regions(maps)
        picture, told = processor(attn, pixels, text)
        changed = text.clone()
        changed[:, 5:] += 1
        other_picture, other_told = processor(attn, pixels, changed)
    torch.testing.assert_close(picture[:, :8], other_picture[:, :8])
    torch.testing.assert_close(told[:, :5], other_told[:, :5])
    assert not torch.allclose(picture[:, 8:], other_picture[:, 8:], atol=1e-3)
    assert not torch.allclose(told[:, 5:], other_told[:, 5:], atol=1e-3)


# -- FLUX.1


@pytest.mark.parametrize("guidance_embedding", [False, True])
def test_flux_s_network_is_diffusers_flux(tmp_path: Path, guidance_embedding: bool) -> None:
    folder = tiny_flux_folder(tmp_path, guidance_embedding=guidance_embedding)
    family = family_of(folder)
    pipeline = FluxPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    calls: list[tuple[torch.Tensor, ...]] = []

    def keep(_: Any, __: Any, given: dict[str, Any], answer: Any) -> None:
        latents = (pipeline._unpack_latents(packed, 96, 64, 8) for packed in (given["hidden_states"], answer[0]))
        calls.append((*latents, given["timestep"] * 1000))

    pipeline.transformer.register_forward_hook(keep, with_kwargs=True)
    more = {"max_sequence_length": family.max_tokens, "guidance_scale": 3.5, "output_type": "latent"}
    pipeline("a red house", width=64, height=96, num_inference_steps=3, **more)
    assert len(calls) == 3
    with torch.inference_mode():
        text = family.encode_text(["a red house"])
        tokens, pooled, _ = pipeline.encode_prompt(
            "a red house", None, device="cpu", max_sequence_length=family.max_tokens
        )
        torch.testing.assert_close(text.tokens, tokens)
        torch.testing.assert_close(text.parts[1], pooled)
        for x, answer, t in calls:
            torch.testing.assert_close(family.network(x, t, text, guidance=3.5), answer, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("steps", [1, 4, 5])
def test_flux_s_latents_are_diffusers_flux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    folder = tiny_flux_folder(tmp_path)
    scene = Scene(SIZE, "sky", [Region("a red house", FULL, feather=0)], seed=7)
    ours = latents(folder, scene, "auto", steps, 1.0)
    monkeypatch.setattr(
        "diffusers.pipelines.flux.pipeline_flux.randn_tensor",
        lambda shape, **_: torch.from_numpy(noise.field(scene.seed, 0, *shape[1:]))[None],
    )
    pipeline = FluxPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    packed = pipeline(
        "a red house",
        width=SIZE[0],
        height=SIZE[1],
        num_inference_steps=steps,
        max_sequence_length=family_of(folder).max_tokens,
        output_type="latent",
    ).images
    theirs = pipeline._unpack_latents(packed, SIZE[1], SIZE[0], 8)[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("guidance_embedding", [False, True])
def test_the_written_example_paints_what_the_family_paints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guidance_embedding: bool
) -> None:
    """docs/adding-a-family.md writes FLUX.1 once more, and it goes through the real loader."""
    folder = tiny_flux_folder(tmp_path, guidance_embedding=guidance_embedding)
    left = np.arange(64) < 32
    mask = np.broadcast_to(left, (96, 64))
    scene = Scene(SIZE, "sky", [Region("a red house", mask), Region("sea", ~mask)], seed=7)
    options: dict[str, Any] = {"device": "cpu", "lora": None, "decoder": None}
    ours = load_engine(folder, **options)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "adding-a-family.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)
    kinds = tuple(names["KIND"] if kind.label == "FLUX.1" else kind for kind in registry.KINDS)
    assert names["KIND"] in kinds
    monkeypatch.setattr(registry, "KINDS", kinds)
    written = load_engine(folder, **options)
    assert type(written._family) is names["Flux"]
    assert (written.default_steps, written.default_guidance) == (ours.default_steps, ours.default_guidance)
    for mode in ("exact", "masked"):
        pictures = [engine.generate(scene, steps=2, mode=mode).tobytes() for engine in (written, ours)]
        assert pictures[0] == pictures[1]
    assert written._family.offload() == ours._family.offload()


# -- all


@pytest.mark.parametrize("name", FOLDERS)
def test_one_prompt_over_the_whole_canvas_is_a_plain_pass(tmp_path: Path, name: str) -> None:
    family = family_of(FOLDERS[name](tmp_path))
    x = torch.randn(2, family.channels, 8, 8, generator=torch.Generator().manual_seed(1))
    t = torch.tensor([499, 259])
    maps = torch.zeros(2, 3, 8, 8)
    maps[0, 2] = maps[1, 0] = 1
    with torch.inference_mode():
        text = family.encode_text(["sea", "house", "sky"])
        both = family.network(x, t, text[[0, 1, 2, 0, 1, 2]], regions=Regions(maps))
        plain = family.network(x, t, text[[2, 0]])
    torch.testing.assert_close(both, plain, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", FOLDERS)
def test_one_prompt_in_all_regions_is_a_plain_pass(tmp_path: Path, name: str) -> None:
    family = family_of(FOLDERS[name](tmp_path))
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, family.channels, 8, 8, generator=generator)
    maps = torch.rand(1, 3, 8, 8, generator=generator)
    with torch.inference_mode():
        text = family.encode_text(["sea"])
        both = family.network(x, torch.tensor([499]), text[[0, 0, 0]], regions=Regions(maps / maps.sum(1)))
        plain = family.network(x, torch.tensor([499]), text)
    torch.testing.assert_close(both, plain, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_family_paints_in_every_mode(tmp_path: Path, name: str) -> None:
    engine = load_engine(FOLDERS[name](tmp_path), device="cpu", lora=None, decoder=None)
    assert engine.family == name
    left = np.zeros((64, 64), bool)
    left[:, :32] = True
    scene = Scene((64, 64), "sky", [Region("house", left), Region("sea", ~left, prompt_strength=0.5)])
    for mode in ("exact", "masked"):
        assert np.isfinite(np.asarray(engine.generate(scene, mode=mode))).all()


@pytest.mark.parametrize("config", [{}, {"latents_mean": [0.1, -0.2, 0.3, 0.0], "latents_std": [2.0, 3.0, 4.0, 5.0]}])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_sdxl_pixels_are_the_pipelines_pixels(tmp_path: Path, config: dict[str, Any], dtype: str) -> None:
    folder = tiny_xl_folder(tmp_path, tiny_decoder=False, force_upcast=True, scaling_factor=0.13025, **config)
    family = load_engine(folder, device="cpu", dtype=dtype, lora=None, decoder=None)._family
    assert family.vae.dtype == torch.float32, "it overflows in float16"
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=getattr(torch, dtype)).float()
    latent = torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(1))
    std, mean = (
        torch.tensor(config.get(k, d)).view(-1, 1, 1) for k, d in (("latents_std", 1.0), ("latents_mean", 0.0))
    )
    with torch.no_grad():
        theirs = vae.decode((latent * std / 0.13025 + mean)[None]).sample[0].permute(1, 2, 0)
        ours = family.decode(latent)
        back = family.encode_image(ours)
        code = vae.encode(torch.from_numpy(ours).permute(2, 0, 1)[None] / 127.5 - 1).latent_dist.mode()[0]
    assert np.abs(ours - (theirs.numpy() * 127.5 + 127.5).clip(0, 255)).max() <= 1
    torch.testing.assert_close(back, (code - mean) * 0.13025 / std, atol=1e-5, rtol=1e-4)
