"""Calls of the UNet in training as CUDA graphs: the same bits at a fraction of the launches, for a step of a small
network is thousands of small kernels."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

Run = Callable[..., torch.Tensor]


class Recorded:
    """``run`` replayed from CUDA graphs, one for each kind of call: its shapes, and what asks for gradients.

    module: it holds the parameters whose gradients the graphs have to give.
    """

    def __init__(self, run: Run, module: torch.nn.Module) -> None:
        self.run, self.module = run, module
        self.graphs: dict[Any, Run] = {}

    def __call__(self, *args: torch.Tensor | None) -> torch.Tensor:
        given = tuple(part for part in args if part is not None)
        kinds = [None if part is None else (part.shape, part.requires_grad) for part in args]
        key = (torch.is_grad_enabled(), *kinds)
        if key not in self.graphs:
            self.graphs[key] = self.record(Call(self.run, self.module, [part is not None for part in args]), given)
        return self.graphs[key](*given)

    def record(self, call: Call, given: tuple[torch.Tensor, ...]) -> Run:
        samples = tuple(part.detach().clone().requires_grad_(part.requires_grad) for part in given)
        try:
            # A call without a guidance embedding leaves its layer unused.
            graph: Any = torch.cuda.make_graphed_callables(call, samples, allow_unused_input=True)
        except RuntimeError as error:
            print(f"no CUDA graph for this kind of call, which runs as it is: {error}", file=sys.stderr)
            graph = call
        result: Run = graph
        return result


class Call(torch.nn.Module):
    """A kind of call, of the arguments that are ``there``, as a module of tensors alone."""

    def __init__(self, run: Run, module: torch.nn.Module, there: list[bool]) -> None:
        super().__init__()
        self.run, self.module, self.there = run, module, there

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        parts = iter(given)
        return self.run(*(next(parts) if there else None for there in self.there))
