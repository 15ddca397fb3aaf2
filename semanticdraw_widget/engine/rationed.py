"""Network calls of no more rows than memory has room for.

The rows of a step go through the network in one call, up to as many as keep a device busy: more only take memory. When
memory runs out, the call is made again in halves, and what fitted is remembered for later calls. Rows do not see each
other, so the split changes no picture. Where not even one row fits, what attention keeps of prompts is dropped, and
then the family may move networks off the device.
"""

from __future__ import annotations

import torch

from .errors import out_of_memory
from .families.family import Family
from .fusion import Regions
from .recovery import forget_prompts
from .text import Text

MOST = 32  # rows of the model's own size in one call; the tiles of a panorama are more


class Rationed:
    """The network of ``family``; called as ``Family.network``, raises what that raises when memory runs out for good.

    cells: the latent cells, of all rows together, that one call may have.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        width, height = family.default_size
        self.cells = MOST * width * height // family.cell**2

    def __call__(
        self,
        x: torch.Tensor,
        timesteps: torch.Tensor,
        text: Text,
        *,
        guidance: float,
        consistency: bool,
        regions: Regions | None,
    ) -> torch.Tensor:
        area = x.shape[-2] * x.shape[-1]
        prompts = 1 if regions is None else regions.maps.shape[1]
        # A plan may be older than the family's change to float32.
        wide = self.family.dtype == torch.float32
        parts = [part.float() if wide and part.is_floating_point() else part for part in text.parts]
        answers: list[torch.Tensor] = []
        start = 0
        while start < len(x):
            count = min(len(x) - start, self.rows(area))
            stop = start + count
            try:
                answer = self.family.network(
                    x[start:stop],
                    timesteps[start:stop],
                    Text(tuple(part[start * prompts : stop * prompts] for part in parts)),
                    guidance=guidance,
                    consistency=consistency,
                    regions=None if regions is None else regions.part(start, stop),
                )
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error) or (count == 1 and not (forgotten(self.family) or offloaded(self.family))):
                    raise
            else:
                answers.append(answer)
                start = stop
                continue
            # Out of the handler, which keeps the failed call's tensors alive.
            if x.device.type == "cuda":
                torch.cuda.empty_cache()
            if count > 1:
                self.cells = count // 2 * area
        return answers[0] if len(answers) == 1 else torch.cat(answers)

    def rows(self, area: int) -> int:
        """How many rows of ``area`` cells a call may have."""
        return max(self.cells // area, 1)


def forgotten(family: Family) -> bool:
    """Drop what the attention of ``family`` keeps of its prompts; False where that is nothing."""
    return bool(forget_prompts(family))


def offloaded(family: Family) -> bool:
    """Move networks of ``family`` off the device, where it can do so (``offload() -> bool``) and has not yet."""
    offload = getattr(family, "offload", None)
    return offload is not None and bool(offload())
