"""Network calls of no more rows than memory has room for.

All rows of a step go through the network in one call, which is the quickest way as long as they fit. When memory runs
out, the call is made again in halves, and what fitted is remembered for later calls. Rows do not see each other, so
the split changes no picture. Where not even one row fits, the family may move networks off the device.
"""

from __future__ import annotations

import torch

from .errors import out_of_memory
from .families.family import Family
from .fusion import Regions
from .text import Text


class Rationed:
    """The network of ``family``; called as ``Family.network``, raises what that raises when memory runs out for good.

    cells: the latent cells, of all rows together, that fit into one call; None as long as everything did.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.cells: int | None = None

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
            count = min(len(x) - start, self.rows(area, len(x)))
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
                if not out_of_memory(error) or (count == 1 and not offloaded(self.family)):
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

    def rows(self, area: int, most: int) -> int:
        """How many rows of ``area`` cells a call may have; ``most`` where no limit is known."""
        return most if self.cells is None else max(self.cells // area, 1)


def offloaded(family: Family) -> bool:
    """Move networks of ``family`` off the device, where it can do so (``offload() -> bool``) and has not yet."""
    offload = getattr(family, "offload", None)
    return offload is not None and bool(offload())
