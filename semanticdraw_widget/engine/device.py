"""Which device and which dtype a model runs on and in, checked before anything is read."""

from __future__ import annotations

import torch

META = torch.device("meta")  # shapes without numbers, to count what would be done: always there


def pick_device(device: str | torch.device) -> torch.device:
    """The torch device that ``device`` names; "auto" is CUDA, else MPS, else the CPU. Raises ValueError for one that is
    not there."""
    there = present()
    if device == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if kind in there))
    try:
        named = torch.device(device) if isinstance(device, (str, torch.device)) else None
    except RuntimeError:  # no device's name
        named = None
    if named is not None and named.index == 0 and named.type in ("cpu", "mps"):
        named = torch.device(named.type)  # of which there is one
    if named is None or (str(named) not in there and named != META):
        raise ValueError(f"device is {device!r}, it must be auto or what there is here: {', '.join(there)}")
    return named


def present() -> list[str]:
    """The names of the devices that torch can use here."""
    there = ["cpu"]
    for kind, module in (("cuda", torch.cuda), ("xpu", torch.xpu)):
        if module.is_available():
            there += [kind, *(f"{kind}:{i}" for i in range(module.device_count()))]
    return [*there, "mps"] if torch.backends.mps.is_available() else there


def pick_dtype(dtype: torch.dtype | str | None, device: torch.device) -> torch.dtype:
    """The torch dtype that ``dtype`` names; by default float16 on CUDA and float32 elsewhere. ValueError for others."""
    if dtype is None:
        return torch.float16 if device.type == "cuda" else torch.float32
    names = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}
    kind = names.get(dtype) if isinstance(dtype, str) else dtype
    if kind is None or kind not in names.values():
        raise ValueError(f"dtype is {dtype!r}, it must be one of {', '.join(names)}")
    return kind
