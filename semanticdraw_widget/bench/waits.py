"""How often a steady frame makes the host wait for the device."""

from __future__ import annotations

import warnings

import torch

from ..engine import Engine
from ..scene import Scene


def waits_per_frame(engine: Engine, scene: Scene, steps: int, frames: int = 4) -> float | None:
    """Synchronisations a frame of a stream over an unchanged ``scene``, once it is full, the picture's own copy to the
    host left out; torch counts them on CUDA alone, so elsewhere None."""
    if engine.device.type != "cuda":
        return None
    stream = engine.stream([scene] * (2 * steps + frames), steps=steps)
    for _ in range(2 * steps - 1):
        next(stream)
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            for _ in range(frames):
                next(stream)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(w.message) for w in found) / frames
