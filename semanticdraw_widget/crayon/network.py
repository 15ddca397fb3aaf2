"""A UNet as training calls it: in half precision where the settings say so, and on a GPU as CUDA graphs.

These networks are so small that a GPU finishes an operation before Python has asked for the next one. So the forward
and the backward pass are recorded once for every shape of their inputs, and started as a whole from then on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from ..engine.fusion import Fusion, Regions
from .stage import DEVICE, Settings

Call = Callable[..., torch.Tensor]


class Forward(nn.Module):
    """``unet`` as a function of tensors alone. Each recording needs one of its own."""

    def __init__(self, unet: Any, fusion: Fusion) -> None:
        super().__init__()
        self.unet = unet
        vars(self)["fusion"] = fusion  # no module of its own: its layers are the UNet's

    def forward(
        self,
        x: torch.Tensor,
        t: torch.Tensor,
        text: torch.Tensor,
        condition: torch.Tensor | None = None,
        maps: torch.Tensor | None = None,
    ) -> torch.Tensor:
        fusion: Fusion = vars(self)["fusion"]
        with nullcontext() if maps is None else fusion.regions(Regions(maps)):
            sample: torch.Tensor = self.unet(x, t, text, timestep_cond=condition).sample
        return sample


class Network:
    """Calls ``unet`` (float32, which the optimizer moves), or a half-precision copy of it.

    After each backward pass ``collect`` hands the copy's gradients to ``unet``; after each step ``refresh`` takes over
    its weights.
    """

    def __init__(self, unet: Any, settings: Settings) -> None:
        self.unet = unet
        self.half = settings.precision == "bf16"
        self.dtype = torch.bfloat16 if self.half else torch.float32
        self.records = settings.device.startswith("cuda")
        self.module = copy.deepcopy(unet).to(self.dtype) if self.half else unet
        self.fusion = Fusion(self.module)
        self.plain = Forward(self.module, self.fusion)
        self.recorded: dict[Hashable, Call] = {}
        # The passes run one after the other, so they can use the same memory.
        self.pool = torch.cuda.graph_pool_handle() if self.records else None

    def __call__(
        self,
        x: torch.Tensor,
        t: torch.Tensor,
        text: torch.Tensor,
        condition: torch.Tensor | None = None,
        maps: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The network's prediction, float32 (n, C, h, w).

        x: (n, C, h, w). t: int64 (n,). text: (n, tokens, width), or (n, prompts * tokens, width) with ``maps``.
        condition: the guidance embedding. maps: (n, prompts, h, w), each prompt's share of each cell.
        """
        x = x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        given = [x, t, *(part.to(self.dtype) for part in (text, condition, maps) if part is not None)]
        if condition is None and maps is not None:
            raise ValueError("maps without a guidance embedding: the fused walks are a consistency model's")
        return self.ready(given)(*given).float()

    def ready(self, given: list[torch.Tensor]) -> Call:
        if not self.records:
            return self.plain
        key = (torch.is_grad_enabled(), given[2].requires_grad, *(tuple(part.shape) for part in given))
        if key not in self.recorded:
            with DEVICE:
                self.recorded[key] = record(Forward(self.module, self.fusion), self.plain, given, self.pool)
        return self.recorded[key]

    def collect(self) -> None:
        if self.half:
            for own, half in zip(self.unet.parameters(), self.module.parameters()):
                own.grad = None if half.grad is None else half.grad.float()
                half.grad = None

    @torch.no_grad()
    def refresh(self) -> None:
        if self.half:
            torch._foreach_copy_(list(self.module.parameters()), list(self.unet.parameters()))


def record(forward: Forward, plain: Forward, given: list[torch.Tensor], pool: Any) -> Call:
    """``forward`` recorded for inputs like ``given``, once its answer and its gradients are those of ``plain``; else,
    with a word about it, ``plain``."""
    samples = [torch.randn_like(part) if part.is_floating_point() else part.clone() for part in given]
    for sample, part in zip(samples, given):
        sample.requires_grad_(part.requires_grad)
    try:
        if not torch.is_grad_enabled():
            return record_answer(plain, samples)
        quick: Any = torch.cuda.make_graphed_callables(forward, tuple(samples), allow_unused_input=True, pool=pool)
        if agree(quick, plain, given, list(plain.parameters())):
            return quick
        print("a recorded network answered otherwise than the network itself, which is used on", flush=True)
    except Exception as error:
        print(f"the network could not be recorded, so it runs as it is: {error}", flush=True)
    return plain


def record_answer(plain: Forward, samples: list[torch.Tensor]) -> Call:
    """A forward pass alone."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(2):
            plain(*samples)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        answer = plain(*samples)

    def replay(*given: torch.Tensor) -> torch.Tensor:
        for own, new in zip(samples, given):
            own.copy_(new)
        graph.replay()
        return answer.clone()

    return replay


def agree(quick: Call, plain: Call, given: list[torch.Tensor], parameters: list[torch.nn.Parameter]) -> bool:
    """Whether both give nearly the same answer and gradients, twice."""
    for _ in range(2):
        found = []
        for call in (quick, plain):
            answer = call(*given)
            probe = torch.linspace(-1, 1, answer.numel(), device=answer.device).view(answer.shape)
            inputs = [p for p in parameters if p.requires_grad]
            grads = torch.autograd.grad((answer.float() * probe).sum(), inputs, allow_unused=True)
            known = [g.detach().float().flatten().clone() for g in grads if g is not None]
            found.append(torch.cat([answer.detach().float().flatten().clone(), *known]))
        if found[0].shape != found[1].shape:
            return False
        miss = float((found[0] - found[1]).norm() / found[1].norm().clamp(min=1e-12))
        if not miss < 0.05:
            return False
    return True


def descend(
    loss: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    parameters: list[torch.nn.Parameter],
    network: Network | None = None,
) -> None:
    """One step of ``parameters`` down the gradient, which is held to length 1."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if network is not None:
        network.collect()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    if network is not None:
        network.refresh()
