"""An engine with the true networks of a public model and random weights: as quick as the model, with no download."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from ..crayon.networks import make_tokenizer
from ..engine import Engine
from ..engine.accelerate import Compile, Compiled, Graphed, accelerate, checked_compile
from ..engine.defaults import FEW_STEPS
from ..engine.device import pick_device, pick_dtype
from ..engine.errors import OutOfMemory, out_of_memory
from ..engine.families import registry
from ..engine.families.family import Kind
from ..engine.quiet import quiet
from ..engine.reading import loader
from ..engine.samplers import choose
from ..engine.thread import computed
from ..uncollected import uncollected
from .architectures import ARCHITECTURES, SHRINKS, Architecture

TOKENS = 77  # of a prompt, start and end counted: CLIP's


def random_engine(
    name: str,
    *,
    device: str = "auto",
    dtype: torch.dtype | str | None = None,
    shrink: int = 1,
    seed: int = 0,
    compile: Compile = False,
) -> Engine:
    """An engine of one of ``ARCHITECTURES``, its weights as torch initialises them from ``seed``.

    device, dtype, compile: as in ``load_engine``; the networks are built there and so. shrink: divide all widths and
    depths by 1, 2, 4 or 8, for a trial on a small machine.

    Raises ValueError for an unknown name, dtype or shrink; OutOfMemory.
    """
    if name not in ARCHITECTURES:
        raise ValueError(f"the architecture is {name!r}, it must be one of {', '.join(ARCHITECTURES)}")
    if shrink not in SHRINKS:
        raise ValueError(f"shrink is {shrink}, it must be one of {', '.join(map(str, SHRINKS))}")
    where = pick_device(device)
    quick = checked_compile(compile, where)
    label = f"{name} (random weights)" if shrink == 1 else f"{name} / {shrink} (random weights)"
    try:
        return computed(where, _made, ARCHITECTURES[name], label, where, pick_dtype(dtype, where), shrink, seed, quick)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise OutOfMemory(
            f"out of memory while building {name} on {where}", "close other programs, or take a smaller architecture"
        ) from error


def _made(
    architecture: Architecture,
    label: str,
    device: torch.device,
    dtype: torch.dtype,
    shrink: int,
    seed: int,
    compile: Compile,
) -> Engine:
    kind = registry.of_pipeline(architecture.pipeline)
    assert kind is not None
    with quiet(), uncollected():
        pipeline = assembled(architecture, kind, device, dtype, shrink, seed)
        family = kind.make(pipeline, device, dtype, device)
    notes: list[str] = []
    if compile:
        accelerate(getattr(family, kind.network), family.vae, Graphed if compile == "graphs" else Compiled, notes)
    sampler = choose("auto", pipeline.scheduler, guidance_embedding=family.guidance_width is not None)
    return Engine(
        family,
        name=label,
        size=family.default_size,
        steps=FEW_STEPS,
        guidance=kind.guidance if family.guidance_width is not None else 1.0,
        sampler=sampler,
        notes=notes,
    )


def assembled(
    architecture: Architecture, kind: Kind, device: torch.device, dtype: torch.dtype, shrink: int, seed: int
) -> Any:
    """The diffusers pipeline that the model's folder would be read to."""
    with built_on(device, dtype), torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        parts = {name: part.build(shrink) for name, part in architecture.parts.items()}
    with TemporaryDirectory() as folder:
        tokenizer = make_tokenizer(Path(folder))
    tokenizer.model_max_length = TOKENS
    absent: dict[str, None] = {}
    for part, companions in kind.spared.items():
        absent |= dict.fromkeys((part, *companions))
    return loader(kind)(
        **parts,
        **dict.fromkeys(architecture.tokenizers, tokenizer),
        scheduler=architecture.scheduler(**architecture.schedule),
        **{**absent, **kind.options},
    )


@contextmanager
def built_on(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Inside, modules come into being on ``device`` in ``dtype``, and never anywhere else."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            yield
    finally:
        torch.set_default_dtype(before)
