"""Model files to a diffusers pipeline: what is missing, damaged or not ours is named before anything is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from .about import json_object
from .errors import EngineError, MissingWeights, ModelNotFound, UnsupportedModel, out_of_memory
from .families import registry
from .families.family import Kind

HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+$")
PICKLES = ("*.bin", "*.ckpt", "*.pt")
CHECKPOINTS = (".safetensors", ".ckpt", ".pt", ".bin")
ALLOW_PICKLE = "or, if you trust whoever made it, give allow_pickle=True"
# The files in which a tokenizer's words come, any one set of them.
VOCABULARIES = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("spiece.model",))


@dataclass
class Reader:
    """Reads in ``dtype``. allow_pickle: also read weights that are no .safetensors. config: for a single file, a
    folder with the model's configuration. notes: what the user should know of what was read."""

    dtype: torch.dtype
    allow_pickle: bool = False
    config: str | Path | None = None
    notes: list[str] = field(default_factory=list)

    def read(self, source: str, folder: Path) -> tuple[Any, Kind]:
        """The pipeline that ``source`` names, a folder, a file or a hub id, and its family. What looks like a path is
        never looked up."""
        if folder.is_dir():
            return self.from_folder(folder)
        if folder.suffix in CHECKPOINTS:
            return self.from_file(folder)
        if folder.exists():
            raise UnsupportedModel(
                f"{source!r} is no model: a file that is read ends in {CHECKPOINTS[0]}, or, with allow_pickle=True, in "
                f"{', '.join(CHECKPOINTS[1:])}",
                "convert it to .safetensors, or give a diffusers folder",
            )
        if HUB_ID.match(source) and not source.startswith((".", "/", "~")):
            return self.from_hub(source)
        raise ModelNotFound(
            f"there is no model {source!r}",
            'give "crayon", a diffusers folder, a .safetensors file, or a hub id like "owner/name"',
        )

    def from_folder(self, folder: Path) -> tuple[Any, Kind]:
        """A pipeline from a diffusers folder; its parts are checked first, so that what is missing can be named."""
        path = folder / "model_index.json"
        if not path.is_file():
            raise ModelNotFound(
                f"{folder} holds no model_index.json, so it is not a diffusers pipeline",
                "save one with pipeline.save_pretrained(folder), or give the .safetensors file itself",
            )
        index = json_object(path)
        kind = self.kind_of(str(folder), index.get("_class_name"))
        absent: dict[str, None] = {}
        for part, companions in kind.spared.items():
            if not has_weights(folder / part):
                absent |= dict.fromkeys((part, *companions))
                if index.get(part) not in (None, [None, None]):
                    self.notes.append(f"{part} is not in the folder; prompts are read without it")
        for part in kind.weights:
            self.check(folder / part)
        for part in (*kind.weights, *kind.spared.keys() - absent.keys()):
            check_tokenizer(folder, part)
        variant = "fp16" if any(only_variant(folder / part) for part in kind.weights) else None
        try:
            return self.pretrained(kind, folder, variant=variant, **absent), kind
        except Exception as error:  # a damaged file shows in many classes
            if out_of_memory(error):
                raise
            raise MissingWeights(f"{folder} could not be read: {error}", "download or save the model again") from error

    def check(self, part: Path) -> None:
        """Raise MissingWeights where a part of a model has no weights, or none that may be read."""
        if not has_weights(part):
            raise MissingWeights(
                f"{part} holds no weights",
                "copy the folder again with its .safetensors files, or download it anew",
            )
        if not self.allow_pickle and not any(part.glob("*.safetensors")):
            raise MissingWeights(
                f"{part} holds only pickled weights, which can run code when they are read",
                "convert them to .safetensors: load them where you trust them and save_pretrained(folder); "
                + ALLOW_PICKLE,
            )

    def from_file(self, path: Path) -> tuple[Any, Kind]:
        """A pipeline from the single file in which model sites hand out Stable Diffusion models."""
        if path.suffix != ".safetensors" and not self.allow_pickle:
            raise UnsupportedModel(
                f"{path.name} is a pickle, which can run code when it is read",
                f"convert it to .safetensors first; {ALLOW_PICKLE}",
            )
        if not path.is_file():
            raise ModelNotFound(
                f"there is no file {path}", "check the path; a relative one starts at the notebook's folder"
            )
        names = weight_names(path)
        kind = kind_of_weights(path, names)
        rest = ((part, start) for part, start in kind.checkpoint.items() if part != kind.network)
        missing = [part for part, start in rest if not any(n.startswith(start) for n in names)]
        more: dict[str, Any] = {} if self.config is None else {"config": str(self.config), "local_files_only": True}
        for part in kind.spared.keys() & set(missing):
            more |= dict.fromkeys((part, *kind.spared[part]))
        if self.config is not None:
            for part in kind.checkpoint.keys() - set(missing):
                check_tokenizer(Path(self.config), part)
        try:
            return loader(kind).from_single_file(str(path), torch_dtype=self.dtype, **kind.options, **more), kind
        except Exception as error:  # diffusers' own class for a missing part is not public
            needed = [part for part in missing if part not in kind.spared]
            if needed:
                raise MissingWeights(
                    f"{path.name} holds no {' and no '.join(needed)}",
                    "take the checkpoint that has its text encoders in it, or a diffusers folder",
                ) from error
            raise UnsupportedModel(
                f"{path.name} could not be read as a {kind.label} checkpoint: {error}",
                "with no network, also give config=, a folder with the model's configuration files",
            ) from error

    def from_hub(self, name: str) -> tuple[Any, Kind]:
        from diffusers import DiffusionPipeline

        try:
            kind = self.kind_of(name, DiffusionPipeline.load_config(name).get("_class_name"))
            return self.pretrained(kind, name), kind
        except EngineError:
            raise
        except Exception as error:  # hub errors come in many classes, none of them ours
            if out_of_memory(error):
                raise
            if not self.allow_pickle and "safetensors" in str(error):
                raise MissingWeights(
                    f"{name!r} holds no .safetensors weights, and pickled ones can run code when they are read",
                    f"take a repository that has them; {ALLOW_PICKLE}",
                ) from error
            raise ModelNotFound(
                f"{name!r} is no folder here and could not be had from the hub: {cause(error)}",
                "check the spelling and the network, or download the model once and give its folder",
            ) from error

    def pretrained(self, kind: Kind, source: str | Path, **more: Any) -> Any:
        safe = None if self.allow_pickle else True
        return loader(kind).from_pretrained(
            source, torch_dtype=self.dtype, use_safetensors=safe, **{**kind.options, **more}
        )

    def kind_of(self, source: str, pipeline: str | None) -> Kind:
        kind = registry.of_pipeline(pipeline)
        if kind is None:
            raise UnsupportedModel(f"{source} is a {pipeline}", f"this version runs {registry.supported()}")
        return kind


def kind_of_weights(path: Path, names: list[str]) -> Kind:
    """The family of the checkpoint ``path`` with weights of these ``names``."""
    lora = any("lora" in name for name in names)
    kind = None if lora else registry.of_checkpoint(names)
    if kind is not None:
        return kind
    raise UnsupportedModel(
        f"{path.name} is {'a LoRA' if lora else 'no checkpoint of a known family'}",
        "give the model that it was made for, and this as lora=" if lora else f"known are {registry.supported()}",
    )


def loader(kind: Kind) -> Any:
    """The diffusers class that reads a family's pipelines."""
    import diffusers

    return getattr(diffusers, kind.pipelines[0])


def check_tokenizer(folder: Path, part: str) -> None:
    """Raise MissingWeights where a text encoder's tokenizer has no words: transformers would make an empty one."""
    if not part.startswith("text_encoder"):
        return
    tokenizer = folder / part.replace("text_encoder", "tokenizer")
    if any(all((tokenizer / name).is_file() for name in names) for names in VOCABULARIES):
        return
    ways = ", or ".join(" and ".join(names) for names in VOCABULARIES)
    raise MissingWeights(
        f"{tokenizer} holds no tokenizer: {ways}", "copy the folder again with its tokenizers, or download it anew"
    )


def has_weights(part: Path) -> bool:
    return any(any(part.glob(pattern)) for pattern in ("*.safetensors", *PICKLES))


def only_variant(part: Path) -> bool:
    """Whether a part comes in float16 files alone, which diffusers has to be asked for."""
    files = [file.name for file in part.glob("*.safetensors")]
    return bool(files) and all(".fp16" in name for name in files)


def weight_names(path: Path) -> list[str]:
    """The names of the weights in a file; UnsupportedModel where it cannot be read."""
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, "pt") as file:
                return list(file.keys())
        whole = torch.load(path, map_location="meta", weights_only=True)
        return list(whole.get("state_dict", whole))
    except (SafetensorError, OSError, UnpicklingError, RuntimeError, EOFError) as error:
        raise UnsupportedModel(
            f"{path.name} could not be read: {cause(error)}", "it may be damaged; download it again"
        ) from error


def cause(error: Exception) -> str:
    """An error's class and the first line of its text."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
