"""From a name to a warm engine, through diffusers' own loaders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..uncollected import uncollected
from .about import read_about, read_palette
from .accelerate import Compile, Compiled, Graphed, accelerate, checked_compile
from .defaults import assumed, defaults, judged
from .device import pick_device, pick_dtype
from .engine import Engine
from .errors import EngineError, ModelNotFound, OutOfMemory, UnsupportedModel, out_of_memory
from .families.family import Kind
from .lora import Asked, Lora, fuse, listed
from .naming import name_of
from .offload import Offload, checked_offload, text_device
from .prompts import Language
from .quiet import quiet
from .reading import Reader, cause
from .samplers import checked
from .thread import computed

CRAYON = Path(__file__).parents[1] / "crayon" / "model"
Progress = Callable[[str, float], None]


def load_engine(
    name_or_path: str | Path = "crayon",
    *,
    device: str | torch.device = "auto",
    dtype: torch.dtype | str | None = None,
    progress: Progress | None = None,
    lora: Lora | Sequence[Lora] | None = "auto",
    decoder: str | Path | None = "auto",
    config: str | Path | None = None,
    sampler: str = "auto",
    allow_pickle: bool = False,
    compile: Compile = False,
    offload: Offload = "auto",
) -> Engine:
    """Load a model of one of the families in ``families/`` for region-prompted drawing.

    name_or_path: "crayon" (embedded), a diffusers folder, a .safetensors file, or a hub id like "owner/name".
    device: "auto" (CUDA, else MPS, else CPU), or one that is there, as "cuda", "cuda:1", "mps" or "cpu".
    dtype: float16, bfloat16 or float32, as a torch dtype or its name; by default float16 on CUDA and float32 elsewhere.
    progress: called with a stage's name and a number from 0 to 1.
    lora: LoRAs to fuse, one or a list: each a folder, a file, a hub id or "owner/name/file.safetensors", or a pair of
    it and a weight. "lcm", "hyper-sd" and "lightning" are the family's LoRAs for few steps. "auto", alone or in the
    list, is the one that goes with ``sampler``, for models that are not distilled already: with "auto" the first that
    the family has, most often the LCM-LoRA, with "tcd" and "ddim" Hyper-SD, with "euler" SDXL-Lightning. A file whose
    name says one of the three is taken for one. None fuses none.
    decoder: a tiny decoder (TAESD and kin): a folder or a hub id; "auto" takes the family's where the model has a
    full VAE and it can be had; None keeps the model's own.
    config: for a .safetensors file, a local folder with the model's configuration.
    sampler: one of samplers.SAMPLERS; "auto" takes what the model's scheduler does, and with a LoRA for few steps fused
    what that wants.
    allow_pickle: also read pickled weights; say so only if you trust whoever made them.
    compile: True compiles the network and the decoder with torch.compile, "graphs" records them as CUDA graphs: for
    each shape in the background, while pictures are painted as without (accelerate.py).
    offload: "text" runs the text encoders on the CPU, "none" on the device, "auto" on the CPU if the model would else
    fill more than 60 % of the GPU memory that is free.

    Raises ModelNotFound, MissingWeights, UnsupportedModel, OutOfMemory; each has ``message`` and ``hint``. ValueError
    for an unknown dtype, sampler, compile or offload, a device that is not there, or a sampler that cannot run
    the model.
    """
    where = pick_device(device)
    kind = pick_dtype(dtype, where)
    wish = Wish(
        str(name_or_path),
        where,
        kind,
        listed(lora),
        decoder,
        config,
        checked(sampler),
        allow_pickle,
        checked_compile(compile, where),
        checked_offload(offload),
    )
    return computed(where, _load, wish, progress or (lambda stage, share: None))


@dataclass(frozen=True)
class Wish:
    """What ``load_engine`` was asked for, with "auto" for device and dtype resolved."""

    source: str
    device: torch.device
    dtype: torch.dtype
    loras: list[Asked]
    decoder: str | Path | None
    config: str | Path | None
    sampler: str
    allow_pickle: bool
    compile: Compile
    offload: Offload


def _load(wish: Wish, tell: Progress) -> Engine:
    tell("looking for the model", 0.0)
    folder = CRAYON if wish.source == "crayon" else Path(wish.source)
    reader = Reader(wish.dtype, wish.allow_pickle, wish.config)
    notes = reader.notes
    about = read_about(folder)
    try:
        with quiet(), uncollected():
            tell("reading the weights", 0.1)
            pipeline, kind = reader.read(wish.source, folder)
            tell("reading the weights", 0.6)
            model = judged(pipeline, kind, wish.source)
            fused = fuse(
                pipeline,
                kind,
                wish.loras,
                notes,
                sampler=wish.sampler,
                few=model.few,
                allow_pickle=wish.allow_pickle,
            )
            swap_decoder(pipeline, kind, wish.decoder, wish.dtype, notes)
            tell(f"moving to {wish.device}", 0.8)
            readers = text_device(wish.offload, pipeline, wish.device, notes)
            family = kind.make(pipeline, wish.device, wish.dtype, readers)
            if wish.compile:
                quick = Graphed if wish.compile == "graphs" else Compiled
                accelerate(getattr(family, kind.network), family.vae, quick, notes)
            usual = defaults(wish.sampler, pipeline.scheduler, family, kind, model, fused.accelerator)
    except EngineError:
        raise
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise OutOfMemory(
            f"out of memory while loading {wish.source!r} on {wish.device}",
            "close other programs, or choose float16 or another device",
        ) from error
    if fused.missing is not None:
        few = usual.steps < kind.many_steps
        so = "few steps will look washed out" if few else f"the model takes {usual.steps} steps"
        notes.append(
            f"the LoRA for few steps {fused.missing.source} could not be had, so {so}; give lora= a local copy"
        )
    told = assumed(model, name_of(wish.source), usual, fused.accelerator)
    if told is not None and about.steps is None:
        notes.append(told)
    engine = Engine(
        family,
        name=about.name or (folder.stem if folder.exists() else wish.source),
        size=about.canvas or family.default_size,
        steps=usual.steps if about.steps is None else about.steps,
        guidance=usual.guidance if about.guidance is None else about.guidance,
        sampler=usual.sampler,
        language=Language(about.vocabulary.get("words")),
        vocabulary={k: v for k, v in about.vocabulary.items() if k != "words"},
        centring_steps=about.centring_steps,
        palette=read_palette(folder),
        notes=notes,
    )
    tell("ready", 1.0)
    return engine


def swap_decoder(pipeline: Any, kind: Kind, decoder: str | Path | None, dtype: torch.dtype, notes: list[str]) -> None:
    """A tiny decoder in place of the full VAE, which costs as much as three network calls a frame."""
    from diffusers import AutoencoderTiny

    if decoder is None or (decoder == "auto" and isinstance(pipeline.vae, AutoencoderTiny)):
        return
    name = kind.tiny_decoder if decoder == "auto" else str(decoder)
    try:
        tiny = AutoencoderTiny.from_pretrained(name, torch_dtype=dtype)
    except Exception as error:
        if decoder != "auto":
            raise ModelNotFound(
                f"the decoder {name!r} could not be read: {cause(error)}",
                "give an AutoencoderTiny folder or hub id, or decoder=None for the model's own",
            ) from error
        notes.append(
            f"the tiny decoder {name} could not be had; the model's own VAE is slower; give decoder= a local copy"
        )
        return
    has, needs = (int(vae.config.latent_channels) for vae in (tiny, pipeline.vae))
    if has != needs:
        raise UnsupportedModel(
            f"the decoder {name!r} reads latents of {has} channels, the model's have {needs}",
            f"give the one for {kind.label}: {kind.tiny_decoder}",
        )
    pipeline.vae = tiny
