"""Quicker ways to run the UNet in training, which on a GPU is held up by thousands of small kernels a step.

compile: by ``torch.compile``, after half a minute for each kind of call. graphs: by CUDA graphs, each recorded in a
second or two.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from ..engine.fusion import Fusion

Run = Callable[..., torch.Tensor]


def compiled(module: torch.nn.Module, fusion: Fusion) -> Callable[..., Any]:
    """``module``'s forward, compiled, once for each of its shapes."""
    # The signature that processors carry for diffusers' sake is beyond what can be traced.
    for processor in fusion.processors.values():
        vars(processor).pop("__call__", None)
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, 32)
    forward: Callable[..., Any] = torch.compile(module.forward, dynamic=False)
    return forward


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
            plainly = Call(self.run, self.module, [part is not None for part in args])
            try:
                samples = tuple(part.detach().clone().requires_grad_(part.requires_grad) for part in given)
                self.graphs[key] = torch.cuda.make_graphed_callables(plainly, samples)  # type: ignore[assignment]
            except RuntimeError as error:
                print(f"no CUDA graph for this kind of call, which runs as it is: {error}", file=sys.stderr)
                self.graphs[key] = plainly
        return self.graphs[key](*given)


class Call(torch.nn.Module):
    """A kind of call, of the arguments that are ``there``, as a module of tensors alone."""

    def __init__(self, run: Run, module: torch.nn.Module, there: list[bool]) -> None:
        super().__init__()
        self.run, self.module, self.there = run, module, there

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        parts = iter(given)
        return self.run(*(next(parts) if there else None for there in self.there))
