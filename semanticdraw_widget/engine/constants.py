"""Numbers that the host knows and the device needs, copied there once.

Such a copy makes the host wait for the device, and a step that copies its timesteps waits at every step.
"""

from __future__ import annotations

from functools import lru_cache

import torch

KEPT = 256  # of each kind; they are a few numbers each


def constant(numbers: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """``numbers`` as a tensor (n,) on ``device``: int64 if all of them are integers, else float32. Not to be changed
    in place: whoever asks for the same gets the same tensor."""
    return _made(numbers, all(isinstance(number, int) for number in numbers), device)


@lru_cache(maxsize=KEPT)
def _made(numbers: tuple[float, ...], whole: bool, device: torch.device) -> torch.Tensor:
    with torch.inference_mode(False):  # it may outlive the caller's
        return torch.tensor(numbers, dtype=torch.int64 if whole else torch.float32, device=device)
