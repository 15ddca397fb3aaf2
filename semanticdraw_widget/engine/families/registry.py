"""All families. Where a checkpoint's or a LoRA's names match several, the first counts: the most special is first."""

from __future__ import annotations

from collections.abc import Iterable

from . import flux, sd, sd3, sdxl
from .family import Kind

WITHIN = "model.diffusion_model."  # before the names of the network's weights; a file of the network alone lacks it
KINDS: tuple[Kind, ...] = (flux.KIND, sd3.KIND, sdxl.KIND, sd.KIND)


def of_pipeline(name: str | None) -> Kind | None:
    """The family of diffusers' pipeline class ``name``."""
    return next((kind for kind in KINDS if name in kind.pipelines), None)


def of_checkpoint(names: Iterable[str]) -> Kind | None:
    """The family whose single-file checkpoint holds weights of these ``names``."""
    names = list(names)
    marks = {
        kind.label: (mark, mark.removeprefix(WITHIN)) for kind in KINDS for mark in [kind.checkpoint[kind.network]]
    }
    return next((kind for kind in KINDS if any(n.startswith(marks[kind.label]) for n in names)), None)


def of_lora(names: Iterable[str]) -> list[Kind]:
    """The families that a LoRA with weights of these ``names`` may have been made for; [] where they do not tell."""
    text = "\n".join(names)
    found = next((mark for kind in KINDS for mark in kind.lora_marks if mark in text), None)
    return [kind for kind in KINDS if found in kind.lora_marks]


def supported() -> str:
    """The pipeline classes that can be loaded, for error messages."""
    return ", ".join(name for kind in KINDS for name in kind.pipelines)
