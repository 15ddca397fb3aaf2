"""LoRAs, saved by diffusers: fused as diffusers applies them, and refused where they were made for another model."""

from __future__ import annotations

from importlib.metadata import version
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
    saved,
    tiny_3_folder,
    tiny_3_pipeline,
    tiny_folder,
    tiny_pipeline,
    tiny_xl_folder,
    tiny_xl_pipeline,
)

# transformers refuses LoRAs of its own models with an older PEFT.
TEXT_LORAS = tuple(int(n) for n in version("peft").split(".")[:2]) >= (0, 22)
SCENE = Scene((64, 64), "sky", [Region("house", np.ones((64, 64), bool), id="r")])
FOLDERS = {"sd": tiny_folder, "sdxl": tiny_xl_folder, "sd3": tiny_3_folder}
PIPELINES: dict[str, Any] = {"sd": tiny_pipeline, "sdxl": tiny_xl_pipeline, "sd3": tiny_3_pipeline}
NETWORKS = {"sd": "unet", "sdxl": "unet", "sd3": "transformer"}


def lora(folder: Path, family: str, seed: int = 1, **options: object) -> Path:
    """A small random LoRA for a tiny model, of its network and, where PEFT is new enough, its text."""
    pipeline = PIPELINES[family](folder / "for-lora", **options)
    torch.manual_seed(seed)
    layers = {}
    for part, names in ((NETWORKS[family], ["to_q", "to_k", "to_v"]), ("text_encoder", ["q_proj", "v_proj"])):
        if part == "text_encoder" and not TEXT_LORAS:
            continue
        module = getattr(pipeline, part)
        module.add_adapter(LoraConfig(r=2, target_modules=names, init_lora_weights=False))
        layers[f"{part}_lora_layers"] = get_peft_model_state_dict(module)
    type(pipeline).save_lora_weights(folder / f"{family}-lora{seed}", **layers)
    return folder / f"{family}-lora{seed}"


def load(folder: Path, loras: Any) -> Engine:
    return load_engine(folder, device="cpu", lora=loras, decoder=None)


def weights(engine: Engine) -> dict[str, torch.Tensor]:
    family: Any = engine._family
    encoder = family.text_encoder if engine.family == "sd" else family.text_encoders[0]
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
    plain = weights(load(folder, None))
    fused = weights(engine)
    assert plain.keys() == fused.keys(), "no adapter layers are left to cost time"
    assert sum(not torch.equal(plain[name], fused[name]) for name in plain) > 4


@pytest.mark.parametrize(("model", "made_for"), [("sd", "sdxl"), ("sdxl", "sd"), ("sd", "sd3"), ("sd3", "sd")])
def test_one_for_another_family_is_refused_by_name(tmp_path: Path, model: str, made_for: str) -> None:
    folder = FOLDERS[model](tmp_path)
    other = lora(tmp_path, made_for)
    names = {"sd": "Stable Diffusion 1.x or 2.x", "sdxl": "Stable Diffusion XL", "sd3": "Stable Diffusion 3"}
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
    other = lora(tmp_path, "sd", width=32)
    with pytest.raises(UnsupportedModel, match=r"attn2\.to_k takes 32 numbers, this model's takes 16"):
        load(tiny_folder(tmp_path), other)


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


@pytest.mark.parametrize("schedule", ["ddim", "lcm", "turbo"])
def test_a_model_of_few_steps_is_not_given_the_lcm_lora(tmp_path: Path, schedule: str) -> None:
    engine = load(saved(tiny_xl_pipeline(tmp_path, schedule=schedule), tmp_path), "auto")
    notes = str(engine.notices(SCENE).get("background"))
    assert ("lcm-lora-sdxl could not be had" in notes) == (schedule == "ddim"), "tests have no network"


@pytest.mark.parametrize(
    ("lora", "pairs"),
    [
        (None, []),
        ("a/b", [("a/b", 1.0)]),
        (Path("x"), [("x", 1.0)]),
        (("a/b", 0.5), [("a/b", 0.5)]),
        (["auto", ("a/b", 2)], [("auto", 1.0), ("a/b", 2.0)]),
        ((("a/b", 0.5), "c/d"), [("a/b", 0.5), ("c/d", 1.0)]),
    ],
)
def test_ways_to_say_it(lora: Any, pairs: list[tuple[str, float]]) -> None:
    assert listed(lora) == pairs


@pytest.mark.parametrize("lora", [3, [3], (3, 0.5), {"a": 1.0}])
def test_other_ways_are_named(lora: Lora) -> None:
    with pytest.raises(ValueError, match="it must be a path or hub id"):
        listed(lora)
