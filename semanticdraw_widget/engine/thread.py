"""One thread that computes, a process.

On a CPU each thread that runs a large operation gets an OpenMP team of its own. As soon as the teams of a process
outnumber its cores, even idle ones, their threads no longer spin between two operations, and a network call takes half
as long again. A notebook has at least two threads that might compute: a cell's and a canvas's. So on a CPU all of the
engine's work is done in a third one.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
T = TypeVar("T")

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None
_inside = threading.local()


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


KEPT_MEMORY, LARGE = 256 << 20, 32 << 20  # bytes; the latter is the most that the C library takes


def keep_memory() -> None:
    """Let the C library keep what large tensors free. It gives memory back to the system as soon as it can, and a
    network call asks for the same again a moment later, page by page: on Linux this takes a tenth of a small network's
    time. Who has set the C library's own variables for it is left alone."""
    own = any(name in os.environ for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "LD_PRELOAD"))
    if not sys.platform.startswith("linux") or own:
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library than GNU's
        return
    trim, mapped = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    mallopt(trim, KEPT_MEMORY)
    mallopt(mapped, LARGE)


def computed(device: torch.device, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(*args, **kwargs)``, on a CPU in the computing thread, elsewhere in this one."""

    def run() -> T:
        _inside.yes = True
        return work(*args, **kwargs)

    if device.type != "cpu" or getattr(_inside, "yes", False):
        return work(*args, **kwargs)
    global _pool
    with _lock:
        if _pool is None:
            keep_memory()
            _pool = ThreadPoolExecutor(1, "semanticdraw-compute")
    return _pool.submit(run).result()


def inferred(device: torch.device, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``computed`` in inference mode, which belongs to a thread."""

    def infer() -> T:
        with torch.inference_mode():
            return work(*args, **kwargs)

    return computed(device, infer)
