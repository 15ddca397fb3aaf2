"""A small network's calls on a CPU, without Python's share of their time.

A call of a small network is a thousand small operations, and Python spends as long on starting them as the CPU does on
half a canvas. They are always the same ones, so they are recorded once, for every number of rows and every size, as
TorchScript runs them: bit for bit the same answer. The recording is made in the background; until it is there, calls
are served as they always were.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from .accelerate import tensors, twin
from .background import begin
from .errors import out_of_memory
from .fusion import Fusion, Layer

OFTEN = 6  # calls of a kind before it is recorded
SMALL = 100_000_000  # parameters; a larger network's operations take longer than Python does

# What depends on the size in Python is warned of; ``recorded`` tries it out. (Said once, for all threads: to change the
# filters for a while would change them under the other threads' feet.)
for module in ("diffusers", "semanticdraw_widget"):
    warnings.filterwarnings("ignore", "Converting a tensor to a Python", module=module)


@dataclass(frozen=True)
class Call:
    """A call of a diffusers UNet: x (rows, C, h, w), timesteps (rows,), tokens (rows, tokens, width), the guidance
    embedding, SDXL's conditions, and, where pixels are bound to prompts, what the layers that ask text need."""

    x: torch.Tensor
    timesteps: torch.Tensor
    tokens: torch.Tensor
    condition: torch.Tensor | None = None
    added: dict[str, torch.Tensor] | None = None
    layers: tuple[Layer, ...] | None = None

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.x, self.timesteps, self.tokens, self.condition, self.added, self.layers

    @property
    def kind(self) -> Hashable:
        """Calls of one kind run the same operations, whatever their sizes."""
        added = None if self.added is None else tuple(sorted(self.added))
        return self.x.dtype, self.condition is None, added, None if self.layers is None else len(self.layers)

    def filled(self, values: list[torch.Tensor]) -> Call:
        """This call with other tensors, in the order of ``tensors``."""
        given = iter(values)

        def fill(part: Any) -> Any:
            if isinstance(part, torch.Tensor):
                return next(given)
            if isinstance(part, dict):
                return {name: fill(part[name]) for name in sorted(part)}
            return tuple(map(fill, part)) if isinstance(part, tuple) else part

        return Call(*map(fill, self.parts))

    def other(self) -> Call:
        """A call of this kind and of another size: the upper half of the canvas, twice."""
        h = self.x.shape[2]

        def twice(part: torch.Tensor) -> torch.Tensor:
            return torch.cat([part, part])

        layers = self.layers and tuple(
            (twice(key), twice(value), twice(maps[..., : maps.shape[3] // 2, :])) for key, value, maps in self.layers
        )
        return Call(
            twice(self.x[:, :, : h // 2]),
            twice(self.timesteps),
            twice(self.tokens),
            None if self.condition is None else twice(self.condition),
            self.added and {name: twice(part) for name, part in self.added.items()},
            layers,
        )


def run(unet: Any, fusion: Fusion | None, call: Call) -> torch.Tensor:
    """The answer of ``unet`` to ``call``."""
    more = {"timestep_cond": call.condition, "added_cond_kwargs": call.added, "return_dict": False}
    if call.layers is None:
        answer: torch.Tensor = unet(call.x, call.timesteps, call.tokens, **more)[0]
        return answer
    assert fusion is not None
    with fusion.given(call.layers):
        return run(unet, fusion, replace(call, layers=None))


class Operations(nn.Module):
    """Those of calls like ``call``, as a function of their tensors. On a twin of the network, since another thread uses
    the network itself meanwhile."""

    def __init__(self, unet: nn.Module, fusion: Fusion | None, call: Call) -> None:
        super().__init__()
        self.unet = twin(unet)
        self.fusion, self.call = None if fusion is None else fusion.on(self.unet), call

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        return run(self.unet, self.fusion, self.call.filled(list(values)))


class Traced:
    """Answers calls of ``unet`` by what has been recorded of it. grain: cells that a size must be a multiple of."""

    def __init__(self, unet: nn.Module, grain: int) -> None:
        self.unet, self.grain = unet, grain
        # Of all its layers; asking each layer for them takes a thirtieth of a small call's time.
        self._hooks = [hooks for part in unet.modules() for hooks in (part._forward_hooks, part._forward_pre_hooks)]
        self.ready: dict[Hashable, Callable[..., torch.Tensor]] = {}
        self._asked: Counter[Hashable] = Counter()
        self._failed: set[Hashable] = set()
        self._thread: threading.Thread | None = None

    def __call__(self, fusion: Fusion | None, call: Call) -> torch.Tensor:
        """Its answer to a call that ``fits``."""
        script = self.ready.get(call.kind)
        if script is None:
            self._begin(fusion, call)
            return run(self.unet, fusion, call)
        try:
            return script(*tensors(call.parts))
        except RuntimeError as error:
            if out_of_memory(error):
                raise
            self.drop(call.kind)
            return run(self.unet, fusion, call)

    def fits(self, call: Call) -> bool:
        """Whether a recording answers as the network would: other sizes take a way of their own through the network,
        and nobody must be left out who listens to its layers or has put another forward in its place."""
        h, w = call.x.shape[2:]
        plain = not any(self._hooks) and "forward" not in vars(self.unet)
        return plain and h % self.grain == 0 and w % self.grain == 0

    def drop(self, kind: Hashable) -> None:
        self._failed.add(kind)
        self.ready.pop(kind, None)

    def _begin(self, fusion: Fusion | None, call: Call) -> None:
        """Record calls like ``call``, if they come up often and no other recording is under way."""
        kind = call.kind
        self._asked[kind] += 1
        busy = self._thread is not None and self._thread.is_alive()
        halved = call.x.shape[2] % (2 * self.grain) == 0
        if busy or self._asked[kind] < OFTEN or kind in self._failed or not halved:
            return
        # It ends with its work: a thread that has computed keeps a team of others alive (thread.py).
        self._thread = begin("semanticdraw-record", self._record, fusion, call)

    def _record(self, fusion: Fusion | None, call: Call) -> None:
        try:
            with torch.inference_mode():
                with alone():
                    operations = Operations(self.unet, fusion, call)
                    self.ready[call.kind] = recorded(operations, call)
        except Exception:  # whatever torch or diffusers object to, calls are served as before
            self._failed.add(call.kind)

    def wait(self, timeout: float | None = None) -> None:
        """Until nothing is being recorded."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)


def recorded(operations: Operations, call: Call) -> Callable[..., torch.Tensor]:
    """``operations`` as TorchScript that has run. Raises ValueError where it answers to a call of another size with
    other bits."""
    other = call.other()
    script: Any = torch.jit.trace(operations, tuple(tensors(call.parts)), check_trace=False)
    for _ in range(2):  # TorchScript looks at a first run, and improves itself before the second
        script(*tensors(call.parts))
    if not torch.equal(script(*tensors(other.parts)), operations(*tensors(other.parts))):
        raise ValueError("the recorded operations depend on the size of the call")
    answer: Callable[..., torch.Tensor] = script
    return answer


@contextmanager
def alone() -> Iterator[None]:
    """Inside, this thread computes by itself: a team of its own would slow down the one that paints (thread.py)."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def small(unet: nn.Module) -> bool:
    """Whether Python's share of a call's time is worth the recording."""
    return sum(part.numel() for part in unet.parameters()) <= SMALL
