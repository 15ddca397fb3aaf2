"""All families. Where a checkpoint's or a LoRA's names match several, the first counts: the most special is first."""

from __future__ import annotations

from collections.abc import Iterable

from . import sd, sd3, sdxl
from .family import Kind

KINDS: tuple[Kind, ...] = (sd3.KIND, sdxl.KIND, sd.KIND)

# Models that share names with ours, so that they are called by theirs.
FOREIGN = {"FLUX": ("single_transformer_blocks", "lora_unet_double_blocks", "double_blocks.")}


def of_pipeline(name: str | None) -> Kind | None:
    """The family of diffusers' pipeline class ``name``."""
    return next((kind for kind in KINDS if name in kind.pipelines), None)


def of_checkpoint(names: Iterable[str]) -> Kind | None:
    """The family whose single-file checkpoint holds weights of these ``names``."""
    names = list(names)
    return next((kind for kind in KINDS if any(n.startswith(kind.checkpoint[kind.network]) for n in names)), None)


def of_lora(names: Iterable[str]) -> str | None:
    """What a LoRA with weights of these ``names`` was made for, as a label for people; None where they do not tell."""
    text = "\n".join(names)
    marks = [*FOREIGN.items(), *((kind.label, kind.lora_marks) for kind in KINDS)]
    return next((label for label, some in marks if any(mark in text for mark in some)), None)


def supported() -> str:
    """The pipeline classes that can be loaded, for error messages."""
    return ", ".join(name for kind in KINDS for name in kind.pipelines)
