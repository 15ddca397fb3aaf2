"""LoRAs: low-rank changes of a model's weights, checked against the model and fused into it, so they cost no time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import samplers
from .errors import EngineError, ModelNotFound, UnsupportedModel
from .families import registry
from .families.family import Kind
from .reading import cause, weight_names

Lora = str | Path | tuple[str | Path, float]
DOWN = (".lora_A.weight", ".lora.down.weight", ".lora_down.weight")  # how the names of the first, narrowing, matrix end


def listed(lora: Lora | Sequence[Lora] | None) -> list[tuple[str, float]]:
    """What ``lora=`` says, as (source, weight) pairs. Raises ValueError for what is neither."""
    if lora is None:
        return []
    if isinstance(lora, (str, Path)):
        return [(str(lora), 1.0)]
    if isinstance(lora, tuple) and len(lora) == 2 and isinstance(lora[1], (int, float)):
        if not isinstance(lora[0], (str, Path)):
            raise ValueError(f"lora holds {lora!r}, it must be a path or hub id, or such a one with a weight")
        return [(str(lora[0]), float(lora[1]))]
    if isinstance(lora, Sequence):
        return [pair for one in lora for pair in listed(one)]  # type: ignore[arg-type]
    raise ValueError(f"lora is {lora!r}, it must be a path or hub id, (path, weight), or a list of these")


def fuse(
    pipeline: Any, kind: Kind, loras: Sequence[tuple[str, float]], notes: list[str], allow_pickle: bool = False
) -> list[str]:
    """Fuse ``loras``, (source, weight) pairs, into the pipeline's weights, all at once; returns which were.

    "auto" is the family's LCM-LoRA where the model needs many steps, and nothing where it is distilled already or
    where the family has none; if it cannot be had, ``notes`` says so. Raises ModelNotFound for a LoRA that cannot be
    read, UnsupportedModel for one that was made for another model.
    """
    adapters: dict[str, float] = {}
    fused = []
    for number, (source, weight) in enumerate(loras):
        automatic = source == "auto"
        if automatic and (kind.lcm_lora is None or few_step(pipeline, kind)):
            continue
        name = kind.lcm_lora if automatic else source
        assert name is not None
        try:
            load(pipeline, kind, name, f"lora{number}", allow_pickle)
        except EngineError:
            if not automatic:
                raise
            notes.append(
                f"the LCM-LoRA {name} could not be had, so few steps will look washed out; give lora= a local copy"
            )
            continue
        adapters[f"lora{number}"] = weight
        fused.append(name)
    if adapters:
        pipeline.set_adapters(list(adapters), list(adapters.values()))
        pipeline.fuse_lora()
        pipeline.unload_lora_weights()
    return fused


def few_step(pipeline: Any, kind: Kind) -> bool:
    """Whether the model is distilled for few steps: by its guidance embedding, or by its scheduler."""
    takes_guidance = getattr(pipeline, kind.network).config.get("time_cond_proj_dim") is not None
    return takes_guidance or samplers.few_step(pipeline.scheduler)


def load(pipeline: Any, kind: Kind, source: str, adapter: str, allow_pickle: bool) -> None:
    """Add the LoRA ``source`` to the pipeline as ``adapter``."""
    where: dict[str, Any] = {"use_safetensors": None if allow_pickle else True}
    path = Path(source)
    file = lora_file(path)
    if file is not None:
        if file.suffix != ".safetensors" and not allow_pickle:
            raise UnsupportedModel(
                f"the LoRA {source!r} is a pickle, which can run code when it is read",
                "convert it to .safetensors first; or, if you trust whoever made it, give allow_pickle=True",
            )
        refuse_foreign(source, kind, weight_names(file))
    if file is not None and path.is_dir():
        where["weight_name"] = file.name
    network = getattr(pipeline, kind.network)
    try:
        read = pipeline.lora_state_dict(source, unet_config=network.config, **where)
        weights: dict[str, Any] = read[0] if isinstance(read, tuple) else read
        refuse_foreign(source, kind, weights)
        refuse_misfit(source, kind, network, weights)
        pipeline.load_lora_weights(source, adapter_name=adapter, **where)
    except EngineError:
        raise
    except Exception as error:  # hub errors and unreadable files come in many classes, none of them ours
        raise ModelNotFound(
            f"the LoRA {source!r} could not be fused: {cause(error)}",
            "install a PEFT that your transformers takes (pip install -U peft), or take a LoRA of the network alone"
            if "peft" in str(error).lower()
            else f"check the path, and that it was made for {kind.label}",
        ) from error
    if not any(adapter in names for names in pipeline.get_list_adapters().values()):
        raise UnsupportedModel(
            f"the LoRA {source!r} changes nothing in a {kind.label} model", "give one that was made for this family"
        )


def lora_file(path: Path) -> Path | None:
    """The weights at ``path``, a file or a folder that holds them; None where there are none."""
    if path.is_file():
        return path
    names = ("pytorch_lora_weights.safetensors", "*.safetensors", "pytorch_lora_weights.bin", "*.bin")
    return next((file for name in names for file in sorted(path.glob(name))), None)


def refuse_foreign(source: str, kind: Kind, names: Any) -> None:
    made_for = registry.of_lora(names)
    if made_for and kind not in made_for:
        labels = " or ".join(other.label for other in made_for)
        raise UnsupportedModel(
            f"the LoRA {source!r} was made for {labels}, and the model is {kind.label}",
            f"give a LoRA that was made for {kind.label}, or load the model that this one was made for",
        )


def refuse_misfit(source: str, kind: Kind, network: Any, weights: dict[str, Any]) -> None:
    """A LoRA for another size of the same family, as of Stable Diffusion 2 for 1.5, shows in the layers' widths."""
    modules = dict(network.named_modules())
    for name, weight in weights.items():
        end = next((end for end in DOWN if name.endswith(end)), None)
        if end is None:
            continue
        layer = name.removeprefix(f"{kind.network}.").removesuffix(end)
        takes = getattr(modules.get(layer), "in_features", None) or getattr(modules.get(layer), "in_channels", None)
        if takes is not None and takes != weight.shape[1]:
            raise UnsupportedModel(
                f"the LoRA {source!r} was made for another {kind.label}: its {layer} takes {weight.shape[1]} numbers, "
                f"this model's takes {takes}",
                "give a LoRA that was made for this version of the model",
            )
