"""What half precision cannot hold is computed once more in float32.

float16 ends at 65504, and some models' activations do not, those of full decoders above all. Overflow becomes NaN,
and NaN spreads over the picture. It is looked for where a picture leaves the device anyway, never between steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from .accelerate import restart
from .errors import BrokenLatents
from .families.family import Family
from .pixels import LATENT


def decoded(family: Family, latent: torch.Tensor, notes: list[str]) -> np.ndarray:
    """``Family.decode``; where the decoder overflows, it goes on in float32, which ``notes`` then say. Raises
    BrokenLatents for a latent that is broken itself, and for one that float32 cannot decode either."""
    try:
        return family.decode(latent)
    except BrokenLatents as error:
        if error.what == LATENT or not widen_decoder(family, notes):
            raise
    return family.decode(latent)


def encoded(family: Family, rgb: np.ndarray, notes: list[str]) -> torch.Tensor:
    """``Family.encode_image``, likewise."""
    latent = family.encode_image(rgb)
    if not bool(torch.isfinite(latent).all()) and widen_decoder(family, notes):
        latent = family.encode_image(rgb)
    if not bool(torch.isfinite(latent).all()):
        raise BrokenLatents("the background's latent")
    return latent


def widen_decoder(family: Family, notes: list[str]) -> bool:
    """Move the autoencoder to float32; False where it is there."""
    vae: Any = family.vae
    if vae.dtype == torch.float32:
        return False
    notes.append(f"the decoder's numbers are too large for {named(vae.dtype)}, so it runs in float32: slower")
    with torch.inference_mode(False):
        vae.float()
        restart(vae)
    return True


def widen(family: Family, notes: list[str]) -> bool:
    """Move all networks to float32; False where they are there. What was made with them in half precision, such as
    prompt embeddings, is better made again."""
    if family.dtype == torch.float32:
        return False
    narrow = family.dtype
    parts = [module for holder in (family, *holders(family)) for module in modules(holder)]
    stores = [store for part in parts for m in part.modules() for store in (m._parameters, m._buffers)]
    was = [(store, name, t.dtype) for store in stores for name, t in store.items() if t is not None]
    with torch.inference_mode(False):
        try:
            for part in parts:
                part.float()
        except (RuntimeError, MemoryError):
            # No room for all of it: a model half in float32 could not paint anything any more.
            for store, name, dtype in was:
                tensor: Any = store[name]
                tensor.data = tensor.data.to(dtype)
            raise
        for holder in (family, *holders(family)):
            holder.dtype = torch.float32
        forget_prompts(family)
        for module in modules(family):
            restart(module)
    notes.append(f"the model's numbers are too large for {named(narrow)}, so it runs in float32: slower")
    return True


def forget_prompts(family: Family) -> int:
    """Drop what the family's attention keeps of the prompts that it has met; how many bytes that was."""
    fusions = [getattr(holder, "fusion", None) for holder in (family, *holders(family))]
    return sum(fusion.forget() for fusion in fusions if fusion is not None)


def holders(family: Family) -> list[Any]:
    """The parts of ``family`` that hold networks and a dtype of their own."""
    values = vars(family).values()
    return [
        v
        for v in values
        if isinstance(getattr(v, "dtype", None), torch.dtype)
        and hasattr(v, "__dict__")
        and not isinstance(v, (nn.Module, torch.Tensor))
    ]


def modules(holder: Any) -> Iterator[nn.Module]:
    for value in vars(holder).values():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, nn.Module):
                yield one


def named(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
