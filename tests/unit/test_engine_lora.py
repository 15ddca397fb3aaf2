"""LoRAs, saved by diffusers: fused as diffusers applies them, and refused where they were made for another model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DiffusionPipeline
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from semanticdraw_widget.engine import Engine, ModelNotFound, UnsupportedModel, load_engine
from semanticdraw_widget.engine.families import registry
from semanticdraw_widget.engine.lora import Lora, listed
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import (
    in_the_cache,
    saved,
    tiny_3_folder,
    tiny_3_pipeline,
    tiny_flux_folder,
    tiny_flux_pipeline,
    tiny_folder,
    tiny_pipeline,
    tiny_xl_folder,
    tiny_xl_pipeline,
)

SCENE = Scene((64, 64), "sky", [Region("house", np.ones((64, 64), bool), id="r")])
FOLDERS = {"sd": tiny_folder, "sdxl": tiny_xl_folder, "sd3": tiny_3_folder, "flux": tiny_flux_folder}
PIPELINES: dict[str, Any] = {
    "sd": tiny_pipeline,
    "sdxl": tiny_xl_pipeline,
    "sd3": tiny_3_pipeline,
    "flux": tiny_flux_pipeline,
}
NETWORKS = {"sd": "unet", "sdxl": "unet", "sd3": "transformer", "flux": "transformer"}


def lora(folder: Path, family: str, seed: int = 1, **options: object) -> Path:
    """A small random LoRA for a tiny model, of its network and its first text encoder."""
    pipeline = PIPELINES[family](folder / "for-lora", **options)
    torch.manual_seed(seed)
    network = getattr(pipeline, NETWORKS[family])
    network.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"], init_lora_weights=False))
    named = {f"{NETWORKS[family]}.{name}": weight for name, weight in get_peft_model_state_dict(network).items()}
    (folder / f"{family}-lora{seed}").mkdir(parents=True, exist_ok=True)
    save_file({**named, **text_lora(pipeline)}, folder / f"{family}-lora{seed}" / "pytorch_lora_weights.safetensors")
    return folder / f"{family}-lora{seed}"


def text_lora(pipeline: Any, width: int | None = None) -> dict[str, torch.Tensor]:
    """A LoRA of the first text encoder by the names that public ones have, whatever the installed transformers calls
    its layers. width: for a text encoder of another one."""
    width = width or pipeline.text_encoder.config.hidden_size
    weights = {}
    for layer in ("q_proj", "v_proj"):
        name = f"text_encoder.text_model.encoder.layers.0.self_attn.{layer}"
        weights[f"{name}.lora_A.weight"] = torch.randn(2, width)
        weights[f"{name}.lora_B.weight"] = torch.randn(width, 2)
    return weights


def load(folder: Path, loras: Any) -> Engine:
    return load_engine(folder, device="cpu", lora=loras, decoder=None)


def weights(engine: Engine) -> dict[str, torch.Tensor]:
    family: Any = engine._family
    encoder = {"sd": lambda: family.text_encoder, "flux": lambda: family.clip}.get(
        engine.family, lambda: family.text_encoders[0]
    )()
    return {
        **getattr(family, NETWORKS[engine.family]).state_dict(),
        **{f"text.{name}": w for name, w in encoder.state_dict().items()},
    }


@pytest.mark.parametrize("family", FOLDERS)
def test_several_with_weights_are_what_diffusers_makes_of_them(tmp_path: Path, family: str) -> None:
    folder = FOLDERS[family](tmp_path)
    first, second = lora(tmp_path, family, 1), lora(tmp_path, family, 2)
    engine = load(folder, [first, (second / "pytorch_lora_weights.safetensors", 0.4)])
    theirs = DiffusionPipeline.from_pretrained(folder)
    theirs.load_lora_weights(first, adapter_name="a", weight_name="pytorch_lora_weights.safetensors")
    theirs.load_lora_weights(second, adapter_name="b", weight_name="pytorch_lora_weights.safetensors")
    theirs.set_adapters(["a", "b"], [1.0, 0.4])
    x, t = torch.randn(1, engine._family.channels, 8, 8), torch.tensor([499])
    if family == "flux":
        check_flux(engine, theirs, x, t)
    else:
        check(engine, theirs, x, t)
    plain = weights(load(folder, None))
    fused = weights(engine)
    assert plain.keys() == fused.keys(), "no adapter layers are left to cost time"
    changed = [name for name in plain if not torch.equal(plain[name], fused[name])]
    assert len(changed) > 4
    assert sum(name.startswith("text.") for name in changed) == 2, "the query's and the value's of the text encoder"


def check_flux(engine: Engine, theirs: Any, x: torch.Tensor, t: torch.Tensor) -> None:
    """Against the same family around diffusers' pipeline with its adapters unfused."""
    cpu = torch.device("cpu")
    unfused = registry.flux.KIND.make(theirs, cpu, torch.float32, cpu)
    with torch.inference_mode():
        text, expected = engine._family.encode_text(["house"]), unfused.encode_text(["house"])
        torch.testing.assert_close(text.parts, expected.parts, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(
            engine._family.network(x, t, text), unfused.network(x, t, expected), atol=1e-5, rtol=1e-4
        )


def check(engine: Engine, theirs: Any, x: torch.Tensor, t: torch.Tensor) -> None:
    family = engine.family
    with torch.inference_mode():
        text = engine._family.encode_text(["house"])
        more = [None, None] if family == "sd3" else []
        their_text = theirs.encode_prompt(
            "house", *more, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        torch.testing.assert_close(text.tokens, their_text[0], atol=1e-5, rtol=1e-4)
        if family == "sd":
            expected = theirs.unet(x, t, their_text[0]).sample
        elif family == "sdxl":
            sizes = torch.tensor([[64.0, 64.0, 0.0, 0.0, 64.0, 64.0]])
            added = {"text_embeds": their_text[2], "time_ids": sizes}
            expected = theirs.unet(x, t, their_text[0], added_cond_kwargs=added).sample
        else:
            expected = theirs.transformer(x, their_text[0], their_text[2], t).sample
        torch.testing.assert_close(engine._family.network(x, t, text), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("model", "made_for"),
    [("sd", "sdxl"), ("sdxl", "sd"), ("sd", "sd3"), ("sd3", "sd"), ("sd3", "flux"), ("flux", "sd")],
)
def test_one_for_another_family_is_refused_by_name(tmp_path: Path, model: str, made_for: str) -> None:
    folder = FOLDERS[model](tmp_path)
    other = lora(tmp_path, made_for)
    names = {kind.make.name: kind.label for kind in registry.KINDS}  # type: ignore[attr-defined]
    with pytest.raises(UnsupportedModel) as error:
        load(folder, other)
    made, has = error.value.message.split(", and the model is ")
    assert names[made_for] in made.split("was made for ")[1]
    assert has == names[model]
    assert str(other) in error.value.message
    with pytest.raises(UnsupportedModel, match="was made for"):
        load(folder, [lora(tmp_path, model, 3), (other, 0.5)])


def test_one_for_another_size_of_the_same_family_is_refused(tmp_path: Path) -> None:
    """As of Stable Diffusion 2 for Stable Diffusion 1.5."""
    other = lora(tmp_path, "sd", width=32) / "pytorch_lora_weights.safetensors"
    save_file({name: weight for name, weight in load_file(other).items() if name.startswith("unet.")}, other)
    with pytest.raises(UnsupportedModel, match=r"attn2\.to_k takes 32 numbers, this model's takes 16"):
        load(tiny_folder(tmp_path), other)


def test_one_for_another_size_of_the_text_encoder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.safetensors"
    save_file(text_lora(tiny_pipeline(tmp_path / "for-lora"), width=32), path)
    with pytest.raises(UnsupportedModel, match=r"wide.*text_encoder\..*q_proj takes 32 numbers, this model's takes 16"):
        load(tiny_folder(tmp_path), path)
    weights = text_lora(tiny_pipeline(tmp_path / "for-lora"))
    save_file({name: torch.randn(32, 2) if "lora_B" in name else w for name, w in weights.items()}, path)
    with pytest.raises(UnsupportedModel, match=r"q_proj gives 32 numbers, this model's gives 16"):
        load(tiny_folder(tmp_path), path)


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_one_with_broken_numbers_is_named(tmp_path: Path, number: str) -> None:
    path = lora(tmp_path, "sd") / "pytorch_lora_weights.safetensors"
    weights = load_file(path)
    broken = next(name for name in weights if "to_k" in name)
    weights[broken][0, 0] = float(number)
    save_file(weights, tmp_path / "broken.safetensors")
    with pytest.raises(UnsupportedModel) as error:
        load(tiny_folder(tmp_path), [path, tmp_path / "broken.safetensors"])
    assert "broken.safetensors" in error.value.message
    assert f"{broken} holds numbers that are NaN or infinite" in error.value.message


def test_a_weight_that_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match=r"the weight of the LoRA 'a/b' is nan, it must be a finite number"):
        listed(("a/b", float("nan")))


@pytest.mark.parametrize(
    ("names", "families"),
    [
        (["lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_k.lora_down.weight"], "sd"),
        (["lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_k.lora_down.weight"], "sdxl"),
        (["lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight"], "sdxl"),
        (["transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight"], "flux"),
        (["transformer.transformer_blocks.1.attn.to_k.lora_A.weight"], "flux sd3"),
        (["base_model.model.something.lora_A.weight"], ""),
    ],
)
def test_what_a_lora_was_made_for_shows_in_its_names(names: list[str], families: str) -> None:
    assert [kind.make.name for kind in registry.of_lora(names)] == families.split()


def test_one_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    path = lora(tmp_path, "sd") / "pytorch_lora_weights.safetensors"
    odd = {f"prior.{name}": weight for name, weight in load_file(path).items() if name.startswith("unet")}
    save_file({name.replace("unet.", "", 1): weight for name, weight in odd.items()}, tmp_path / "odd.safetensors")
    with pytest.raises((UnsupportedModel, ModelNotFound), match=r"odd\.safetensors"):
        load(tiny_folder(tmp_path), tmp_path / "odd.safetensors")


def test_a_damaged_or_missing_one_is_named(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no weights")
    for source in (damaged, tmp_path / "nowhere", "nobody/no-such-lora"):
        with pytest.raises((UnsupportedModel, ModelNotFound), match=Path(source).name):
            load(folder, source)


def test_a_pickled_one_is_refused(tmp_path: Path) -> None:
    folder = lora(tmp_path, "sd")
    torch.save(load_file(folder / "pytorch_lora_weights.safetensors"), folder / "pytorch_lora_weights.bin")
    (folder / "pytorch_lora_weights.safetensors").unlink()
    model = tiny_folder(tmp_path)
    with pytest.raises(UnsupportedModel, match="pickle"):
        load(model, folder)
    engine = load_engine(model, device="cpu", lora=folder, decoder=None, allow_pickle=True)
    plain = load(model, None)
    assert np.asarray(engine.generate(SCENE)).tobytes() != np.asarray(plain.generate(SCENE)).tobytes()


def test_a_repository_of_pickles_says_how_they_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    folder = lora(tmp_path, "sd")
    in_the_cache(folder, "someone/safe", tmp_path / "cache")
    torch.save(load_file(folder / "pytorch_lora_weights.safetensors"), folder / "pytorch_lora_weights.bin")
    (folder / "pytorch_lora_weights.safetensors").unlink()
    in_the_cache(folder, "someone/pickled", tmp_path / "cache")
    model = tiny_folder(tmp_path)
    plain = weights(load(model, None))
    for source in ("someone/safe", "someone/safe/pytorch_lora_weights.safetensors"):
        read = weights(load(model, source))
        assert any(not torch.equal(weight, read[name]) for name, weight in plain.items())
    with pytest.raises(ModelNotFound, match=r"'someone/pickled'.*allow_pickle=True"):
        load(model, "someone/pickled")


@pytest.mark.parametrize("schedule", ["ddim", "lcm", "turbo"])
def test_a_model_of_few_steps_is_not_given_the_lcm_lora(tmp_path: Path, schedule: str) -> None:
    engine = load(saved(tiny_xl_pipeline(tmp_path, schedule=schedule), tmp_path), "auto")
    notes = str(engine.notices(SCENE).get("background"))
    assert ("lcm-lora-sdxl could not be had" in notes) == (schedule == "ddim"), "tests have no network"


@pytest.mark.parametrize(
    ("lora", "pairs"),
    [
        (None, []),
        ("a/b", [("a/b", None)]),
        (Path("x"), [("x", None)]),
        (("a/b", 0.5), [("a/b", 0.5)]),
        (["auto", ("a/b", 2)], [("auto", None), ("a/b", 2.0)]),
        ((("a/b", 0.5), "c/d"), [("a/b", 0.5), ("c/d", None)]),
    ],
)
def test_ways_to_say_it(lora: Any, pairs: list[tuple[str, float]]) -> None:
    assert listed(lora) == pairs


@pytest.mark.parametrize("lora", [3, [3], (3, 0.5), {"a": 1.0}])
def test_other_ways_are_named(lora: Lora) -> None:
    with pytest.raises(ValueError, match="it must be a path or hub id"):
        listed(lora)
