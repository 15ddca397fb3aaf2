"""Arithmetic: how much of it some work does, and how much of it a device can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from ..engine.thread import computed, inferred

P = ParamSpec("P")
T = TypeVar("T")

SIDE = {"cpu": 2048}  # of the ceiling's matrices, by device; LARGE on others
LARGE = 8192
TIMES = 5

Shape = tuple[int, ...]


def attention(query: Shape, key: Shape, value: Shape, *_: object, **__: object) -> int:
    """The operations of a CPU's attention kernel, which torch's counter lacks."""
    return int(sdpa_flop_count(query, key, value))


MORE = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: attention}


def operations(device: torch.device, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[int, T]:
    """The floating-point operations of ``work(*args, **kwargs)``, and its result. A multiplication and an addition are
    two. Counted are matrix products, convolutions and attention, as torch.utils.flop_counter does."""

    def counted() -> tuple[int, T]:
        with FlopCounterMode(display=False, custom_mapping=MORE) as counter:
            result = work(*args, **kwargs)
        return counter.get_total_flops(), result

    return computed(device, counted)  # the counter sees its own thread alone


def matmul_ceiling(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of a large matrix product in ``dtype``, the best of a few: the most that can be had of
    ``device``."""

    def best() -> float:
        side = SIDE.get(device.type, LARGE)
        a = torch.randn(side, side, device=device).to(dtype)

        def seconds() -> float:
            start = time.perf_counter()
            float((a @ a)[0, 0])  # reading a number waits for the product
            return time.perf_counter() - start

        seconds()
        return 2 * side**3 / min(seconds() for _ in range(TIMES))

    return inferred(device, best)
