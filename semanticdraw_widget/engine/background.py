"""Threads that compute ahead of need, and end before the interpreter does.

A daemon thread that is inside torch while the interpreter goes down takes the process with it (SIGABRT), and one that
is no daemon would hold up a script's end for as long as a compiler likes. So the end waits for them, a while.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable
from threading import Thread
from typing import Any
from weakref import WeakSet

PATIENCE = 60.0  # seconds that the end of a process waits for all of them
_threads: WeakSet[Thread] = WeakSet()
_over = False


def begin(name: str, work: Callable[..., Any], *args: Any) -> Thread | None:
    """``work(*args)`` in a thread of its own; None where the process is about to end."""
    if _over:
        return None
    thread = Thread(target=work, args=args, name=name, daemon=True)
    _threads.add(thread)
    thread.start()
    return thread


@atexit.register
def end() -> None:
    """No thread begins any more, and those that run are waited for."""
    global _over
    _over = True
    until = time.monotonic() + PATIENCE
    for thread in list(_threads):
        thread.join(max(0.0, until - time.monotonic()))
