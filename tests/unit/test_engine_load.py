"""Loading: what works, and what each failure says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, AutoencoderTiny
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from semanticdraw_widget.engine import EngineError, MissingWeights, ModelNotFound, UnsupportedModel, load_engine
from semanticdraw_widget.engine.device import pick_device
from semanticdraw_widget.engine.method import CROPS, EXACT, MASKED, Method
from semanticdraw_widget.scene import Region, Scene
from unit.single_file import save_3_single_file, save_single_file, save_xl_single_file
from unit.tiny_models import (
    in_the_cache,
    tiny_3_folder,
    tiny_3_pipeline,
    tiny_flux_folder,
    tiny_flux_pipeline,
    tiny_folder,
    tiny_pipeline,
    tiny_vae,
    tiny_xl_folder,
    tiny_xl_pipeline,
)

FOLDERS = {"sd": tiny_folder, "sdxl": tiny_xl_folder, "sd3": tiny_3_folder, "flux": tiny_flux_folder}
SCENE = Scene((64, 64), "sky", [Region("house", np.ones((64, 64), bool), id="r")])


def told(error: pytest.ExceptionInfo[EngineError]) -> str:
    assert error.value.hint
    assert error.value.code
    return error.value.message


@pytest.mark.parametrize("name", ["no-such-model", "./no/such/folder", "/no/such/model.safetensors"])
def test_an_unknown_name_says_what_was_looked_for(name: str) -> None:
    with pytest.raises(ModelNotFound) as error:
        load_engine(name)
    assert name in told(error)


def test_a_folder_that_is_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound) as error:
        load_engine(tmp_path)
    assert "model_index.json" in told(error)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    for file in (folder / "unet").glob("*.safetensors"):
        file.unlink()
    with pytest.raises(MissingWeights) as error:
        load_engine(folder)
    assert str(folder / "unet") in told(error)


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    for file in (folder / "unet").glob("*.safetensors"):
        file.rename(file.with_suffix(".bin"))
    with pytest.raises(MissingWeights, match="pickled"):
        load_engine(folder)
    checkpoint = tmp_path / "model.ckpt"
    checkpoint.write_bytes(b"\x80\x04.")
    with pytest.raises(UnsupportedModel, match="pickle"):
        load_engine(checkpoint)


def test_a_pickle_is_read_where_the_user_allows_it(tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path)
    pipeline.save_pretrained(tmp_path / "pickled", safe_serialization=False)
    pipeline.save_pretrained(tmp_path / "model")
    with pytest.raises(MissingWeights, match="allow_pickle=True"):
        load_engine(tmp_path / "pickled", device="cpu")
    pickled = load_engine(tmp_path / "pickled", device="cpu", allow_pickle=True)
    safe = load_engine(tmp_path / "model", device="cpu")
    assert pickled.generate(SCENE).tobytes() == safe.generate(SCENE).tobytes()


def test_a_folder_with_float16_files_alone(tmp_path: Path) -> None:
    tiny_xl_pipeline(tmp_path).save_pretrained(tmp_path / "half", variant="fp16")
    assert load_engine(tmp_path / "half", device="cpu").generate(SCENE).size == (64, 64)


@pytest.mark.parametrize("part", ["text_encoder", "text_encoder_2"])
def test_a_missing_text_encoder_is_named(tmp_path: Path, part: str) -> None:
    folder = tiny_xl_folder(tmp_path)
    shutil.rmtree(folder / part)
    with pytest.raises(MissingWeights) as error:
        load_engine(folder)
    assert f"{folder / part} holds no weights" in told(error)


def test_another_kind_of_pipeline(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    index = folder / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "_class_name": "CogView4Pipeline"}))
    with pytest.raises(UnsupportedModel) as error:
        load_engine(folder)
    assert "CogView4Pipeline" in told(error)


@pytest.mark.parametrize(
    ("family", "part"), [("sd", "tokenizer"), ("sdxl", "tokenizer_2"), ("sd3", "tokenizer_3"), ("flux", "tokenizer_2")]
)
def test_a_missing_tokenizer_is_named(tmp_path: Path, family: str, part: str) -> None:
    folder = FOLDERS[family](tmp_path)
    shutil.rmtree(folder / part)
    with pytest.raises(MissingWeights) as error:
        load_engine(folder, device="cpu", lora=None)
    assert f"{folder / part} holds no tokenizer: tokenizer.json, or vocab.json and merges.txt" in told(error)


def test_half_a_tokenizer_is_none(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    for file in (folder / "tokenizer").iterdir():
        if file.name in ("merges.txt", "tokenizer.json"):
            file.unlink()
    (folder / "tokenizer" / "vocab.json").write_text("{}")
    with pytest.raises(MissingWeights, match="holds no tokenizer"):
        load_engine(folder, device="cpu", lora=None)


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    for file in (folder / "tokenizer").glob("*.json"):
        file.write_text(file.read_text()[:20])
    with pytest.raises(MissingWeights, match="could not be read"):
        load_engine(folder, device="cpu", lora=None)


def test_a_single_file_s_configuration_needs_its_tokenizer(tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path, tiny_decoder=False)
    pipeline.save_pretrained(tmp_path / "model")
    save_single_file(pipeline, tmp_path / "model.safetensors")
    shutil.rmtree(tmp_path / "model" / "tokenizer")
    with pytest.raises(MissingWeights, match="holds no tokenizer"):
        load_engine(tmp_path / "model.safetensors", device="cpu", lora=None, config=tmp_path / "model")


@pytest.mark.parametrize("text", ['{"_class_name": "Stable', "[1, 2]", "null", "\x00\xff"])
def test_a_damaged_index_is_named(tmp_path: Path, text: str) -> None:
    folder = tiny_folder(tmp_path)
    (folder / "model_index.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UnsupportedModel, match=r"model_index\.json"):
        load_engine(folder, device="cpu", lora=None)


def test_an_index_of_odd_parts_is_named(tmp_path: Path) -> None:
    folder = tiny_3_folder(tmp_path)
    shutil.rmtree(folder / "text_encoder_3")
    index = json.loads((folder / "model_index.json").read_text())
    for odd in (None, 5, "T5", [], {"library": "transformers"}):
        (folder / "model_index.json").write_text(json.dumps({**index, "text_encoder_3": odd, "tokenizer_3": odd}))
        try:
            load_engine(folder, device="cpu", lora=None, decoder=None)
        except EngineError as error:
            assert str(folder) in error.message


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ('{"steps": 4', r"semanticdraw\.json could not be read"),
        ("[]", r"semanticdraw\.json holds a JSON list"),
        ('{"name": 5}', "name is 5, it must be a text"),
        ('{"steps": "4"}', "steps is '4', it must be a whole number, 1 to 100"),
        ('{"steps": 0}', "steps is 0, it must be"),
        ('{"steps": 4.5}', "steps is 4.5, it must be"),
        ('{"steps": true}', "steps is True, it must be"),
        ('{"guidance": 31}', "guidance is 31, it must be a number, 0 to 30"),
        ('{"guidance": NaN}', "guidance is nan, it must be"),
        ('{"centring_steps": -1}', "centring_steps is -1, it must be a whole number, 0 to 100"),
        ('{"centring_steps": 1.5}', "centring_steps is 1.5, it must be"),
        ('{"canvas": 512}', r"canvas: .*not 512"),
        ('{"canvas": [512, 7]}', "canvas: .*7 px is not a canvas side"),
        ('{"vocabulary": ["sky"]}', "vocabulary is .*, it must be lists of words by kind"),
        ('{"vocabulary": {"words": "sky"}}', "vocabulary is .*, it must be lists of words by kind"),
    ],
)
def test_a_damaged_description_is_named(tmp_path: Path, about: str, says: str) -> None:
    folder = tiny_folder(tmp_path)
    (folder / "semanticdraw.json").write_text(about)
    with pytest.raises(UnsupportedModel, match=says):
        load_engine(folder, device="cpu", lora=None)


@pytest.mark.parametrize("name", ["m.pth", "m.gguf", "m.onnx"])
def test_another_kind_of_file_says_which_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "loras").mkdir()
    (tmp_path / "loras" / name).write_bytes(b"weights")
    monkeypatch.chdir(tmp_path)
    for given in (tmp_path / "loras" / name, f"loras/{name}"):
        with pytest.raises(UnsupportedModel) as error:
            load_engine(given)
        assert name in told(error) and ".safetensors" in told(error) and ".ckpt" in told(error)


@pytest.mark.parametrize("device", ["gpu", None, 0, "cuda:99", "cpu:7", "", 1.5])
def test_a_device_that_is_not_there_is_named(device: Any) -> None:
    with pytest.raises(ValueError) as error:
        load_engine(device=device)
    assert f"device is {device!r}, it must be auto or what there is here: cpu" in str(error.value)


def test_an_accelerator_that_is_not_there_is_named() -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    absent = [device for device in there if not there[device]]
    assert absent, "no machine has both"
    for device in absent:
        with pytest.raises(ValueError, match=f"device is '{device}', it must be auto or what there is here: cpu"):
            load_engine(device=device)


def test_a_device_may_be_torch_s() -> None:
    assert pick_device(torch.device("cpu")) == pick_device("cpu:0") == torch.device("cpu")
    assert pick_device("auto").type in ("cpu", "cuda", "mps")


def test_a_repository_of_pickles_says_how_they_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    pipeline = tiny_pipeline(tmp_path)
    pipeline.save_pretrained(tmp_path / "safe")
    pipeline.save_pretrained(tmp_path / "pickled", safe_serialization=False)
    for name in ("safe", "pickled"):
        in_the_cache(tmp_path / name, f"someone/{name}", tmp_path / "cache")
    safe = load_engine("someone/safe", device="cpu", lora=None)
    with pytest.raises(MissingWeights, match=r"'someone/pickled' holds no \.safetensors.*allow_pickle=True"):
        load_engine("someone/pickled", device="cpu", lora=None)
    pickled = load_engine("someone/pickled", device="cpu", lora=None, allow_pickle=True)
    assert pickled.generate(SCENE).tobytes() == safe.generate(SCENE).tobytes()


def test_a_damaged_file(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    for file in (folder / "unet").glob("*.safetensors"):
        file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(EngineError):
        load_engine(folder)


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"not safetensors")
    with pytest.raises(EngineError) as error:
        load_engine(path)
    assert "model.safetensors" in told(error)


def test_a_single_file_draws_what_its_folder_draws(tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path, tiny_decoder=False)
    pipeline.save_pretrained(tmp_path / "model")
    save_single_file(pipeline, tmp_path / "model.safetensors")
    folder = load_engine(tmp_path / "model", device="cpu", lora=None, decoder=None)
    file = load_engine(tmp_path / "model.safetensors", device="cpu", lora=None, decoder=None, config=tmp_path / "model")
    assert file.name == "model"
    # The two lie differently in memory, and a last bit may round the other way.
    np.testing.assert_allclose(np.asarray(file.generate(SCENE), int), np.asarray(folder.generate(SCENE), int), atol=1)


def test_a_pickled_file_is_read_where_the_user_allows_it(tmp_path: Path) -> None:
    pipeline = tiny_pipeline(tmp_path, tiny_decoder=False)
    pipeline.save_pretrained(tmp_path / "model")
    save_single_file(pipeline, tmp_path / "model.safetensors")
    torch.save({"state_dict": load_file(tmp_path / "model.safetensors")}, tmp_path / "model.ckpt")
    more = {"device": "cpu", "lora": None, "decoder": None, "config": tmp_path / "model"}
    pickled = load_engine(tmp_path / "model.ckpt", allow_pickle=True, **more)
    safe = load_engine(tmp_path / "model.safetensors", **more)
    assert pickled.generate(SCENE).tobytes() == safe.generate(SCENE).tobytes()
    torch.save({"state_dict": {"x": Path}}, tmp_path / "code.ckpt")
    with pytest.raises(UnsupportedModel, match=r"code\.ckpt could not be read"):
        load_engine(tmp_path / "code.ckpt", allow_pickle=True, **more)


def test_an_xl_file_draws_what_its_folder_draws(tmp_path: Path) -> None:
    pipeline = tiny_xl_pipeline(tmp_path, tiny_decoder=False)
    pipeline.save_pretrained(tmp_path / "model")
    save_xl_single_file(pipeline, tmp_path / "model.safetensors")
    folder = load_engine(tmp_path / "model", device="cpu", lora=None, decoder=None)
    file = load_engine(tmp_path / "model.safetensors", device="cpu", lora=None, decoder=None, config=tmp_path / "model")
    assert (file.name, file.family) == ("model", "sdxl")
    np.testing.assert_allclose(np.asarray(file.generate(SCENE), int), np.asarray(folder.generate(SCENE), int), atol=1)


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("t5", [False, True])
def test_a_file_of_sd3_draws_what_its_folder_draws(tmp_path: Path, t5: bool, newer: bool) -> None:
    pipeline = tiny_3_pipeline(tmp_path, tiny_decoder=False, t5=t5, newer=newer)
    with torch.no_grad():
        pipeline.text_encoder.text_projection.weight.copy_(torch.eye(16))
    pipeline.save_pretrained(tmp_path / "model")
    save_3_single_file(pipeline, tmp_path / "model.safetensors")
    folder = load_engine(tmp_path / "model", device="cpu", lora=None, decoder=None)
    file = load_engine(tmp_path / "model.safetensors", device="cpu", lora=None, decoder=None, config=tmp_path / "model")
    assert (file.name, file.family) == ("model", "sd3")
    ours, theirs = (np.asarray(engine.generate(SCENE, steps=4), int) for engine in (file, folder))
    np.testing.assert_allclose(ours, theirs, atol=1)


@pytest.mark.parametrize("prefix", ["model.diffusion_model.", ""])
def test_a_file_of_flux_is_recognised(tmp_path: Path, prefix: str) -> None:
    """FLUX.1's own release is its transformer alone, by bare names."""
    path = tmp_path / "flux1-schnell.safetensors"
    save_file({f"{prefix}double_blocks.0.img_attn.proj.weight": torch.zeros(2, 4)}, path)
    tiny_flux_pipeline(tmp_path).save_pretrained(tmp_path / "model")
    with pytest.raises(MissingWeights) as error:
        load_engine(path, device="cpu", lora=None, config=tmp_path / "model")
    assert told(error) == "flux1-schnell.safetensors holds no text_encoder and no text_encoder_2"


@pytest.mark.parametrize(("texts", "part"), [(0, "text_encoder and no text_encoder_2"), (1, "text_encoder_2")])
def test_a_file_without_its_text_encoders_says_which(tmp_path: Path, texts: int, part: str) -> None:
    pipeline = tiny_xl_pipeline(tmp_path, tiny_decoder=False)
    pipeline.save_pretrained(tmp_path / "model")
    save_xl_single_file(pipeline, tmp_path / "model.safetensors", texts=texts)
    with pytest.raises(MissingWeights) as error:
        load_engine(tmp_path / "model.safetensors", device="cpu", lora=None, config=tmp_path / "model")
    assert told(error) == f"model.safetensors holds no {part}"


def test_a_lora_given_as_a_model_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_file({"unet.mid_block.attentions.0.proj_in.lora_A.weight": torch.zeros(2, 4)}, path)
    with pytest.raises(UnsupportedModel, match=r"is a LoRA: .* as lora="):
        load_engine(path)


def test_a_checkpoint_of_no_known_family(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"layers.0.weight": torch.zeros(2, 4)}, path)
    with pytest.raises(UnsupportedModel, match=r"no checkpoint of a known family.*StableDiffusionXLPipeline"):
        load_engine(path)


def test_a_wrong_dtype() -> None:
    with pytest.raises(ValueError, match="dtype is 'int8', it must be one of float16"):
        load_engine(dtype="int8")


def test_progress_runs_from_zero_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    load_engine(tiny_folder(tmp_path), lora=None, progress=lambda stage, share: shares.append(share))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_dtypes_run(tmp_path: Path, dtype: str) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", dtype=dtype, lora=None)
    assert engine.dtype == getattr(torch, dtype)
    assert engine.generate(SCENE).size == (64, 64)


def test_without_the_hub_a_plain_model_still_runs_and_says_what_it_lacks(tmp_path: Path) -> None:
    engine = load_engine(tiny_folder(tmp_path, tiny_decoder=False, distilled=False), device="cpu")
    notes = " ".join(n["message"] for n in engine.notices(SCENE)["background"])
    assert "lcm-lora" in notes
    assert "taesd" in notes
    assert engine.generate(SCENE).size == (64, 64)


def test_a_lora_is_fused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path, distilled=False)
    pipeline = tiny_pipeline(tmp_path, distilled=False)
    torch.manual_seed(1)
    pipeline.unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"], init_lora_weights=False))
    type(pipeline).save_lora_weights(tmp_path / "lora", unet_lora_layers=get_peft_model_state_dict(pipeline.unet))
    plain = load_engine(folder, device="cpu", lora=None)
    fused = load_engine(folder, device="cpu", lora=tmp_path / "lora")
    before, after = (np.asarray(e.generate(SCENE)) for e in (plain, fused))
    assert (before != after).any()
    named = load_engine(folder, device="cpu", lora=tmp_path / "lora", sampler="tcd")
    assert [e.default_sampler for e in (plain, fused, named)] == ["ddim", "ddim", "tcd"]
    assert (fused.default_steps, fused.default_guidance) == (plain.default_steps, plain.default_guidance) == (25, 7.5)
    query = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight"
    assert query in fused._family.unet.state_dict(), "fused: no adapter layers are left to cost time"
    with pytest.raises(ModelNotFound, match="could not be fused"):
        load_engine(folder, lora=tmp_path / "nowhere")


@pytest.mark.parametrize("family", FOLDERS)
def test_a_tiny_decoder_takes_the_place_of_the_vae(tmp_path: Path, family: str) -> None:
    folder = FOLDERS[family](tmp_path / "a", tiny_decoder=False)
    decoder = FOLDERS[family](tmp_path / "b") / "vae"
    plain = load_engine(folder, device="cpu", lora=None, decoder=None)
    engine = load_engine(folder, device="cpu", lora=None, decoder=decoder)
    assert isinstance(plain._family.vae, AutoencoderKL)
    assert isinstance(engine._family.vae, AutoencoderTiny)
    assert engine.generate(SCENE, steps=1).size == (64, 64)
    with pytest.raises(ModelNotFound, match="decoder"):
        load_engine(folder, lora=None, decoder=tmp_path / "nowhere")


def test_a_tiny_decoder_for_other_latents_is_refused(tmp_path: Path) -> None:
    tiny_vae(True, 16).save_pretrained(tmp_path / "taesd3")
    with pytest.raises(UnsupportedModel, match=r"latents of 16 channels, the model's have 4.*madebyollin/taesdxl"):
        load_engine(tiny_xl_folder(tmp_path), device="cpu", lora=None, decoder=tmp_path / "taesd3")


@pytest.mark.parametrize(
    ("own", "steps", "centred"), [(None, 4, 1), (2, 4, 2), (2, 3, 2), (2, 2, 1), (2, 1, 1), (0, 4, 0), (5, 4, 3)]
)
def test_a_model_s_own_centring_steps_count_in_every_mode(
    tmp_path: Path, own: int | None, steps: int, centred: int
) -> None:
    """All but the last step at the most, for a region has to meet the others; and white around it as long."""
    folder = tiny_folder(tmp_path)
    if own is not None:
        (folder / "semanticdraw.json").write_text(json.dumps({"centring_steps": own}))
    engine = load_engine(folder, device="cpu", lora=None)
    corner = np.zeros((64, 64), bool)
    corner[:24, :32] = True
    scene = SCENE.replace(regions=(Region("house", corner),))

    def centring(method: Method) -> list[bool]:
        plan = engine.plan(scene, steps, 1.0, method)
        return [any(row.shift is not None for row in rows) for rows in plan.rows]

    expected = [step < centred for step in range(steps)]
    assert centring(EXACT) == centring(CROPS) == expected
    assert centring(MASKED) == [*expected[:1], *[False] * (steps - 1)], "later steps have one row for all"
    *_, ours = engine.denoise(scene, steps=steps, guidance=1.0)
    *_, same = engine.denoise(
        scene, steps=steps, guidance=1.0, method=Method(centring_steps=centred, mixing_steps=centred)
    )
    assert torch.equal(ours.x0, same.x0)


def test_a_model_with_a_word_list_drops_and_names_other_words(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    about = {
        "name": "small",
        "steps": 3,
        "vocabulary": {"backgrounds": ["sky"], "objects": [], "words": ["sky", "house"]},
    }
    (folder / "semanticdraw.json").write_text(json.dumps(about))
    engine = load_engine(folder, device="cpu", lora=None)
    assert (engine.name, engine.default_steps) == ("small", 3)
    assert engine.vocabulary == {"backgrounds": ["sky"], "objects": []}
    assert engine.unknown_words("A zebra house, Zebra sky!") == ["A", "zebra", "Zebra"]
    odd = SCENE.replace(regions=(SCENE.regions[0].replace(prompt="house zebra"),))
    assert engine.notices(odd)["r"][0]["words"] == ["zebra"]
    assert engine.notices(odd)["r"][0]["message"] == 'small does not know "zebra"; the rest of the prompt counts'
    misspelt = SCENE.replace(regions=(SCENE.regions[0].replace(prompt="Hous zebra skye"),))
    told = engine.notices(misspelt)["r"][0]
    assert (told["words"], told["near"]) == (["Hous", "zebra", "skye"], ["house", "sky"])
    assert told["message"].endswith('so it paints whatever fits. Did you mean "house" and "sky"?')
    assert engine.palette == b""
    assert np.array_equal(np.asarray(engine.generate(odd)), np.asarray(engine.generate(SCENE)))


def test_a_palette_beside_the_vocabulary_is_handed_on(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    (folder / "palette.png").write_bytes(b"a picture of each word")
    assert load_engine(folder, device="cpu", lora=None).palette == b"a picture of each word"


def test_a_prompt_that_is_too_long_is_cut_and_said(tmp_path: Path) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", lora=None)
    long = SCENE.replace(regions=(SCENE.regions[0].replace(prompt="house " * 40),))
    assert [n["code"] for n in engine.notices(long)["r"]] == ["long_prompt"]
    assert engine.generate(long).size == (64, 64)


def test_a_model_can_be_moved(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path)
    first = load_engine(folder, device="cpu", lora=None).generate(SCENE)
    shutil.move(folder, tmp_path / "elsewhere")
    assert load_engine(tmp_path / "elsewhere", device="cpu", lora=None).generate(SCENE).tobytes() == first.tobytes()
