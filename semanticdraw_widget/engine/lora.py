"""LoRAs: low-rank changes of a model's weights, checked against the model and fused into it, so they cost no time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import constants

from . import naming
from .errors import EngineError, ModelNotFound, UnsupportedModel
from .families.accelerator import Accelerator, picked, told
from .families.family import Kind
from .lora_check import USUAL_FILE, located, lora_file, refuse_broken, refuse_foreign, refuse_misfit
from .reading import ALLOW_PICKLE, cause, weight_names

Lora = str | Path | tuple[str | Path, float]
Asked = tuple[str, float | None]  # a LoRA and its weight, None where the user named none


def listed(lora: Lora | Sequence[Lora] | None) -> list[Asked]:
    """What ``lora=`` says, as (source, weight) pairs. Raises ValueError for what is neither."""
    if lora is None:
        return []
    if isinstance(lora, (str, Path)):
        return [(str(lora), None)]
    if isinstance(lora, tuple) and len(lora) == 2 and isinstance(lora[1], (int, float)):
        if not isinstance(lora[0], (str, Path)):
            raise ValueError(f"lora holds {lora!r}, it must be a path or hub id, or such a one with a weight")
        if not math.isfinite(lora[1]):
            raise ValueError(f"the weight of the LoRA {str(lora[0])!r} is {lora[1]}, it must be a finite number")
        return [(str(lora[0]), float(lora[1]))]
    if isinstance(lora, Sequence):
        return [pair for one in lora for pair in listed(one)]  # type: ignore[arg-type]
    raise ValueError(f"lora is {lora!r}, it must be a path or hub id, (path, weight), or a list of these")


@dataclass
class Fused:
    """accelerator: the LoRA for few steps among those that were fused. missing: the one that was wanted, but could not
    be had."""

    accelerator: Accelerator | None = None
    missing: Accelerator | None = None


def fuse(
    pipeline: Any,
    kind: Kind,
    loras: Sequence[Asked],
    notes: list[str],
    *,
    sampler: str = "auto",
    few: bool = False,
    allow_pickle: bool = False,
) -> Fused:
    """Fuse ``loras`` into the pipeline's weights, all at once.

    "auto" is the family's LoRA for few steps that goes with ``sampler``, and nothing where the model is distilled
    already (``few``) or where there is no such LoRA; if it cannot be had, the answer says so. What else the user should
    know goes to ``notes``. Raises ModelNotFound for a LoRA that cannot be read, UnsupportedModel for one that was made
    for another model or is damaged.
    """
    adapters: dict[str, float] = {}
    result = Fused()
    for number, (source, weight) in enumerate(loras):
        automatic = source == "auto"
        if automatic and few:
            continue
        accelerator = (
            automatically(pipeline, kind, sampler, notes) if automatic else known(pipeline, kind, source, sampler)
        )
        if automatic and accelerator is None:
            continue
        name = source if accelerator is None else accelerator.source
        try:
            load(pipeline, kind, name, f"lora{number}", allow_pickle)
        except EngineError:
            if not automatic:
                raise
            result.missing = accelerator
            continue
        if accelerator is not None:
            result.accelerator = accelerator
            weight = accelerator.weight if weight is None else weight
            if name == source:
                notes.append(
                    f"{naming.name_of(source)} is taken for a {accelerator.name} LoRA, by its name: sampler "
                    f"{accelerator.sampler}, {accelerator.steps} steps, guidance {accelerator.guidance:g}, weight "
                    f"{weight:g}; sampler=, a weight beside it and the numbers under Settings change that"
                )
        adapters[f"lora{number}"] = 1.0 if weight is None else weight
    if adapters:
        pipeline.set_adapters(list(adapters), list(adapters.values()))
        # What a pipeline fuses by itself leaves out FLUX's text encoder.
        pipeline.fuse_lora(components=pipeline._lora_loadable_modules)
        pipeline.unload_lora_weights()
    return result


def automatically(pipeline: Any, kind: Kind, sampler: str, notes: list[str]) -> Accelerator | None:
    """The LoRA that makes a model of many steps one of few; None where there is none, which ``notes`` then say."""
    config = getattr(pipeline, kind.network).config
    found = picked(kind.accelerators, config, None, sampler)
    if found is None and not any(row.fits(config) for row in kind.accelerators):
        notes.append(
            f"there is no known LoRA for few steps for this version of {kind.label}, so it takes {kind.many_steps} "
            "steps; if you have one, give it as lora="
        )
    return found


def known(pipeline: Any, kind: Kind, source: str, sampler: str) -> Accelerator | None:
    """The LoRA for few steps that ``source`` names: by the method, "lcm", by a repository that holds several files, or
    by a file's name. None for any other LoRA. Raises UnsupportedModel where the family has none of that method."""
    config = getattr(pipeline, kind.network).config
    held = next((row.name for row in kind.accelerators if row.source.startswith(f"{source}/")), None)
    name = source if source in naming.METHODS else held
    if name is None:
        return told(kind.accelerators, source)
    found = picked(kind.accelerators, config, name, sampler)
    if found is None:
        names = dict.fromkeys(row.name for row in kind.accelerators if row.fits(config))
        raise UnsupportedModel(
            f"no {name} LoRA is known for this version of {kind.label}",
            f"known are {', '.join(names)}" if names else "give a path or a hub id, or lora=None",
        )
    return found


def load(pipeline: Any, kind: Kind, source: str, adapter: str, allow_pickle: bool) -> None:
    """Add the LoRA ``source`` to the pipeline as ``adapter``."""
    where: dict[str, Any] = {"use_safetensors": None if allow_pickle else True}
    place, name = located(source)
    file = lora_file(Path(place))
    if file is not None:
        if file.suffix != ".safetensors" and not allow_pickle:
            raise UnsupportedModel(
                f"the LoRA {source!r} is a pickle, which can run code when it is read",
                f"convert it to .safetensors first; {ALLOW_PICKLE}",
            )
        refuse_foreign(source, kind, weight_names(file))
    if file is not None and Path(place).is_dir():
        name = file.name
    if file is None and name is None and constants.HF_HUB_OFFLINE:
        name = USUAL_FILE  # the hub cannot be asked which files there are
    if name is not None:
        where["weight_name"] = name
    try:
        read = pipeline.lora_state_dict(place, unet_config=getattr(pipeline, kind.network).config, **where)
        weights: dict[str, Any] = read[0] if isinstance(read, tuple) else read
        refuse_foreign(source, kind, weights)
        refuse_misfit(source, kind, pipeline, weights)
        refuse_broken(source, weights)
        pipeline.load_lora_weights(place, adapter_name=adapter, **where)
    except EngineError:
        raise
    except Exception as error:  # hub errors and unreadable files come in many classes, none of them ours
        raise ModelNotFound(f"the LoRA {source!r} could not be fused: {cause(error)}", remedy(error, kind)) from error
    if not any(adapter in names for names in pipeline.get_list_adapters().values()):
        raise UnsupportedModel(
            f"the LoRA {source!r} changes nothing in a {kind.label} model", "give one that was made for this family"
        )


def remedy(error: Exception, kind: Kind) -> str:
    text = str(error).lower()
    if "peft" in text:
        return "install a PEFT that your transformers takes (pip install -U peft), or take a LoRA of the network alone"
    if "safetensors" in text:
        return f"check the path; if it holds pickled weights only, convert them; {ALLOW_PICKLE}"
    return f"check the path, and that it was made for {kind.label}"
