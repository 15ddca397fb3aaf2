"""How many steps a model takes by itself: by its network, its scheduler, or else its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from diffusers import EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

from semanticdraw_widget.engine import Engine, load_engine
from semanticdraw_widget.engine.naming import Said, read
from semanticdraw_widget.scene import Scene
from unit.tiny_models import tiny_3_pipeline, tiny_flux_pipeline, tiny_pipeline, tiny_xl_pipeline

NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def engine(pipeline: Any, folder: Path, name: str, **options: Any) -> Engine:
    pipeline.save_pretrained(folder / name)
    return load_engine(folder / name, device="cpu", decoder=None, **{"lora": None, **options})


def usual(engine: Engine) -> tuple[str, int, float]:
    return engine.default_sampler, engine.default_steps, engine.default_guidance


def told(engine: Engine) -> str:
    return " / ".join(n["message"] for n in engine.notices(Scene((64, 64), "sky")).get("background", []))


@pytest.mark.parametrize(("spacing", "does"), [("leading", ("euler", 25, 5.0)), ("trailing", ("euler", 4, 1.0))])
def test_sdxl_by_its_scheduler(tmp_path: Path, spacing: str, does: tuple[str, int, float]) -> None:
    pipeline = tiny_xl_pipeline(tmp_path)
    pipeline.scheduler = EulerDiscreteScheduler(**NOISE, timestep_spacing=spacing)
    made = engine(pipeline, tmp_path, "xl")
    assert usual(made) == does
    assert told(made) == ""


def test_flux_by_its_network(tmp_path: Path) -> None:
    schnell = engine(tiny_flux_pipeline(tmp_path), tmp_path, "one")
    assert usual(schnell) == ("flow", 4, 1.0)
    dev = engine(tiny_flux_pipeline(tmp_path, guidance_embedding=True), tmp_path, "two")
    assert usual(dev) == ("flow", 28, 3.5)
    assert told(schnell) == told(dev) == ""


def test_sd3_says_that_nothing_tells(tmp_path: Path) -> None:
    plain = engine(tiny_3_pipeline(tmp_path), tmp_path, "plain")
    assert usual(plain) == ("flow", 28, 7.0)
    assert "nothing in plain says whether it was distilled for few steps" in told(plain)
    assert "28 steps at guidance 7" in told(plain) and "steps= and guidance=" in told(plain)


def test_sd3_by_its_name(tmp_path: Path) -> None:
    turbo = engine(tiny_3_pipeline(tmp_path, newer=True), tmp_path, "stable-diffusion-3.5-large-turbo", lora="auto")
    assert usual(turbo) == ("flow", 4, 1.0)
    assert 'its name says "turbo": 4 steps at guidance 1' in told(turbo)
    assert "LoRA" not in told(turbo)


def test_sd3_by_its_scheduler(tmp_path: Path) -> None:
    pipeline = tiny_3_pipeline(tmp_path)
    pipeline.scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, stochastic_sampling=True)
    flash = engine(pipeline, tmp_path, "plain")
    assert usual(flash) == ("flow_stochastic", 4, 1.0)
    assert told(flash) == ""


def test_a_merged_lora_by_the_model_s_name(tmp_path: Path) -> None:
    """A single file of a merged model comes with the family's first scheduler."""
    pipeline = tiny_xl_pipeline(tmp_path, schedule="ddim")
    assert usual(engine(pipeline, tmp_path, "dreamXL_Lightning8steps", lora="auto")) == ("euler", 8, 1.0)
    assert usual(engine(pipeline, tmp_path, "dream_LCM")) == ("lcm", 4, 1.0)
    made = engine(tiny_pipeline(tmp_path, distilled=False), tmp_path, "paint-lightning")
    assert usual(made) == ("ddim", 4, 1.0)
    assert 'its name says "lightning"' in told(made)


def test_the_folder_s_own_word_is_the_last(tmp_path: Path) -> None:
    tiny_3_pipeline(tmp_path).save_pretrained(tmp_path / "m")
    (tmp_path / "m" / "semanticdraw.json").write_text(json.dumps({"steps": 6, "guidance": 2.5}))
    made = load_engine(tmp_path / "m", device="cpu", lora=None, decoder=None)
    assert usual(made) == ("flow", 6, 2.5)
    assert told(made) == ""


def test_a_sampler_for_distilled_models_alone_means_few_steps(tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path, distilled=False)
    assert usual(engine(pipeline, tmp_path, "m", sampler="lcm")) == ("lcm", 4, 1.0)
    assert usual(engine(pipeline, tmp_path, "m", sampler="ddim")) == ("ddim", 25, 7.5)
    embedded = tiny_pipeline(tmp_path, guidance_embedding=True)
    assert usual(engine(embedded, tmp_path, "e")) == ("lcm", 4, 8.0)
    assert usual(engine(embedded, tmp_path, "e", sampler="ddim")) == ("ddim", 25, 8.0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stabilityai/sdxl-turbo", Said("turbo")),
        ("black-forest-labs/FLUX.1-schnell", Said("schnell")),
        ("SimianLuo/LCM_Dreamshaper_v7", Said("lcm", "lcm")),
        ("ByteDance/SDXL-Lightning", Said("lightning", "lightning")),
        ("/x/sdxl_lightning_4step.safetensors", Said("lightning", "lightning", 4)),
        ("realvisxlV50_v50LightningBakedvae.safetensors", Said("lightning", "lightning")),
        ("Hyper-SDXL-8steps-CFG-lora.safetensors", Said("hyper-sd", "hyper-sd", 8, True)),
        ("Hyper-FLUX.1-dev-16steps-lora.safetensors", Said("hyper-sd", "hyper-sd", 16)),
        ("/cache/models--stabilityai--stable-diffusion-3.5-large-turbo/snapshots/0123", Said("turbo")),
        ("my-lcm/pytorch_lora_weights.safetensors", Said("lcm", "lcm")),
        ("paint-4step", Said("4-step", None, 4)),
        ("paint-30-steps", Said(None, None, 30)),
        ("paint-20000steps", Said()),
        ("stabilityai/stable-diffusion-xl-base-1.0", Said()),
        ("stabilityai/stable-diffusion-3.5-medium", Said()),
        ("black-forest-labs/FLUX.1-dev", Said()),
        ("flux-dev-de-distilled", Said()),
        ("hyperrealism", Said()),
        ("/models/turbo/plain.safetensors", Said()),
        ("flashy-turbine", Said()),
    ],
)
def test_what_names_say(name: str, said: Said) -> None:
    assert read(name) == said
