"""Networks that wait on the host, for devices with little memory.

Text encoders are needed once a prompt, and an autoencoder's encoder once a background. On a GPU that the model fills
they are better off in the host's memory: they run there, more slowly, and what they answer goes to the device.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from torch import nn

Offload = Literal["none", "text", "auto"]

HOST = torch.device("cpu")
SHARE = 0.6  # of the free memory that weights may fill; the rest is for what networks compute


def checked_offload(choice: str) -> Offload:
    """``choice``, if it is one; ValueError otherwise."""
    for known in get_args(Offload):
        if choice == known:
            return known
    raise ValueError(f"offload is {choice!r}, it must be one of {', '.join(get_args(Offload))}")


def text_device(choice: Offload, pipeline: Any, device: torch.device, notes: list[str]) -> torch.device:
    """Where the text encoders of ``pipeline`` run: the host with "text", and with "auto" if all weights together would
    fill more of the memory of ``device`` than SHARE, which ``notes`` then say; else ``device``."""
    if choice == "none":
        return device
    if choice == "text":
        return HOST
    free, needed = free_memory(device), weight_bytes(pipeline)
    if free is None or needed <= SHARE * free:
        return device
    notes.append(
        f"the text encoders run on the CPU, as the model's {needed / 1e9:.1f} GB would fill more than "
        f'{SHARE:.0%} of the {free / 1e9:.1f} GB that are free on {device}: new prompts take longer; offload="none" '
        "keeps them there"
    )
    return HOST


def free_memory(device: torch.device) -> int | None:
    """The bytes that are free on a GPU; None for devices that do not say or share the host's."""
    return int(torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else None


def weight_bytes(pipeline: Any) -> int:
    """The bytes of all weights of a diffusers pipeline."""
    networks = [part for part in pipeline.components.values() if isinstance(part, nn.Module)]
    return sum(p.numel() * p.element_size() for network in networks for p in network.parameters())


def to_host(*networks: nn.Module | None) -> bool:
    """Move ``networks`` to the host; False where all of them are there."""
    away = [n for n in networks if n is not None and any(p.device.type != HOST.type for p in n.parameters())]
    with torch.inference_mode(False):
        for network in away:
            network.to(HOST)
    return bool(away)
