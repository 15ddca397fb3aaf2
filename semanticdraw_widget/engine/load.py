"""From a name to a warm engine, through diffusers' own loaders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .engine import Engine
from .errors import EngineError, MissingWeights, ModelNotFound, OutOfMemory, UnsupportedModel, out_of_memory
from .families.sd import StableDiffusion
from .prompts import Language
from .quiet import quiet
from .samplers import checked, choose, few_step
from .thread import computed

CRAYON = Path(__file__).parents[1] / "crayon" / "model"
LCM_LORA = "latent-consistency/lcm-lora-sdv1-5"
TINY_DECODER = "madebyollin/taesd"
HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")
WEIGHT_FILES = ("*.safetensors", "*.bin", "*.index.json")
Progress = Callable[[str, float], None]


def load_engine(
    name_or_path: str | Path = "crayon",
    *,
    device: str = "auto",
    dtype: torch.dtype | str | None = None,
    progress: Progress | None = None,
    lora: str | Path | None = "auto",
    decoder: str | Path | None = "auto",
    config: str | Path | None = None,
    sampler: str = "auto",
) -> Engine:
    """Load a Stable Diffusion 1.x or 2.x model for region-prompted drawing.

    name_or_path: "crayon" (embedded), a diffusers folder, a .safetensors file, or a hub id like "owner/name".
    device: "auto" (CUDA, else MPS, else CPU) or a torch device. dtype: float16, bfloat16 or float32, as a torch dtype
    or its name; by default float16 on CUDA and float32 elsewhere.
    progress: called with a stage's name and a number from 0 to 1.
    lora: an LCM-LoRA to fuse: a folder, a file or a hub id; "auto" takes latent-consistency/lcm-lora-sdv1-5 for
    models that are not distilled already; None fuses none.
    decoder: a tiny decoder (TAESD): a folder or a hub id; "auto" takes madebyollin/taesd where the model has a full
    VAE and it can be had; None keeps the model's own.
    config: for a .safetensors file, a local folder with the model's configuration.
    sampler: one of samplers.SAMPLERS; "auto" takes what the model's scheduler does, and "lcm" with an LCM-LoRA fused.
    With another one than "auto" or "lcm", lora="auto" fuses none.

    Raises ModelNotFound, MissingWeights, UnsupportedModel, OutOfMemory; each has ``message`` and ``hint``. ValueError
    for an unknown dtype or sampler, or a sampler that cannot run the model.
    """
    tell = progress or (lambda stage, share: None)
    where = pick_device(device)
    kind = pick_dtype(dtype, where)
    return computed(where, _load, name_or_path, where, kind, tell, lora, decoder, config, checked(sampler))


def _load(
    name_or_path: str | Path,
    where: torch.device,
    kind: torch.dtype,
    tell: Progress,
    lora: str | Path | None,
    decoder: str | Path | None,
    config: str | Path | None,
    sampler: str,
) -> Engine:
    tell("looking for the model", 0.0)
    source = str(name_or_path)
    folder = CRAYON if source == "crayon" else Path(source)
    notes: list[str] = []
    try:
        with quiet():
            tell("reading the weights", 0.1)
            pipeline = read_pipeline(source, folder, kind, config)
            tell("reading the weights", 0.6)
            if lora == "auto" and sampler not in ("auto", "lcm"):
                lora = None
            fused = fuse_lcm(pipeline, lora, notes)
            swap_decoder(pipeline, decoder, kind, notes)
            tell(f"moving to {where}", 0.8)
            family = StableDiffusion(pipeline, where, kind)
            own = choose(
                sampler, pipeline.scheduler, guidance_embedding=family.guidance_width is not None, lcm_lora=fused
            )
    except EngineError:
        raise
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise OutOfMemory(
            f"out of memory while loading {source!r} on {where}",
            "close other programs, or choose float16 or another device",
        ) from error
    about = read_about(folder)
    engine = Engine(
        family,
        name=about.get("name", folder.stem if folder.exists() else source),
        size=tuple(about.get("canvas", family.default_size)),
        steps=about.get("steps", 4),
        guidance=about.get("guidance", 1.0 if family.guidance_width is None else 8.0),
        sampler=own,
        language=Language(about.get("vocabulary", {}).get("words")),
        vocabulary={k: v for k, v in about.get("vocabulary", {}).items() if k != "words"},
        notes=notes,
    )
    tell("ready", 1.0)
    return engine


def read_pipeline(source: str, folder: Path, dtype: torch.dtype, config: str | Path | None) -> Any:
    """The pipeline that ``source`` names: a folder, a file, or a hub id; what looks like a path is never looked up."""
    if folder.is_dir():
        return from_folder(folder, dtype)
    if folder.suffix in (".safetensors", ".ckpt", ".pt", ".bin"):
        return from_file(folder, dtype, config)
    if HUB_ID.match(source) and not source.startswith((".", "/", "~")):
        return from_hub(source, dtype)
    raise ModelNotFound(
        f"there is no model {source!r}",
        'give "crayon", a diffusers folder, a .safetensors file, or a hub id like "owner/name"',
    )


def pick_device(device: str) -> torch.device:
    if device != "auto":
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def pick_dtype(dtype: torch.dtype | str | None, device: torch.device) -> torch.dtype:
    if dtype is None:
        return torch.float16 if device.type == "cuda" else torch.float32
    names = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}
    kind = names.get(dtype) if isinstance(dtype, str) else dtype
    if kind is None or kind not in names.values():
        raise ValueError(f"dtype is {dtype!r}, it must be one of {', '.join(names)}")
    return kind


def cause(error: Exception) -> str:
    """An error's class and the first line of its text."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


def plain_pipeline_options() -> dict[str, Any]:
    """No safety checker and no feature extractor: neither takes part, and both cost memory and time."""
    return {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def from_folder(folder: Path, dtype: torch.dtype) -> Any:
    """A pipeline from a diffusers folder; its parts are checked first, so that what is missing can be named."""
    from diffusers import StableDiffusionPipeline

    index = folder / "model_index.json"
    if not index.is_file():
        raise ModelNotFound(
            f"{folder} holds no model_index.json, so it is not a diffusers pipeline",
            "save one with pipeline.save_pretrained(folder), or give the .safetensors file itself",
        )
    kind = json.loads(index.read_text()).get("_class_name")
    if kind not in ("StableDiffusionPipeline", "LatentConsistencyModelPipeline"):
        raise UnsupportedModel(
            f"{folder} is a {kind}",
            "this version runs StableDiffusionPipeline folders (Stable Diffusion 1.x and 2.x)",
        )
    for part in ("unet", "vae", "text_encoder"):
        here = folder / part
        if not any(any(here.glob(pattern)) for pattern in WEIGHT_FILES):
            raise MissingWeights(
                f"{here} holds no weights",
                "copy the folder again with its .safetensors files, or download it anew",
            )
        if not any(here.glob("*.safetensors")):
            raise MissingWeights(
                f"{here} holds only pickled weights, which can run code when they are read",
                "convert them to .safetensors: load them where you trust them and save_pretrained(folder)",
            )
    try:
        return StableDiffusionPipeline.from_pretrained(
            folder, torch_dtype=dtype, use_safetensors=True, **plain_pipeline_options()
        )
    except (OSError, ValueError) as error:
        raise MissingWeights(f"{folder} could not be read: {error}", "download or save the model again") from error


def from_file(path: Path, dtype: torch.dtype, config: str | Path | None) -> Any:
    from diffusers import StableDiffusionPipeline

    if path.suffix != ".safetensors":
        raise UnsupportedModel(
            f"{path.name} is a pickle, which can run code when it is read", "convert it to .safetensors first"
        )
    if not path.is_file():
        raise ModelNotFound(
            f"there is no file {path}", "check the path; a relative one starts at the notebook's folder"
        )
    more = {} if config is None else {"config": str(config), "local_files_only": True}
    try:
        return StableDiffusionPipeline.from_single_file(
            str(path), torch_dtype=dtype, **more, **plain_pipeline_options()
        )
    except (OSError, ValueError, KeyError) as error:
        raise UnsupportedModel(
            f"{path.name} could not be read as a Stable Diffusion checkpoint: {error}",
            "with no network, also give config=, a folder with the model's configuration files",
        ) from error


def from_hub(name: str, dtype: torch.dtype) -> Any:
    from diffusers import DiffusionPipeline, StableDiffusionPipeline

    try:
        kind = DiffusionPipeline.load_config(name).get("_class_name")
        if kind not in ("StableDiffusionPipeline", "LatentConsistencyModelPipeline"):
            raise UnsupportedModel(f"{name} is a {kind}", "this version runs Stable Diffusion 1.x and 2.x models")
        return StableDiffusionPipeline.from_pretrained(
            name, torch_dtype=dtype, use_safetensors=True, **plain_pipeline_options()
        )
    except EngineError:
        raise
    except Exception as error:  # hub errors come in many classes, none of them ours
        raise ModelNotFound(
            f"{name!r} is no folder here and could not be had from the hub: {cause(error)}",
            "check the spelling and the network, or download the model once and give its folder",
        ) from error


def fuse_lcm(pipeline: Any, lora: str | Path | None, notes: list[str]) -> bool:
    """Make a many-step model a few-step one, and say whether; one that is distilled already is left as it is."""
    distilled = pipeline.unet.config.time_cond_proj_dim is not None or few_step(pipeline.scheduler)
    if lora is None or (lora == "auto" and distilled):
        return False
    name = LCM_LORA if lora == "auto" else str(lora)
    try:
        pipeline.load_lora_weights(name)
        pipeline.fuse_lora()
        pipeline.unload_lora_weights()
        return True
    except Exception as error:
        if lora != "auto":
            raise ModelNotFound(
                f"the LoRA {name!r} could not be fused: {cause(error)}",
                "check the path, and that it was made for the same kind of model",
            ) from error
        notes.append(
            f"the LCM-LoRA {name} could not be had, so few steps will look washed out; give lora= a local copy"
        )
        return False


def swap_decoder(pipeline: Any, decoder: str | Path | None, dtype: torch.dtype, notes: list[str]) -> None:
    """A tiny decoder in place of the full VAE, which costs as much as three network calls a frame."""
    from diffusers import AutoencoderTiny

    if decoder is None or (decoder == "auto" and isinstance(pipeline.vae, AutoencoderTiny)):
        return
    name = TINY_DECODER if decoder == "auto" else str(decoder)
    try:
        pipeline.vae = AutoencoderTiny.from_pretrained(name, torch_dtype=dtype)
    except Exception as error:
        if decoder != "auto":
            raise ModelNotFound(
                f"the decoder {name!r} could not be read: {cause(error)}",
                "give an AutoencoderTiny folder or hub id, or decoder=None for the model's own",
            ) from error
        notes.append(
            f"the tiny decoder {name} could not be had; the model's own VAE is slower; give decoder= a local copy"
        )


def read_about(folder: Path) -> dict[str, Any]:
    """``semanticdraw.json`` of a model folder: name, steps, guidance, canvas and vocabulary; {} without one."""
    path = folder / "semanticdraw.json"
    return json.loads(path.read_text()) if path.is_file() else {}
