"""From a name to a warm engine, through diffusers' own loaders."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..uncollected import uncollected
from .accelerate import Compile, Compiled, Graphed, accelerate, checked_compile
from .engine import Engine
from .errors import EngineError, ModelNotFound, OutOfMemory, UnsupportedModel, out_of_memory
from .families.family import Family, Kind
from .lora import Lora, fuse, listed
from .offload import Offload, checked_offload, text_device
from .prompts import Language
from .quiet import quiet
from .reading import Reader, cause
from .samplers import checked, choose
from .thread import computed

CRAYON = Path(__file__).parents[1] / "crayon" / "model"
FEW_STEPS, MANY_STEPS = 4, 25  # where a model does not say: of distilled models, and of others
Progress = Callable[[str, float], None]


def load_engine(
    name_or_path: str | Path = "crayon",
    *,
    device: str = "auto",
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
    device: "auto" (CUDA, else MPS, else CPU) or a torch device. dtype: float16, bfloat16 or float32, as a torch dtype
    or its name; by default float16 on CUDA and float32 elsewhere.
    progress: called with a stage's name and a number from 0 to 1.
    lora: LoRAs to fuse, one or a list: each a folder, a file or a hub id, or a pair of it and a weight. "auto", alone
    or in the list, is the family's LCM-LoRA for models that are not distilled already; None fuses none.
    decoder: a tiny decoder (TAESD and kin): a folder or a hub id; "auto" takes the family's where the model has a
    full VAE and it can be had; None keeps the model's own.
    config: for a .safetensors file, a local folder with the model's configuration.
    sampler: one of samplers.SAMPLERS; "auto" takes what the model's scheduler does, and "lcm" with an LCM-LoRA fused.
    With another one than "auto" or "lcm", lora="auto" fuses none.
    allow_pickle: also read pickled weights; say so only if you trust whoever made them.
    compile: True compiles the network and the decoder with torch.compile, "graphs" records them as CUDA graphs: for
    each shape in the background, while pictures are painted as without (accelerate.py).
    offload: "text" runs the text encoders on the CPU, "none" on the device, "auto" on the CPU if the model would else
    fill more than 60 % of the GPU memory that is free.

    Raises ModelNotFound, MissingWeights, UnsupportedModel, OutOfMemory; each has ``message`` and ``hint``. ValueError
    for an unknown dtype, sampler, compile or offload, or a sampler that cannot run the model.
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
    loras: list[tuple[str, float]]
    decoder: str | Path | None
    config: str | Path | None
    sampler: str
    allow_pickle: bool
    compile: Compile
    offload: Offload

    @property
    def wanted_loras(self) -> list[tuple[str, float]]:
        """The LoRAs; without the automatic LCM-LoRA where another sampler is asked for."""
        lcm = self.sampler in ("auto", "lcm")
        return [(source, weight) for source, weight in self.loras if lcm or source != "auto"]


def _load(wish: Wish, tell: Progress) -> Engine:
    tell("looking for the model", 0.0)
    folder = CRAYON if wish.source == "crayon" else Path(wish.source)
    reader = Reader(wish.dtype, wish.allow_pickle, wish.config)
    notes = reader.notes
    try:
        with quiet(), uncollected():
            tell("reading the weights", 0.1)
            pipeline, kind = reader.read(wish.source, folder)
            tell("reading the weights", 0.6)
            fused = fuse(pipeline, kind, wish.wanted_loras, notes, wish.allow_pickle)
            swap_decoder(pipeline, kind, wish.decoder, wish.dtype, notes)
            tell(f"moving to {wish.device}", 0.8)
            readers = text_device(wish.offload, pipeline, wish.device, notes)
            family = kind.make(pipeline, wish.device, wish.dtype, readers)
            if wish.compile:
                quick = Graphed if wish.compile == "graphs" else Compiled
                accelerate(getattr(family, kind.network), family.vae, quick, notes)
            sampler = choose(
                wish.sampler,
                pipeline.scheduler,
                guidance_embedding=family.guidance_width is not None,
                lcm_lora=bool(fused),
            )
    except EngineError:
        raise
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise OutOfMemory(
            f"out of memory while loading {wish.source!r} on {wish.device}",
            "close other programs, or choose float16 or another device",
        ) from error
    about = read_about(folder)
    engine = Engine(
        family,
        name=about.get("name", folder.stem if folder.exists() else wish.source),
        size=tuple(about.get("canvas", family.default_size)),
        steps=about.get("steps", MANY_STEPS if sampler == "ddim" else FEW_STEPS),
        guidance=about.get("guidance", usual_guidance(family, kind, sampler)),
        sampler=sampler,
        language=Language(about.get("vocabulary", {}).get("words")),
        vocabulary={k: v for k, v in about.get("vocabulary", {}).items() if k != "words"},
        palette=read_palette(folder),
        notes=notes,
    )
    tell("ready", 1.0)
    return engine


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


def usual_guidance(family: Family, kind: Kind, sampler: str) -> float:
    """Of a model that does not say: a distilled one wants none, unless its network takes it as an embedding."""
    return kind.guidance if family.guidance_width is not None or sampler == "ddim" else 1.0


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


def read_about(folder: Path) -> dict[str, Any]:
    """``semanticdraw.json`` of a model folder: name, steps, guidance, canvas and vocabulary; {} without one."""
    path = folder / "semanticdraw.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def read_palette(folder: Path) -> bytes:
    """``palette.png`` of a model folder, b"" without one: a tile of 48x48 px for each of the vocabulary's backgrounds
    and then of its objects, in their order, twelve to a row."""
    path = folder / "palette.png"
    return path.read_bytes() if path.is_file() else b""
