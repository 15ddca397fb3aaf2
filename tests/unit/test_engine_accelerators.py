"""LoRAs for few steps: which is picked by family, sampler and name, and what the engine then does by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import EulerDiscreteScheduler
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file

from semanticdraw_widget.engine import Engine, ModelNotFound, UnsupportedModel, load_engine
from semanticdraw_widget.engine.families import registry
from semanticdraw_widget.engine.lora_check import located
from semanticdraw_widget.scene import Scene
from unit.tiny_models import (
    SCHEDULE,
    saved,
    tiny_3_pipeline,
    tiny_flux_pipeline,
    tiny_folder,
    tiny_pipeline,
    tiny_xl_pipeline,
)

MADE: dict[str, Callable[[Path], Any]] = {
    "sd": lambda folder: tiny_pipeline(folder, distilled=False),
    "sdxl": lambda folder: tiny_xl_pipeline(folder, schedule="ddim"),
    "sd3": tiny_3_pipeline,
    "flux": lambda folder: tiny_flux_pipeline(folder, guidance_embedding=True),
}
HYPER = "ByteDance/Hyper-SD"
LCM_SD, LCM_XL = "latent-consistency/lcm-lora-sdv1-5", "latent-consistency/lcm-lora-sdxl"
LIGHTNING = "ByteDance/SDXL-Lightning/sdxl_lightning_4step_lora.safetensors"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder: a file in it by the name of a hub id is read in the hub's stead."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_lora(pipeline: Any, path: Path) -> Path:
    """A small random LoRA of the pipeline's network, and no trace of it in the pipeline."""
    part = "unet" if hasattr(pipeline, "unet") else "transformer"
    network = getattr(pipeline, part)
    torch.manual_seed(1)
    network.add_adapter(LoraConfig(r=2, target_modules=["to_q"], init_lora_weights=False))
    weights = {f"{part}.{name}": weight for name, weight in get_peft_model_state_dict(network).items()}
    network.delete_adapters("default")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, path)
    return path


def at(source: str) -> Path:
    """Where the LoRA ``source`` lies in the current folder."""
    path = Path(source)
    return path if path.suffix == ".safetensors" else path / "pytorch_lora_weights.safetensors"


def usual(engine: Engine) -> tuple[str, int, float]:
    return engine.default_sampler, engine.default_steps, engine.default_guidance


def told(engine: Engine) -> str:
    return " / ".join(n["message"] for n in engine.notices(Scene((64, 64), "sky")).get("background", []))


def load(model: Path, **options: Any) -> Engine:
    return load_engine(model, device="cpu", decoder=None, **options)


@pytest.mark.parametrize(
    ("family", "lora", "sampler", "source", "does"),
    [
        ("sd", "auto", "auto", LCM_SD, ("lcm", 4, 1.0)),
        ("sd", "auto", "lcm", LCM_SD, ("lcm", 4, 1.0)),
        ("sd", "auto", "tcd", f"{HYPER}/Hyper-SD15-1step-lora.safetensors", ("tcd", 4, 1.0)),
        ("sd", "auto", "ddim", f"{HYPER}/Hyper-SD15-4steps-lora.safetensors", ("ddim", 4, 1.0)),
        ("sd", "lcm", "auto", LCM_SD, ("lcm", 4, 1.0)),
        ("sd", "hyper-sd", "auto", f"{HYPER}/Hyper-SD15-1step-lora.safetensors", ("tcd", 4, 1.0)),
        ("sd", "hyper-sd", "ddim", f"{HYPER}/Hyper-SD15-4steps-lora.safetensors", ("ddim", 4, 1.0)),
        ("sdxl", "auto", "auto", LCM_XL, ("lcm", 4, 1.0)),
        ("sdxl", "auto", "tcd", f"{HYPER}/Hyper-SDXL-1step-lora.safetensors", ("tcd", 4, 1.0)),
        ("sdxl", "auto", "ddim", f"{HYPER}/Hyper-SDXL-4steps-lora.safetensors", ("ddim", 4, 1.0)),
        ("sdxl", "auto", "euler", LIGHTNING, ("euler", 4, 1.0)),
        ("sdxl", "lightning", "auto", LIGHTNING, ("euler", 4, 1.0)),
        ("sdxl", "ByteDance/SDXL-Lightning", "auto", LIGHTNING, ("euler", 4, 1.0)),
        ("sdxl", HYPER, "ddim", f"{HYPER}/Hyper-SDXL-4steps-lora.safetensors", ("ddim", 4, 1.0)),
        ("sd3", "auto", "auto", f"{HYPER}/Hyper-SD3-4steps-CFG-lora.safetensors", ("flow", 4, 3.0)),
        ("sd3", "hyper-sd", "auto", f"{HYPER}/Hyper-SD3-4steps-CFG-lora.safetensors", ("flow", 4, 3.0)),
        ("flux", "auto", "flow", f"{HYPER}/Hyper-FLUX.1-dev-8steps-lora.safetensors", ("flow", 8, 3.5)),
    ],
)
def test_the_one_for_family_and_sampler_is_fused(
    folder: Path, family: str, lora: str, sampler: str, source: str, does: tuple[str, int, float]
) -> None:
    pipeline = MADE[family](folder)
    model = saved(pipeline, folder)
    write_lora(pipeline, at(source))
    if at(source).parent.name == "Hyper-SD":  # a repository with files for other models, which must not be read
        (folder / HYPER / "A-lora.safetensors").write_bytes(b"for another model")
    engine = load(model, lora=lora, sampler=sampler)
    assert usual(engine) == does
    assert "could not be had" not in told(engine)
    assert any(not torch.equal(a, b) for a, b in zip(network(engine), network(load(model, lora=None))))


def network(engine: Engine) -> list[torch.Tensor]:
    family: Any = engine._family
    return list((family.unet if hasattr(family, "unet") else family.transformer).state_dict().values())


@pytest.mark.parametrize("family", ["sd3", "flux"])
def test_its_weight_is_its_makers(folder: Path, family: str) -> None:
    """Hyper-SD's for SD3 and FLUX are far too strong at 1; a weight that the user names counts."""
    pipeline = MADE[family](folder)
    model = saved(pipeline, folder)
    path = write_lora(pipeline, folder / ("Hyper-SD3-8steps-CFG-lora" + ".safetensors"))
    before, own, named = (network(load(model, lora=lora)) for lora in (None, path, (path, 0.125)))
    full = network(load(model, lora=(path, 1.0)))
    for plain, usual_weight, said, whole in zip(before, own, named, full):
        torch.testing.assert_close(usual_weight, said, atol=0, rtol=0)
        torch.testing.assert_close(usual_weight - plain, 0.125 * (whole - plain), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    ("family", "name", "does"),
    [
        ("sd", "style", ("ddim", 25, 7.5)),
        ("sd", "lightning_bolts_v2", ("ddim", 25, 7.5)),
        ("sd", "my_LCM_lora", ("lcm", 4, 1.0)),
        ("sd", "Hyper-SD15-8steps-lora", ("ddim", 8, 1.0)),
        ("sd", "Hyper-SD15-1step-lora", ("tcd", 4, 1.0)),
        ("sd", "Hyper-SD15-8steps-CFG-lora", ("ddim", 8, 5.0)),
        ("sdxl", "style", ("ddim", 25, 5.0)),
        ("sdxl", "sdxl_lightning_2step_lora", ("euler", 2, 1.0)),
        ("sdxl", "sdxl_lightning_8step_lora", ("euler", 8, 1.0)),
        ("sdxl", "Hyper-SDXL-2steps-lora", ("ddim", 2, 1.0)),
        ("sd3", "Hyper-SD3-16steps-CFG-lora", ("flow", 16, 7.0)),
        ("flux", "style", ("flow", 28, 3.5)),
        ("flux", "Hyper-FLUX.1-dev-16steps-lora", ("flow", 16, 3.5)),
    ],
)
def test_a_file_s_name_says_what_it_wants(folder: Path, family: str, name: str, does: tuple[str, int, float]) -> None:
    pipeline = MADE[family](folder)
    model = saved(pipeline, folder)
    engine = load(model, lora=write_lora(pipeline, folder / f"{name}.safetensors"))
    assert usual(engine) == does
    assert ("by its name: sampler" in told(engine)) == (does[1] < 25)
    if does[1] < 25:
        assert f"{does[1]} steps" in told(engine)


def test_a_sampler_that_was_asked_for_counts(folder: Path) -> None:
    pipeline = MADE["sd"](folder)
    model = saved(pipeline, folder)
    path = write_lora(pipeline, folder / "Hyper-SD15-2steps-lora.safetensors")
    assert usual(load(model, lora=path, sampler="tcd")) == ("tcd", 2, 1.0)


def test_a_style_leaves_turbo_what_it_is(folder: Path) -> None:
    pipeline = tiny_xl_pipeline(folder, schedule="turbo")
    model = saved(pipeline, folder)
    style = write_lora(pipeline, folder / "style.safetensors")
    assert usual(load(model, lora=["auto", style])) == ("euler_ancestral", 4, 1.0)


def test_a_file_of_a_repository_can_be_named(folder: Path) -> None:
    assert located(f"{HYPER}/Hyper-SDXL-8steps-lora.safetensors") == (HYPER, "Hyper-SDXL-8steps-lora.safetensors")
    for plain in (HYPER, "./a/b.safetensors", "/a/b/c.safetensors", "b.safetensors", "a/b.safetensors"):
        assert located(plain) == (plain, None)
    with pytest.raises(ModelNotFound, match="Hyper-SDXL-8steps-lora"):
        load(tiny_folder(folder), lora=f"{HYPER}/Hyper-SDXL-8steps-lora.safetensors")


def test_without_it_a_model_takes_many_steps_and_says_so(folder: Path) -> None:
    pipeline = MADE["sdxl"](folder)
    pipeline.scheduler = EulerDiscreteScheduler(
        **{k: v for k, v in SCHEDULE.items() if k.startswith(("beta", "steps"))}
    )
    model = saved(pipeline, folder)
    engine = load(model)
    assert usual(engine) == ("euler", 25, 5.0)
    assert f"{LCM_XL} could not be had, so the model takes 25 steps" in told(engine)
    assert f"{LIGHTNING} could not be had" in told(load(model, sampler="euler"))
    assert "could not be had" not in told(load(model, sampler="euler_ancestral")), "none goes with that sampler"
    lcm = load(model, sampler="lcm")
    assert usual(lcm) == ("lcm", 4, 1.0)
    assert f"{LCM_XL} could not be had, so few steps will look washed out" in told(lcm)


def test_stable_diffusion_2_is_not_given_one_for_1(folder: Path) -> None:
    """Whose LoRA would not fit: its text embeddings are wider."""
    pipeline = tiny_pipeline(folder, distilled=False, width=1024)
    model = saved(pipeline, folder)
    at(LCM_SD).parent.mkdir(parents=True)
    at(LCM_SD).write_bytes(b"must not be read")
    engine = load(model)
    assert usual(engine) == ("ddim", 25, 7.5)
    assert "no known LoRA for few steps for this version of Stable Diffusion" in told(engine)
    assert "could not be had" not in told(engine)
    with pytest.raises(UnsupportedModel, match="no lcm LoRA is known for this version"):
        load(model, lora="lcm")


def test_a_method_that_the_family_lacks_is_named(folder: Path) -> None:
    with pytest.raises(UnsupportedModel, match=r"no lightning LoRA is known.*known are lcm, hyper-sd"):
        load(tiny_folder(folder), lora="lightning")
    with pytest.raises(UnsupportedModel, match=r"no lcm LoRA is known"):
        load(saved(MADE["sd3"](folder / "3"), folder / "3"), lora="lcm")


def test_one_that_was_asked_for_by_name_must_be_there(folder: Path) -> None:
    with pytest.raises(ModelNotFound, match="lcm-lora-sdv1-5"):
        load(saved(MADE["sd"](folder), folder), lora="lcm")


def test_stable_diffusion_3_5_is_not_given_one_for_3(folder: Path) -> None:
    engine = load(saved(tiny_3_pipeline(folder, newer=True), folder))
    assert usual(engine) == ("flow", 28, 7.0)
    assert "no known LoRA for few steps for this version of Stable Diffusion 3" in told(engine)


def test_each_family_s_samplers_fit_it() -> None:
    for kind in registry.KINDS:
        flow = kind.network == "transformer"
        for row in kind.accelerators:
            assert row.sampler.startswith("flow") == flow
            assert located(row.source)[0].count("/") == 1
