"""What a LoRA's file tells before it is fused: where it is, what it was made for, whether it is whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch

from .errors import UnsupportedModel
from .families import registry
from .families.family import Kind

HUB_FILE = re.compile(r"([\w-][\w.-]*/[\w.-]+)/(.+\.(?:safetensors|bin|pt|ckpt))")
USUAL_FILE = "pytorch_lora_weights.safetensors"  # diffusers' name for it
# How the names of the first, narrowing, matrix end, and of the second, widening one.
DOWN = (".lora_A.weight", ".lora.down.weight", ".lora_down.weight", ".lora_linear_layer.down.weight")
UP = (".lora_B.weight", ".lora.up.weight", ".lora_up.weight", ".lora_linear_layer.up.weight")


def located(source: str) -> tuple[str, str | None]:
    """A path or hub id, and the file in the repository where ``source`` names one: "owner/name/file.safetensors"."""
    file = None if Path(source).exists() else HUB_FILE.fullmatch(source)
    return (source, None) if file is None else (file[1], file[2])


def lora_file(path: Path) -> Path | None:
    """The weights at ``path``, a file or a folder that holds them; None where there are none."""
    if path.is_file():
        return path
    names = (USUAL_FILE, "*.safetensors", "pytorch_lora_weights.bin", "*.bin")
    return next((file for name in names for file in sorted(path.glob(name))), None)


def refuse_foreign(source: str, kind: Kind, names: Any) -> None:
    made_for = registry.of_lora(names)
    if made_for and kind not in made_for:
        labels = " or ".join(other.label for other in made_for)
        raise UnsupportedModel(
            f"the LoRA {source!r} was made for {labels}, and the model is {kind.label}",
            f"give a LoRA that was made for {kind.label}, or load the model that this one was made for",
        )


def refuse_misfit(source: str, kind: Kind, pipeline: Any, weights: dict[str, Any]) -> None:
    """A LoRA for another size of the same family, as of Stable Diffusion 2 for 1.5, shows in the layers' widths, of the
    network and of the text encoders."""
    parts = [part for part in pipeline._lora_loadable_modules if getattr(pipeline, part, None) is not None]
    layers = {part: dict(getattr(pipeline, part).named_modules()) for part in parts}
    for name, weight in weights.items():
        part = next((part for part in parts if name.startswith(f"{part}.")), kind.network)
        for ends, axis, sides in ((DOWN, 1, ("in_features", "in_channels")), (UP, 0, ("out_features", "out_channels"))):
            end = next((end for end in ends if name.endswith(end)), None)
            if end is None:
                continue
            layer = name.removeprefix(f"{part}.").removesuffix(end)
            # transformers has dropped the text_model of CLIP's names.
            found = layers[part].get(layer) or layers[part].get(layer.removeprefix("text_model."))
            has = next((getattr(found, side) for side in sides if hasattr(found, side)), None)
            if has is not None and has != weight.shape[axis]:
                verb = "takes" if axis else "gives"
                where = layer if part == kind.network else f"{part}.{layer}"
                raise UnsupportedModel(
                    f"the LoRA {source!r} was made for another {kind.label}: its {where} {verb} {weight.shape[axis]} "
                    f"numbers, this model's {verb} {has}",
                    "give a LoRA that was made for this version of the model",
                )


def refuse_broken(source: str, weights: dict[str, Any]) -> None:
    for name, weight in weights.items():
        if isinstance(weight, torch.Tensor) and not torch.isfinite(weight).all():
            raise UnsupportedModel(
                f"the LoRA {source!r} is damaged: its {name} holds numbers that are NaN or infinite",
                "download it again, or leave it out",
            )
