"""A run's checkpoints to the pipeline folder that ships, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from . import networks
from .codec import load_codec
from .denoiser import Denoiser
from .regions import CENTRED
from .segmenter import WEIGHTS, export_segmenter
from .stage import Settings
from .vocabulary import BACKGROUNDS, COLORS, OBJECTS, STYLES, words

MODEL = Path(__file__).parent / "model"
TOLD = ("device", "precision", "size", "batch", "rate")  # of a stage's settings
STEPS, GUIDANCE, CANVAS = 4, 4.0, (256, 256)


def blended(one: dict[str, Any], other: dict[str, Any], share: float) -> dict[str, Any]:
    """The weights of two states of a model, ``share`` of them the other's. Where a run has led from one to the other
    its noise averages out, and the mean is often better than both (Wortsman et al. 2022, "Model soups")."""
    if not 0 <= share <= 1:
        raise ValueError(f"the share is {share}, it must lie in 0..1")
    return {
        part: {
            name: value.lerp(other[part][name], share) if value.is_floating_point() else value
            for name, value in w.items()
        }
        for part, w in one.items()
    }


def pipeline_of(settings: Settings, state: dict[str, Any]) -> StableDiffusionPipeline:
    model = Denoiser(settings)
    model.load(state)
    return StableDiffusionPipeline(
        vae=load_codec(settings),
        text_encoder=model.text,
        tokenizer=model.tokenizer,
        unet=model.unet,
        scheduler=networks.make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def export(settings: Settings, folder: Path, start: str, mean: str = "", share: float = 0.5) -> dict[str, Any]:
    """Write the pipeline folder: half-precision weights, scheduler, tokenizer, segmenter and ``semanticdraw.json``,
    whose content is returned. start: the checkpoint to ship, or its mean with ``mean``."""
    state = settings.load(start)["kept"]
    if mean:
        state = blended(state, settings.load(mean)["kept"], share)
    pipeline_of(settings, state).to(dtype=torch.float16).save_pretrained(folder)
    codec_config = folder / "vae" / "config.json"
    config = json.loads(codec_config.read_text())
    config.pop("block_out_channels", None)  # written by diffusers' AutoencoderTiny, which then warns of it
    codec_config.write_text(json.dumps(config, indent=2) + "\n")
    stages, names = {}, dict[str, str]()
    for path in sorted(settings.work.glob("*.pt")):
        kept = torch.load(path, weights_only=False, map_location="cpu", mmap=True)  # for two numbers
        if "step" in kept:
            made = kept.get("made", {})
            told = {k: v for k, v in made.items() if k in TOLD}
            names[path.stem] = f"{path.stem}-{made['word']}" if made.get("word") else path.stem
            stages[names[path.stem]] = {"steps": kept["step"], "minutes": round(kept["minutes"], 1), **told}
    training: dict[str, Any] = {"source": names.get(start, start), "stages": stages}
    if mean:
        training["mean_with"] = {names.get(mean, mean): share}
    if (settings.work / "segmenter.pt").exists():
        training["segmenter_accuracy"] = export_segmenter(settings, folder)
    shipped = settings.work / "shipped.pt"
    if shipped.exists():
        before = settings.load("shipped")["training"]
        if stages.keys() & before.get("stages", {}).keys():
            training["continued_from"] = before
        else:  # stages that followed on the same run, each with a name of its own
            training["stages"] = {**before.get("stages", {}), **stages}
            training.update({k: before[k] for k in ("continued_from",) if k in before})
    about: dict[str, Any] = {
        "name": "crayon",
        "steps": STEPS,
        "guidance": GUIDANCE,
        "canvas": list(CANVAS),
        "centring_steps": CENTRED,
        "vocabulary": {
            "backgrounds": list(BACKGROUNDS),
            "objects": list(OBJECTS),
            "colors": list(COLORS),
            "styles": list(STYLES),
            "words": list(words()),
        },
        "training": training,
    }
    (folder / "semanticdraw.json").write_text(json.dumps(about, indent=1) + "\n")
    return about


def unpack(settings: Settings, folder: Path) -> None:
    """Read an exported folder back into checkpoints: the codec as ``codec``, text encoder and UNet as ``shipped``, the
    segmenter as ``segmenter``."""
    settings.work.mkdir(parents=True, exist_ok=True)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None).to(dtype=torch.float32)
    about = json.loads((folder / "semanticdraw.json").read_text())
    torch.save({"codec": pipeline.vae.state_dict()}, settings.work / "codec.pt")
    kept = {"text": pipeline.text_encoder.state_dict(), "unet": pipeline.unet.state_dict()}
    torch.save({"kept": kept, "training": about["training"]}, settings.work / "shipped.pt")
    if (folder / WEIGHTS.name).exists():
        network = {k: v.float() for k, v in load_file(folder / WEIGHTS.name).items()}
        accuracy = about["training"].get("segmenter_accuracy", {})
        torch.save({"network": network, "accuracy": accuracy}, settings.work / "segmenter.pt")
